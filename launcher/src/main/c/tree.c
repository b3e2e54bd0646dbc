/* Trees of the host as the gofer gets them: detached copies of mounts, which the host's kernel itself keeps read-only. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher.h"

enum { CLONE_TREE = 1, SUBTREE = 0x8000 /* AT_RECURSIVE */ };

int tree_clone(const char *path, int writable) {
    int fd = (int)syscall(SYS_open_tree, AT_FDCWD, path, CLONE_TREE | SUBTREE | O_CLOEXEC);
    struct mount_attributes attributes = {
        .set = MOUNT_NOSUID | MOUNT_NODEV | MOUNT_NOEXEC | (writable ? 0 : MOUNT_RDONLY), .propagation = MS_PRIVATE};
    if (fd >= 0 && !mount_attributes(fd, "", AT_EMPTY_PATH | SUBTREE, &attributes)) return fd;
    if (fd >= 0) close(fd);
    /* An old kernel, or a caller who may not mount: the gofer alone keeps what it serves, which it does in any case. */
    return open(path, O_PATH | O_CLOEXEC);
}
