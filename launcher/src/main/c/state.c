/* Containers' directories. */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "client.h"
#include "control.h"
#include "state.h"
#include "trees.h"

enum { ID_MAX = 1024, STATE_BYTES_MAX = 32 << 20, TICK_MILLIS = 10 };

const char *const status_names[] = {"creating", "created", "running", "paused", "stopped"};

static const char *in(const struct container *container, const char *name) {
    return text("%s/%s", container->directory, name);
}

/* ---- making and finding ---- */

/* NULL, or what is wrong with it. */
static const char *id_problem(const char *id) {
    if (!id || !*id) return "container id cannot be empty";
    if (strlen(id) > ID_MAX) return text("container id is longer than %d characters", ID_MAX);
    for (const char *c = id; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr("_+-.", *c))
            return text("invalid container id \"%s\": it may have letters, digits and _+-.", id);
    return !strcmp(id, ".") || !strcmp(id, "..") ? text("invalid container id \"%s\"", id) : NULL;
}

void state_check_id(const char *id) {
    const char *problem = id_problem(id);
    if (problem) fail("%s", problem);
}

static void name_it(struct container *container, const char *root, const char *id) {
    state_check_id(id);
    *container = (struct container){.id = id, .lock = -1};
    container->directory = text("%s/%s", root, id);
}

/* The same directory may have been removed, and made again, before we had the lock. */
static int still_there(const struct container *container) {
    struct stat ours, there;
    return !fstat(container->lock, &ours) && !stat(container->directory, &there) && ours.st_ino == there.st_ino &&
           ours.st_dev == there.st_dev;
}

