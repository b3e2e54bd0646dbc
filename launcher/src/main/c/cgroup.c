/* Cgroups: where they are, making, entering and removing them. What is written into them is in limits.c. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cgroup.h"
#include "launcher.h"

enum { REMOVE_TRIES = 1000, NAP_NANOS = 5000000 };

/* ---- where ---- */

/* `path` without empty, "." and ".." parts; ".." goes no higher than "/". */
static char *clean(const char *path) {
    char *result = text("%s", path), *to = result;
    while (*path) {
        size_t length = strcspn(path, "/");
        if (length == 2 && !strncmp(path, "..", 2)) {
            while (to > result && *--to != '/') {
            }
        } else if (length && !(length == 1 && *path == '.')) {
            *to++ = '/';
            memmove(to, path, length);
            to += length;
        }
        path += length + (path[length] == '/');
    }
    *to = 0;
    return result;
}

/* The path of this process in the hierarchy that has `controllers`, from /proc/self/cgroup. */
static const char *own_path(const char *controllers) {
    size_t size = 0;
    char *line = NULL, *found = NULL;
    FILE *file = fopen("/proc/self/cgroup", "re");
    while (file && getline(&line, &size, file) > 0) {
        char *names = strchr(line, ':'), *path = names ? strchr(++names, ':') : NULL;
        if (!path) continue;
        *path++ = 0;
        path[strcspn(path, "\n")] = 0;
        if (!strcmp(names, controllers)) found = text("%s", path);
    }
    if (file) fclose(file);
    free(line);
    return found ? found : "/";
}

/* The options of a cgroup mount that are controllers: all that /proc/self/cgroup has in the same order. */
static const char *controllers_of(const char *options) {
    size_t size = 0;
    char *line = NULL, *found = NULL;
    FILE *file = fopen("/proc/self/cgroup", "re");
    while (file && !found && getline(&line, &size, file) > 0) {
        char *names = strchr(line, ':'), *end = names ? strchr(++names, ':') : NULL;
        if (!end) continue;
        *end = 0;
        char *place = *names ? strstr(options, names) : NULL;
        size_t length = strlen(names);
        if (place && (place == options || place[-1] == ',') && (!place[length] || place[length] == ',')) found = text("%s", names);
    }
    if (file) fclose(file);
    free(line);
    return found;
}

static void add(struct cgroups *cgroups, const char *controllers, const char *mounted, const char *root, const char *wanted) {
    for (int i = 0; i < cgroups->count; i++)
        if (!strcmp(cgroups->at[i].controllers, controllers)) return; /* mounted twice */
    if (cgroups->count == CGROUPS_MAX) return;
    const char *own = *wanted == '/' ? "" : own_path(controllers);
    size_t length = strlen(root);
    if (length > 1 && !strncmp(own, root, length)) own += length; /* the mount shows a part of the hierarchy */
    cgroups->at[cgroups->count++] =
        (struct cgroup){controllers, text("%s%s", mounted, clean(text("%s/%s", own, wanted)))};
}

/* Version 1 counts if any of its controllers is mounted. */
static void find(struct cgroups *cgroups, const char *wanted, int unified) {
    size_t size = 0;
    char *line = NULL;
    FILE *file = fopen("/proc/self/mountinfo", "re");
    while (file && getline(&line, &size, file) > 0) {
        char root[4096], mounted[4096], type[64], options[1024];
        const char *rest = strstr(line, " - ");
        if (!rest || sscanf(line, "%*d %*d %*s %4095s %4095s", root, mounted) != 2 ||
            sscanf(rest, " - %63s %*s %1023s", type, options) != 2)
            continue;
        const char *controllers = unified ? "" : controllers_of(options);
        if (!strcmp(type, unified ? "cgroup2" : "cgroup") && controllers) add(cgroups, controllers, mounted, root, wanted);
    }
    if (file) fclose(file);
    free(line);
}

static void find_all(struct cgroups *cgroups, const char *wanted) {
    int controllers = 0;
    *cgroups = (struct cgroups){0};
    find(cgroups, wanted, 0);
    for (int i = 0; i < cgroups->count; i++) controllers += strncmp(cgroups->at[i].controllers, "name=", 5) != 0;
    if (controllers) return;
    cgroups->unified = 1;
    find(cgroups, wanted, 1);
}

/* ---- where systemd has them ---- */

/* systemd.slice(5): "a-b.slice" is /a.slice/a-b.slice, "-.slice" the top. NULL if that is no name of a slice. */
static const char *slice_path(const char *slice, size_t length) {
    char *path = text("%s", "");
    if (length < 7 || strncmp(slice + length - 6, ".slice", 6)) return NULL;
    length -= 6;
    if (length == 1 && *slice == '-') return path;
    for (size_t i = 1; i <= length; i++) {
        if (slice[i - 1] == '/' || (slice[i - 1] == '-' && (i == 1 || slice[i] == '-' || i == length))) return NULL;
        if (i == length || slice[i] == '-') path = text("%s/%.*s.slice", path, (int)i, slice);
    }
    return path;
}

/*
 * "SLICE:PREFIX:NAME", as runc takes it with systemd: the cgroup PREFIX-NAME.scope in that slice. It is made here and not by
 * systemd, which leaves alone what it did not make. The slice must be there: that is systemd's, and the kubelet's.
 */
