/* Pods. What is asked of a member stands in docs/oci.md. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "idmaps.h"
#include "launcher.h"
#include "namespaces.h"
#include "pod.h"

enum { END_MILLIS = 3000, PERIOD_MICROS = 100000 };

/* ---- annotations: containerd's, and CRI-O's ---- */

static const char *annotation(const struct json *annotations, const char *containerd, const char *crio) {
    const struct json *value = json_get(annotations, containerd);
    return json_string(value ? value : json_get(annotations, crio), "");
}

static uint64_t number(const struct json *annotations, const char *name) {
    char *end;
    const char *value = json_string(json_get(annotations, name), "");
    errno = 0;
    long long count = strtoll(value, &end, 10);
    if (errno || *end) fail("config.json: annotations.%s: \"%s\" is no number", name, value);
    return count > 0 ? (uint64_t)count : 0; /* CRI writes 0 and -1 for what is not limited */
}

enum pod_role pod_role(const struct json *annotations) {
    const char *type = annotation(annotations, "io.kubernetes.cri.container-type", "io.kubernetes.cri-o.ContainerType");
    return !strcmp(type, "container") ? POD_MEMBER : !strcmp(type, "sandbox") ? POD_SANDBOX : POD_NONE;
}

uint64_t pod_memory(const struct json *annotations) {
    return number(annotations, "io.kubernetes.cri.sandbox-memory");
}

uint64_t pod_cpus(const struct json *annotations) {
    uint64_t quota = number(annotations, "io.kubernetes.cri.sandbox-cpu-quota");
    uint64_t period = number(annotations, "io.kubernetes.cri.sandbox-cpu-period");
    return quota * 1000 / (period ? period : PERIOD_MICROS);
}

const struct json *pod_resources(const struct json *annotations, const struct cgroups *cgroups) {
    struct buffer out = {0};
    const char *problem;
    uint64_t shares = number(annotations, "io.kubernetes.cri.sandbox-cpu-shares"), memory = pod_memory(annotations);
    put_text(&out, "{\"cpu\":{\"shares\":%llu", (unsigned long long)shares);
    if (pod_cpus(annotations) && !cgroups_cpus_above(cgroups))
        put_text(&out, ",\"quota\":%llu,\"period\":%d", (unsigned long long)pod_cpus(annotations) * PERIOD_MICROS / 1000, PERIOD_MICROS);
    put_text(&out, "},\"memory\":{\"limit\":%llu}}",
             (unsigned long long)(cgroups_memory_above(cgroups) || memory > INT64_MAX ? 0 : memory));
    return json_parse(out.bytes, out.length, &problem);
}

/* ---- what a member may say ---- */

static const struct json *elements(const struct json *array) {
    return array && array->type == JSON_ARRAY ? array->child : NULL;
}

static int has_word(const struct json *array, const char *word) {
    for (const struct json *one = elements(array); one; one = one->next)
        if (!strcmp(json_string(one, ""), word)) return 1;
    return 0;
}

static int sysfs_is_writable(const struct json *config) {
    for (const struct json *one = elements(json_get(config, "mounts")); one; one = one->next)
        if (!strcmp(json_string(json_get(one, "type"), ""), "sysfs") && !has_word(json_get(one, "options"), "ro")) return 1;
    return 0;
}

/* CRI has no mark for a privileged container. It gives one every capability, and /sys and /proc without any restriction. */
static int is_privileged(const struct json *config) {
    const struct json *linux_part = json_get(config, "linux");
    const struct json *bounding = json_get(json_get(json_get(config, "process"), "capabilities"), "bounding");
    return has_word(bounding, "CAP_SYS_ADMIN") && has_word(bounding, "CAP_SYS_MODULE") && sysfs_is_writable(config) &&
           !elements(json_get(linux_part, "maskedPaths"));
}

