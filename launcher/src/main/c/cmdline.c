/*
 * The little that the launcher must know of the command line before Java has read it: which host trees the gofer is to
 * serve, and where logs go. Everything that is wrong is left for Java to name; the one definition is gvj.runtime.Options.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "launcher.h"

/* Options whose value may be the next word. */
static const char *const with_value[] = {
    "--platform", "--root",   "--volume",    "--cwd",            "--env",         "--user",   "--hostname",
    "--memory",   "--bundle", "--debug-log", "--strace-syscalls", "--plugin-path", NULL,
};

static int takes_value(const char *word) {
    for (const char *const *name = with_value; *name; name++)
        if (!strcmp(word, *name)) return 1;
    return 0;
}

/* The value of option `name` at argv[i], or NULL if it is another option or has none. */
static const char *value_of(const char *name, char **argv, int i, int argc) {
    size_t length = strlen(name);
    if (strncmp(argv[i], name, length)) return NULL;
    if (argv[i][length] == '=') return argv[i] + length + 1;
    return !argv[i][length] && i + 1 < argc ? argv[i + 1] : NULL;
}

static void add_tree(struct cmdline *cmdline, const char *path, int writable) {
    if (cmdline->tree_count == MAX_TREES) fail("more than %d volumes", MAX_TREES - 1);
    cmdline->trees[cmdline->tree_count++] = (struct tree){.path = path, .writable = writable, .fd = -1};
}

/* SRC:DST[:ro] */
static void add_volume(struct cmdline *cmdline, const char *volume) {
    const char *colon = strchr(volume, ':');
    const char *option = colon ? strchr(colon + 1, ':') : NULL;
    if (!colon || colon == volume) return;
    add_tree(cmdline, text("%.*s", (int)(colon - volume), volume), !option || strcmp(option, ":ro"));
}

void cmdline_parse(struct cmdline *cmdline, int argc, char **argv) {
    const char *value;
    int i = 1;
    memset(cmdline, 0, sizeof *cmdline);
    cmdline->command = argc > 1 ? argv[1] : "";
    cmdline->bundle = ".";
    int is_do = !strcmp(cmdline->command, "do"), is_run = !strcmp(cmdline->command, "run");
    cmdline->sandboxed = is_do || is_run;
    if (!cmdline->sandboxed) return;
    if (is_do) add_tree(cmdline, "/", 0); /* never written to: there is an overlay on it */
    for (i = 2; i < argc && argv[i][0] == '-' && strcmp(argv[i], "--"); i++) {
        if (!strcmp(argv[i], "--help")) cmdline->sandboxed = 0;
        if (is_do && (value = value_of("--root", argv, i, argc))) cmdline->trees[0].path = value;
        if (is_do && (value = value_of("--volume", argv, i, argc))) add_volume(cmdline, value);
        if (is_run && (value = value_of("--bundle", argv, i, argc))) cmdline->bundle = value;
        if ((value = value_of("--debug-log", argv, i, argc))) cmdline->debug_log = value;
        if ((value = value_of("--plugin-path", argv, i, argc)))
            jail_sentry.files = jail_sentry.files ? text("%s:%s", jail_sentry.files, value) : value;
        if (takes_value(argv[i])) i++;
    }
    if (is_run && i < argc) cmdline->id = argv[i];
    if (!cmdline->id) cmdline->id = text("gvj-%d", (int)getpid());
}

void tree_open(struct tree *tree) {
    tree->fd = tree_clone(tree->path, tree->writable);
    if (tree->fd < 0) fail("cannot serve %s to the sandbox: %s", tree->path, strerror(errno));
}
