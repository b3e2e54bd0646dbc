/* readfile whole FILE: bytes a second for reading FILE to its end in pieces of 64 KiB, the first time and once more.
 * readfile sequential|random FILE: one read of 4 KiB, each behind the last one or anywhere. */
#include "bench.h"

static int fd;
static size_t size, position;
static char buffer[64 << 10];

static double whole(void)
{
    double t = now();
    if (lseek(fd, 0, SEEK_SET))
        die("lseek");
    for (ssize_t n; (n = read(fd, buffer, sizeof buffer)) != 0;)
        if (n < 0)
            die("read");
    return size / (now() - t);
}

static void read_page(size_t offset)
{
    if (pread(fd, buffer, 4096, offset) != 4096)
        die("pread");
}

static void sequential(void)
{
    read_page(position);
    position = (position + 4096) % size;
}

static void anywhere(void)
{
    position = (position * 6364136223846793005ul + 1442695040888963407ul);
    read_page((position >> 20) % (size / 4096) * 4096);
}

int main(int argc, char **argv)
{
    struct stat st;
    if (argc != 3)
        return 2;
    fd = open(argv[2], O_RDONLY);
    if (fd < 0 || fstat(fd, &st))
        die(argv[2]);
    size = st.st_size;
    if (strcmp(argv[1], "whole")) {
        print_figure(seconds_each(!strcmp(argv[1], "random") ? anywhere : sequential));
        return 0;
    }
    print_figure(whole());
    print_figure(whole());
    return 0;
}
