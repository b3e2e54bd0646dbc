/*
 * The monitor of a container in another's sandbox. It starts no JVM: it asks the sandbox's Sentry for the container, opens the
 * trees that this needs for the gofer, and keeps the connection, whose end is the container's. The Sentry is not trusted.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "control.h"
#include "grants.h"
#include "monitor.h"
#include "namespaces.h"
#include "oom.h"
#include "sandbox.h"
#include "trees.h"

enum { GOFER_MILLIS = 30000 };

static struct making *making;
static int sentry = -1;        /* the connection of CREATE */
static int signals;
static struct buffer trees;    /* "ro|rw|up|uk SP path NUL" each */
static int trees_known, hooks_have_run;
static int served;             /* not before that the Sentry hears anything else */

/* ---- the trees ---- */

static void remember_uppers(void) {
    const char *end = trees.bytes + trees.length;
    struct buffer uppers = {0};
    for (const char *entry = trees.bytes; entry < end; entry += strlen(entry) + 1)
        if (tree_access(entry) == TREE_UPPER) put_bytes(&uppers, entry + 3, strlen(entry + 3) + 1);
    if (uppers.length) state_write_uppers(&making->container, uppers.bytes, uppers.length);
}

/* Answers the index of the first one at the gofer. */
static uint32_t send_trees(void) {
    const char *failed;
    int32_t first = -EPIPE;
    int gofer = unix_connect(text("%s/gofer.sock", making->sandbox->directory), SOCK_SEQPACKET);
    if (gofer < 0) fail("cannot reach the gofer of sandbox %s: %s", making->sandbox->id, strerror(errno));
    if (trees_serve(gofer, trees.bytes, trees.length, &failed) && failed)
        fail("cannot serve %s to the sandbox: %s", failed, strerror(errno));
    struct pollfd polled = {.fd = gofer, .events = POLLIN};
    while (poll(&polled, 1, GOFER_MILLIS) < 0 && errno == EINTR) {
    }
    if (recv(gofer, &first, sizeof first, MSG_DONTWAIT) != sizeof first) first = -EPIPE;
    if (first < 0) fail("the gofer of sandbox %s does not take the container's files: %s", making->sandbox->id, strerror(-first));
    close(gofer);
    return (uint32_t)first;
}

static void forward(uint32_t type, uint32_t a, uint32_t b) {
    if (served) client_send(sentry, type, a, b);
}

static void send_window(void) {
    uint32_t rows, columns;
    if (making->terminal < 0) return;
    terminal_size(making->terminal, &rows, &columns);
    forward(CONTROL_WINDOW, rows, columns);
}

/* Hooks may have mounted something: not before they have run. */
static void serve(void) {
    if (!trees_known || !hooks_have_run || served) return;
    remember_uppers();
    uint32_t first = send_trees();
    served = 1;
    forward(CONTROL_SERVED, first, 0);
    send_window();
}

static void take_trees(const char *list, size_t length, int last) {
    struct grants grants = {making->config, making->bundle, making->container.id, making->overlay};
    if (trees_known) fail("the Sentry of sandbox %s asks for trees twice", making->sandbox->id);
    put_bytes(&trees, list, length);
    const char *refusal = grants_refusal(&grants, trees.bytes, trees.length); /* of all that there are up to now */
    if (refusal) fail("%s", refusal);
    trees_known = last;
    serve();
}

/* ---- what the Sentry says ---- */

static int gone(void) {
    monitor_report(text("gvj: sandbox %s of container %s has ended", making->sandbox->id, making->container.id));
    return monitor_has_created() ? STATUS_DEAD : STATUS_ERROR;
}

static int on_refusal(char *line) {
    for (char *c = line; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f) *c = ' '; /* no escape sequences for our caller's terminal */
    monitor_report(text("gvj: %s", strncmp(line, "gvj: ", 5) ? line : line + 5));
    return STATUS_ERROR;
}

