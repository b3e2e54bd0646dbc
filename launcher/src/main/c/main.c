/* gvj: one static program in front of the JVMs. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <linux/close_range.h>

#include "commands.h"
#include "launcher.h"
#include "sandbox.h"
#include "shim.h"

static const struct {
    const char *name;
    int (*run)(struct cmdline *cmdline);
} commands[] = {
    {"do", sandbox_run},     {"create", command_create}, {"run", command_run},     {"start", command_start},
    {"kill", command_kill},  {"delete", command_delete}, {"state", command_state}, {"wait", command_wait},
    {"pause", command_pause}, {"resume", command_resume}, {"exec", command_exec},   {"update", command_update},
};

/* Descriptors 0-2 must be open, or a socket of ours would become the program's output; all others but `more` are not ours. */
static void tidy_descriptors(int more) {
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd ? O_WRONLY : O_RDONLY) != fd) _exit(STATUS_FAILURE);
    for (int fd = 3; fd < 3 + more; fd++)
        if (fcntl(fd, F_SETFD, FD_CLOEXEC)) fail("--preserve-fds=%d: descriptor %d is not open", more, fd);
    close_range(3 + more, ~0U, 0);
}

/* Before the command. --aot=train|on|off and --probe=Sentry|gofer:CALL are for the build and for tests. */
static int is_ours(const char *option) {
    if (!strncmp(option, "--probe=", 8)) probe = option + 8;
    else if (!strcmp(option, "--aot=train")) aot = AOT_TRAIN;
    else if (!strcmp(option, "--aot=on")) aot = AOT_REQUIRED;
    else if (!strcmp(option, "--aot=off")) aot = AOT_OFF;
    else return 0;
    return 1;
}

static void take_options(int *argc, char ***argv) {
    while (*argc > 1 && is_ours((*argv)[1])) {
        (*argv)[1] = (*argv)[0];
        (*argv)++;
        (*argc)--;
    }
}

/* The container's monitor logs long after it has left this directory. */
static void make_log_absolute(void) {
    char *directory = log_path && *log_path != '/' ? getcwd(NULL, 0) : NULL;
    if (directory) log_path = text("%s/%s", directory, log_path);
}

/* As what we were called: a name that the installation has as a link to this program. */
static int called_as(const char *name, const char *path) {
    const char *slash = strrchr(path, '/');
    return !strcmp(slash ? slash + 1 : path, name);
}

int main(int argc, char **argv) {
    struct cmdline cmdline;
    argv = title_free(argc, argv);
    take_options(&argc, &argv);
    if (argc && called_as(SHIM_NAME, argv[0])) {
        tidy_descriptors(0);
        return shim_main(argc, argv);
    }
    config_expand(&argc, &argv);
    cmdline_parse(&cmdline, argc, argv);
    tidy_descriptors(cmdline.preserve_fds);
    make_log_absolute();
    for (size_t i = 0; !cmdline.for_java && i < sizeof commands / sizeof *commands; i++)
        if (!strcmp(commands[i].name, cmdline.command)) return commands[i].run(&cmdline);
    jvm_exec(&jvm_tool, argv + 1);
}
