/* gvj: one static program in front of the JVMs. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <linux/close_range.h>

#include "launcher.h"

/* Descriptors 0-2 must be open, or a socket of ours would become the program's output; all others are not ours. */
static void tidy_descriptors(void) {
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd ? O_WRONLY : O_RDONLY) != fd) _exit(STATUS_FAILURE);
    close_range(3, ~0U, 0);
}

/* Before the command. --aot=train|on|off is for the build and for tests; --jail=off is in docs/security.md. */
static int is_ours(const char *option) {
    if (!strcmp(option, "--jail=off")) jail_off = 1;
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

int main(int argc, char **argv) {
    struct cmdline cmdline;
    tidy_descriptors();
    take_options(&argc, &argv);
    cmdline_parse(&cmdline, argc, argv);
    if (cmdline.sandboxed) return sandbox_run(&cmdline, argc, argv);
    jvm_exec(&jvm_tool, argv + 1);
}
