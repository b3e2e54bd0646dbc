/*
 * What containerd writes to `start`: up to 2.2 an Any with the runtime's options, or nothing; later BootstrapParams, which have it
 * among their extensions. Each of the two parses as the other, so what only the later one has decides.
 *
 * Options name a file, or hold its text:
 *
 *   root = "/run/containerd/gvisor-java"   state of gvj, one directory for each namespace below it
 *   log_path = "/var/log/gvisor-java.log"  instead of containerd's log
 *   log_level = "debug"
 *   protocol = "grpc"                      for containerd 1.7; "ttrpc-v3" for 2 and later; others get "ttrpc" all the same
 *   [flags]                                of gvj, as in its own configuration file
 *   platform = "systrap"
 */
#define _GNU_SOURCE
#include <string.h>
#include <strings.h>

#include "proto.h"
#include "shim.h"
#include "toml.h"

enum {
    INPUT_MAX = 10 << 20,
    ANY_TYPE = 1, ANY_VALUE = 2,
    OPTIONS_PATH = 2, OPTIONS_BODY = 3,
    PARAMS_LEVEL = 3, PARAMS_VERSION = 4, PARAMS_TTRPC = 5, PARAMS_GRPC = 6, PARAMS_EXTENSION = 8, PARAMS_SOCKETS = 9,
    EXTENSION_VALUE = 1
};

const char shim_default_root[] = "/run/containerd/gvisor-java";
static const char default_sockets[] = "/run/containerd/s";
static const char options_type[] = "runtimeoptions.v1.Options";

static void take_protocol(struct toml *toml, const char *value) {
    struct shim_options *options = toml->context;
    options->protocol = !strcmp(value, "grpc") ? SHIM_GRPC : !strcmp(value, "ttrpc-v3") ? SHIM_TTRPC_V3 : SHIM_TTRPC;
    if (options->protocol == SHIM_TTRPC && strcmp(value, "ttrpc"))
        toml_wrong(toml, text("protocol is ttrpc, ttrpc-v3 or grpc, not \"%s\"", value));
}

static void take(struct toml *toml, const char *name, const char *value) {
    struct shim_options *options = toml->context;
    if (!name) {
        if (strcmp(toml->table, "flags")) toml_wrong(toml, "the only table is [flags]");
    } else if (*toml->table) config_flag(&options->flags, toml, name, value);
    else if (!strcmp(name, "root")) options->root = value;
    else if (!strcmp(name, "log_path")) options->log_path = value;
    else if (!strcmp(name, "log_level")) options->debug |= !strcmp(value, "debug") || !strcmp(value, "trace");
    else if (!strcmp(name, "protocol")) take_protocol(toml, value);
    /* containerd hands its whole table over, with its own keys */
    else if (strcasecmp(name, "TypeUrl") && strcasecmp(name, "ConfigPath") && strcasecmp(name, "ConfigBody"))
        toml_wrong(toml, text("unknown key %s", name));
}

static void read_toml(struct shim_options *options, const char *path, const char *contents) {
    struct toml toml = {.path = path, .entry = take, .context = options};
    toml_read(&toml, contents);
    if (*options->root != '/' || (options->log_path && *options->log_path != '/'))
        fail("%s: root and log_path are absolute paths", path);
}

static noreturn void malformed(void) { fail("what containerd wrote to start is malformed"); }

/* runtimeoptions.v1.Options */
static void read_options(struct shim_options *options, struct proto in) {
    struct proto_field field;
    const char *path = "", *body = "";
    int more;
    while ((more = proto_next(&in, &field)) > 0) {
        if (field.number == OPTIONS_PATH) path = proto_text(&field);
        if (field.number == OPTIONS_BODY) body = proto_text(&field);
    }
    if (more < 0) fail("the runtime's options are malformed");
    if (*path) read_toml(options, path, config_read(path));
    else if (*body) read_toml(options, "the runtime's options", body);
}

/* Options of other types are nobody's business: CRI sends runc's to everybody at times. */
static void read_any(struct shim_options *options, struct proto in) {
    struct proto_field field;
    const char *type = "";
    struct proto value = {0};
    int more;
    while ((more = proto_next(&in, &field)) > 0) {
        if (field.number == ANY_TYPE) type = proto_text(&field);
        if (field.number == ANY_VALUE) value = field.bytes;
    }
    if (more < 0) malformed();
    const char *slash = strrchr(type, '/');
    if (!strcmp(slash ? slash + 1 : type, options_type)) read_options(options, value);
}

static int is_bootstrap(struct proto in) {
    struct proto_field field;
    while (proto_next(&in, &field) > 0)
        if (field.number >= PARAMS_VERSION && field.number <= PARAMS_GRPC && field.bytes.at != field.bytes.end) return 1;
    return 0;
}

static void read_extension(struct shim_options *options, struct proto in) {
    struct proto_field field;
    int more;
    while ((more = proto_next(&in, &field)) > 0)
        if (field.number == EXTENSION_VALUE) read_any(options, field.bytes);
    if (more < 0) malformed();
}

static void read_bootstrap(struct shim_options *options, struct proto in) {
    struct proto_field field;
    int more;
    options->bootstrap = 1;
    while ((more = proto_next(&in, &field)) > 0) {
        if (field.number == PARAMS_LEVEL) options->debug |= (int32_t)field.value < 0;
        if (field.number == PARAMS_SOCKETS && field.bytes.at != field.bytes.end) options->socket_directory = proto_text(&field);
        if (field.number == PARAMS_EXTENSION) read_extension(options, field.bytes);
    }
    if (more < 0) malformed();
}

void shim_options_read(struct shim_options *options, int fd) {
    size_t length;
    const unsigned char *bytes = (const unsigned char *)read_fd(fd, "what containerd wrote to start", INPUT_MAX, &length);
    struct proto in = {bytes, bytes + length};
    *options = (struct shim_options){.root = shim_default_root, .socket_directory = default_sockets};
    if (is_bootstrap(in)) read_bootstrap(options, in);
    else read_any(options, in);
}
