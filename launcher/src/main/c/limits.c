/*
 * linux.resources, as files of cgroups. The container's limit of memory and of tasks is kept by the Sentry; what the host
 * keeps is that plus an overhead, because Sentry and gofer are in the same cgroup.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroup.h"
#include "launcher.h"

enum conversion {
    AS_IS,    /* a number or a text; 0 and "" mean nothing is said */
    ZERO_TOO, /* a number, and 0 is one */
    MEMORY,   /* bytes plus overhead; -1: no limit */
    TASKS,    /* as many times as the host needs, plus overhead */
    OR_MAX,   /* version 2: -1 is "max" */
    WEIGHT,   /* version 2: cpu.shares as a weight */
    IO_WEIGHT /* version 2: 10..1000 as 1..10000 */
};

struct limit {
    const char *object, *field; /* in linux.resources */
    const char *controller;     /* version 1 */
    const char *file;
    enum conversion conversion;
    int optional;               /* not every kernel has the file */
};

/* In the order in which they are written. */
static const struct limit version1[] = {
    {"memory", "limit", "memory", "memory.limit_in_bytes", MEMORY, 0},
    {"memory", "swap", "memory", "memory.memsw.limit_in_bytes", MEMORY, 1},
    {"memory", "reservation", "memory", "memory.soft_limit_in_bytes", MEMORY, 0},
    {"memory", "swappiness", "memory", "memory.swappiness", ZERO_TOO, 1},
    {"cpu", "shares", "cpu", "cpu.shares", AS_IS, 0},
    {"cpu", "period", "cpu", "cpu.cfs_period_us", AS_IS, 0},
    {"cpu", "quota", "cpu", "cpu.cfs_quota_us", AS_IS, 0},
    {"cpu", "burst", "cpu", "cpu.cfs_burst_us", ZERO_TOO, 1},
    {"cpu", "realtimePeriod", "cpu", "cpu.rt_period_us", AS_IS, 0},
    {"cpu", "realtimeRuntime", "cpu", "cpu.rt_runtime_us", AS_IS, 0},
    {"cpu", "idle", "cpu", "cpu.idle", ZERO_TOO, 1},
    {"cpu", "mems", "cpuset", "cpuset.mems", AS_IS, 0},
    {"cpu", "cpus", "cpuset", "cpuset.cpus", AS_IS, 0},
    {"pids", "limit", "pids", "pids.max", TASKS, 0},
    {"blockIO", "weight", "blkio", "blkio.bfq.weight", AS_IS, 1},
    {"network", "classID", "net_cls", "net_cls.classid", AS_IS, 1},
    {0},
};
static const struct limit version2[] = {
    {"memory", "limit", "", "memory.max", MEMORY, 0},
    {"memory", "reservation", "", "memory.low", MEMORY, 0},
    {"cpu", "shares", "", "cpu.weight", WEIGHT, 0},
    {"cpu", "burst", "", "cpu.max.burst", ZERO_TOO, 1},
    {"cpu", "idle", "", "cpu.idle", ZERO_TOO, 1},
    {"cpu", "mems", "", "cpuset.mems", AS_IS, 0},
    {"cpu", "cpus", "", "cpuset.cpus", AS_IS, 0},
    {"pids", "limit", "", "pids.max", TASKS, 0},
    {"blockIO", "weight", "", "io.bfq.weight", IO_WEIGHT, 1},
    {0},
};

/* The directory with that controller, or NULL. */
static const char *directory(const struct cgroups *cgroups, const char *controller) {
    size_t length = strlen(controller);
    for (int i = 0; i < cgroups->count; i++) {
        if (cgroups->unified) return cgroups->at[i].path;
        for (const char *at = cgroups->at[i].controllers; at; at = strchr(at, ',')) {
            at += *at == ',';
            if (!strncmp(at, controller, length) && (!at[length] || at[length] == ',')) return cgroups->at[i].path;
        }
    }
    return NULL;
}

