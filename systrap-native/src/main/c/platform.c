/* The platform of one sandbox: its files, what the CPU has, the first stub process. */
#include "gvjsystrap.h"

#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define CONTROL_BYTES (16 * GIB)
#define SLOT_BYTES PAGE
#define HWCAP2_FSGSBASE 2
#define XCR0_KNOWN 0x2e7ull /* x87, SSE, AVX, AVX-512, PKRU */

static const u64 kind_bytes[] = {[CONTROL_SLOT] = SLOT_BYTES, [CONTROL_AREA] = AREA_BYTES,
                                 [CONTROL_SITES] = SITES_BYTES, [CONTROL_PAGE] = PAGE};

u64 now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (u64)t.tv_sec * 1000000000ull + (u64)t.tv_nsec;
}

u64 ticks(void)
{
    u32 low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return low | (u64)high << 32;
}

u64 control_alloc(struct platform *p, int kind)
{
    pthread_mutex_lock(&p->lock);
    u64 offset = p->free_control[kind];
    if (offset != NO_OFFSET) {
        memcpy(&p->free_control[kind], p->control + offset, 8);
        memset(p->control + offset, 0, 8);
    } else if (p->control_next + kind_bytes[kind] <= CONTROL_BYTES) {
        offset = p->control_next;
        p->control_next += kind_bytes[kind];
    }
    pthread_mutex_unlock(&p->lock);
    return offset;
}

/* What a process left there goes back to the host: the next one must not see it. */
void control_free(struct platform *p, int kind, u64 offset)
{
    if (fallocate(p->control_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)offset, (off_t)kind_bytes[kind]) < 0)
        memset(p->control + offset, 0, kind_bytes[kind]);
    pthread_mutex_lock(&p->lock);
    memcpy(p->control + offset, &p->free_control[kind], 8);
    p->free_control[kind] = offset;
    pthread_mutex_unlock(&p->lock);
}

static int cpu_setup(struct platform *p, char *failure)
{
    u32 a, b, c, d, low, high;
    if (!(getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE)) {
        snprintf(failure, FAILURE_BYTES, "systrap needs the FSGSBASE instructions: Linux 5.9 on a CPU since 2012");
        return -ENOTSUP;
    }
    __cpuid(1, a, b, c, d);
    if (!(c & 1u << 27)) {
        snprintf(failure, FAILURE_BYTES, "systrap needs a CPU and a kernel with XSAVE");
        return -ENOTSUP;
    }
    __cpuid_count(7, 0, a, b, c, d);
    p->rewriting = p->rewriting && (b & 1u << 8) != 0; /* the trampoline has an instruction of BMI2 */
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    p->xcr0 = (low | (u64)high << 32) & XCR0_KNOWN;
    p->fpu_bytes = 576;
    for (u32 i = 2; i < 63; i++)
        if (p->xcr0 >> i & 1) {
            __cpuid_count(0xd, i, a, b, c, d);
            if (b + a > p->fpu_bytes)
                p->fpu_bytes = b + a;
        }
    u64 t0 = ticks(), n0 = now_ns();
    while (now_ns() - n0 < 200000)
        ;
    p->ticks_per_us = (ticks() - t0) * 1000 / (now_ns() - n0);
    p->cpus = sched_getaffinity(0, sizeof p->all_cpus, &p->all_cpus) == 0 ? CPU_COUNT(&p->all_cpus) : 1;
    return fpu_setup(p, failure);
}

static int files_setup(struct platform *p, char *failure)
{
    p->memory = mmap(NULL, p->memory_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, p->memory_fd, 0);
    p->control_fd = memfd_create("gvj-systrap", MFD_CLOEXEC);
    if (p->control_fd < 0 || ftruncate(p->control_fd, (off_t)CONTROL_BYTES) < 0)
        goto failed;
    p->control = mmap(NULL, CONTROL_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, p->control_fd, 0);
    if (p->memory != MAP_FAILED && p->control != MAP_FAILED)
        return 0;
failed:
    snprintf(failure, FAILURE_BYTES, "cannot map the platform's memory: %s", strerror(errno));
    return -ENOMEM;
}

struct platform *platform_open(int memory_fd, u64 memory_bytes, const char *stub, bool rewriting, char *failure)
{
    struct platform *p = calloc(1, sizeof *p);
    if (p == NULL) {
        snprintf(failure, FAILURE_BYTES, "no memory");
        return NULL;
    }
    p->memory_fd = memory_fd;
    p->memory_bytes = memory_bytes;
    p->rewriting = rewriting;
    p->control_fd = -1;
    for (int kind = 0; kind < 4; kind++)
        p->free_control[kind] = NO_OFFSET;
    pthread_mutex_init(&p->lock, NULL);
    pthread_mutex_init(&p->seed_lock, NULL);
    pthread_mutex_init(&p->clone_lock, NULL);
    pthread_cond_init(&p->work, NULL);
    if (cpu_setup(p, failure) < 0 || files_setup(p, failure) < 0 || processes_start(p, stub, failure) < 0) {
        platform_close(p);
        return NULL;
    }
    snprintf(p->description, sizeof p->description, "%d CPUs, XCR0 %#llx, call sites are %s", p->cpus,
             (unsigned long long)p->xcr0, p->rewriting ? "rewritten" : "not rewritten");
    return p;
}

void platform_close(struct platform *p)
{
    processes_stop(p);
    if (p->control != NULL && p->control != MAP_FAILED)
        munmap(p->control, CONTROL_BYTES);
    if (p->memory != NULL && p->memory != MAP_FAILED)
        munmap(p->memory, p->memory_bytes);
    if (p->control_fd >= 0)
        close(p->control_fd);
    pthread_mutex_destroy(&p->lock);
    pthread_mutex_destroy(&p->seed_lock);
    pthread_mutex_destroy(&p->clone_lock);
    pthread_cond_destroy(&p->work);
    free(p);
}
