/* gvj exec: one more process in a container. Who waits for it is its monitor: with that one's end the process ends. */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "commands.h"
#include "console.h"
#include "control.h"

enum { START_MILLIS = 60000 };

static struct container container;
static int terminal = -1; /* whose size the process is to know */

/* ---- the process object ---- */

static void member(struct buffer *out, const char *name) {
    put_text(out, out->length > 1 ? "," : "");
    put_quoted(out, name);
    put_text(out, ":");
}

static void put_strings(struct buffer *out, const struct json *first, char *const *more, int count) {
    int n = 0;
    put_text(out, "[");
    for (const struct json *one = first ? first->child : NULL; one; one = one->next)
        put_text(out, "%s%.*s", n++ ? "," : "", (int)one->raw_length, one->raw);
    for (int i = 0; i < count; i++) {
        put_text(out, n++ ? "," : "");
        put_quoted(out, more[i]);
    }
    put_text(out, "]");
}

static const char *id_number(const char *value, const char *end) {
    const char *c = value;
    while (c < end && isdigit((unsigned char)*c)) c++;
    if (c == value || c != end || end - value > 10) fail("gvj exec: \"%.*s\" is not a user or group id", (int)(end - value), value);
    while (value + 1 < end && *value == '0') value++;
    return text("%.*s", (int)(end - value), value);
}

/* UID[:GID], and further groups separated by commas. */
static void put_user(struct buffer *out, const struct cmdline *cmdline, const struct json *base) {
    const char *colon = cmdline->user ? strchr(cmdline->user, ':') : NULL, *end = cmdline->user;
    int64_t uid = 0, gid = 0;
    int n = 0;
    member(out, "user");
    if (end) end += strlen(end);
    json_integer(json_get(base, "uid"), &uid);
    json_integer(json_get(base, "gid"), &gid);
    if (cmdline->user) {
        put_text(out, "{\"uid\":%s", id_number(cmdline->user, colon ? colon : end));
        put_text(out, ",\"gid\":%s", colon ? id_number(colon + 1, end) : "0");
    } else {
        put_text(out, "{\"uid\":%lld,\"gid\":%lld", (long long)uid, (long long)gid);
    }
    put_text(out, ",\"additionalGids\":[");
    const struct json *groups = json_get(base, "additionalGids");
    for (const struct json *one = groups ? groups->child : NULL; one; one = one->next)
        put_text(out, "%s%.*s", n++ ? "," : "", (int)one->raw_length, one->raw);
    for (int i = 0; i < cmdline->groups.count; i++)
        for (const char *at = cmdline->groups.values[i]; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
            put_text(out, "%s%s", n++ ? "," : "", id_number(at, at + strcspn(at, ",")));
    put_text(out, "]}");
}

/* What is added is added to every set. */
static void put_capabilities(struct buffer *out, const struct cmdline *cmdline, const struct json *base) {
    static const char *const sets[] = {"bounding", "effective", "inheritable", "permitted", "ambient"};
    member(out, "capabilities");
    put_text(out, "{");
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        put_text(out, "%s\"%s\":", i ? "," : "", sets[i]);
        int adds = i < 2 || i == 3; /* as runc does: inherited ones need a program that asks for them */
        put_strings(out, json_get(base, sets[i]), (char *const *)cmdline->caps.values, adds ? cmdline->caps.count : 0);
    }
    put_text(out, "}");
}

/* As the bundle's own process but for what the command line says. */
static const char *made_of_words(const struct cmdline *cmdline) {
    static const char *const replaced[] = {"args", "env", "cwd", "user", "capabilities", "noNewPrivileges", "terminal", "consoleSize"};
    const char *bundle = json_string(json_get(container.state, "bundle"), "");
    const struct json *base = json_get(json_read(text("%s/config.json", bundle), CONFIG_MAX), "process");
    struct buffer out = {0};
    put_text(&out, "{");
    for (const struct json *one = base ? base->child : NULL; one; one = one->next) {
        int ours = 0;
        for (size_t i = 0; i < sizeof replaced / sizeof *replaced; i++) ours |= !strcmp(one->key, replaced[i]);
        if (ours) continue;
        member(&out, one->key);
        put_bytes(&out, one->raw, one->raw_length);
    }
    member(&out, "args");
    put_strings(&out, NULL, cmdline->words + 1, cmdline->word_count - 1);
    member(&out, "env");
    put_strings(&out, json_get(base, "env"), (char *const *)cmdline->env.values, cmdline->env.count);
    member(&out, "cwd");
    put_quoted(&out, cmdline->cwd ? cmdline->cwd : json_string(json_get(base, "cwd"), "/"));
    put_user(&out, cmdline, json_get(base, "user"));
    if (json_get(base, "capabilities") || cmdline->caps.count) put_capabilities(&out, cmdline, json_get(base, "capabilities"));
    member(&out, "noNewPrivileges");
    put_text(&out, cmdline->no_new_privs || json_truth(json_get(base, "noNewPrivileges")) ? "true" : "false");
    member(&out, "terminal");
    put_text(&out, cmdline->tty ? "true" : "false");
    put_text(&out, "}");
    return out.bytes;
}

