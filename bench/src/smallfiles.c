/* smallfiles N: seconds to create, stat and unlink N files of 100 bytes in a new directory below /tmp. */
#include "bench.h"

int main(int argc, char **argv)
{
    long n = argument(argc, argv, 1, 10000);
    char directory[] = "/tmp/smallfiles.XXXXXX", name[64], data[100] = "x";
    struct stat st;
    if (!mkdtemp(directory))
        die("mkdtemp");
    double t = now();
    for (long i = 0; i < n; i++) {
        snprintf(name, sizeof name, "%s/%ld", directory, i);
        int fd = open(name, O_CREAT | O_WRONLY | O_EXCL, 0644);
        if (fd < 0 || write(fd, data, sizeof data) != sizeof data)
            die(name);
        close(fd);
    }
    for (long i = 0; i < n; i++) {
        snprintf(name, sizeof name, "%s/%ld", directory, i);
        if (stat(name, &st) || st.st_size != sizeof data)
            die(name);
    }
    for (long i = 0; i < n; i++) {
        snprintf(name, sizeof name, "%s/%ld", directory, i);
        if (unlink(name))
            die(name);
    }
    printf("%.3f\n", now() - t);
    rmdir(directory);
    return 0;
}
