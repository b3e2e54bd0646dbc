/*
 * The configuration file: flags for every call of gvj, in the part of TOML that they need. They become the first arguments, so
 * whatever reads the command line needs to know nothing of files, and what stands on it counts more.
 *
 *   # comment
 *   [flags]                      (may be left out)
 *   platform = "kvm"
 *   debug = true
 *   memory = 1073741824
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launcher.h"
#include "toml.h"

enum { FILE_MAX = 1 << 20 };
static const char standard_path[] = "/etc/gvj/config.toml";

void flags_add(struct flags *flags, char *flag) {
    flags->values = realloc(flags->values, (flags->count + 1) * sizeof *flags->values);
    if (!flags->values) fail("out of memory");
    flags->values[flags->count++] = flag;
}

void config_flag(struct flags *flags, const struct toml *toml, const char *name, const char *value) {
    char *flag = text("--%s", name);
    enum flag_kind kind = cmdline_flag(flag);
    if (kind == FLAG_UNKNOWN || !strcmp(flag, "--config")) toml_wrong(toml, text("gvj has no flag %s for this file", flag));
    if (kind == FLAG_VALUE) flags_add(flags, text("%s=%s", flag, value));
    else if (!strcmp(value, "true")) flags_add(flags, flag);
    else if (strcmp(value, "false")) toml_wrong(toml, text("%s is true or false", flag));
}

static void take(struct toml *toml, const char *name, const char *value) {
    if (name) config_flag(toml->context, toml, name, value);
    else if (strcmp(toml->table, "flags")) toml_wrong(toml, "the only table is [flags]");
}

/* The value of --config, which stands before the command; NULL without one. */
static const char *given_path(int argc, char **argv) {
    const char *path = NULL;
    for (int i = 1; i < argc && argv[i][0] == '-'; i++) {
        if (!strncmp(argv[i], "--config=", 9)) path = argv[i] + 9;
        if (strchr(argv[i], '=') || cmdline_flag(argv[i]) != FLAG_VALUE) continue;
        if (!strcmp(argv[i], "--config") && i + 1 < argc) path = argv[i + 1];
        i++;
    }
    return path;
}

char *config_read(const char *path) {
    size_t length;
    char *contents = read_file(path, FILE_MAX, &length);
    if (strlen(contents) != length) fail("%s: it is not text", path);
    return contents;
}

void config_expand(int *argc, char ***argv) {
    const char *path = given_path(*argc, *argv);
    if (!path && access(standard_path, F_OK)) return;
    struct flags flags = {0};
    struct toml toml = {.path = path ? path : standard_path, .entry = take, .context = &flags};
    toml_read(&toml, config_read(toml.path));
    char **all = calloc(flags.count + *argc + 1, sizeof *all);
    if (!all) fail("out of memory");
    all[0] = (*argv)[0];
    for (int i = 0; i < flags.count; i++) all[1 + i] = flags.values[i];
    for (int i = 1; i < *argc; i++) all[flags.count + i] = (*argv)[i];
    *argc += flags.count;
    *argv = all;
}
