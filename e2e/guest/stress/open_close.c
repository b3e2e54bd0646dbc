/* open_close [N] [PATH]: opens and closes a file N times (100,000). */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv) {
    long n = argc > 1 ? atol(argv[1]) : 100000;
    const char *path = argc > 2 ? argv[2] : "/etc/passwd";
    int first = -1;
    for (long i = 0; i < n; i++) {
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0 || close(fd) != 0)
            return perror(path), 1;
        if (first < 0)
            first = fd;
        if (fd != first)
            return printf("descriptor %d, then %d\n", first, fd), 1;
    }
    printf("%ld opens and closes\n", n);
    return 0;
}
