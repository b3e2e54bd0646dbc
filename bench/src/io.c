/* io read|write old FILE SIZE, io read|write new DIRECTORY SIZE: one call of SIZE bytes at the beginning of FILE, or of
 * a new file in DIRECTORY. */
#include "bench.h"

static int fd;
static size_t size;
static char *buffer;

static void reading(void)
{
    if (pread(fd, buffer, size, 0) != (ssize_t)size)
        die("pread");
}

static void writing(void)
{
    if (pwrite(fd, buffer, size, 0) != (ssize_t)size)
        die("pwrite");
}

int main(int argc, char **argv)
{
    if (argc != 5)
        return 2;
    int write = !strcmp(argv[1], "write");
    size = atol(argv[4]);
    buffer = calloc(1, size);
    fd = !strcmp(argv[2], "new") ? new_file(argv[3], size) : open(argv[3], write ? O_WRONLY : O_RDONLY);
    if (fd < 0)
        die(argv[3]);
    print_figure(seconds_each(write ? writing : reading));
    return 0;
}
