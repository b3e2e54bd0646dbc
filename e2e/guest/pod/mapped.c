/*
 * Two of these share a file, each with a mapping of its own: "mapped FILE first" and "mapped FILE second" count up in turns
 * what both see. Only memory that is the same gets them to the end.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 40, PAGE = 4096, NAP_NANOS = 1000000, PATIENCE_NAPS = 10000 };

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    int odd = !strcmp(argv[2], "second"), fd = open(argv[1], O_RDWR | O_CREAT, 0666);
    const struct timespec nap = {0, NAP_NANOS};
    if (fd < 0 || ftruncate(fd, PAGE)) return perror(argv[1]), 1;
    volatile unsigned *count = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (count == MAP_FAILED) return perror("mmap"), 1;
    for (int naps = 0; *count < ROUNDS; naps++) {
        if (naps == PATIENCE_NAPS) return printf("stuck at %u\n", *count), 1;
        if ((int)(*count & 1) == odd) ++*count;
        else nanosleep(&nap, NULL);
    }
    printf("counted\n");
    return 0;
}
