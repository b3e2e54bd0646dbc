/* timed once|both COMMAND...: seconds for running COMMAND, the first time and, with "both", the median of more times. */
#include "bench.h"

#define MOST 9

static double run(char **command)
{
    int status;
    double t = now();
    pid_t pid = fork();
    if (pid < 0)
        die("fork");
    if (pid == 0) {
        if (!freopen("/dev/null", "w", stdout))
            die("/dev/null");
        execvp(command[0], command);
        die(command[0]);
    }
    if (waitpid(pid, &status, 0) != pid || status != 0) {
        fprintf(stderr, "%s: status %#x\n", command[0], status);
        exit(1);
    }
    return now() - t;
}

int main(int argc, char **argv)
{
    double again[MOST];
    int count = 0;
    if (argc < 3)
        return 2;
    print_figure(run(argv + 2));
    if (strcmp(argv[1], "both"))
        return 0;
    double start = now();
    while (count < MOST && (count == 0 || now() - start < budget()))
        again[count++] = run(argv + 2);
    print_figure(median(again, count));
    return 0;
}