static const char *process_text(const struct cmdline *cmdline) {
    size_t length;
    if (cmdline->process_file) return read_file(cmdline->process_file, CONFIG_MAX, &length);
    if (cmdline->word_count < 2) fail("gvj exec: a command is needed");
    return made_of_words(cmdline);
}

/* ---- startContainer hooks ---- */

static const char *hook_process(const struct json *hook) {
    struct buffer out = {0};
    const struct json *args = json_get(hook, "args"), *env = json_get(hook, "env");
    put_text(&out, "{\"cwd\":\"/\",\"user\":{\"uid\":0,\"gid\":0},\"env\":");
    put_strings(&out, env, NULL, 0);
    put_text(&out, ",\"args\":["); /* the first argument is the path: the Sentry knows no other name of a program */
    put_quoted(&out, json_string(json_get(hook, "path"), ""));
    for (const struct json *one = args && args->child ? args->child->next : NULL; one; one = one->next) put_text(&out, ",%.*s", (int)one->raw_length, one->raw);
    put_text(&out, "]}");
    return out.bytes;
}

const char *exec_hook(const struct container *where, const struct json *hook, const char *state) {
    const char *path = json_string(json_get(hook, "path"), ""), *process = hook_process(hook), *problem = NULL;
    int fds[4], socket = client_connect(where);
    int64_t timeout = 0;
    struct control_message request = {CONTROL_EXEC, 0, 0};
    struct reply reply = {0};
    json_integer(json_get(hook, "timeout"), &timeout);
    for (int i = 0; i < 3; i++) fds[i] = memfd_create("gvj-hook", MFD_CLOEXEC);
    fds[3] = fds[2]; /* standard output and error */
    if (socket < 0 || fds[2] < 0 || write_all(fds[0], process, strlen(process)) || lseek(fds[0], 0, SEEK_SET) ||
        write_all(fds[1], state, strlen(state)) || lseek(fds[1], 0, SEEK_SET) || client_request(socket, where, request, fds, 4))
        problem = text("error running startContainer hook: %s: %s", path, strerror(errno));
    else if (!client_receive(socket, &reply, START_MILLIS) || reply.type != CONTROL_STARTED ||
             !client_receive(socket, &reply, timeout > 0 && timeout < 1000000 ? (int)timeout * 1000 : -1))
        problem = text("error running startContainer hook: %s: %s", path, reply.type == CONTROL_ERROR ? reply.text : "it took too long");
    else if (reply.type != CONTROL_EXITED || reply.a)
        problem = text("error running startContainer hook: %s: %s %u", path, reply.type == CONTROL_EXITED ? "exit status" : "signal", reply.a);
    for (int i = 0; i < 3; i++) close(fds[i]);
    if (socket >= 0) close(socket); /* hanging up kills it */
    return problem;
}

/* ---- its monitor ---- */

static void send_window(int socket) {
    uint32_t rows, columns;
    if (terminal < 0) return;
    terminal_size(terminal, &rows, &columns);
    client_send(socket, CONTROL_WINDOW, rows, columns);
}

static void on_signal(int socket, int signal, int foreground) {
    switch (signal) {
        case SIGCHLD:
            break;
        case SIGTSTP:
            if (!foreground) break;
            terminal_restore();
            raise(SIGSTOP);
            break;
        case SIGCONT:
            if (foreground && terminal >= 0) terminal_raw();
            send_window(socket);
            break;
        case SIGWINCH:
            send_window(socket);
            break;
        default:
            client_send(socket, CONTROL_SIGNAL, signal, 0);
    }
}

