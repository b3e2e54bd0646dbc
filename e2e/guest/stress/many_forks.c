/* many_forks [N]: N children one after the other, a few alive at once (10,000). */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
    long n = argc > 1 ? atol(argv[1]) : 10000, sum = 0;
    int status, alive = 0;
    for (long i = 0; i < n; i++) {
        pid_t pid = fork();
        if (pid < 0)
            return perror("fork"), 1;
        if (pid == 0)
            _exit(i & 127);
        if (++alive == 4) {
            if (wait(&status) < 0)
                return perror("wait"), 1;
            sum += WEXITSTATUS(status);
            alive--;
        }
    }
    for (; alive > 0; alive--) {
        wait(&status);
        sum += WEXITSTATUS(status);
    }
    long want = 0;
    for (long i = 0; i < n; i++)
        want += i & 127;
    printf("%ld forks, statuses %s\n", n, sum == want ? "right" : "wrong");
    return sum != want;
}
