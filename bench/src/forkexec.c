/* forkexec N: milliseconds for fork, exec of this program and wait. */
#include "bench.h"

int main(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "child"))
        return 0;
    long n = argument(argc, argv, 1, 30);
    double t = now();
    for (long i = 0; i < n; i++) {
        pid_t pid = fork();
        if (pid < 0)
            die("fork");
        if (pid == 0) {
            execl("/proc/self/exe", "forkexec", "child", NULL);
            _exit(127);
        }
        int status;
        if (waitpid(pid, &status, 0) != pid || status != 0)
            die("child");
    }
    printf("%.3f\n", (now() - t) / n * 1e3);
    return 0;
}
