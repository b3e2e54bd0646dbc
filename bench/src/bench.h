/* Shared by the benchmark programs: time, the loop that finds out how often to repeat, and the output: one figure to a
 * line, in seconds or bytes a second, nothing else. Exit status 77 says: the kernel below lacks what is to be measured. */
#ifndef BENCH_H
#define BENCH_H
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BENCH_LACKING 77
#define BENCH_BATCHES 5

static inline double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static inline void die(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    exit(1);
}

static inline void lacking(const char *what)
{
    fprintf(stderr, "no %s\n", what);
    exit(BENCH_LACKING);
}

/* How long to measure, in seconds; warming up comes before that and takes half as long. */
static inline double budget(void)
{
    const char *text = getenv("BENCH_SECONDS");
    double seconds = text ? atof(text) : 0;
    return seconds > 0 ? seconds : 0.3;
}

static inline int bench_order(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static inline double median(double *values, int count)
{
    qsort(values, count, sizeof *values, bench_order);
    return values[count / 2];
}

/* Seconds for one operation: the median of some batches, each large enough that reading the clock does not count. */
static inline double seconds_each(void (*operation)(void))
{
    double limit = budget(), start = now(), took = 0, batches[BENCH_BATCHES];
    long n = 1;
    while (now() - start < limit / 2) {
        double t = now();
        for (long i = 0; i < n; i++)
            operation();
        took = (now() - t) / n;
        if (took * n < limit / 100)
            n *= 2;
    }
    n = took > 0 ? limit / BENCH_BATCHES / took : n;
    if (n < 1)
        n = 1;
    int count = 0;
    for (start = now(); count < BENCH_BATCHES && now() - start < 2 * limit; count++) {
        double t = now();
        for (long i = 0; i < n; i++)
            operation();
        batches[count] = (now() - t) / n;
    }
    return median(batches, count);
}

static inline void print_figure(double figure)
{
    printf("%.6g\n", figure);
    fflush(stdout);
}

/* A new file of SIZE bytes in DIRECTORY that has no name and goes with its descriptor. */
static inline int new_file(const char *directory, size_t size)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/bench.XXXXXX", directory);
    int fd = mkstemp(path);
    if (fd < 0 || unlink(path))
        die(path);
    char *zeros = calloc(1, size);
    if (write(fd, zeros, size) != (ssize_t)size)
        die("write");
    free(zeros);
    return fd;
}
#endif