static const char *scope_path(const char *wanted) {
    const char *prefix = strchr(wanted, ':'), *name = prefix ? strchr(prefix + 1, ':') : NULL;
    if (!name || strchr(wanted, '/')) return NULL;
    size_t length = prefix - wanted;
    const char *slice = length ? slice_path(wanted, length) : "/system.slice";
    if (!slice) fail("config.json: linux.cgroupsPath: \"%.*s\" is no slice of systemd", (int)length, wanted);
    struct cgroups slices;
    find_all(&slices, *slice ? slice : "/");
    int found = 0;
    for (int i = 0; i < slices.count; i++) found |= !access(slices.at[i].path, F_OK);
    if (!found)
        fail("config.json: linux.cgroupsPath: this host has no systemd slice %.*s; without systemd use the cgroupfs driver", (int)length, wanted);
    int prefixed = name > prefix + 1;
    return text("%s/%.*s%s%s.scope", slice, (int)(name - prefix - 1), prefix + 1, prefixed ? "-" : "", name + 1);
}

void cgroups_plan(struct cgroups *cgroups, const char *wanted, const char *id) {
    const char *path = wanted && *wanted ? wanted : id, *scope = scope_path(path);
    find_all(cgroups, scope ? scope : path);
}

/* ---- making ---- */

static int put(const char *directory, const char *file, const char *value) {
    char *path = text("%s/%s", directory, file);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    int result = fd >= 0 && write(fd, value, strlen(value)) >= 0 ? 0 : -1, error = errno;
    if (fd >= 0) close(fd);
    free(path);
    errno = error;
    return result;
}

/* A new cpuset is empty, and no process may enter it: it begins as its parent is. */
static void inherit_cpuset(const char *directory) {
    static const char *const files[] = {"cpuset.cpus", "cpuset.mems"};
    for (int i = 0; i < 2; i++) {
        char value[4096] = "", *path = text("%s/../%s", directory, files[i]);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd >= 0 && read(fd, value, sizeof value - 1) > 0) put(directory, files[i], value);
        if (fd >= 0) close(fd);
        free(path);
    }
}

/* Version 2: what a directory's children can limit must be switched on in it. What cannot be shows when it is written. */
static void enable_controllers(const char *directory) {
    static const char *const controllers[] = {"+cpu", "+cpuset", "+memory", "+pids", "+io", "+hugetlb"};
    for (size_t i = 0; i < sizeof controllers / sizeof *controllers; i++)
        put(directory, "cgroup.subtree_control", controllers[i]);
}

static int make_one(const struct cgroup *cgroup, int unified) {
    char *path = text("%s", cgroup->path);
    int cpuset = strstr(cgroup->controllers, "cpuset") != NULL, made = 0;
    for (char *slash = strchr(path + 1, '/');; slash = strchr(slash + 1, '/')) {
        if (slash) *slash = 0;
        made = mkdir(path, 0755);
        if (made && errno != EEXIST && errno != EROFS && errno != EACCES && errno != EPERM) break;
        if (!made && cpuset) inherit_cpuset(path);
        if (!slash) break;
        if (unified) enable_controllers(path);
        *slash = '/';
    }
    int error = made && errno != EEXIST ? errno : 0;
    free(path);
    errno = error;
    return error ? -1 : 0;
}

void cgroups_make(struct cgroups *cgroups, const struct json *resources, int lenient) {
    for (int i = 0; i < cgroups->count; i++) {
        if (!make_one(&cgroups->at[i], cgroups->unified)) continue;
        int error = errno;
        struct cgroups made = *cgroups;
        made.count = i;
        cgroups_remove(&made);
        cgroups->count = 0;
        if (lenient) return;
        fail("cannot make the cgroup %s: %s", made.at[i].path, strerror(error));
    }
    cgroups_limit(cgroups, resources);
}

void cgroups_enter(const struct cgroups *cgroups) {
    for (int i = 0; i < cgroups->count; i++)
        if (put(cgroups->at[i].path, "cgroup.procs", "0"))
            fail("cannot enter the cgroup %s: %s", cgroups->at[i].path, strerror(errno));
}

/* ---- removing ---- */

/* Those that were made in it go first. */
static int remove_tree(const char *path) {
    if (!rmdir(path) || errno == ENOENT) return 0;
    DIR *directory = opendir(path);
    struct dirent *entry;
    while (directory && (entry = readdir(directory)))
        if (entry->d_type == DT_DIR && entry->d_name[0] != '.') remove_tree(text("%s/%s", path, entry->d_name));
    if (directory) closedir(directory);
    return rmdir(path) && errno != ENOENT ? -1 : 0;
}

void cgroups_remove(const struct cgroups *cgroups) {
    const struct timespec nap = {0, NAP_NANOS};
    for (int i = 0; i < cgroups->count; i++) {
        int left = remove_tree(cgroups->at[i].path);
        for (int tries = 0; left && errno == EBUSY && tries < REMOVE_TRIES; tries++) {
            nanosleep(&nap, NULL);
            left = remove_tree(cgroups->at[i].path);
        }
        if (left) warn("cannot remove the cgroup %s: %s", cgroups->at[i].path, strerror(errno));
    }
}

/* ---- in state.json ---- */

void cgroups_write(const struct cgroups *cgroups, struct buffer *out) {
    put_text(out, "{");
    for (int i = 0; i < cgroups->count; i++) {
        if (i) put_text(out, ",");
        put_quoted(out, cgroups->at[i].controllers);
        put_text(out, ":");
        put_quoted(out, cgroups->at[i].path);
    }
    put_text(out, "}");
}

void cgroups_read(struct cgroups *cgroups, const struct json *paths) {
    *cgroups = (struct cgroups){0};
    if (!paths || paths->type != JSON_OBJECT) return;
    for (const struct json *one = paths->child; one && cgroups->count < CGROUPS_MAX; one = one->next) {
        cgroups->at[cgroups->count++] = (struct cgroup){one->key, json_string(one, "")};
        cgroups->unified |= !*one->key;
    }
}
