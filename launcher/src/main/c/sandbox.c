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
#include "launcher.h"

static struct child sentry, gofer;
static int control;                              /* our end */
static int sentry_channels[CHANNELS], gofer_channels[CHANNELS];

static void send_control(uint32_t type, uint32_t a, uint32_t b) {
    struct control_message message = {type, a, b};
    /* Never waits for a Sentry that does not listen; one that is gone is noticed elsewhere. */
    send(control, &message, sizeof message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void pair(int type, int *ours, int *theirs) {
    int fds[2];
    if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fds)) fail("socketpair: %s", strerror(errno));
    *ours = fds[0];
    *theirs = fds[1];
}

/* The gofer gets descriptors, never paths: its trees are opened here, with the caller's rights. */
static void start_gofer(struct cmdline *cmdline) {
    int fds[CHANNELS + MAX_TREES + 1], count = 0, n = 0, null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int log = log_open(cmdline, "gofer");
    char *arguments[MAX_TREES + 3], *channels = text("%s", "");
    for (int i = 0; i < CHANNELS; i++) {
        fds[count++] = gofer_channels[i];
        channels = text("%s%s%d", channels, i ? "," : "", gofer_channels[i]);
    }
    arguments[n++] = text("--channels=%s", channels);
    for (int i = 0; i < cmdline->tree_count; i++) {
        struct tree *tree = &cmdline->trees[i];
        tree_open(tree);
        fds[count++] = tree->fd;
        arguments[n++] = text("--mount=%d:%s", tree->fd, tree->writable ? "rw" : "ro");
    }
    arguments[n] = NULL;
    child_start(&gofer, &jvm_gofer, arguments, fds, count, null, log, log);
    for (int i = 0; i < count; i++) close(fds[i]);
    if (log != 2) close(log);
    close(null);
}

static void start_sentry(struct cmdline *cmdline, int argc, char **argv) {
    int theirs, fds[CHANNELS + 4], count = 0, log = log_open(cmdline, "boot");
    pair(SOCK_SEQPACKET, &control, &theirs);
    int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    int boot = boot_message(cmdline, argc, argv, theirs, sentry_channels, log, kvm < 0 ? -errno : kvm);
    for (int i = 0; i < CHANNELS; i++) fds[count++] = sentry_channels[i];
    fds[count++] = theirs;
    fds[count++] = boot;
    if (log != 2) fds[count++] = log;
    if (kvm >= 0) fds[count++] = kvm;
    char *arguments[] = {text("%d", boot), NULL};
    child_start(&sentry, &jvm_sentry, arguments, fds, count, 0, 1, 2);
    for (int i = 0; i < count; i++) close(fds[i]);
}

/* START_GOFER: the trees that a bundle names, or some of them. */
static void serve(struct cmdline *cmdline, const char *list, size_t length, int last) {
    const char *end = list + length;
    while (list < end && cmdline->tree_count < MAX_TREES) {
        size_t entry = strnlen(list, end - list);
        if (entry > 3 && list[2] == ' ')
            cmdline->trees[cmdline->tree_count++] =
                (struct tree){.path = text("%.*s", (int)entry - 3, list + 3), .writable = list[1] == 'w'};
        list += entry + 1;
    }
    if (last) start_gofer(cmdline);
}

enum { GO_ON = -1, SILENCE = -2 };

/* Reads one thing that the Sentry said. Answers the launcher's exit status, GO_ON, or SILENCE if it said nothing. */
static int hear(struct cmdline *cmdline) {
    static char packet[CONTROL_MAX];
    struct control_message message;
    ssize_t length = recv(control, packet, sizeof packet, MSG_DONTWAIT);
    if (length < (ssize_t)sizeof message) return SILENCE;
    memcpy(&message, packet, sizeof message);
    switch (message.type) {
        case CONTROL_FAILED:
            tell("%.*s", (int)(length - sizeof message), packet + sizeof message);
            return message.a & 0xff;
        case CONTROL_EXITED:
            return message.a & 0xff;
        case CONTROL_SIGNALED:
            return 128 + (message.a & 0x7f);
        case CONTROL_START_GOFER:
            if (!gofer.pid) serve(cmdline, packet + sizeof message, length - sizeof message, message.b == 1);
            return GO_ON;
        default:
            return GO_ON;
    }
}

