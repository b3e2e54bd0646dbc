/* memory_hog [MIB [pipes]]: a child touches MIB (20) MiB, or fills pipes and sockets without end, while another waits.
 * Says how the first ended; the other must still be there. Natively only small amounts make sense. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void touch(long mebibytes) {
    for (; mebibytes > 0; mebibytes--) {
        char *m = malloc(1 << 20);
        if (!m)
            _exit(1);
        memset(m, 1, 1 << 20);
    }
    _exit(0);
}

static void fill_sockets(void) {
    static char message[4096];
    struct rlimit most = {1 << 20, 1 << 20};
    int s[2];
    setrlimit(RLIMIT_NOFILE, &most);
    while (socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0)
        while (send(s[0], message, sizeof message, MSG_DONTWAIT) > 0)
            ;
    _exit(1);
}

int main(int argc, char **argv) {
    int p[2], status;
    char c;
    if (pipe(p) != 0)
        return 1;
    pid_t other = fork();
    if (other == 0) {
        close(p[1]);
        _exit(read(p[0], &c, 1) == 0 ? 7 : 1);
    }
    pid_t hog = fork();
    if (hog == 0) {
        if (argc > 2)
            fill_sockets();
        touch(argc > 1 ? atol(argv[1]) : 20);
    }
    waitpid(hog, &status, 0);
    printf("hog: %s %d\n", WIFSIGNALED(status) ? "signal" : "exit",
           WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    close(p[1]);
    waitpid(other, &status, 0);
    printf("other: exit %d\n", WEXITSTATUS(status));
    return 0;
}
