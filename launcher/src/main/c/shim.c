/* The command line of containerd-shim-gvisor-java-v1, and what it answers without doing anything. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "proto.h"
#include "shim.h"
#include "state.h"

/* As Go's flag package has them: one dash or two, the value behind '=' or in the next word. */
static int take_flag(struct shim *shim, char **argv, int *at) {
    const struct {
        const char *name;
        const char **value;
    } known[] = {
        {"id", &shim->id},           {"namespace", &shim->namespace}, {"address", &shim->address}, {"publish-binary", &shim->publish_binary},
        {"bundle", &shim->bundle},   {"socket", NULL},                {"debug-socket", NULL},
    };
    const char *name = argv[*at] + 1 + (argv[*at][1] == '-'), *equals = strchr(name, '=');
    size_t length = equals ? (size_t)(equals - name) : strlen(name);
    if (length == 5 && !strncmp(name, "debug", 5)) {
        shim->debug = !equals || !strcmp(equals, "=true") || !strcmp(equals, "=1");
        return 1;
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strlen(known[i].name) != length || strncmp(known[i].name, name, length)) continue;
        if (!equals && !argv[*at + 1]) fail("flag needs an argument: -%s", known[i].name);
        const char *value = equals ? equals + 1 : argv[++*at];
        if (known[i].value) *known[i].value = value;
        return 1;
    }
    return 0;
}

static int is(const char *word, const char *name) {
    return !strcmp(word, text("-%s", name)) || !strcmp(word, text("--%s", name));
}

/* RuntimeInfo: 1 name, 2 version {1 version}. containerd 2.2 and later ask before every container. */
static int info(void) {
    struct buffer version = {0}, out = {0};
    proto_put_text(&version, 1, GVJ_VERSION);
    proto_put_text(&out, 1, "io.containerd.gvisor-java.v1");
    proto_put_bytes(&out, 2, version.bytes, version.length);
    return write_all(1, out.bytes, out.length) ? STATUS_ERROR : 0;
}

int shim_main(int argc, char **argv) {
    struct shim shim = {.id = "", .namespace = "", .address = "", .publish_binary = "", .bundle = ""};
    failure_status = STATUS_ERROR;
    int at = 1;
    for (; at < argc && argv[at][0] == '-'; at++) {
        if (is(argv[at], "v") || is(argv[at], "version")) return printf("%s: %s\n", SHIM_NAME, GVJ_VERSION) < 0;
        if (is(argv[at], "info")) return info();
        if (!take_flag(&shim, argv, &at)) fail("flag provided but not defined: %s", argv[at]);
    }
    shim.action = at < argc ? argv[at] : "";
    if (!*shim.namespace) fail("shim namespace cannot be empty");
    state_check_id(shim.id);
    if (strchr(shim.namespace, '/') || shim.namespace[0] == '.') fail("invalid namespace \"%s\"", shim.namespace);
    if (!strcmp(shim.action, "start")) return shim_start(&shim);
    if (!strcmp(shim.action, "delete")) return shim_delete(&shim);
    fail("%s: the action is start or delete, not \"%s\"", SHIM_NAME, shim.action);
}
