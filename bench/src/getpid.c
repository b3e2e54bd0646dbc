/* getpid N: microseconds for one system call that does nothing. */
#include "bench.h"

int main(int argc, char **argv)
{
    long n = argument(argc, argv, 1, 20000);
    for (int i = 0; i < 200; i++)
        syscall(SYS_getppid);
    double t = now();
    for (long i = 0; i < n; i++)
        syscall(SYS_getppid);
    printf("%.3f\n", (now() - t) / n * 1e6);
    return 0;
}
