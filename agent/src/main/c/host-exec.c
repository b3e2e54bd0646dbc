/* host-exec PROGRAM ARGUMENTS: runs a program of the host, from a container that shares its process numbers (hostPID) and
 * may do everything: enters the namespaces and the root of its first process. Static, because the image has no shell. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NOT_FOUND = 127, CANNOT = 126 };

static int cannot(const char *what) {
    fprintf(stderr, "host-exec: %s: %s\n", what, strerror(errno));
    return CANNOT;
}

int main(int argc, char **argv) {
    static const char *const namespaces[] = {"ipc", "uts", "net", "mnt"}; /* mnt last: /proc is ours until then */
    int files[sizeof namespaces / sizeof *namespaces], root = open("/proc/1/root", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (argc < 2) return fprintf(stderr, "usage: host-exec PROGRAM [ARGUMENT]...\n"), 2;
    if (root < 0) return cannot("/proc/1/root");
    for (size_t i = 0; i < sizeof namespaces / sizeof *namespaces; i++) {
        char path[32];
        snprintf(path, sizeof path, "/proc/1/ns/%s", namespaces[i]);
        files[i] = open(path, O_RDONLY | O_CLOEXEC);
        if (files[i] < 0) return cannot(path);
    }
    for (size_t i = 0; i < sizeof namespaces / sizeof *namespaces; i++)
        if (setns(files[i], 0)) return cannot(namespaces[i]);
    if (fchdir(root) || chroot(".") || chdir("/")) return cannot("the host's root");
    setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
    execvp(argv[1], argv + 1);
    return errno == ENOENT ? (cannot(argv[1]), NOT_FOUND) : cannot(argv[1]);
}