static void check_sysctl(const struct json *sysctl) {
    for (const struct json *one = sysctl && sysctl->type == JSON_OBJECT ? sysctl->child : NULL; one; one = one->next)
        if (!strncmp(one->key, "net.", 4) || !strncmp(one->key, "net/", 4))
            fail("config.json: linux.sysctl: \"%s\" is the pod's: it can be set for the sandbox only", one->key);
}

static const char *maps_text(const struct id_maps *maps) {
    return maps ? text("%s/%s", maps->uids, maps->gids) : "";
}

/* The gofer, which is the pod's, is in one user namespace. */
static void check_id_maps(const struct container *sandbox, const struct json *config) {
    const char *bundle = json_string(json_get(sandbox->state, "bundle"), "");
    const char *own = maps_text(idmaps_read(json_get(config, "linux")));
    const char *pods = maps_text(idmaps_read(json_get(json_read(text("%s/config.json", bundle), CONFIG_MAX), "linux")));
    if (strcmp(own, pods))
        fail("config.json: linux.uidMappings and gidMappings are not those of sandbox %s: a pod has one user namespace", sandbox->id);
}

void pod_open_sandbox(struct container *sandbox, const char *root, const struct json *config) {
    const struct json *annotations = json_get(config, "annotations");
    const char *id = annotation(annotations, "io.kubernetes.cri.sandbox-id", "io.kubernetes.cri-o.SandboxID");
    if (!*id) fail("config.json: annotations: io.kubernetes.cri.sandbox-id is missing for a container of a pod");
    if (!state_find(sandbox, root, id)) fail("sandbox %s does not exist: the container's annotations say that it is in that", id);
    if (pod_role(json_get(sandbox->state, "annotations")) != POD_SANDBOX) fail("container %s is no sandbox of a pod", id);
    if (!sandbox->created) fail("sandbox %s is still being created", id);
    if (!state_alive(sandbox)) fail("sandbox %s has stopped", id);
    if (is_privileged(config)) fail("privileged containers are refused: there are no devices and no kernel of the host in a sandbox");
    check_sysctl(json_get(json_get(config, "linux"), "sysctl"));
    check_id_maps(sandbox, config);
}

/* ---- the others ---- */

struct search {
    const struct container *sandbox;
    pid_t pid;           /* whom find_pid looks for */
    const char *found;
};

static int is_member(const struct container *container, const struct search *search) {
    return container->sandbox && !strcmp(container->sandbox, search->sandbox->id);
}

static int find_pid(struct container *container, void *what) {
    struct search *search = what;
    if (container->pid != search->pid || !is_member(container, search) || !state_alive(container)) return 0;
    search->found = container->id;
    return 1;
}

static int add_living(struct container *container, void *what) {
    struct search *search = what;
    if (is_member(container, search) && state_alive(container))
        search->found = text("%s%s%s", search->found, *search->found ? " " : "", container->id);
    return 0;
}

static int await_member(struct container *container, void *what) {
    if (is_member(container, what)) state_wait_end(container, END_MILLIS);
    return 0;
}

const char *pod_pid_namespace(const struct container *sandbox, const char *root, const struct json *config) {
    const char *path = json_string(json_get(namespaces_find(config, "pid"), "path"), "");
    struct search search = {.sandbox = sandbox, .found = ""};
    char *end = NULL;
    if (!*path) return "";
    if (!strncmp(path, "/proc/", 6)) search.pid = (pid_t)strtol(path + 6, &end, 10);
    if (end && end > path + 6 && !strcmp(end, "/ns/pid")) {
        if (search.pid == sandbox->pid) return sandbox->id;
        state_each(root, find_pid, &search);
    }
    if (!*search.found) fail("config.json: linux.namespaces: %s is the pid namespace of no container in sandbox %s", path, sandbox->id);
    return search.found;
}

const char *pod_living(const char *root, const struct container *sandbox) {
    struct search search = {.sandbox = sandbox, .found = ""};
    state_each(root, add_living, &search);
    return search.found;
}

void pod_await_members(const char *root, const struct container *sandbox) {
    struct search search = {.sandbox = sandbox};
    state_each(root, await_member, &search);
}
