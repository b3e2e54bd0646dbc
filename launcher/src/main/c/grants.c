/* What a config.json grants: the root, and what is bound into the container. docs/decisions.md says why that is asked. */
#define _GNU_SOURCE
#include <string.h>

#include "grants.h"
#include "launcher.h"
#include "trees.h"

enum granted { NOTHING, READ, WRITE };

static const struct json *elements(const struct json *array) {
    return array && array->type == JSON_ARRAY ? array->child : NULL;
}

/* ---- overlays, as gvj.runtime.Overlay reads them ---- */

/* An annotation may not name a directory of the host, whatever the Sentry makes of it. */
const char *grants_overlay(const char *sandbox, const struct json *annotations) {
    const char *overlay = sandbox;
    const struct json *first = annotations && annotations->type == JSON_OBJECT ? annotations->child : NULL;
    for (const struct json *one = first; one; one = one->next)
        if (!strcmp(one->key, "dev.gvisor.flag.overlay2") || !strcmp(one->key, "io.gvisor-java.flag.overlay2"))
            overlay = strstr(json_string(one, ""), "dir=") ? "root:memory" : json_string(one, "");
    return overlay;
}

static int is_above(const struct grants *grants, const char *trees) {
    return grants->overlay && !strncmp(grants->overlay, trees, strlen(trees));
}

static int root_is_kept(const struct grants *grants) {
    return is_above(grants, "root:") || is_above(grants, "all:");
}

/* The directory that takes what is written to the root, as an entry of a list; NULL if it is kept in memory, or not at all. */
static const char *upper_of(const struct grants *grants, const char *root) {
    size_t length = strlen(root);
    if (!root_is_kept(grants)) return NULL;
    const char *medium = strchr(grants->overlay, ':') + 1;
    while (length > 1 && root[length - 1] == '/') length--;
    if (!strcmp(medium, "self")) return text("up %.*s.gvj-%s", (int)length, root, grants->id);
    return strncmp(medium, "dir=", 4) ? NULL : text("uk %s/gvj-%s", medium + 4, grants->id);
}

/* ---- config.json ---- */

static const char *absolute(const struct grants *grants, const struct json *path) {
    const char *name = json_string(path, "");
    return *name == '/' || !*name ? name : text("%s/%s", grants->bundle, name);
}

/* Until all is mounted a root can be written to even if it is read-only: there may be places to be made. */
static enum granted of_root(const struct grants *grants) {
    return root_is_kept(grants) ? READ : WRITE;
}

static enum granted of_mount(const struct grants *grants, const struct json *mount) {
    int bound = !strcmp(json_string(json_get(mount, "type"), ""), "bind"), read_only = 0;
    for (const struct json *one = elements(json_get(mount, "options")); one; one = one->next) {
        const char *option = json_string(one, "");
        bound |= !strcmp(option, "bind") || !strcmp(option, "rbind");
        if (!strcmp(option, "ro") || !strcmp(option, "rro")) read_only = 1;
        if (!strcmp(option, "rw") || !strcmp(option, "rrw")) read_only = 0;
    }
    if (!bound) return NOTHING;
    return read_only || is_above(grants, "all:") ? READ : WRITE;
}

/* One path may be bound to several places: the most of it counts. */
static enum granted of_path(const struct grants *grants, const char *path) {
    const struct json *config = grants->config;
    enum granted most = !strcmp(path, absolute(grants, json_get(json_get(config, "root"), "path"))) ? of_root(grants) : NOTHING;
    for (const struct json *one = elements(json_get(config, "mounts")); one; one = one->next) {
        enum granted here = strcmp(path, absolute(grants, json_get(one, "source"))) ? NOTHING : of_mount(grants, one);
        if (here > most) most = here;
    }
    return most;
}

static int is_granted(const struct grants *grants, const char *entry) {
    enum tree_access access = strlen(entry) > 3 && entry[2] == ' ' ? tree_access(entry) : TREE_NONE;
    if (access == TREE_NONE) return 0;
    if (access != TREE_UPPER) return of_path(grants, entry + 3) >= (access == TREE_WRITE ? WRITE : READ);
    const char *upper = upper_of(grants, absolute(grants, json_get(json_get(grants->config, "root"), "path")));
    return upper && !strcmp(entry, upper);
}

/* ---- a list ---- */

/* The root, its upper layer, and as much for each mount as there can be. */
static size_t most_trees(const struct grants *grants) {
    size_t most = 2;
    for (const struct json *one = elements(json_get(grants->config, "mounts")); one; one = one->next) most++;
    return most;
}

const char *grants_refusal(const struct grants *grants, const char *list, size_t length) {
    const char *end = list + length;
    size_t count = 0, most = most_trees(grants);
    if (length && end[-1]) return "the Sentry asks for trees in a list that does not end";
    for (const char *entry = list; entry < end; entry += strlen(entry) + 1) {
        if (++count > most) return "the Sentry asks for more trees than config.json names";
        if (!is_granted(grants, entry)) return text("the Sentry asks for \"%s\", which config.json does not grant", entry);
    }
    return NULL;
}
