/* The host's cgroups of a container, of version 1 or 2: monitor, Sentry and gofer are in them. */
#ifndef GVJ_CGROUP_H
#define GVJ_CGROUP_H
#include <stdint.h>

#include "json.h"

enum {
    CGROUPS_MAX = 24,
    /* What Sentry, gofer and monitor take: added to the container's limits, which the Sentry keeps exactly. */
    OVERHEAD_BYTES = 96 << 20,
    OVERHEAD_TASKS = 128,
    HOST_TASKS_PER_TASK = 3 /* systrap: a thread of the Sentry, a stub, a helper */
};

struct cgroups {
    int unified; /* version 2 */
    int count;
    struct cgroup {
        const char *controllers; /* "memory", "cpu,cpuacct", "name=systemd"; "" for version 2 */
        const char *path;        /* of the directory */
    } at[CGROUPS_MAX];
};

/* Where they are to be; `wanted` is linux.cgroupsPath or NULL. */
void cgroups_plan(struct cgroups *cgroups, const char *wanted, const char *id);
/* Makes them and writes the limits. Where this user may not (and `lenient`), there are none afterwards. */
void cgroups_make(struct cgroups *cgroups, const struct json *resources, int lenient);
void cgroups_limit(const struct cgroups *cgroups, const struct json *resources); /* fails with a sentence */
void cgroups_enter(const struct cgroups *cgroups);                               /* this process */
void cgroups_remove(const struct cgroups *cgroups); /* waits for processes that are dying in them; warns */
/* The most bytes that may be used in them, 0 without a limit. */
uint64_t cgroups_memory_limit(const struct cgroups *cgroups);
/* Another limit, as the cgroup's file takes it. Answers the one before, or NULL if it could not be set. */
const char *cgroups_memory_set(const struct cgroups *cgroups, const char *bytes);
/* What the cgroups above them let everything below have: bytes, and CPUs in thousandths. 0 without a limit. */
uint64_t cgroups_memory_above(const struct cgroups *cgroups);
uint64_t cgroups_cpus_above(const struct cgroups *cgroups);

void cgroups_write(const struct cgroups *cgroups, struct buffer *out); /* as runc's "cgroup_paths" */
void cgroups_read(struct cgroups *cgroups, const struct json *paths);

#endif
