/* A container's monitor. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "commands.h"
#include "console.h"
#include "control.h"
#include "monitor.h"
#include "namespaces.h"
#include "oom.h"
#include "sandbox.h"
#include "trees.h"

enum { TAIL_MAX = 2000, TITLE_MAX = 1000 };

static struct making *making;
static struct sandbox sandbox;
static int created, abandoned;
static char tail[TAIL_MAX + 1]; /* the end of what the JVMs said last */
static size_t tail_length;

/* ---- to the command that makes the container ---- */

static void send_client(uint32_t type, const char *line) {
    struct control_message message = {type, 0, 0};
    char packet[sizeof message + 4096];
    size_t length = strlen(line) > 4095 ? 4095 : strlen(line);
    memcpy(packet, &message, sizeof message);
    memcpy(packet + sizeof message, line, length);
    send(sandbox.client, packet, sizeof message + length, MSG_NOSIGNAL);
}

/* That command says it, as long as it is there; afterwards the log is all there is. */
static void report(const char *line) {
    if (sandbox.client >= 0 && !created) send_client(CONTROL_FAILED, line);
    else tell(line);
}

/* ---- the end ---- */

/* Out of the container's cgroup, or it could not be removed by its own monitor. */
static void leave_cgroups(const struct cgroups *cgroups) {
    struct cgroups parents = *cgroups;
    for (int i = 0; i < parents.count; i++) {
        int fd = open(text("%s/cgroup.procs", dirname(text("%s", cgroups->at[i].path))), O_WRONLY | O_CLOEXEC);
        if (fd >= 0 && write(fd, "0", 1) < 0) { /* then the cgroup stays: said when it is removed */
        }
        if (fd >= 0) close(fd);
    }
}

static noreturn void end(int status) {
    oom_wait();
    sandbox_end(&sandbox);
    if (abandoned) {
        leave_cgroups(&making->container.cgroups);
        container_remove(&making->container);
    } else if (created) {
        state_write_exit(&making->container, status);
    }
    exit(status);
}

static void end_failed(const char *line) {
    report(line);
    end(STATUS_ERROR);
}

static int on_death(struct sandbox *unused, const struct child *child) {
    const char *last = strrchr(tail, '\n');
    (void)unused;
    if (created) report(text("gvj: the %s of container %s %s", child->jvm->name, making->container.id, child_describe(child)));
    else report(text("gvj: the %s %s%s%s", child->jvm->name, child_describe(child), *tail ? ": " : "", last ? last + 1 : tail));
    return created ? STATUS_DEAD : STATUS_ERROR;
}

/* ---- what the Sentry says ---- */

static void release_caller(void) {
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = 0; fd <= 2; fd++) dup2(null, fd);
    close(null);
}

static int on_message(struct sandbox *unused, uint32_t type, uint32_t a, const char *line) {
    (void)unused;
    (void)a;
    if (type == CONTROL_FAILED) {
        report(line);
        return STATUS_ERROR;
    }
    if (type == CONTROL_CREATED && !created) {
        created = 1;
        if (chdir("/")) return STATUS_ERROR;
        send_client(CONTROL_CREATED, "");
    }
    if (type == CONTROL_OOM) oom_show(&making->container.cgroups);
    return GO_ON;
}

/* Upper layers are made on the host: who deletes the container must know of them, whatever has become of us. */
static void on_trees(struct sandbox *unused) {
    const char *end = sandbox.trees.bytes + sandbox.trees.length;
    struct buffer uppers = {0};
    (void)unused;
    for (const char *entry = sandbox.trees.bytes; entry < end; entry += strlen(entry) + 1)
        if (tree_access(entry) == TREE_UPPER) put_bytes(&uppers, entry + 3, strlen(entry + 3) + 1);
    if (uppers.length) state_write_uppers(&making->container, uppers.bytes, uppers.length);
}

/* What the JVMs print by themselves: nothing, as a rule. It is the maker's to see, never the container's. */
static int on_errors(struct sandbox *unused) {
    char bytes[1024];
    ssize_t length = read(sandbox.error_pipe, bytes, sizeof bytes);
    (void)unused;
    if (length <= 0) {
        close(sandbox.error_pipe);
        sandbox.error_pipe = -1;
        return GO_ON;
    }
    if (write_all(2, bytes, length)) release_caller();
    if (tail_length + length > TAIL_MAX) tail_length = 0;
    memcpy(tail + tail_length, bytes, length);
    tail_length += length;
    tail[tail_length] = 0;
    while (tail_length && tail[tail_length - 1] == '\n') tail[--tail_length] = 0;
    return GO_ON;
}

