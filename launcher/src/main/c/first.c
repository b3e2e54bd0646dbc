/* The monitor of a container that has a sandbox of its own: parent of a Sentry and a gofer. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control.h"
#include "monitor.h"
#include "namespaces.h"
#include "oom.h"
#include "pod.h"
#include "sandbox.h"
#include "trees.h"

enum { TAIL_MAX = 2000 };

static struct making *making;
static struct sandbox sandbox;
static char tail[TAIL_MAX + 1]; /* the end of what the JVMs said last */
static size_t tail_length;

static int on_death(struct sandbox *unused, const struct child *child) {
    const char *last = strrchr(tail, '\n');
    (void)unused;
    if (monitor_has_created()) monitor_report(text("gvj: the %s of container %s %s", child->jvm->name, making->container.id, child_describe(child)));
    else monitor_report(text("gvj: the %s %s%s%s", child->jvm->name, child_describe(child), *tail ? ": " : "", last ? last + 1 : tail));
    return monitor_has_created() ? STATUS_DEAD : STATUS_ERROR;
}

/* ---- what the Sentry says ---- */

static int on_message(struct sandbox *unused, uint32_t type, uint32_t a, const char *line) {
    (void)unused;
    (void)a;
    if (type == CONTROL_FAILED) {
        monitor_report(line);
        return STATUS_ERROR;
    }
    if (type == CONTROL_CREATED) return monitor_created();
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
    if (write_all(2, bytes, length)) monitor_release_caller();
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
    int status = monitor_hear(&message);
    (void)unused;
    sandbox.client = making->client;
    switch (message.type) {
        case MONITOR_SERVE:
            sandbox.trees_withheld = 0;
            if (sandbox.trees_known) sandbox_serve(&sandbox);
            break;
        case CONTROL_SIGNAL:
        case CONTROL_WINDOW:
            sandbox_send(&sandbox, message.type, message.a, message.b);
            break;
        default:
            break;
    }
    return status;
}

/* ---- the beginning ---- */

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

/* What the cgroups above leave for everything in the sandbox, and what a pod is to have. 0: what the machine has. */
static void set_limits(struct boot *boot) {
    const struct cgroups *cgroups = &making->container.cgroups;
    const struct json *annotations = json_get(making->config, "annotations");
    uint64_t memory = cgroups_memory_above(cgroups), cpus = cgroups_cpus_above(cgroups);
    if (memory) memory = memory > 2 * OVERHEAD_BYTES ? memory - OVERHEAD_BYTES : memory / 2;
    if (pod_role(annotations) == POD_SANDBOX) {
        uint64_t pods_memory = pod_memory(annotations), pods_cpus = pod_cpus(annotations);
        if (pods_memory && (!memory || pods_memory < memory)) memory = pods_memory;
        if (pods_cpus && (!cpus || pods_cpus < cpus)) cpus = pods_cpus;
    }
    boot->memory_limit = memory;
    boot->cpus = (uint32_t)((cpus + 999) / 1000);
}

static void start(void) {
    int errors[2], null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0 || pipe2(errors, O_CLOEXEC)) fail("pipe: %s", strerror(errno));
    set_stdio(&sandbox.boot);
    set_limits(&sandbox.boot);
    sandbox.boot.listen = making->listen;
    sandbox.gofer_listen = unix_listen(text("%s/gofer.sock", making->container.directory));
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

static void enter(struct making *what) {
    making = what;
    sandbox_init(&sandbox, making->cmdline);
    sandbox.client = making->client;
    sandbox.on_message = on_message;
    sandbox.on_trees = on_trees;
    sandbox.on_client = on_client;
    sandbox.on_errors = on_errors;
    sandbox.on_death = on_death;
    namespaces_enter(making->config, making->cmdline->network);
    /* A new user namespace has cleared it, and nobody could join: not even the same user with one more container. */
    if (pod_role(json_get(making->config, "annotations")) == POD_SANDBOX) prctl(PR_SET_DUMPABLE, 1);
}

static int keep(void) {
    start();
    return sandbox_wait(&sandbox);
}

static void let_go(void) {
    sandbox_end(&sandbox);
}

const struct keeper sandbox_keeper = {enter, keep, let_go};
