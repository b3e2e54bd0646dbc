/* pagefault: first touch of a page, in random order over a mapping of 64 MiB; mapping and unmapping do not count. */
#include "bench.h"
#include <sys/mman.h>

#define PAGES (1u << 14)
#define ROUNDS 50

int main(void)
{
    double each[ROUNDS], start = now();
    int count = 0;
    for (int warm = 0; count < ROUNDS && (count == 0 || now() - start < 1.5 * budget()); warm = 1) {
        char *memory = mmap(NULL, PAGES * 4096ul, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED)
            die("mmap");
        madvise(memory, PAGES * 4096ul, MADV_NOHUGEPAGE);
        double t = now();
        for (unsigned i = 0, page = 1; i < PAGES; i++) {
            page = (page * 5 + 3) % PAGES; /* visits each page once */
            ((volatile char *)memory)[((page * 7919ul) % PAGES) * 4096] = 1;
        }
        t = now() - t;
        munmap(memory, PAGES * 4096ul);
        if (warm)
            each[count++] = t / PAGES;
    }
    print_figure(median(each, count));
    return 0;
}