static int put(const char *path, const char *value) {
    int fd = open(path, O_WRONLY | O_CLOEXEC), error = errno;
    if (fd >= 0) {
        error = write(fd, value, strlen(value)) < 0 ? errno : 0;
        close(fd);
    }
    errno = error;
    return error ? -1 : 0;
}

static int64_t plus(int64_t number, int64_t more) {
    return number > INT64_MAX - more ? INT64_MAX : number + more;
}

/* What is to be written, or NULL if the container says nothing of it. */
static const char *converted(const struct limit *limit, const struct json *value, int unified) {
    const char *unlimited = unified ? "max" : "-1";
    int64_t number;
    if (value && value->type == JSON_STRING) return *value->string ? value->string : NULL;
    if (!json_integer(value, &number) || (!number && limit->conversion != ZERO_TOO)) return NULL;
    switch (limit->conversion) {
        case MEMORY:
            if (number < 0 || plus(number, OVERHEAD_BYTES) == INT64_MAX) return unlimited;
            return text("%lld", (long long)plus(number, OVERHEAD_BYTES));
        case TASKS:
            if (number < 0 || number > INT32_MAX / 2 / HOST_TASKS_PER_TASK) return "max";
            return text("%lld", (long long)number * HOST_TASKS_PER_TASK + OVERHEAD_TASKS);
        case WEIGHT: /* 2..262144 onto 1..10000 */
            return text("%lld", 1 + ((long long)(number < 2 ? 2 : number > 262144 ? 262144 : number) - 2) * 9999 / 262142);
        case IO_WEIGHT:
            return text("%lld", (long long)number * 10);
        case OR_MAX:
            return number < 0 ? "max" : text("%lld", (long long)number);
        default:
            return text("%lld", (long long)number);
    }
}

static void write_limit(const struct cgroups *cgroups, const struct limit *limit, const char *value) {
    const char *where = directory(cgroups, limit->controller);
    if (!where) fail("cannot set %s: the host has no cgroup controller for it", limit->file);
    if (!put(text("%s/%s", where, limit->file), value)) return;
    if (limit->optional && errno == ENOENT) return;
    fail("cannot set %s/%s to %s: %s", where, limit->file, value, strerror(errno));
}

/* A limit of memory cannot exceed that of memory and swap: when both grow, the second must go first. */
static void make_room(const struct cgroups *cgroups, const struct json *resources) {
    const char *value = converted(&version1[1], json_get(json_get(resources, "memory"), "swap"), 0);
    const char *where = directory(cgroups, "memory");
    if (value && where && !cgroups->unified) put(text("%s/%s", where, version1[1].file), value); /* may well be refused */
}

/* Version 2 counts swap alone; the file's value is the sum. */
static void write_swap2(const struct cgroups *cgroups, const struct json *memory) {
    static const struct limit swap = {"memory", "swap", "", "memory.swap.max", OR_MAX, 1};
    int64_t both, limit = 0;
    if (!json_integer(json_get(memory, "swap"), &both) || !both) return;
    json_integer(json_get(memory, "limit"), &limit);
    if (both > 0 && limit <= 0) return; /* nothing to subtract */
    write_limit(cgroups, &swap, both < 0 ? "max" : text("%lld", (long long)(both > limit ? both - limit : 0)));
}

static void write_quota2(const struct cgroups *cgroups, const struct json *cpu) {
    static const struct limit max = {"cpu", "quota", "", "cpu.max", AS_IS, 0};
    int64_t quota = 0, period = 0;
    int given = json_integer(json_get(cpu, "quota"), &quota) | json_integer(json_get(cpu, "period"), &period);
    if (!given || (!quota && !period)) return;
    const char *first = quota > 0 ? text("%lld", (long long)quota) : "max";
    write_limit(cgroups, &max, text("%s %lld", first, (long long)(period > 0 ? period : 100000)));
}

