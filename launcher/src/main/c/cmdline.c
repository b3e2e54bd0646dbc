/*
 * The command line: what runc's commands take, and of the sandbox's options the little that is needed before Java has read
 * them: which host trees the gofer is to serve, and where logs go. What is wrong with a sandbox's option is left for Java to
 * name; the one definition of those is gvj.runtime.Command.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <linux/capability.h>
#include <string.h>
#include <unistd.h>

#include "launcher.h"

/* Options of the sandbox whose value may be the next word. */
static const char *const sandbox_values[] = {
    "--platform", "--memory", "--debug-log", "--strace-syscalls", "--plugin-path", "--network", "--overlay2",
    "--file-access", "--config", "--root", "--log", "--log-format", "--rootless", "--jail", NULL,
};
/* ... and those without one. */
static const char *const sandbox_switches[] = {
    "--debug", "--strace", "--stats", "--keep-code", "--oci-seccomp", "--net-raw", "--systemd-cgroup", NULL,
};
/* gvj do */
static const char *const do_values[] = {"--root", "--volume", "--cwd", "--env", "--user", "--hostname", NULL};

enum kind { SWITCH, VALUE, NUMBER, LIST, RESOURCE };

struct option {
    const char *commands; /* that have it, separated by spaces */
    const char *name;
    char letter;
    enum kind kind;
    size_t field;
    const char *resource; /* JSON path of what it sets */
};

#define FIELD(name) offsetof(struct cmdline, name)
static const struct option options[] = {
    {"create run", "bundle", 'b', VALUE, FIELD(bundle), 0},
    {"create run exec", "console-socket", 0, VALUE, FIELD(console_socket), 0},
    {"create run exec", "pid-file", 0, VALUE, FIELD(pid_file), 0},
    {"create run exec", "preserve-fds", 0, NUMBER, FIELD(preserve_fds), 0},
    {"create run", "no-pivot", 0, SWITCH, 0, 0},
    {"create run", "no-new-keyring", 0, SWITCH, 0, 0},
    {"run", "no-subreaper", 0, SWITCH, 0, 0},
    {"run", "keep", 0, SWITCH, FIELD(keep), 0},
    {"run exec", "detach", 'd', SWITCH, FIELD(detach), 0},
    {"exec", "process", 'p', VALUE, FIELD(process_file), 0},
    {"exec", "cwd", 0, VALUE, FIELD(cwd), 0},
    {"exec", "env", 'e', LIST, FIELD(env), 0},
    {"exec", "tty", 't', SWITCH, FIELD(tty), 0},
    {"exec", "user", 'u', VALUE, FIELD(user), 0},
    {"exec", "additional-gids", 'g', LIST, FIELD(groups), 0},
    {"exec", "cap", 'c', LIST, FIELD(caps), 0},
    {"exec", "no-new-privs", 0, SWITCH, FIELD(no_new_privs), 0},
    {"exec", "ignore-paused", 0, SWITCH, FIELD(ignore_paused), 0},
    {"exec", "process-label", 0, VALUE, 0, 0},
    {"exec", "apparmor", 0, VALUE, 0, 0},
    {"exec", "cgroup", 0, VALUE, 0, 0},
    {"kill", "all", 'a', SWITCH, FIELD(all), 0},
    {"delete", "force", 'f', SWITCH, FIELD(force), 0},
    {"update", "resources", 'r', VALUE, FIELD(resources_file), 0},
    {"update", "memory", 0, RESOURCE, 0, "memory.limit"},
    {"update", "memory-reservation", 0, RESOURCE, 0, "memory.reservation"},
    {"update", "memory-swap", 0, RESOURCE, 0, "memory.swap"},
    {"update", "kernel-memory", 0, VALUE, 0, 0},
    {"update", "kernel-memory-tcp", 0, VALUE, 0, 0},
    {"update", "cpu-period", 0, RESOURCE, 0, "cpu.period"},
    {"update", "cpu-quota", 0, RESOURCE, 0, "cpu.quota"},
    {"update", "cpu-burst", 0, RESOURCE, 0, "cpu.burst"},
    {"update", "cpu-share", 0, RESOURCE, 0, "cpu.shares"},
    {"update", "cpu-rt-period", 0, RESOURCE, 0, "cpu.realtimePeriod"},
    {"update", "cpu-rt-runtime", 0, RESOURCE, 0, "cpu.realtimeRuntime"},
    {"update", "cpu-idle", 0, RESOURCE, 0, "cpu.idle"},
    {"update", "cpuset-cpus", 0, RESOURCE, 0, "cpu.cpus"},
    {"update", "cpuset-mems", 0, RESOURCE, 0, "cpu.mems"},
    {"update", "blkio-weight", 0, RESOURCE, 0, "blockIO.weight"},
    {"update", "pids-limit", 0, RESOURCE, 0, "pids.limit"},
};
enum { OPTIONS = sizeof options / sizeof *options };