static int hear(void) {
    static char packet[CONTROL_MAX + 1];
    struct control_message message;
    ssize_t length = recv(sentry, packet, CONTROL_MAX, MSG_DONTWAIT);
    if (length < 0 && (errno == EAGAIN || errno == EINTR)) return GO_ON;
    if (length < (ssize_t)sizeof message) return gone();
    packet[length] = 0;
    memcpy(&message, packet, sizeof message);
    switch (message.type) {
        case CONTROL_TREES:
            take_trees(packet + sizeof message, length - sizeof message, message.b == 1);
            return GO_ON;
        case CONTROL_CREATED:
            return monitor_created();
        case CONTROL_ERROR:
            return on_refusal(packet + sizeof message);
        case CONTROL_OOM:
            oom_show_in(&making->container.cgroups);
            return GO_ON;
        case CONTROL_EXITED:
            return message.a & 0xff;
        case CONTROL_SIGNALED:
            return 128 + (message.a & 0x7f);
        default:
            return GO_ON;
    }
}

/* ---- what others say ---- */

static void on_signal(int signal) {
    switch (signal) {
        case SIGCHLD:
        case SIGTSTP:
            break;
        case SIGCONT:
        case SIGWINCH:
            send_window();
            break;
        default:
            forward(CONTROL_SIGNAL, signal, 0);
    }
}

static int on_client(void) {
    struct control_message message;
    int status = monitor_hear(&message);
    switch (message.type) {
        case MONITOR_SERVE:
            hooks_have_run = 1;
            serve();
            break;
        case CONTROL_SIGNAL:
        case CONTROL_WINDOW:
            forward(message.type, message.a, message.b);
            break;
        default:
            break;
    }
    return status;
}

/* ---- from its beginning to its end ---- */

static void enter(struct making *what) {
    making = what;
    signals = take_signals();
    jail_gofer.maps = making->id_maps; /* whose root an upper layer belongs to */
    namespaces_join(making->config, making->sandbox);
}

/* The request; afterwards the program's descriptors are the Sentry's alone. */
static void ask(void) {
    int fds[DESCRIPTORS_MAX + 1], count = 0;
    struct control_message request = {CONTROL_CREATE, making->terminal >= 0, 0};
    struct buffer words = {0};
    put_text(&words, "%s%c%s%c%s%c", making->container.id, 0, making->bundle, 0, making->pid_namespace, 0);
    fds[count++] = memfd_create("gvj-config", MFD_CLOEXEC);
    if (fds[0] < 0 || write_all(fds[0], making->config_bytes, making->config_length) || lseek(fds[0], 0, SEEK_SET))
        fail("cannot send config.json: %s", strerror(errno));
    count += client_stdio(fds + count, making->own_terminal || making->terminal < 0 ? making->terminal : 0, making->cmdline->preserve_fds);
    sentry = client_connect(making->sandbox);
    if (sentry < 0) fail("cannot reach the Sentry of sandbox %s: %s", making->sandbox->id, strerror(errno));
    if (client_send_text(sentry, request, words.bytes, words.length, fds, count))
        fail("cannot ask the Sentry of sandbox %s for the container: %s", making->sandbox->id, strerror(errno));
    close(fds[0]);
    for (int fd = 3; fd < 3 + making->cmdline->preserve_fds; fd++) close(fd);
    monitor_release_caller();
}

static int keep(void) {
    struct signalfd_siginfo info;
    int status = GO_ON;
    ask();
    while (status == GO_ON) {
        struct pollfd polled[] = {{.fd = sentry, .events = POLLIN}, {.fd = signals, .events = POLLIN}, {.fd = making->client, .events = POLLIN}};
        if (poll(polled, 3, -1) < 0 && errno != EINTR) fail("poll: %s", strerror(errno));
        while (read(signals, &info, sizeof info) == sizeof info) on_signal((int)info.ssi_signo);
        if (polled[0].revents) status = hear();
        if (status == GO_ON && polled[2].revents) status = on_client();
    }
    return status;
}

static void let_go(void) {
    if (sentry >= 0) close(sentry); /* which ends what still runs of it */
    trees_end_uppers(trees.bytes, trees.length);
}

const struct keeper member_keeper = {enter, keep, let_go};
