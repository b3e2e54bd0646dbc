/* Network and UTS namespaces. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher.h"
#include "namespaces.h"
#include "network.h"

void network_make(void) {
    if (unshare(CLONE_NEWNET)) fail("cannot make a network namespace: %s", strerror(errno));
    struct ifreq loopback = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &loopback))
        fail("cannot bring up the loopback device of a new network namespace: %s", strerror(errno));
    close(fd);
}

const struct json *namespaces_find(const struct json *config, const char *type) {
    const struct json *namespaces = json_get(json_get(config, "linux"), "namespaces");
    if (!namespaces || namespaces->type != JSON_ARRAY) return NULL;
    for (const struct json *one = namespaces->child; one; one = one->next)
        if (!strcmp(json_string(json_get(one, "type"), ""), type)) return one;
    return NULL;
}

static void join(const char *path, int kind, const char *name) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) fail("cannot open the %s namespace %s: %s", name, path, strerror(errno));
    if (setns(fd, kind)) fail("cannot join the %s namespace %s: %s", name, path, strerror(errno));
    close(fd);
}

static void enter_network(const struct json *wanted, const struct json *sysctl, enum network network) {
    const char *path = json_string(json_get(wanted, "path"), "");
    if (network == NETWORK_HOST || (network == NETWORK_AS_TOLD && !wanted)) {
        network_of_host();
        return;
    }
    if (network == NETWORK_AS_TOLD && *path) join(path, CLONE_NEWNET, "network");
    else network_make();
    network_settings(sysctl);
}

/* The Sentry asks this process for the host name where the bundle has none. */
static void enter_uts(const struct json *wanted, const char *hostname) {
    const char *path = json_string(json_get(wanted, "path"), "");
    if (!wanted) return;
    if (*path) join(path, CLONE_NEWUTS, "UTS");
    else if (unshare(CLONE_NEWUTS) || (*hostname && sethostname(hostname, strlen(hostname))))
        fail("cannot make a UTS namespace for host name \"%s\": %s", hostname, strerror(errno));
}

void namespaces_enter(const struct json *config, enum network network) {
    enter_network(namespaces_find(config, "network"), json_get(json_get(config, "linux"), "sysctl"), network);
    enter_uts(namespaces_find(config, "uts"), json_string(json_get(config, "hostname"), ""));
}

/* ---- another sandbox's ---- */

static int same(const char *one, const char *other) {
    struct stat first, second;
    return !stat(one, &first) && !stat(other, &second) && first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

/* A path must lead to the sandbox's namespace: that is the one that the container gets. */
static void check_path(const struct json *config, const char *type, const char *theirs, const struct container *sandbox) {
    const char *path = json_string(json_get(namespaces_find(config, type), "path"), "");
    if (*path && !same(path, theirs))
        fail("config.json: linux.namespaces: %s is not the %s namespace of sandbox %s", path, type, sandbox->id);
}

static int is_own(const struct json *config, const char *type) {
    const struct json *wanted = namespaces_find(config, type);
    return wanted && !*json_string(json_get(wanted, "path"), "");
}

void namespaces_join(const struct json *config, const struct container *sandbox) {
    static const struct {
        const char *type, *file;
        int kind;
    } shared[] = {{"network", "net", CLONE_NEWNET}, {"uts", "uts", CLONE_NEWUTS}, {"ipc", "ipc", CLONE_NEWIPC}, {"", "user", CLONE_NEWUSER}};
    int monitor = (int)syscall(SYS_pidfd_open, sandbox->pid, 0), kinds = 0;
    if (monitor < 0 || !state_alive(sandbox)) fail("sandbox %s has stopped", sandbox->id);
    if (is_own(config, "network")) fail("config.json: linux.namespaces: a container of a pod has the pod's network, and none of its own");
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++) {
        const char *ours = text("/proc/self/ns/%s", shared[i].file), *theirs = text("/proc/%d/ns/%s", (int)sandbox->pid, shared[i].file);
        check_path(config, shared[i].type, theirs, sandbox);
        if (!same(ours, theirs)) kinds |= shared[i].kind; /* the host's cannot be joined without privileges, and need not be */
    }
    if (kinds && setns(monitor, kinds)) fail("cannot join the namespaces of sandbox %s: %s", sandbox->id, strerror(errno));
    close(monitor);
    if (is_own(config, "uts")) enter_uts(namespaces_find(config, "uts"), json_string(json_get(config, "hostname"), ""));
}
