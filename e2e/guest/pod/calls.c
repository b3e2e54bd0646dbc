/* "calls N" calls getpid(2) so often, past the C library, and says so. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv) {
    if (argc != 2) return 2;
    for (long left = strtol(argv[1], NULL, 10); left > 0; left--) syscall(SYS_getpid);
    return puts("called") < 0;
}
