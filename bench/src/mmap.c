/* mmap: a new mapping of 4 MiB, a byte written into each of its pages, and its end. */
#include "bench.h"
#include <sys/mman.h>

#define SIZE (4 << 20)

static void operation(void)
{
    char *memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        die("mmap");
    for (size_t i = 0; i < SIZE; i += 4096)
        ((volatile char *)memory)[i] = 1;
    if (munmap(memory, SIZE))
        die("munmap");
}

int main(void)
{
    print_figure(seconds_each(operation));
    return 0;
}
