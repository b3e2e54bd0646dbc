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
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launcher.h"

enum { FILE_MAX = 1 << 20 };
static const char standard_path[] = "/etc/gvj/config.toml";

struct reader {
    const char *path, *at;
    int line;
    char **flags; /* those found */
    int count;
};

static const char *skip_blanks(const char *at) {
    while (*at == ' ' || *at == '\t') at++;
    return at;
}

static noreturn void wrong(const struct reader *reader, const char *problem) {
    fail("%s: line %d: %s", reader->path, reader->line, problem);
}

/* "..." with \" and \\, or '...' as it is. */
static char *quoted(struct reader *reader) {
    char quote = *reader->at++, *value = malloc(strlen(reader->at) + 1), *to = value;
    if (!value) fail("out of memory");
    for (;; reader->at++) {
        char c = *reader->at;
        if (!c || c == '\n') wrong(reader, "a string without an end");
        if (c == quote) break;
        if (c == '\\' && quote == '"') {
            c = *++reader->at;
            if (c != '"' && c != '\\') wrong(reader, "an unknown escape in a string");
        }
        *to++ = c;
    }
    reader->at++;
    *to = 0;
    return value;
}

/* true, false or a number. */
static char *plain(struct reader *reader) {
    size_t length = strcspn(reader->at, " \t\r\n#");
    char *value = text("%.*s", (int)length, reader->at);
    if (strcmp(value, "true") && strcmp(value, "false") && (!*value || value[strspn(value, "0123456789")]))
        wrong(reader, "expected a string in quotes, a whole number, true or false");
    reader->at += length;
    return value;
}

static void add(struct reader *reader, char *flag) {
    reader->flags = realloc(reader->flags, (reader->count + 1) * sizeof *reader->flags);
    if (!reader->flags) fail("out of memory");
    reader->flags[reader->count++] = flag;
}

/* name = value */
static void read_flag(struct reader *reader) {
    const char *name = reader->at;
    while (isalnum((unsigned char)*reader->at) || *reader->at == '-' || *reader->at == '_') reader->at++;
    char *flag = text("--%.*s", (int)(reader->at - name), name);
    reader->at = skip_blanks(reader->at);
    if (!flag[2] || *reader->at != '=') wrong(reader, "expected NAME = VALUE");
    enum flag_kind kind = cmdline_flag(flag);
    if (kind == FLAG_UNKNOWN || !strcmp(flag, "--config"))
        wrong(reader, text("gvj has no flag %s for this file", flag));
    reader->at = skip_blanks(reader->at + 1);
    int is_string = *reader->at == '"' || *reader->at == '\'';
    char *value = is_string ? quoted(reader) : plain(reader);
    if (kind == FLAG_VALUE) add(reader, text("%s=%s", flag, value));
    else if (!strcmp(value, "true")) add(reader, flag);
    else if (strcmp(value, "false")) wrong(reader, text("%s is true or false", flag));
}

static void read_line(struct reader *reader) {
    reader->at = skip_blanks(reader->at);
    if (*reader->at == '[') {
        if (strncmp(reader->at, "[flags]", 7)) wrong(reader, "the only table is [flags]");
        reader->at += 7;
    } else if (!strchr("#\r\n", *reader->at)) {
        read_flag(reader);
    }
    reader->at = skip_blanks(reader->at);
    if (*reader->at == '#') reader->at += strcspn(reader->at, "\n");
    if (*reader->at == '\r') reader->at++;
    if (*reader->at && *reader->at != '\n') wrong(reader, "text after the value");
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

void config_expand(int *argc, char ***argv) {
    const char *path = given_path(*argc, *argv);
    if (!path && access(standard_path, F_OK)) return;
    struct reader reader = {.path = path ? path : standard_path};
    size_t length;
    const char *contents = read_file(reader.path, FILE_MAX, &length);
    if (strlen(contents) != length) fail("%s: it is not text", reader.path);
    for (reader.at = contents, reader.line = 1; *reader.at; reader.line++) {
        read_line(&reader);
        reader.at += *reader.at == '\n';
    }
    char **all = calloc(reader.count + *argc + 1, sizeof *all);
    if (!all) fail("out of memory");
    all[0] = (*argv)[0];
    for (int i = 0; i < reader.count; i++) all[1 + i] = reader.flags[i];
    for (int i = 1; i < *argc; i++) all[reader.count + i] = (*argv)[i];
    *argc += reader.count;
    *argv = all;
}
