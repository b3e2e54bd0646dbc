/* gvj create, gvj run: a bundle becomes a container. Until it is made, every failure undoes everything. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "commands.h"
#include "console.h"
#include "control.h"
#include "hooks.h"
#include "grants.h"
#include "monitor.h"
#include "pod.h"

static struct making making;
static struct container sandbox; /* that it is to be in, if it is a pod's */
static int monitor = -1; /* our end of the socket to it */
static pid_t monitor_pid;

/* ---- undoing ---- */

static void await_monitor(void) {
    while (monitor_pid && waitpid(monitor_pid, NULL, 0) < 0 && errno == EINTR) {
    }
    monitor_pid = 0;
}

static void undo(const char *line) {
    if (monitor_pid) kill(monitor_pid, SIGKILL); /* its children die with it, and the cgroup waits for them */
    await_monitor();
    if (making.cmdline->pid_file) unlink(making.cmdline->pid_file);
    container_remove(&making.container);
    tell(line);
}

/* ---- the bundle ---- */

static const char *bundle_path(const char *bundle) {
    const char *path = realpath(bundle, NULL);
    if (!path) fail("cannot read the bundle %s: %s", bundle, strerror(errno));
    return path;
}

static void check_namespaces(const struct json *namespaces) {
    const struct json *first = namespaces && namespaces->type == JSON_ARRAY ? namespaces->child : NULL;
    for (const struct json *one = first; one; one = one->next)
        for (const struct json *other = first; other != one; other = other->next)
            if (!strcmp(json_string(json_get(one, "type"), ""), json_string(json_get(other, "type"), "")))
                fail("config.json: linux.namespaces: \"%s\" is there twice", json_string(json_get(one, "type"), ""));
}

static void read_bundle(const char *bundle) {
    const char *problem, *path = text("%s/config.json", bundle);
    making.config_bytes = read_file(path, CONFIG_MAX, &making.config_length);
    making.config = json_parse(making.config_bytes, making.config_length, &problem);
    if (!making.config) fail("%s: %s", path, problem);
    if (making.config->type != JSON_OBJECT) fail("%s: it is not a JSON object", path);
    problem = hooks_wrong(json_get(making.config, "hooks"));
    if (problem) fail("%s", problem);
    check_namespaces(json_get(json_get(making.config, "linux"), "namespaces"));
    making.id_maps = idmaps_read(json_get(making.config, "linux"));
    if (making.id_maps && jail_off) fail("config.json: linux.uidMappings cannot be without the jail: leave out --jail=off");
}

static const char *rootfs_path(const char *bundle) {
    const char *path = json_string(json_get(json_get(making.config, "root"), "path"), "");
    return *path == '/' ? path : text("%s/%s", bundle, path);
}

/* A terminal is the one that somebody waits for at a socket, or, in the foreground, the caller's own. */
static void find_terminal(int foreground) {
    const struct json *process = json_get(making.config, "process");
    const char *socket = making.cmdline->console_socket;
    int wanted = json_truth(json_get(process, "terminal"));
    making.terminal = -1;
    if (!wanted) {
        if (socket) fail("--console-socket is given, but the bundle's process has no terminal");
        return;
    }
    if (!foreground && !socket) fail("cannot allocate tty if gvj will detach without setting --console-socket");
    if (foreground && socket) fail("--console-socket is for detached containers");
    if (foreground && !isatty(0)) fail("the bundle's process wants a terminal, and standard input is none");
    making.own_terminal = !foreground;
    making.terminal = foreground ? fcntl(0, F_DUPFD_CLOEXEC, 3) : console_make(socket, process);
}

/* ---- making ---- */

static void start_monitor(void) {
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds)) fail("socketpair: %s", strerror(errno));
    monitor = fds[0];
    making.client = fds[1];
    monitor_pid = fork();
    if (monitor_pid < 0) {
        monitor_pid = 0;
        fail("cannot start the container's monitor: fork: %s", strerror(errno));
    }
    if (!monitor_pid) {
        close(monitor);
        monitor_run(&making);
    }
    close(making.client);
    if (making.listen >= 0) close(making.listen);
    if (making.terminal >= 0) close(making.terminal);
    making.container.pid = monitor_pid;
    making.container.start = process_start(monitor_pid);
}

static void await_message(uint32_t type) {
    struct reply reply;
    if (!client_receive(monitor, &reply, -1)) {
        int status = 0;
        waitpid(monitor_pid, &status, 0);
        monitor_pid = 0;
        fail("the container's monitor %s", WIFSIGNALED(status) ? "was killed" : "ended");
    }
    if (reply.type == CONTROL_FAILED) fail("%s", strncmp(reply.text, "gvj: ", 5) ? reply.text : reply.text + 5);
    if (reply.type != type) fail("the container's monitor said %u instead of %u", reply.type, type);
}

