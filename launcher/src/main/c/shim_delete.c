/*
 * `delete`: containerd runs it after a container's normal end too. Whatever there still is of this container goes, and with a pod's
 * first one the whole pod; nothing of others. Nothing but the answer is written to standard output.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "commands.h"
#include "proto.h"
#include "shim.h"

enum { STACKED_MAX = 64, PID_MAX = 32 };

static void remove_one(const char *root, const char *id) {
    char *words[] = {(char *)id, NULL};
    struct cmdline cmdline = {.command = "delete", .state_root = root, .id = id, .words = words, .word_count = 1, .force = 1};
    command_delete(&cmdline);
}

/* In a child: what cannot be removed ends it with a sentence, and the rest goes on. */
static void remove_apart(const char *root, const char *id) {
    pid_t pid = fork();
    if (!pid) {
        dup2(2, 1);
        remove_one(root, id);
        _exit(0);
    }
    while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
    }
}

/* Containers inside the sandbox `id`. */
static void remove_members(const char *root, const char *id) {
    struct container container;
    struct dirent *entry;
    DIR *directory = opendir(root);
    while (directory && (entry = readdir(directory))) {
        if (entry->d_name[0] == '.' || !strcmp(entry->d_name, id)) continue;
        struct cmdline cmdline = {.state_root = root, .id = entry->d_name};
        if (!state_open(&container, &cmdline)) continue;
        if (!strcmp(json_string(json_get(container.state, "sandbox"), ""), id)) remove_apart(root, container.id);
    }
    if (directory) closedir(directory);
}

/* How the container ended, if its monitor still could tell. */
static int exit_status(const char *root, const struct shim *shim) {
    struct container container;
    struct cmdline cmdline = {.state_root = root, .id = shim->id};
    int status = state_open(&container, &cmdline) ? state_read_exit(&container) : -1;
    return status >= 0 ? status : STATUS_DEAD;
}

static unsigned init_pid(void) {
    char bytes[PID_MAX] = "";
    int fd = open("init.pid", O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? 0 : read(fd, bytes, sizeof bytes - 1);
    if (fd >= 0) close(fd);
    return length > 0 ? (unsigned)strtoul(bytes, NULL, 10) : 0;
}

/* A socket that nobody listens at. */
static void remove_socket(const char *path) {
    int fd = *path ? unix_connect(path, SOCK_STREAM) : -1;
    if (fd >= 0) close(fd);
    else if (*path && errno == ECONNREFUSED) unlink(path);
}

static void unmount(const char *path) {
    for (int i = 0; i < STACKED_MAX && !umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW); i++) { /* all below goes with it */
    }
}

/* DeleteResponse: 1 pid, 2 exit_status, 3 exited_at {1 seconds, 2 nanoseconds} */
static int respond(unsigned pid, int status) {
    struct buffer when = {0}, out = {0};
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    proto_put_number(&when, 1, now.tv_sec);
    proto_put_number(&when, 2, now.tv_nsec);
    proto_put_number(&out, 1, pid);
    proto_put_number(&out, 2, status);
    proto_put_bytes(&out, 3, when.bytes, when.length);
    return write_all(1, out.bytes, out.length) ? STATUS_ERROR : 0;
}

int shim_delete(const struct shim *shim) {
    struct shim_bundle bundle;
    int in_bundle = !*shim->bundle || !chdir(shim->bundle);
    if (!in_bundle && errno != ENOENT) warn("cannot enter %s: %s", shim->bundle, strerror(errno));
    shim_bundle_read(&bundle, shim);
    int status = exit_status(bundle.root, shim);
    unsigned pid = init_pid();
    remove_apart(bundle.root, shim->id);
    if (!strcmp(bundle.group, shim->id)) {
        remove_members(bundle.root, shim->id);
        remove_socket(bundle.socket);
    }
    if (in_bundle) {
        unmount("rootfs");
        unmount("shm"); /* of a pod that the shim has made */
    }
    return respond(pid, status);
}
