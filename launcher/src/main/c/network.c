/* What a Sentry without privileges needs of the network that it is in. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "launcher.h"
#include "network.h"

void network_of_host(void) {
    if (!geteuid()) jail_sentry.capabilities |= 1 << CAP_NET_BIND_SERVICE;
}

/* 0, or -1 with errno. Names have dots, or slashes, as sysctl(8) takes them. */
static int set(const char *name, const char *value) {
    char *path = text("/proc/sys/%s", name);
    for (char *at = path + 10; !strchr(name, '/') && *at; at++)
        if (*at == '.') *at = '/';
    if (strstr(path, "..")) {
        errno = EINVAL;
        return -1;
    }
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    ssize_t done = fd < 0 ? -1 : write(fd, value, strlen(value));
    int error = errno;
    if (fd >= 0) close(fd);
    errno = error;
    return done < 0 ? -1 : 0;
}

void network_settings(const struct json *sysctl) {
    const struct json *first = sysctl && sysctl->type == JSON_OBJECT ? sysctl->child : NULL;
    for (const struct json *one = first; one; one = one->next) {
        if (strncmp(one->key, "net.", 4) && strncmp(one->key, "net/", 4)) continue;
        if (set(one->key, json_string(one, ""))) fail("sysctl \"%s\": %s", one->key, strerror(errno));
    }
    if (set("net.ipv4.ip_unprivileged_port_start", "0") || set("net.ipv4.ping_group_range", "0 2147483647")) {
        /* an old kernel, or a /proc/sys that may only be read: the Sentry has what it gets */
    }
}