/* Files of version 2 by name. */
static void write_unified(const struct cgroups *cgroups, const struct json *files) {
    if (!files || files->type != JSON_OBJECT) return;
    for (const struct json *file = files->child; file; file = file->next) {
        if (!cgroups->unified) fail("linux.resources.unified needs cgroups of version 2, which this host has not");
        if (strchr(file->key, '/')) fail("linux.resources.unified: %s is no file of a cgroup", file->key);
        struct limit limit = {"unified", file->key, "", file->key, AS_IS, 0};
        write_limit(cgroups, &limit, json_string(file, ""));
    }
}

void cgroups_limit(const struct cgroups *cgroups, const struct json *resources) {
    if (!cgroups->count || !resources) return;
    make_room(cgroups, resources);
    for (const struct limit *limit = cgroups->unified ? version2 : version1; limit->file; limit++) {
        const char *value =
            converted(limit, json_get(json_get(resources, limit->object), limit->field), cgroups->unified);
        if (value) write_limit(cgroups, limit, value);
    }
    if (cgroups->unified) {
        write_swap2(cgroups, json_get(resources, "memory"));
        write_quota2(cgroups, json_get(resources, "cpu"));
    }
    write_unified(cgroups, json_get(resources, "unified"));
}

/* The number that a file begins with; 0 for "max", for -1, and where there is no such file. */
static uint64_t number_in(const char *directory, const char *file, const char **rest) {
    static char value[64];
    char *end;
    int fd = open(text("%s/%s", directory, file), O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? 0 : read(fd, value, sizeof value - 1);
    if (fd >= 0) close(fd);
    value[length > 0 ? length : 0] = 0;
    int64_t number = strtoll(value, &end, 10);
    if (rest) *rest = end;
    return number > 0 && number <= INT64_MAX >> 1 ? (uint64_t)number : 0; /* version 1 says "no limit" with a large one */
}

static uint64_t memory_of(const char *directory, int unified) {
    return number_in(directory, unified ? "memory.max" : version1[0].file, NULL);
}

/* In thousandths. */
static uint64_t cpus_of(const char *directory, int unified) {
    const char *rest = "";
    uint64_t quota = number_in(directory, unified ? "cpu.max" : "cpu.cfs_quota_us", &rest);
    uint64_t period = unified ? strtoull(rest, NULL, 10) : number_in(directory, "cpu.cfs_period_us", NULL);
    return period ? quota * 1000 / period : 0;
}

uint64_t cgroups_memory_limit(const struct cgroups *cgroups) {
    const char *where = directory(cgroups, "memory");
    return where ? memory_of(where, cgroups->unified) : 0;
}

const char *cgroups_memory_set(const struct cgroups *cgroups, const char *bytes) {
    const char *where = directory(cgroups, "memory");
    const char *path = text("%s/%s", where ? where : "", cgroups->unified ? "memory.max" : version1[0].file);
    char before[32] = "";
    int fd = where ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0) return NULL;
    ssize_t length = read(fd, before, sizeof before - 1);
    close(fd);
    return length > 0 && !put(path, bytes) ? text("%s", before) : NULL;
}

/* The least of what the directories above say, up to the top of the hierarchy, which has no cgroup.procs above it. */
static uint64_t least_above(const struct cgroups *cgroups, const char *controller, uint64_t (*of)(const char *, int)) {
    const char *own = directory(cgroups, controller);
    char *path = text("%s", own ? own : "");
    uint64_t least = 0;
    for (char *slash; (slash = strrchr(path, '/')) && slash > path;) {
        *slash = 0;
        if (!access(path, F_OK) && access(text("%s/cgroup.procs", path), F_OK)) break;
        uint64_t limit = of(path, cgroups->unified);
        if (limit && (!least || limit < least)) least = limit;
    }
    return least;
}

uint64_t cgroups_memory_above(const struct cgroups *cgroups) {
    return least_above(cgroups, "memory", memory_of);
}

uint64_t cgroups_cpus_above(const struct cgroups *cgroups) {
    return least_above(cgroups, "cpu", cpus_of);
}
