/* Pods of Kubernetes: which container is one's sandbox, and which are made inside that, as annotations of CRI's servers say. */
#ifndef GVJ_POD_H
#define GVJ_POD_H
#include "cgroup.h"
#include "json.h"
#include "state.h"

enum pod_role {
    POD_NONE,    /* of no pod: a sandbox of its own */
    POD_SANDBOX, /* the pod's first container, whose Sentry is all the others', too */
    POD_MEMBER   /* made inside a sandbox that is there */
};

enum pod_role pod_role(const struct json *annotations);

/* Checks what a member's config.json may say, and opens its sandbox; fails with a sentence. */
void pod_open_sandbox(struct container *sandbox, const char *root, const struct json *config);

/* The id of the container whose pid namespace the member is to share, "" for one of its own; fails with a sentence. */
const char *pod_pid_namespace(const struct container *sandbox, const char *root, const struct json *config);

/* Members whose processes may live: their ids, separated by spaces; "" without any. */
const char *pod_living(const char *root, const struct container *sandbox);
/* The sandbox has ended: waits until its members' monitors have noticed. */
void pod_await_members(const char *root, const struct container *sandbox);

/*
 * linux.resources for a sandbox's cgroups. Everything of the pod runs in them, so the first container's own limits, which are
 * meant for a program that sleeps, do not count; the pod's do, as far as no cgroup above has such a limit.
 */
const struct json *pod_resources(const struct json *annotations, const struct cgroups *cgroups);
/* What the annotations of a sandbox let the whole pod have: bytes, and CPUs in thousandths. 0: as much as there is. */
uint64_t pod_memory(const struct json *annotations);
uint64_t pod_cpus(const struct json *annotations);

#endif
