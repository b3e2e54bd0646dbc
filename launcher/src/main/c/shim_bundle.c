/* What config.json says about pods, and what is kept in a bundle: shim.json, for the `delete` that comes with no options. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "shim.h"

static const char shim_file[] = "shim.json";

const char *shim_group(const struct shim *shim) {
    static const char *const keys[] = {"io.containerd.runc.v2.group", "io.kubernetes.cri.sandbox-id", "io.kubernetes.cri-o.SandboxID"};
    if (access("config.json", F_OK)) return shim->id; /* a pod of the sandbox API has none */
    const struct json *annotations = json_get(json_read("config.json", CONFIG_MAX), "annotations");
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const char *group = json_string(json_get(annotations, keys[i]), "");
        if (*group) return group;
    }
    return shim->id;
}

void shim_bundle_write(const struct shim_bundle *bundle) {
    struct buffer out = {0};
    put_text(&out, "{\"root\":");
    put_quoted(&out, bundle->root);
    put_text(&out, ",\"group\":");
    put_quoted(&out, bundle->group);
    put_text(&out, ",\"socket\":");
    put_quoted(&out, bundle->socket);
    put_text(&out, "}\n");
    if (write_file(shim_file, out.bytes, out.length, 0600)) fail("cannot write %s: %s", shim_file, strerror(errno));
}

void shim_bundle_read(struct shim_bundle *bundle, const struct shim *shim) {
    const struct json *json = access(shim_file, F_OK) ? NULL : json_read(shim_file, CONFIG_MAX);
    bundle->root = json_string(json_get(json, "root"), text("%s/%s", shim_default_root, shim->namespace));
    bundle->group = json_string(json_get(json, "group"), shim->id);
    bundle->socket = json_string(json_get(json, "socket"), "");
}
