/* One sandbox from start to end: two JVMs, one control socket, signals, the exit status. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control.h"
#include "namespaces.h"
#include "network.h"
#include "sandbox.h"
#include "trees.h"

void sandbox_send(struct sandbox *sandbox, uint32_t type, uint32_t a, uint32_t b) {
    struct control_message message = {type, a, b};
    /* Never waits for a Sentry that does not listen; one that is gone is noticed elsewhere. */
    send(sandbox->control, &message, sizeof message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void pair(int *ours, int *theirs) {
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds)) fail("socketpair: %s", strerror(errno));
    *ours = fds[0];
    *theirs = fds[1];
}

/* The gofer can start before its trees are known. It gets them as descriptors, never as paths. */
static void start_gofer(struct sandbox *sandbox) {
    int theirs, fds[CHANNELS + 2], count = 0, null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int log = log_open(sandbox->cmdline, "gofer"), errors = log == 2 ? sandbox->errors : log;
    char *channels = text("%s", "");
    for (int i = 0; i < CHANNELS; i++) {
        fds[count++] = sandbox->gofer_channels[i];
        channels = text("%s%s%d", channels, i ? "," : "", sandbox->gofer_channels[i]);
    }
    pair(&sandbox->tree_socket, &theirs);
    fds[count++] = theirs;
    if (sandbox->gofer_listen >= 0) fds[count++] = sandbox->gofer_listen;
    char *arguments[] = {text("--channels=%s", channels), text("--trees=%d", theirs),
                         sandbox->gofer_listen >= 0 ? text("--listen=%d", sandbox->gofer_listen) : NULL, NULL};
    child_start(&sandbox->gofer, &jvm_gofer, arguments, fds, count, null, errors, errors);
    for (int i = 0; i < count; i++) close(fds[i]);
    if (log != 2) close(log);
    close(null);
}

/* Trees are opened here, with the caller's rights. */
void sandbox_serve(struct sandbox *sandbox) {
    const char *failed;
    int error = trees_serve(sandbox->tree_socket, sandbox->trees.bytes, sandbox->trees.length, &failed) ? errno : 0;
    close(sandbox->tree_socket);
    if (error && failed) fail("cannot serve %s to the sandbox: %s", failed, strerror(error));
    /* A gofer that cannot be sent to has died: that is said when it is reaped. */
}

static void start_sentry(struct sandbox *sandbox) {
    struct boot *boot = &sandbox->boot;
    int fds[CHANNELS + DESCRIPTORS_MAX + 5], count = 0, log = log_open(sandbox->cmdline, "boot");
    pair(&sandbox->control, &boot->control);
    boot->log = log;
    boot->kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    if (boot->kvm < 0) boot->kvm = -errno;
    int message = boot_message(sandbox->cmdline, boot);
    for (int i = 0; i < CHANNELS; i++) fds[count++] = boot->channels[i];
    fds[count++] = boot->control;
    fds[count++] = message;
    if (log != 2) fds[count++] = log;
    if (boot->listen >= 0) fds[count++] = boot->listen;
    if (boot->kvm >= 0) fds[count++] = boot->kvm;
    for (int i = 0; i < boot->stdio_count; i++)
        if (boot->stdio[i] > 2) fds[count++] = boot->stdio[i];
    char *arguments[] = {text("%d", message), NULL};
    child_start(&sandbox->sentry, &jvm_sentry, arguments, fds, count, sandbox->input, sandbox->output, sandbox->errors);
    for (int i = 0; i < count; i++) close(fds[i]);
}

/* START_GOFER: the trees that a bundle names, or some of them. */
static void take_trees(struct sandbox *sandbox, const char *list, size_t length, int last) {
    put_bytes(&sandbox->trees, list, length);
    if (last && sandbox->on_trees) sandbox->on_trees(sandbox);
    sandbox->trees_known = last;
    if (last && !sandbox->trees_withheld) sandbox_serve(sandbox);
}

