/* gvj update: new limits, for the host's cgroups and then for the Sentry. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "client.h"
#include "commands.h"
#include "control.h"

enum { RESOURCES_BYTES_MAX = 1 << 20, PATIENCE_MILLIS = 10000 };

/* "-1", "42": a number; anything else would not be JSON. 512m and the like are bytes. */
static const char *number(const char *name, const char *value) {
    char *end;
    errno = 0;
    long long count = strtoll(value, &end, 10);
    int shift = !*end ? 0 : strchr("kK", *end) ? 10 : strchr("mM", *end) ? 20 : strchr("gG", *end) ? 30 : 0;
    if (shift) end++;
    if (!*value || *end || errno || count > INT64_MAX >> shift) fail("gvj update: %s: \"%s\" is no number", name, value);
    return text("%lld", count << shift);
}

/* The options as the JSON object that --resources has. Their fields are "object.field=value". */
static const char *object_of(const struct list *resources) {
    static const char *const objects[] = {"memory", "cpu", "blockIO", "pids"};
    struct buffer out = {0};
    put_text(&out, "{");
    for (size_t o = 0; o < sizeof objects / sizeof *objects; o++) {
        size_t length = strlen(objects[o]);
        int count = 0;
        for (int i = 0; i < resources->count; i++) {
            const char *one = resources->values[i], *field = one + length + 1, *value = strchr(one, '=') + 1;
            if (strncmp(one, objects[o], length) || one[length] != '.') continue;
            put_text(&out, "%s", count++ ? "," : text("%s\"%s\":{", out.length > 1 ? "," : "", objects[o]));
            put_text(&out, "\"%.*s\":", (int)(value - 1 - field), field);
            if (!strncmp(field, "cpus=", 5) || !strncmp(field, "mems=", 5)) put_quoted(&out, value);
            else put_text(&out, "%s", number(text("%.*s", (int)(value - 1 - field), field), value));
        }
        if (count) put_text(&out, "}");
    }
    put_text(&out, "}");
    return out.bytes;
}

static const char *resources_text(const struct cmdline *cmdline) {
    size_t length;
    if (!cmdline->resources_file) return object_of(&cmdline->resources);
    if (!strcmp(cmdline->resources_file, "-")) return read_fd(0, "standard input", RESOURCES_BYTES_MAX, &length);
    return read_file(cmdline->resources_file, RESOURCES_BYTES_MAX, &length);
}

static void tell_sentry(const struct container *container, const char *resources) {
    struct control_message request = {CONTROL_UPDATE, 0, 0};
    struct reply reply;
    int socket = client_connect(container), fd = memfd_create("gvj-update", MFD_CLOEXEC);
    if (fd < 0 || write_all(fd, resources, strlen(resources)) || lseek(fd, 0, SEEK_SET))
        fail("cannot send the new limits: %s", strerror(errno));
    if (socket < 0 || client_request(socket, container, request, &fd, 1) ||
        !client_receive(socket, &reply, PATIENCE_MILLIS))
        fail("the Sentry of container %s does not answer", container->id);
    if (reply.type != CONTROL_OK) fail("%s", *reply.text ? reply.text : "the Sentry refused");
    close(socket);
    close(fd);
}

int command_update(struct cmdline *cmdline) {
    struct container container;
    const char *problem;
    if (cmdline->word_count != 1) fail("gvj update: exactly one container id is needed");
    state_must_open(&container, cmdline);
    enum status status = state_status(&container);
    if (status == STOPPED || status == CREATING) fail("container not running");
    const char *bytes = resources_text(cmdline);
    const struct json *resources = json_parse(bytes, strlen(bytes), &problem);
    if (!resources) fail("resources: %s", problem);
    cgroups_limit(&container.cgroups, resources);
    tell_sentry(&container, bytes);
    return 0;
}
