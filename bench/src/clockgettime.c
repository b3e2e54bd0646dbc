/* clockgettime: reading the clock as programs do it, through the vDSO if there is one. */
#include "bench.h"

static struct timespec t;

static void operation(void)
{
    clock_gettime(CLOCK_MONOTONIC, &t);
}

int main(void)
{
    print_figure(seconds_each(operation));
    return 0;
}