int state_lock(struct container *container) {
    container->lock = open(container->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (container->lock < 0) return 0;
    while (flock(container->lock, LOCK_EX) && errno == EINTR) {
    }
    if (still_there(container)) return 1;
    close(container->lock);
    container->lock = -1;
    return 0;
}

void state_make(struct container *container, const struct cmdline *cmdline) {
    name_it(container, cmdline->state_root, cmdline->id);
    make_directories(cmdline->state_root, 0711);
    if (mkdir(container->directory, 0711)) {
        if (errno == EEXIST) fail("container with given ID already exists: %s", container->id);
        fail("cannot make the directory %s: %s", container->directory, strerror(errno));
    }
    if (!state_lock(container)) fail("the container %s was deleted while it was being created", container->id);
}

static void read_state(struct container *container) {
    int64_t number;
    size_t length;
    const char *problem, *bytes = NULL;
    static const char *const files[] = {"state.json", "creating.json", "state.json"}; /* it may be renamed meanwhile */
    for (int i = 0; i < 3 && !bytes; i++) {
        int fd = open(in(container, files[i]), O_RDONLY | O_CLOEXEC);
        if (fd < 0) continue;
        bytes = read_fd(fd, in(container, files[i]), STATE_BYTES_MAX, &length);
        container->created = i != 1;
        close(fd);
    }
    if (!bytes) return;
    container->state = json_parse(bytes, length, &problem);
    if (!container->state) fail("%s: %s", in(container, "state.json"), problem);
    if (json_integer(json_get(container->state, "pid"), &number)) container->pid = (pid_t)number;
    if (json_integer(json_get(container->state, "init_process_start"), &number)) container->start = number;
    const char *sandbox = json_string(json_get(container->state, "sandbox"), "");
    if (*sandbox) container->sandbox = sandbox;
    cgroups_read(&container->cgroups, json_get(container->state, "cgroup_paths"));
}

int state_find(struct container *container, const char *root, const char *id) {
    struct stat status;
    name_it(container, root, id);
    if (stat(container->directory, &status)) {
        if (errno == ENOENT || errno == ENOTDIR) return 0;
        fail("cannot look at %s: %s", container->directory, strerror(errno));
    }
    read_state(container);
    return 1;
}

int state_open(struct container *container, const struct cmdline *cmdline) {
    return state_find(container, cmdline->state_root, cmdline->id);
}

void state_each(const char *root, int (*visit)(struct container *container, void *what), void *what) {
    DIR *directory = opendir(root);
    struct dirent *entry;
    int done = 0;
    while (directory && !done && (entry = readdir(directory))) {
        struct container container;
        if (!id_problem(entry->d_name) && state_find(&container, root, text("%s", entry->d_name))) done = visit(&container, what);
    }
    if (directory) closedir(directory);
}

void state_must_open(struct container *container, const struct cmdline *cmdline) {
    if (!cmdline->word_count) fail("gvj %s: a container id is needed (see gvj %s --help)", cmdline->command, cmdline->command);
    if (!state_open(container, cmdline)) fail("container does not exist: %s", container->id);
}

/* Those that the monitor had made. */
static void remove_uppers(const struct container *container) {
    size_t length;
    int fd = open(in(container, "uppers"), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return;
    const char *bytes = read_fd(fd, in(container, "uppers"), STATE_BYTES_MAX, &length);
    close(fd);
    for (const char *path = bytes; path < bytes + length; path += strlen(path) + 1)
        if (tree_remove(path) && errno != ENOENT) warn("cannot remove the upper layer %s: %s", path, strerror(errno));
}

void state_remove(struct container *container) {
    remove_uppers(container);
    DIR *directory = opendir(container->directory);
    struct dirent *entry;
    while (directory && (entry = readdir(directory)))
        if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..")) unlinkat(dirfd(directory), entry->d_name, 0);
    if (directory) closedir(directory);
    if (rmdir(container->directory) && errno != ENOENT) warn("cannot remove %s: %s", container->directory, strerror(errno));
}

/* ---- what is in it ---- */

static const char *now(void) {
    struct timespec time;
    struct tm parts;
    char date[32];
    clock_gettime(CLOCK_REALTIME, &time);
    gmtime_r(&time.tv_sec, &parts);
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts);
    return text("%s.%09ldZ", date, time.tv_nsec);
}

static void member(struct buffer *out, const char *name, const char *string) {
    put_text(out, ",\"%s\":", name);
    put_quoted(out, string);
}

void state_write(struct container *container, const struct description *description) {
    struct buffer out = {0};
    const char *problem;
    put_text(&out, "{\"ociVersion\":\"1.2.0\"");
    member(&out, "id", container->id);
    put_text(&out, ",\"pid\":%d,\"init_process_start\":%llu", (int)container->pid, (unsigned long long)container->start);
    member(&out, "bundle", description->bundle);
    member(&out, "rootfs", description->rootfs);
    member(&out, "created", now());
    member(&out, "owner", "");
    if (container->sandbox) member(&out, "sandbox", container->sandbox);
    if (description->overlay) member(&out, "overlay2", description->overlay);
    put_text(&out, ",\"cgroup_paths\":");
    cgroups_write(&container->cgroups, &out);
    if (description->annotations)
        put_text(&out, ",\"annotations\":%.*s", (int)description->annotations->raw_length, description->annotations->raw);
    if (description->hooks) put_text(&out, ",\"hooks\":%.*s", (int)description->hooks->raw_length, description->hooks->raw);
    put_text(&out, "}\n");
    if (write_file(in(container, "creating.json"), out.bytes, out.length, 0644))
        fail("cannot write %s: %s", in(container, "state.json"), strerror(errno));
    container->state = json_parse(out.bytes, out.length, &problem);
}

void state_finish(struct container *container) {
    if (rename(in(container, "creating.json"), in(container, "state.json")))
        fail("cannot write %s: %s", in(container, "state.json"), strerror(errno));
    container->created = 1;
}

void state_write_exit(const struct container *container, int status) {
    char *line = text("{\"id\":\"%s\",\"exitStatus\":%d}\n", container->id, status);
    write_file(in(container, "exit.json"), line, strlen(line), 0644); /* a full disk costs no more than this file */
}

void state_write_uppers(const struct container *container, const char *paths, size_t length) {
    if (write_file(in(container, "uppers"), paths, length, 0600)) fail("cannot write %s: %s", in(container, "uppers"), strerror(errno));
}

int state_read_exit(const struct container *container) {
    int64_t status = -1;
    size_t length;
    const char *problem;
    int fd = open(in(container, "exit.json"), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return -1;
    const char *bytes = read_fd(fd, in(container, "exit.json"), 4096, &length);
    close(fd);
    json_integer(json_get(json_parse(bytes, length, &problem), "exitStatus"), &status);
    return (int)status;
}

/* One value of the state as it stands there, on a line of its own if it is for people. */
static void copy(struct buffer *out, const struct container *container, const char *name, const char *newline) {
    const struct json *value = json_get(container->state, name);
    if (!value) return;
    put_text(out, ",%s\"%s\":%s%.*s", newline, name, *newline ? " " : "", (int)value->raw_length, value->raw);
}

const char *state_json(const struct container *container, enum status status, int pretty) {
    struct buffer out = {0};
    const char *newline = pretty ? "\n  " : "", *space = pretty ? " " : "";
    static const char *const rest[] = {"bundle", "rootfs", "created", "annotations", "owner", "sandbox"};
    put_text(&out, "{%s\"ociVersion\":%s\"1.2.0\",%s\"id\":%s\"%s\"", newline, space, newline, space, container->id);
    put_text(&out, ",%s\"pid\":%s%d", newline, space, status == STOPPED ? 0 : (int)container->pid);
    put_text(&out, ",%s\"status\":%s\"%s\"", newline, space, status_names[status]);
    for (size_t i = 0; i < sizeof rest / sizeof *rest; i++) copy(&out, container, rest[i], newline);
    put_text(&out, "%s}", pretty ? "\n" : "");
    return out.bytes;
}

/* ---- is it alive? ---- */

/* Field 22 of /proc/PID/stat; the command's name, in parentheses, may have anything in it. */
uint64_t process_start(pid_t pid) {
    char bytes[1024], state;
    unsigned long long start = 0;
    int fd = open(text("/proc/%d/stat", (int)pid), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    ssize_t length = read(fd, bytes, sizeof bytes - 1);
    close(fd);
    bytes[length < 0 ? 0 : length] = 0;
    const char *rest = strrchr(bytes, ')');
    if (!rest || sscanf(rest + 1, " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu", &state, &start) != 2)
        return 0;
    return state == 'Z' || state == 'X' ? 0 : start;
}

int state_alive(const struct container *container) {
    return container->pid > 0 && process_start(container->pid) == container->start && container->start;
}

enum status state_status(const struct container *container) {
    struct reply reply;
    if (!container->state) return CREATING;
    if (!state_alive(container)) return STOPPED;
    if (!container->created) return CREATING;
    if (!client_ask(container, CONTROL_STATE, 0, 0, &reply)) return state_alive(container) ? CREATED : STOPPED;
    if (reply.type != CONTROL_OK) return STOPPED; /* a Sentry that does not know it (any more) */
    switch (reply.a) {
        case STATE_CREATED: return CREATED;
        case STATE_RUNNING: return RUNNING;
        case STATE_PAUSED: return PAUSED;
        default: return STOPPED;
    }
}

int state_kill(const struct container *container, int signal) {
    int fd = container->pid > 0 ? (int)syscall(SYS_pidfd_open, container->pid, 0) : -1;
    int result = fd >= 0 && state_alive(container) ? (int)syscall(SYS_pidfd_send_signal, fd, signal, NULL, 0) : -1;
    if (fd >= 0) close(fd);
    return result;
}

int state_wait_end(const struct container *container, int milliseconds) {
    if (!state_alive(container)) return 1;
    int fd = (int)syscall(SYS_pidfd_open, container->pid, 0);
    if (fd < 0 || !state_alive(container)) { /* a system without them, or it has just gone */
        for (int waited = 0; fd < 0 && errno != ESRCH && state_alive(container) && waited < milliseconds; waited += TICK_MILLIS)
            poll(NULL, 0, TICK_MILLIS);
    } else {
        struct pollfd polled = {.fd = fd, .events = POLLIN};
        poll(&polled, 1, milliseconds);
    }
    if (fd >= 0) close(fd);
    return !state_alive(container);
}
