/* A fork bomb under a process limit: grows until fork says EAGAIN, holds, then ends by itself. As an unprivileged user,
 * because the limit does not bind root. Usage: fork_bomb [LIMIT] (default 200). */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
    unsigned limit = argc > 1 ? atoi(argv[1]) : 200;
    struct rlimit nproc = {limit, limit};
    volatile unsigned *s = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (s == MAP_FAILED || setrlimit(RLIMIT_NPROC, &nproc) != 0)
        return 1;
    pid_t top = fork();
    if (top == 0) {
        setpgid(0, 0);
        uid_t uid = 100000 + getpid(); /* a user with no other process */
        if (setresgid(uid, uid, uid) != 0 || setresuid(uid, uid, uid) != 0)
            _exit(1);
        alarm(60);
        for (;;) { /* every process doubles itself */
            pid_t pid = fork();
            if (pid > 0)
                __atomic_add_fetch(&s[0], 1, __ATOMIC_SEQ_CST);
            if (pid == 0)
                alarm(60);
            if (pid < 0) {
                if (errno != EAGAIN)
                    __atomic_store_n(&s[2], errno, __ATOMIC_SEQ_CST);
                __atomic_store_n(&s[1], 1, __ATOMIC_SEQ_CST);
                pause();
            }
        }
    }
    for (int i = 0; i < 3000 && !s[1]; i++)
        usleep(10000);
    for (int i = 0; i < 1000 && s[0] < limit - 2; i++)
        usleep(10000);
    kill(-top, SIGKILL);
    int status;
    while (waitpid(top, &status, 0) < 0 && errno == EINTR)
        ;
    printf("refused %d, other errors %d, forks near the limit %d\n", s[1], s[2], s[0] >= limit - 2 && s[0] <= limit);
    return !(s[1] && !s[2]);
}
