/* openclose FILE: stat, open and close of FILE. */
#include "bench.h"

static const char *path;

static void operation(void)
{
    struct stat st;
    if (stat(path, &st))
        die(path);
    int fd = open(path, O_RDONLY);
    if (fd < 0)
        die(path);
    close(fd);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    path = argv[1];
    print_figure(seconds_each(operation));
    return 0;
}
