/* Trees for the gofer. The packets are described in gvj.gofer.TreeSocket. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "idmaps.h"
#include "launcher.h"
#include "trees.h"

enum { BATCH = 16, FLAG_WRITABLE = 1 };

enum tree_access tree_access(const char *word) {
    if (!strncmp(word, "ro", 2)) return TREE_READ;
    if (!strncmp(word, "rw", 2)) return TREE_WRITE;
    return !strncmp(word, "up", 2) || !strncmp(word, "uk", 2) ? TREE_UPPER : TREE_NONE;
}

/* The regular file behind an O_PATH descriptor, opened: whatever its name has become meanwhile. */
static int open_file(int path_fd, int *writable) {
    char name[32];
    int fd = -1;
    snprintf(name, sizeof name, "/proc/self/fd/%d", path_fd);
    if (*writable) fd = open(name, O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        *writable = 0;
    }
    return fd;
}

enum { CLONE_TREE = 1, SUBTREE = 0x8000 /* AT_RECURSIVE */ };

/*
 * A detached copy of the mounts at `path`, which the host's kernel itself keeps read-only: O_PATH, close-on-exec; -1 with errno.
 */
static int tree_clone(const char *path, int writable) {
    int fd = (int)syscall(SYS_open_tree, AT_FDCWD, path, CLONE_TREE | SUBTREE | O_CLOEXEC);
    struct mount_attributes attributes = {
        .set = MOUNT_NOSUID | MOUNT_NODEV | MOUNT_NOEXEC | (writable ? 0 : MOUNT_RDONLY), .propagation = MS_PRIVATE};
    if (fd >= 0 && !mount_attributes(fd, "", AT_EMPTY_PATH | SUBTREE, &attributes)) return fd;
    if (fd >= 0) close(fd);
    /* An old kernel, or a caller who may not mount: the gofer alone keeps what it serves, which it does in any case. */
    return open(path, O_PATH | O_CLOEXEC);
}

/* Two directories: the outer one keeps others of this machine from running what a sandbox made set-user-ID. */
static int make_upper(const char *path) {
    char inner[PATH_MAX];
    if (snprintf(inner, sizeof inner, "%s/upper", path) >= (int)sizeof inner) return errno = ENAMETOOLONG, -1;
    if (!access(path, F_OK)) tree_remove(path); /* left by one of the same name that was killed */
    if (mkdir(path, 0700) || mkdir(inner, 0755)) return -1;
    if (jail_gofer.maps && lchown(inner, jail_gofer.maps->root_uid, jail_gofer.maps->root_gid)) return -1;
    return tree_clone(inner, 1);
}

/*
 * One tree as the gofer wants it: O_PATH for what is no regular file, a regular file really. *writable says whether it may be
 * written to (cleared where the host refuses that, as for a program that runs). A close-on-exec descriptor, or -1 with errno.
 * Never waits for a fifo, never wakes up a device.
 */
static int tree_open_path(const char *path, enum tree_access access, int *writable) {
    struct stat status;
    *writable = access != TREE_READ;
    int fd = access == TREE_UPPER ? make_upper(path) : tree_clone(path, *writable);
    if (fd < 0 || fstat(fd, &status)) return -1;
    if (!S_ISREG(status.st_mode)) return fd;
    int file = open_file(fd, writable), error = errno;
    close(fd);
    errno = error;
    return file;
}

static int send_packet(int socket, const int *fds, const int *writable, uint32_t count) {
    uint32_t packet[1 + BATCH] = {count};
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(BATCH * sizeof(int))];
    } control = {0};
    struct iovec iov = {packet, (1 + count) * sizeof *packet};
    struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};
    for (uint32_t i = 0; i < count; i++) packet[1 + i] = writable[i] ? FLAG_WRITABLE : 0;
    if (count) {
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(count * sizeof *fds);
        control.header = (struct cmsghdr){.cmsg_len = CMSG_LEN(count * sizeof *fds), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
        memcpy(CMSG_DATA(&control.header), fds, count * sizeof *fds);
    }
    ssize_t sent;
    while ((sent = sendmsg(socket, &message, MSG_NOSIGNAL)) < 0 && errno == EINTR) {
    }
    return sent < 0 ? -1 : 0;
}