/* Has either child ended? Then there is no sandbox any more: says so and answers a status. */
static int reap(struct cmdline *cmdline) {
    pid_t pid;
    int status;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        struct child *child = pid == sentry.pid ? &sentry : pid == gofer.pid ? &gofer : NULL;
        if (!child) continue;
        int result = GO_ON;
        child->pid = 0;
        child->status = status;
        while (result == GO_ON) result = hear(cmdline); /* the Sentry's last words come first */
        if (result >= 0) return result;
        say("the %s %s", child->jvm->name, child_describe(child));
        return STATUS_FAILURE;
    }
    return GO_ON;
}

static void stop_here(void) {
    terminal_restore();
    raise(SIGSTOP);
    if (terminal_present()) terminal_raw();
}

/* The terminal may have another size, also after we were stopped. */
static void send_window(void) {
    uint32_t rows, columns;
    terminal_size(&rows, &columns);
    send_control(CONTROL_WINDOW, rows, columns);
}

static int on_signal(struct cmdline *cmdline, int signal) {
    switch (signal) {
        case SIGCHLD:
            return reap(cmdline);
        case SIGTSTP:
            stop_here();
            break;
        case SIGCONT:
            if (terminal_present()) terminal_raw();
            send_window();
            break;
        case SIGWINCH:
            send_window();
            break;
        default:
            send_control(CONTROL_SIGNAL, signal, 0);
    }
    return GO_ON;
}

static int take_signals(void) {
    static const int handled[] = {SIGCHLD, SIGHUP,  SIGINT,  SIGQUIT, SIGTERM, SIGUSR1,
                                  SIGUSR2, SIGALRM, SIGCONT, SIGTSTP, SIGWINCH};
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof handled / sizeof *handled; i++) sigaddset(&set, handled[i]);
    for (int i = SIGRTMIN; i <= SIGRTMAX; i++) sigaddset(&set, i);
    sigprocmask(SIG_SETMASK, &set, NULL);
    signal(SIGCHLD, SIG_DFL); /* an inherited SIG_IGN would reap for us */
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0) fail("signalfd: %s", strerror(errno));
    return fd;
}

static int wait_for_end(struct cmdline *cmdline, int signals) {
    int status = GO_ON;
    struct pollfd polled[2] = {{.fd = control, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
    while (status < 0) {
        if (poll(polled, 2, -1) < 0 && errno != EINTR) fail("poll: %s", strerror(errno));
        if (polled[0].revents & POLLIN) status = hear(cmdline);
        else if (polled[0].revents & POLLHUP) polled[0].fd = -1; /* the Sentry is about to end: SIGCHLD tells */
        struct signalfd_siginfo info;
        while (status < 0 && read(signals, &info, sizeof info) == sizeof info)
            status = on_signal(cmdline, (int)info.ssi_signo);
    }
    return status;
}

int sandbox_run(struct cmdline *cmdline, int argc, char **argv) {
    int signals = take_signals();
    jail_prepare();
    for (int i = 0; i < CHANNELS; i++) pair(SOCK_SEQPACKET, &sentry_channels[i], &gofer_channels[i]);
    start_sentry(cmdline, argc, argv);
    if (cmdline->tree_count) start_gofer(cmdline);
    if (terminal_present()) terminal_raw();
    int status = wait_for_end(cmdline, signals);
    if (aot == AOT_TRAIN) { /* the caches are written when the JVMs end by themselves */
        child_wait(&sentry);
        child_wait(&gofer);
    }
    child_kill(&sentry);
    child_kill(&gofer);
    child_wait(&sentry);
    child_wait(&gofer);
    terminal_restore();
    return status;
}