static void run_hooks(const struct json *hooks) {
    const char *state = state_json(&making.container, CREATING, 0), *problem;
    if ((problem = hooks_run(hooks, "prestart", state, -1)) || (problem = hooks_run(hooks, "createRuntime", state, -1)))
        fail("%s", problem);
    int network = json_get(hooks, "createContainer") ? open(text("/proc/%d/ns/net", (int)monitor_pid), O_RDONLY | O_CLOEXEC) : -1;
    problem = hooks_run(hooks, "createContainer", state, network);
    if (problem) fail("%s", problem);
    if (network >= 0) close(network);
}

static void write_pid_file(const char *path) {
    char *pid = text("%d", (int)monitor_pid);
    if (path && write_file(path, pid, strlen(pid), 0644)) fail("cannot write the pid file %s: %s", path, strerror(errno));
}

/* ---- pods ---- */

static const struct json *annotations(void) {
    return json_get(making.config, "annotations");
}

static void find_sandbox(const char *root) {
    if (pod_role(annotations()) != POD_MEMBER) return;
    pod_open_sandbox(&sandbox, root, making.config);
    making.sandbox = &sandbox;
    making.pid_namespace = pod_pid_namespace(&sandbox, root, making.config);
    making.overlay = grants_overlay(json_string(json_get(sandbox.state, "overlay2"), NULL), annotations());
}

/* Where others find its Sentry. */
static void make_socket(void) {
    const char *path = text("%s/control.sock", making.container.directory);
    making.container.sandbox = making.sandbox ? sandbox.id : NULL;
    making.listen = making.sandbox ? -1 : unix_listen(path);
    if (making.sandbox && symlink(text("../%s/control.sock", sandbox.id), path)) fail("cannot make %s: %s", path, strerror(errno));
}

static const struct json *resources(void) {
    if (pod_role(annotations()) == POD_SANDBOX) return pod_resources(annotations(), &making.container.cgroups);
    return json_get(json_get(making.config, "linux"), "resources");
}

static void create(struct cmdline *cmdline, int foreground) {
    if (cmdline->word_count != 1) fail("gvj %s: exactly one container id is needed", cmdline->command);
    making.cmdline = cmdline;
    state_check_id(cmdline->id);
    making.bundle = bundle_path(cmdline->bundle);
    read_bundle(making.bundle);
    const struct json *linux_part = json_get(making.config, "linux"), *hooks = json_get(making.config, "hooks");
    find_sandbox(cmdline->state_root);
    state_make(&making.container, cmdline);
    on_failure = undo;
    find_terminal(foreground);
    make_socket();
    cgroups_plan(&making.container.cgroups, json_string(json_get(linux_part, "cgroupsPath"), NULL), making.container.id);
    cgroups_make(&making.container.cgroups, resources(), geteuid() || !strcmp(cmdline->rootless, "true"));
    start_monitor();
    state_write(&making.container, &(struct description){.bundle = making.bundle, .rootfs = rootfs_path(making.bundle), .hooks = hooks,
                                                          .overlay = cmdline->overlay, .annotations = annotations()});
    await_message(MONITOR_READY);
    run_hooks(hooks);
    client_send(monitor, MONITOR_SERVE, 0, 0);
    await_message(CONTROL_CREATED);
    write_pid_file(cmdline->pid_file);
    state_finish(&making.container);
}

/* From now on the container is on its own. */
static void keep(void) {
    client_send(monitor, MONITOR_KEEP, 0, 0);
    close(making.container.lock);
    on_failure = NULL;
}

int command_create(struct cmdline *cmdline) {
    create(cmdline, 0);
    keep();
    return 0;
}

/* ---- run ---- */

static void send_window(void) {
    uint32_t rows, columns;
    if (making.terminal < 0) return;
    terminal_size(0, &rows, &columns);
    client_send(monitor, CONTROL_WINDOW, rows, columns);
}

/* Answers the container's exit status once its monitor has ended, -1 until then. */
static int on_signal(int signal) {
    int status;
    switch (signal) {
        case SIGCHLD:
            if (waitpid(monitor_pid, &status, WNOHANG) != monitor_pid) return -1;
            monitor_pid = 0;
            return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        case SIGTSTP:
            terminal_restore();
            raise(SIGSTOP);
            break;
        case SIGCONT:
            if (making.terminal >= 0) terminal_raw();
            send_window();
            break;
        case SIGWINCH:
            send_window();
            break;
        default:
            client_send(monitor, CONTROL_SIGNAL, signal, 0);
    }
    return -1;
}

static int wait_in_foreground(int signals) {
    struct signalfd_siginfo info;
    int status = -1;
    fcntl(signals, F_SETFL, 0);
    while (status < 0)
        if (read(signals, &info, sizeof info) == sizeof info) status = on_signal((int)info.ssi_signo);
    return status;
}

int command_run(struct cmdline *cmdline) {
    int signals = cmdline->detach ? -1 : take_signals();
    create(cmdline, !cmdline->detach);
    container_start(&making.container);
    if (cmdline->detach) {
        keep();
        return 0;
    }
    close(making.container.lock);
    if (making.terminal >= 0) terminal_raw();
    int status = wait_in_foreground(signals);
    terminal_restore();
    if (!cmdline->keep && state_lock(&making.container)) container_remove(&making.container);
    return status;
}