/* ---- what the command says ---- */

static int on_client(struct sandbox *unused) {
    struct control_message message;
    (void)unused;
    ssize_t length = recv(sandbox.client, &message, sizeof message, MSG_DONTWAIT);
    if (length < 0 && (errno == EAGAIN || errno == EINTR)) return GO_ON;
    if (length != sizeof message) {
        abandoned = 1; /* it was killed: nobody else will clean up */
        return STATUS_DEAD;
    }
    switch (message.type) {
        case MONITOR_SERVE:
            sandbox.trees_withheld = 0;
            if (sandbox.trees_known) sandbox_serve(&sandbox);
            break;
        case MONITOR_KEEP:
            release_caller();
            close(sandbox.client);
            sandbox.client = -1;
            break;
        case CONTROL_SIGNAL:
        case CONTROL_WINDOW:
            sandbox_send(&sandbox, message.type, message.a, message.b);
            break;
        default:
            break;
    }
    return GO_ON;
}

/* ---- the beginning ---- */

/* As the bundle says, within what the host allows; not as whoever called us was set. */
static void set_oom_score(void) {
    int64_t score = 0;
    json_integer(json_get(json_get(making->config, "process"), "oomScoreAdj"), &score);
    char *value = text("%d", (int)(score < -1000 ? -1000 : score > 1000 ? 1000 : score));
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd >= 0 && write(fd, value, strlen(value)) < 0) { /* lowering it takes a capability: it stays */
    }
    if (fd >= 0) close(fd);
}

/* The program's descriptors, away from 0 to 2, which are the JVM's own. */
static void set_stdio(struct boot *boot) {
    int preserved = making->cmdline->preserve_fds;
    for (int fd = 0; fd < 3; fd++) {
        boot->stdio[fd] = fcntl(making->own_terminal ? making->terminal : fd, F_DUPFD_CLOEXEC, 3 + preserved);
        if (boot->stdio[fd] < 0) fail("descriptor %d: %s", fd, strerror(errno));
    }
    for (int i = 0; i < preserved; i++) boot->stdio[3 + i] = 3 + i;
    boot->stdio_count = 3 + preserved;
    boot->terminal = making->terminal;
}

static void start(void) {
    int errors[2], null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0 || pipe2(errors, O_CLOEXEC)) fail("pipe: %s", strerror(errno));
    set_stdio(&sandbox.boot);
    sandbox.boot.listen = making->listen;
    sandbox.boot.gated = 1;
    sandbox.boot.config = making->config_bytes;
    sandbox.boot.config_length = making->config_length;
    sandbox.input = null;
    sandbox.output = sandbox.errors = errors[1];
    sandbox.error_pipe = errors[0];
    sandbox.trees_withheld = 1;
    jail_gofer.maps = making->id_maps;
    sandbox_start(&sandbox);
    close(errors[1]); /* it ends when both JVMs have */
    dup2(null, 0);    /* the container's now */
    dup2(null, 1);
    close(null);
}

static const char *title_of_it(void) {
    const struct json *args = json_get(json_get(making->config, "process"), "args");
    char *title = text("gvj: %s", making->container.id);
    for (const struct json *one = args ? args->child : NULL; one && strlen(title) < TITLE_MAX; one = one->next)
        title = text("%s %s", title, json_string(one, ""));
    return title;
}

noreturn void monitor_run(struct making *what) {
    making = what;
    close(making->container.lock); /* the maker's */
    setsid();
    sandbox_init(&sandbox, making->cmdline);
    sandbox.client = making->client;
    sandbox.on_message = on_message;
    sandbox.on_trees = on_trees;
    sandbox.on_client = on_client;
    sandbox.on_errors = on_errors;
    sandbox.on_death = on_death;
    on_failure = end_failed;
    making->container.pid = getpid();
    title_set(title_of_it());
    if (making->own_terminal) console_control(making->terminal);
    set_oom_score();
    namespaces_enter(making->config, making->cmdline->network);
    cgroups_enter(&making->container.cgroups);
    send_client(MONITOR_READY, "");
    start();
    end(sandbox_wait(&sandbox));
}
