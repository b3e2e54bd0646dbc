/* Network namespaces. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "launcher.h"
#include "network.h"

void network_make(void) {
    if (unshare(CLONE_NEWNET)) fail("cannot make a network namespace: %s", strerror(errno));
    struct ifreq loopback = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &loopback))
        fail("cannot bring up the loopback device of a new network namespace: %s", strerror(errno));
    close(fd);
}

void network_join(const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) fail("cannot open the network namespace %s: %s", path, strerror(errno));
    if (setns(fd, CLONE_NEWNET)) fail("cannot join the network namespace %s: %s", path, strerror(errno));
    close(fd);
}
