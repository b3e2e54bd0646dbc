/*
 * A bundle's id mappings. The gofer runs in a user namespace that has them, and so the host's kernel translates the owners of
 * files, and lets the gofer do nothing to a file whose owner has no id inside.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "idmaps.h"
#include "launcher.h"

enum { LINES_MAX = 340 }; /* the kernel's */
static const int64_t ID_END = 0xffffffff; /* -1 is no id */

struct range {
    int64_t inside, outside, count;
};

/* ---- config.json ---- */

static int overlap(int64_t a, int64_t b, const struct range *first, const struct range *second) {
    return a < b + second->count && b < a + first->count;
}

static struct range read_range(const struct json *mapping, const char *name, int index) {
    struct range range = {-1, -1, -1};
    if (!json_integer(json_get(mapping, "containerID"), &range.inside) || !json_integer(json_get(mapping, "hostID"), &range.outside) ||
        !json_integer(json_get(mapping, "size"), &range.count))
        fail("config.json: linux.%s[%d] must have whole numbers containerID, hostID and size", name, index);
    if (range.inside < 0 || range.outside < 0 || range.count < 1 || range.count > ID_END || range.inside > ID_END - range.count ||
        range.outside > ID_END - range.count)
        fail("config.json: linux.%s[%d] maps ids that do not exist", name, index);
    return range;
}

/* Answers the lines of the map, and the host's id of 0 inside. */
static const char *read_map(const struct json *mappings, const char *name, uid_t *root) {
    struct range ranges[LINES_MAX];
    struct buffer lines = {0};
    int count = 0, rooted = 0;
    for (const struct json *one = mappings->child; one; one = one->next, count++) {
        if (count == LINES_MAX) fail("config.json: linux.%s has more than %d elements", name, LINES_MAX);
        struct range range = ranges[count] = read_range(one, name, count);
        for (int i = 0; i < count; i++)
            if (overlap(range.inside, ranges[i].inside, &range, &ranges[i]) || overlap(range.outside, ranges[i].outside, &range, &ranges[i]))
                fail("config.json: linux.%s[%d] and [%d] map the same ids", name, i, count);
        if (!range.inside) {
            *root = (uid_t)range.outside;
            rooted = 1;
        }
        put_text(&lines, "%lld %lld %lld\n", (long long)range.inside, (long long)range.outside, (long long)range.count);
    }
    if (!rooted) fail("config.json: linux.%s maps no id to 0, the container's root", name);
    return lines.bytes;
}

static int given(const struct json *mappings) {
    return mappings && mappings->type == JSON_ARRAY && mappings->child;
}

/* A new one: another's is refused in Java. */
static int has_user_namespace(const struct json *linux_part) {
    const struct json *namespaces = json_get(linux_part, "namespaces");
    if (!namespaces || namespaces->type != JSON_ARRAY) return 0;
    for (const struct json *one = namespaces->child; one; one = one->next)
        if (!strcmp(json_string(json_get(one, "type"), ""), "user")) return !*json_string(json_get(one, "path"), "");
    return 0;
}

const struct id_maps *idmaps_read(const struct json *linux_part) {
    static struct id_maps maps;
    const struct json *uids = json_get(linux_part, "uidMappings"), *gids = json_get(linux_part, "gidMappings");
    if (!has_user_namespace(linux_part)) return NULL;
    if (!given(uids) || !given(gids)) fail("config.json: a user namespace needs linux.uidMappings and linux.gidMappings");
    maps.uids = read_map(uids, "uidMappings", &maps.root_uid);
    maps.gids = read_map(gids, "gidMappings", &maps.root_gid);
    return &maps;
}

/* ---- /proc ---- */

int idmaps_write(int self, const struct id_maps *maps) {
    const char *const names[] = {"setgroups", "uid_map", "gid_map"};
    const char *const values[] = {"deny", maps->uids, maps->gids};
    for (int i = 0; i < 3; i++) {
        int fd = openat(self, names[i], O_WRONLY | O_CLOEXEC);
        ssize_t done = fd < 0 ? -1 : write(fd, values[i], strlen(values[i]));
        int error = errno;
        if (fd >= 0) close(fd);
        errno = error;
        if (done < 0) return -1;
    }
    return 0;
}

/* Ids of others can be mapped only by who may become them, and that is nobody in the new namespace: a child that stays outside. */
static pid_t start_writer(int self, const struct id_maps *maps, const int *ready) {
    char byte;
    pid_t pid = fork();
    if (pid) return pid;
    close(ready[1]);
    if (read(ready[0], &byte, 1) != 1) _exit(0); /* there is no namespace */
    _exit(idmaps_write(self, maps) ? errno : 0);
}

void idmaps_enter(int self, const struct id_maps *maps) {
    int ready[2], status = 0;
    if (!geteuid() && setgroups(0, NULL)) fail("cannot leave the groups of root: %s", strerror(errno));
    pid_t writer = pipe2(ready, O_CLOEXEC) ? -1 : start_writer(self, maps, ready);
    if (writer < 0) fail("cannot start a process that maps ids: %s", strerror(errno));
    if (unshare(CLONE_NEWUSER)) fail("cannot make a user namespace for the bundle's id mappings: %s", strerror(errno));
    if (write(ready[1], "", 1) != 1) fail("pipe: %s", strerror(errno));
    close(ready[0]);
    close(ready[1]);
    while (waitpid(writer, &status, 0) < 0 && errno == EINTR) {
    }
    if (status) fail("cannot map ids as the bundle says: %s", WIFEXITED(status) ? strerror(WEXITSTATUS(status)) : "killed");
    if (setresgid(0, 0, 0) || setresuid(0, 0, 0)) fail("cannot become the container's root: %s", strerror(errno));
}
