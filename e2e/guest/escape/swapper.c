/* swapper DIR: until it is killed, exchanges DIR/dir and DIR/other over and over, natively: what a hostile neighbour does to
 * a volume while a gofer walks through it. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv) {
    if (argc != 2 || chdir(argv[1]) != 0)
        return 2;
    while (renameat2(AT_FDCWD, "dir", AT_FDCWD, "other", RENAME_EXCHANGE) == 0)
        continue;
    perror("swapper");
    return 1;
}
