/* One child, one wait: the smallest use of fork. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    int status = -1;
    pid_t pid = fork();
    if (pid == 0)
        _exit(7);
    pid_t got = waitpid(pid, &status, 0);
    printf("same=%d exited=%d status=%d\n", got == pid, WIFEXITED(status), WEXITSTATUS(status));
    return 0;
}
