/* seqread FILE: MiB a second for reading FILE to its end in pieces of 64 KiB. */
#include "bench.h"

int main(int argc, char **argv)
{
    static char buffer[64 << 10];
    if (argc < 2)
        return 2;
    int fd = open(argv[1], O_RDONLY);
    if (fd < 0)
        die(argv[1]);
    double t = now();
    long total = 0;
    for (ssize_t n; (n = read(fd, buffer, sizeof buffer)) != 0; total += n)
        if (n < 0)
            die("read");
    printf("%.1f\n", total / 1048576.0 / (now() - t));
    return 0;
}
