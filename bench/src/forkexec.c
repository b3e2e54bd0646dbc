/* forkexec: fork, exec of this small static program, and wait. */
#include "bench.h"

static void operation(void)
{
    int status;
    pid_t pid = fork();
    if (pid < 0)
        die("fork");
    if (pid == 0) {
        execl("/proc/self/exe", "forkexec", "child", NULL);
        _exit(127);
    }
    if (waitpid(pid, &status, 0) != pid || status != 0)
        die("child");
}

int main(int argc, char **argv)
{
    (void)argv;
    if (argc > 1)
        return 0;
    print_figure(seconds_each(operation));
    return 0;
}