/* Reads one thing that the Sentry said. Answers the launcher's exit status, GO_ON, or SILENCE if it said nothing. */
static int hear(struct sandbox *sandbox) {
    static char packet[CONTROL_MAX + 1];
    struct control_message message;
    ssize_t length = recv(sandbox->control, packet, CONTROL_MAX, MSG_DONTWAIT);
    if (length < (ssize_t)sizeof message) return SILENCE;
    packet[length] = 0;
    memcpy(&message, packet, sizeof message);
    char *rest = packet + sizeof message;
    if (message.type == CONTROL_START_GOFER) {
        if (!sandbox->trees_known) take_trees(sandbox, rest, length - sizeof message, message.b == 1);
        return GO_ON;
    }
    if (sandbox->on_message) {
        int result = sandbox->on_message(sandbox, message.type, message.a, rest);
        if (result != GO_ON) return result;
    } else if (message.type == CONTROL_FAILED) {
        tell(rest);
    }
    switch (message.type) {
        case CONTROL_FAILED:
        case CONTROL_EXITED:
            return message.a & 0xff;
        case CONTROL_SIGNALED:
            return 128 + (message.a & 0x7f);
        default:
            return GO_ON;
    }
}

/*
 * A gofer ends with 0 when its channels are closed: the Sentry has ended, or is about to. As process 1 of its namespace it
 * does so only after its stubs, and what it died of is the news. Answers whether it has ended.
 */
static int sentry_ends(const struct sandbox *sandbox) {
    siginfo_t info = {0};
    for (int i = 0; i < 200 && sandbox->sentry.pid && !info.si_pid; i++) {
        if (i) usleep(10000);
        if (waitid(P_PID, sandbox->sentry.pid, &info, WEXITED | WNOHANG | WNOWAIT)) return 0;
    }
    return info.si_pid != 0;
}

/* Has either child ended? Then there is no sandbox any more: says so and answers a status. */
static int reap(struct sandbox *sandbox) {
    pid_t pid;
    int status;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        struct child *child = pid == sandbox->sentry.pid ? &sandbox->sentry : pid == sandbox->gofer.pid ? &sandbox->gofer : NULL;
        if (!child) continue;
        int result = GO_ON;
        child->pid = 0;
        child->status = status;
        if (child == &sandbox->gofer && !status && sentry_ends(sandbox)) continue;
        while (result == GO_ON) result = hear(sandbox); /* the Sentry's last words come first */
        if (result >= 0) return result;
        if (sandbox->on_death) return sandbox->on_death(sandbox, child);
        say("the %s %s", child->jvm->name, child_describe(child));
        return STATUS_FAILURE;
    }
    return GO_ON;
}

/* As processes 1 of their namespaces the JVMs ignore what the terminal's key sends, but not this. */
static void signal_both(struct sandbox *sandbox, int signal) {
    if (sandbox->sentry.pid) kill(sandbox->sentry.pid, signal);
    if (sandbox->gofer.pid) kill(sandbox->gofer.pid, signal);
}

static void stop_here(struct sandbox *sandbox) {
    terminal_restore();
    signal_both(sandbox, SIGSTOP);
    raise(SIGSTOP);
    signal_both(sandbox, SIGCONT);
    if (terminal_present()) terminal_raw();
}

/* The terminal may have another size, also after we were stopped. */
static void send_window(struct sandbox *sandbox) {
    uint32_t rows, columns;
    if (sandbox->boot.terminal < 0) return;
    terminal_size(sandbox->boot.terminal, &rows, &columns);
    sandbox_send(sandbox, CONTROL_WINDOW, rows, columns);
}

static int on_signal(struct sandbox *sandbox, int signal) {
    switch (signal) {
        case SIGCHLD:
            return reap(sandbox);
        case SIGTSTP:
            stop_here(sandbox);
            break;
        case SIGCONT:
            if (terminal_present()) terminal_raw();
            send_window(sandbox);
            break;
        case SIGWINCH:
            send_window(sandbox);
            break;
        default:
            sandbox_send(sandbox, CONTROL_SIGNAL, signal, 0);
    }
    return GO_ON;
}