/* The commands that this program carries out; all others are Java's. */
static const char ours[] = "do create run start kill delete exec state wait pause resume update";

/* Is `word` one of the words of `words`? */
static int among(const char *words, const char *word) {
    size_t length = strlen(word);
    for (const char *at = words; length && (at = strstr(at, word)); at++)
        if ((at == words || at[-1] == ' ') && (!at[length] || at[length] == ' ')) return 1;
    return 0;
}

static int listed(const char *const *names, const char *option, size_t length) {
    for (; *names; names++)
        if (strlen(*names) == length && !strncmp(*names, option, length)) return 1;
    return 0;
}

enum flag_kind cmdline_flag(const char *name) {
    if (listed(sandbox_values, name, strlen(name))) return FLAG_VALUE;
    return listed(sandbox_switches, name, strlen(name)) ? FLAG_SWITCH : FLAG_UNKNOWN;
}

/* One option of the command line: "--name=value", "--name value", "-name", "-n value" */
struct argument {
    const char *name; /* with two dashes */
    size_t length;
    const char *value; /* behind '=', or NULL */
};

static struct argument argument_of(const char *word) {
    const char *name = word[1] == '-' || !word[2] ? word : text("-%s", word);
    const char *equals = strchr(name, '=');
    return (struct argument){name, equals ? (size_t)(equals - name) : strlen(name), equals ? equals + 1 : NULL};
}

/* The value of an option that has one: the next word if it was not written behind '='. */
static const char *value_of(struct cmdline *cmdline, struct argument *argument, int *at) {
    if (argument->value) return argument->value;
    if (*at + 1 >= cmdline->argc) {
        cmdline->for_java = 1; /* which says what is missing */
        return "";
    }
    return cmdline->argv[++*at];
}

/* ---- options of the sandbox, and of gvj as a whole ---- */

static void set_sandbox_value(struct cmdline *cmdline, const char *name, size_t length, const char *value, int global) {
    struct {
        const char *name;
        const char **to;
    } const known[] = {
        {"--root", global ? &cmdline->state_root : NULL},
        {"--debug-log", &cmdline->debug_log},
        {"--rootless", &cmdline->rootless},
        {"--overlay2", &cmdline->overlay},
        {"--log", global ? &log_path : NULL},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].to && strlen(known[i].name) == length && !strncmp(known[i].name, name, length)) *known[i].to = value;
    if (length == 13 && !strncmp(name, "--plugin-path", length))
        jail_sentry.files = jail_sentry.files ? text("%s:%s", jail_sentry.files, value) : value;
    if (length == 12 && !strncmp(name, "--log-format", length)) {
        log_json = !strcmp(value, "json");
        if (!log_json && strcmp(value, "text")) fail("unknown log-format \"%s\": it is text or json", value);
    }
    if (length == 6 && !strncmp(name, "--jail", length)) jail_off = !strcmp(value, "off");
    if (length == 9 && !strncmp(name, "--network", length)) {
        if (!strcmp(value, "sandbox"))
            fail("--network=sandbox: there is no network stack of the sandbox's own yet; use host or none");
        cmdline->network = !strcmp(value, "none") ? NETWORK_NONE : !strcmp(value, "host") ? NETWORK_HOST : NETWORK_AS_TOLD;
    }
}

/* Answers whether the option is one of the sandbox's. */
static int sandbox_option(struct cmdline *cmdline, struct argument *argument, int *at, int global) {
    if (listed(sandbox_values, argument->name, argument->length)) {
        set_sandbox_value(cmdline, argument->name, argument->length, value_of(cmdline, argument, at), global);
        return 1;
    }
    if (!listed(sandbox_switches, argument->name, argument->length)) return 0;
    if (!strncmp(argument->name, "--net-raw", argument->length)) jail_sentry.capabilities |= 1 << CAP_NET_RAW;
    if (!strncmp(argument->name, "--systemd-cgroup", argument->length) && !argument->value)
        fail("--systemd-cgroup: gvj manages cgroups itself and does not talk to systemd; use the cgroupfs driver");
    return 1;
}

/* ---- gvj do ---- */