static int send_and_close(int socket, const int *fds, const int *writable, int count) {
    int result = count ? send_packet(socket, fds, writable, count) : 0, error = errno;
    for (int i = 0; i < count; i++) close(fds[i]);
    errno = error;
    return result;
}

int trees_serve(int socket, const char *list, size_t length, const char **failed) {
    int fds[BATCH], writable[BATCH], count = 0;
    const char *end = list + length;
    *failed = NULL;
    for (const char *entry = list; entry < end; entry += strnlen(entry, end - entry) + 1) {
        size_t bytes = strnlen(entry, end - entry);
        enum tree_access access = bytes > 3 && entry + bytes < end && entry[2] == ' ' ? tree_access(entry) : TREE_NONE;
        fds[count] = -1;
        errno = EINVAL;
        if (access != TREE_NONE) fds[count] = tree_open_path(entry + 3, access, &writable[count]);
        if (fds[count] < 0) {
            int error = errno;
            while (count--) close(fds[count]);
            *failed = entry + (bytes > 3 ? 3 : 0);
            errno = error;
            return -1;
        }
        if (++count == BATCH) {
            if (send_and_close(socket, fds, writable, count)) return -1;
            count = 0;
        }
    }
    if (send_and_close(socket, fds, writable, count)) return -1;
    return send_packet(socket, NULL, NULL, 0); /* the list is complete */
}

/* Takes away what is in `directory`; its directories are moved up into `top`, which numbers them. Answers how many are left. */
static int empty(int directory, int top, unsigned *number) {
    DIR *entries = fdopendir(directory);
    int left = 0;
    if (!entries) {
        close(directory);
        return 1;
    }
    for (struct dirent *entry; (entry = readdir(entries));) {
        const char *name = entry->d_name;
        char moved[32];
        if (!strcmp(name, ".") || !strcmp(name, "..") || !unlinkat(dirfd(entries), name, 0)) continue;
        if (!unlinkat(dirfd(entries), name, AT_REMOVEDIR)) continue;
        snprintf(moved, sizeof moved, ".gvj-%u", (*number)++);
        if (renameat2(dirfd(entries), name, top, moved, RENAME_NOREPLACE)) left++;
    }
    closedir(entries);
    return left;
}

static int open_directory(int at, const char *name) {
    return openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* One round over the directories right below `top`. Answers whether any could be removed. */
static int round_of(int top, unsigned *number) {
    int progress = 0, copy = open_directory(top, ".");
    DIR *entries = copy < 0 ? NULL : fdopendir(copy);
    if (!entries) return 0;
    for (struct dirent *entry; (entry = readdir(entries));) {
        const char *name = entry->d_name;
        if (!strcmp(name, ".") || !strcmp(name, "..")) continue;
        if (unlinkat(top, name, 0) && unlinkat(top, name, AT_REMOVEDIR)) {
            int below = open_directory(top, name);
            if (below < 0 || empty(below, top, number) || unlinkat(top, name, AT_REMOVEDIR)) continue;
        }
        progress = 1;
    }
    closedir(entries);
    return progress;
}

/* However deep what the application left is: there are never more than three directories open. */
int tree_remove(const char *path) {
    unsigned number = 0;
    int top = open_directory(AT_FDCWD, path);
    if (top < 0) return -1;
    while (rmdir(path) && (errno == ENOTEMPTY || errno == EEXIST)) {
        int progress = round_of(top, &number);
        if (!progress) break;
    }
    close(top);
    int gone = rmdir(path) && errno == ENOENT;
    if (!gone && access(path, F_OK) == 0) errno = ENOTEMPTY;
    return gone ? 0 : -1;
}

void trees_end_uppers(const char *list, size_t length) {
    const char *end = list + length;
    for (const char *entry = list; entry < end; entry += strnlen(entry, end - entry) + 1)
        if (!strncmp(entry, "up ", 3) && tree_remove(entry + 3) && errno != ENOENT)
            warn("cannot remove %s: %s", entry + 3, strerror(errno));
}