void sandbox_init(struct sandbox *sandbox, struct cmdline *cmdline) {
    *sandbox = (struct sandbox){.cmdline = cmdline, .input = 0, .output = 1, .errors = 2, .client = -1, .error_pipe = -1, .gofer_listen = -1};
    sandbox->boot = (struct boot){.listen = -1, .kvm = -1, .terminal = -1, .stdio = {0, 1, 2}, .stdio_count = 3, .config = ""};
    sandbox->signals = take_signals();
    jail_prepare();
    for (int i = 0; i < CHANNELS; i++) pair(&sandbox->boot.channels[i], &sandbox->gofer_channels[i]);
}

void sandbox_start(struct sandbox *sandbox) {
    start_sentry(sandbox);
    start_gofer(sandbox);
}

static int on_event(struct sandbox *sandbox, const struct pollfd *polled, int *control_gone) {
    struct signalfd_siginfo info;
    int status = GO_ON;
    if (polled[0].revents & POLLIN) status = hear(sandbox);
    else if (polled[0].revents & POLLHUP) *control_gone = 1; /* the Sentry is about to end: SIGCHLD tells */
    while (status < 0 && read(sandbox->signals, &info, sizeof info) == sizeof info)
        status = on_signal(sandbox, (int)info.ssi_signo);
    if (status < 0 && polled[2].revents) status = sandbox->on_client(sandbox);
    if (status < 0 && polled[3].revents) status = sandbox->on_errors(sandbox);
    return status;
}

int sandbox_wait(struct sandbox *sandbox) {
    int status = GO_ON, control_gone = 0;
    while (status < 0) {
        struct pollfd polled[] = {{.fd = control_gone ? -1 : sandbox->control, .events = POLLIN},
                                  {.fd = sandbox->signals, .events = POLLIN},
                                  {.fd = sandbox->client, .events = POLLIN},
                                  {.fd = sandbox->error_pipe, .events = POLLIN}};
        if (poll(polled, 4, -1) < 0 && errno != EINTR) fail("poll: %s", strerror(errno));
        status = on_event(sandbox, polled, &control_gone);
    }
    return status;
}

void sandbox_end(struct sandbox *sandbox) {
    if (aot == AOT_TRAIN) { /* the caches are written when the JVMs end by themselves */
        child_wait(&sandbox->sentry);
        child_wait(&sandbox->gofer);
    }
    child_kill(&sandbox->sentry);
    child_kill(&sandbox->gofer);
    child_wait(&sandbox->sentry);
    child_wait(&sandbox->gofer);
    trees_end_uppers(sandbox->trees.bytes, sandbox->trees.length);
}

/* The root, which is never written to (there is an overlay on it), and the volumes, as gvj.runtime.DoSpec numbers them. */
static void name_trees(struct buffer *trees, const struct cmdline *cmdline) {
    put_text(trees, "ro %s%c", cmdline->root, 0);
    for (int i = 0; i < cmdline->volumes.count; i++) {
        const char *volume = cmdline->volumes.values[i], *colon = strchr(volume, ':');
        const char *option = colon ? strchr(colon + 1, ':') : NULL;
        if (!colon || colon == volume) continue; /* the Sentry's side complains */
        put_text(trees, "%s %.*s%c", option && !strcmp(option, ":ro") ? "ro" : "rw", (int)(colon - volume), volume, 0);
    }
}

int sandbox_run(struct cmdline *cmdline) {
    struct sandbox sandbox;
    sandbox_init(&sandbox, cmdline);
    if (cmdline->network == NETWORK_NONE) network_make();
    if (cmdline->network == NETWORK_HOST) network_of_host();
    name_trees(&sandbox.trees, cmdline);
    sandbox.trees_known = 1;
    if (terminal_present()) sandbox.boot.terminal = 0;
    sandbox_start(&sandbox);
    sandbox_serve(&sandbox);
    if (terminal_present()) terminal_raw();
    int status = sandbox_wait(&sandbox);
    sandbox_end(&sandbox);
    terminal_restore();
    return status;
}