static void add_to(struct list *list, const char *value, const char *name) {
    if (list->count == LIST_MAX) fail("more than %d times --%s", LIST_MAX, name);
    list->values[list->count++] = value;
}

static int do_option(struct cmdline *cmdline, struct argument *argument, int *at) {
    if (!listed(do_values, argument->name, argument->length)) return 0;
    const char *value = value_of(cmdline, argument, at);
    if (!strncmp(argument->name, "--root", argument->length)) cmdline->root = value;
    if (!strncmp(argument->name, "--volume", argument->length)) add_to(&cmdline->volumes, value, "volume");
    return 1;
}

/* ---- the commands of an OCI runtime ---- */

static const struct option *find_option(const char *command, const struct argument *argument) {
    for (const struct option *option = options; option < options + OPTIONS; option++) {
        if (!among(option->commands, command)) continue;
        if (argument->length == 2 && option->letter == argument->name[1]) return option;
        if (strlen(option->name) + 2 == argument->length && !strncmp(option->name, argument->name + 2, argument->length - 2))
            return option;
    }
    return NULL;
}

static void set_option(struct cmdline *cmdline, const struct option *option, struct argument *argument, int *at) {
    void *field = (char *)cmdline + option->field;
    if (option->kind == SWITCH) {
        if (option->field) *(int *)field = !argument->value || strcmp(argument->value, "false");
        return;
    }
    const char *value = value_of(cmdline, argument, at);
    if (cmdline->for_java) fail("gvj %s: --%s needs a value", cmdline->command, option->name);
    if (option->kind == RESOURCE) {
        add_to(&cmdline->resources, text("%s=%s", option->resource, value), option->name);
    } else if (option->kind == LIST) {
        add_to(field, value, option->name);
    } else if (option->kind == NUMBER) {
        char *end;
        long number = strtol(value, &end, 10);
        if (!*value || *end || number < 0 || number > DESCRIPTORS_MAX - 3)
            fail("gvj %s: --%s: \"%s\" is not a number from 0 to %d", cmdline->command, option->name, value,
                 DESCRIPTORS_MAX - 3);
        *(int *)field = (int)number;
    } else if (option->field) {
        *(const char **)field = value;
    }
}

/* Reads options from argv[*at] to the first word that is none. */
static void parse_options(struct cmdline *cmdline, int *at, int global) {
    int is_do = !global && !strcmp(cmdline->command, "do");
    for (; *at < cmdline->argc && cmdline->argv[*at][0] == '-' && cmdline->argv[*at][1]; ++*at) {
        const char *word = cmdline->argv[*at];
        if (!strcmp(word, "--")) {
            ++*at;
            return;
        }
        struct argument argument = argument_of(word);
        const struct option *option = global || is_do ? NULL : find_option(cmdline->command, &argument);
        if (!strcmp(word, "--help") || !strcmp(word, "-h")) {
            cmdline->for_java = 1;
        } else if (option) {
            set_option(cmdline, option, &argument, at);
        } else if (!(is_do && do_option(cmdline, &argument, at)) && !sandbox_option(cmdline, &argument, at, global)) {
            if (global || is_do) cmdline->for_java |= global; /* of do, the Sentry's side complains */
            else fail("gvj %s: unknown option %s (see gvj %s --help)", cmdline->command, word, cmdline->command);
        }
    }
}

static const char *default_state_root(void) {
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    return geteuid() && runtime && *runtime ? text("%s/gvj", runtime) : "/run/gvj";
}

void cmdline_parse(struct cmdline *cmdline, int argc, char **argv) {
    int at = 1;
    failure_status = STATUS_ERROR;
    *cmdline = (struct cmdline){.argc = argc, .argv = argv, .bundle = ".", .command = "", .root = "/", .rootless = "auto"};
    cmdline->state_root = default_state_root();
    parse_options(cmdline, &at, 1);
    if (at < argc) cmdline->command = argv[at++];
    if (!among(ours, cmdline->command)) cmdline->for_java = 1;
    if (cmdline->for_java) return;
    int is_do = !strcmp(cmdline->command, "do");
    failure_status = is_do ? STATUS_FAILURE : !strcmp(cmdline->command, "exec") ? STATUS_NO_EXEC : STATUS_ERROR;
    parse_options(cmdline, &at, 0);
    cmdline->words = argv + at;
    cmdline->word_count = argc - at;
    cmdline->id = is_do ? text("gvj-%d", (int)getpid()) : cmdline->word_count ? cmdline->words[0] : NULL;
}
