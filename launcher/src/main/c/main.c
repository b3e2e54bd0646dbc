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

/* --aot=train|on|off, before the command, is for the build and for tests. */
static void take_aot_option(int *argc, char ***argv) {
    if (*argc < 2 || strncmp((*argv)[1], "--aot=", 6)) return;
    const char *mode = (*argv)[1] + 6;
    aot = !strcmp(mode, "train") ? AOT_TRAIN : !strcmp(mode, "on") ? AOT_REQUIRED : AOT_OFF;
    (*argv)[1] = (*argv)[0];
    (*argv)++;
    (*argc)--;
}

int main(int argc, char **argv) {
    struct cmdline cmdline;
    tidy_descriptors();
    take_aot_option(&argc, &argv);
    cmdline_parse(&cmdline, argc, argv);
    if (cmdline.sandboxed) return sandbox_run(&cmdline, argc, argv);
    jvm_exec(&jvm_tool, argv + 1);
}
