/* Copies standard input (or the files named) to standard output. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static int copy(int fd) {
    static char buf[65536];
    ssize_t n;
    while ((n = read(fd, buf, sizeof buf)) > 0)
        for (ssize_t done = 0, k; done < n; done += k)
            if ((k = write(1, buf + done, n - done)) < 0)
                return perror("write"), 1;
    return n < 0 ? perror("read"), 1 : 0;
}

int main(int argc, char **argv) {
    int rc = argc == 1 ? copy(0) : 0;
    for (int i = 1; i < argc; i++) {
        int fd = open(argv[i], O_RDONLY);
        if (fd < 0) {
            perror(argv[i]);
            rc = 1;
            continue;
        }
        rc |= copy(fd);
        close(fd);
    }
    return rc;
}
