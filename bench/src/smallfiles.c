/* smallfiles N DIRECTORY: seconds to create, stat and unlink N files of 100 bytes in a new directory in DIRECTORY. */
#include "bench.h"

static char directory[3000], name[4000];

static const char *path_of(long file)
{
    snprintf(name, sizeof name, "%s/%ld", directory, file);
    return name;
}

int main(int argc, char **argv)
{
    char data[100] = "x";
    struct stat st;
    if (argc != 3)
        return 2;
    long n = atol(argv[1]);
    snprintf(directory, sizeof directory, "%s/smallfiles.XXXXXX", argv[2]);
    if (!mkdtemp(directory))
        die(directory);
    double t = now();
    for (long i = 0; i < n; i++) {
        int fd = open(path_of(i), O_CREAT | O_WRONLY | O_EXCL, 0644);
        if (fd < 0 || write(fd, data, sizeof data) != sizeof data)
            die(name);
        close(fd);
    }
    for (long i = 0; i < n; i++)
        if (stat(path_of(i), &st) || st.st_size != sizeof data)
            die(name);
    for (long i = 0; i < n; i++)
        if (unlink(path_of(i)))
            die(name);
    print_figure(now() - t);
    rmdir(directory);
    return 0;
}