/* Answers the exit status of the process. */
static int await(int socket, int signals, int foreground) {
    struct pollfd polled[2] = {{.fd = socket, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
    struct signalfd_siginfo info;
    struct reply reply;
    for (;;) {
        if (poll(polled, 2, -1) < 0 && errno != EINTR) return STATUS_DEAD;
        while (read(signals, &info, sizeof info) == sizeof info) on_signal(socket, (int)info.ssi_signo, foreground);
        if (!polled[0].revents) continue;
        if (!client_receive(socket, &reply, 0)) return STATUS_DEAD; /* the container is gone, and the process with it */
        if (reply.type == CONTROL_EXITED) return (int)(reply.a & 0xff);
        if (reply.type == CONTROL_SIGNALED) return 128 + (int)(reply.a & 0x7f);
    }
}

/* Sends the request and waits until the process runs. */
static int begin(const struct cmdline *cmdline, const char *process) {
    int fds[DESCRIPTORS_MAX + 1], count = 0, socket = client_connect(&container);
    struct reply reply;
    if (socket < 0) fail("cannot exec in a stopped container");
    fds[count++] = memfd_create("gvj-process", MFD_CLOEXEC);
    if (fds[0] < 0 || write_all(fds[0], process, strlen(process)) || lseek(fds[0], 0, SEEK_SET))
        fail("cannot send the process: %s", strerror(errno));
    count += client_stdio(fds + count, terminal, cmdline->preserve_fds);
    struct control_message request = {CONTROL_EXEC, terminal >= 0, 0};
    if (client_request(socket, &container, request, fds, count)) fail("cannot send the process: %s", strerror(errno));
    close(fds[0]);
    send_window(socket);
    if (!client_receive(socket, &reply, START_MILLIS)) fail("the Sentry of container %s does not answer", container.id);
    if (reply.type != CONTROL_STARTED) fail("exec failed: %s", *reply.text ? reply.text : "the Sentry refused");
    return socket;
}

static void release_caller(int preserved) {
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = 0; fd < 3; fd++) dup2(null, fd);
    for (int fd = 3; fd < 3 + preserved; fd++) close(fd);
    close(null);
}

static void write_pid(const char *path, pid_t pid) {
    char *number = text("%d", (int)pid);
    if (path && write_file(path, number, strlen(number), 0644)) fail("cannot write the pid file %s: %s", path, strerror(errno));
}

/* In the monitor of a detached process: tells the command that it runs, or why not, and stays. */
static int maker = -1;

static void report(const char *line) {
    send(maker, line, strlen(line), MSG_NOSIGNAL);
}

static noreturn void monitor(const struct cmdline *cmdline, const char *process) {
    setsid();
    on_failure = report;
    title_set(text("gvj: exec %s", container.id));
    int signals = take_signals();
    if (terminal >= 0) console_control(terminal);
    cgroups_enter(&container.cgroups);
    int socket = begin(cmdline, process);
    write_pid(cmdline->pid_file, getpid());
    if (chdir("/")) fail("cannot enter /: %s", strerror(errno));
    send(maker, "!", 1, MSG_NOSIGNAL);
    close(maker);
    release_caller(cmdline->preserve_fds);
    exit(await(socket, signals, 0));
}

static int detach(const struct cmdline *cmdline, const char *process) {
    int fds[2];
    char line[4096];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds)) fail("socketpair: %s", strerror(errno));
    pid_t pid = fork();
    if (pid < 0) fail("cannot start the process's monitor: fork: %s", strerror(errno));
    if (!pid) {
        close(fds[0]);
        maker = fds[1];
        monitor(cmdline, process);
    }
    close(fds[1]);
    ssize_t length = recv(fds[0], line, sizeof line - 1, 0);
    line[length > 0 ? length : 0] = 0;
    if (!strcmp(line, "!")) return 0;
    fail("%s", length <= 0 ? "the process's monitor ended" : strncmp(line, "gvj: ", 5) ? line : line + 5);
}

int command_exec(struct cmdline *cmdline) {
    const char *problem, *socket_path = cmdline->console_socket;
    if (!cmdline->word_count) fail("gvj exec: a container id is needed");
    state_must_open(&container, cmdline);
    enum status status = state_status(&container);
    if (status == STOPPED) fail("cannot exec in a stopped container");
    if (status == CREATING) fail("cannot exec in a container that is still being created");
    if (status == PAUSED && !cmdline->ignore_paused) fail("cannot exec in a paused container (use --ignore-paused)");
    const char *process = process_text(cmdline);
    const struct json *parsed = json_parse(process, strlen(process), &problem);
    if (!parsed) fail("process: %s", problem);
    int wants_terminal = cmdline->tty || json_truth(json_get(parsed, "terminal"));
    if (wants_terminal && cmdline->detach && !socket_path) fail("cannot allocate tty if gvj will detach without setting --console-socket");
    if (socket_path && !wants_terminal) fail("--console-socket is given, but the process has no terminal");
    if (wants_terminal && socket_path) terminal = console_make(socket_path, parsed);
    else if (wants_terminal && isatty(0)) terminal = 0;
    else if (wants_terminal) fail("the process wants a terminal, and standard input is none");
    if (cmdline->detach) return detach(cmdline, process);
    int signals = take_signals();
    int socket = begin(cmdline, process);
    write_pid(cmdline->pid_file, getpid());
    if (terminal == 0) terminal_raw();
    int result = await(socket, signals, 1);
    terminal_restore();
    return result;
}
