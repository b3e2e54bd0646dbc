/*
 * The vDSO, vdso(7): what programs can ask without a system call. Code that runs in the application, so nothing here is
 * trusted by the Sentry, and nothing secret is known here.
 *
 * All clocks are one: a line through the time stamp counter, which the Sentry uses for its own answers as well, so that
 * calls here and system calls never contradict each other. See gvj.kernel.TscClock. When the page is too old, the Sentry is
 * asked to renew it, by a call that seccomp(2) and ptrace(2) do not see, as they would not see anything on Linux. Other
 * clocks, and all where the counter is no clock, are system calls like any other.
 */
#include "vvar.h"

#define EXPORT __attribute__((visibility("default")))
#define ALIAS(NAME) __attribute__((visibility("default"), weak, alias(#NAME)))

#define SECOND 1000000000UL
#define TICK 4000000L /* what clock_getres(2) says of the coarse clocks, gvj.kernel.ClockId */

enum { REALTIME = 0, MONOTONIC = 1, MONOTONIC_RAW = 4, REALTIME_COARSE = 5, MONOTONIC_COARSE = 6, BOOTTIME = 7, TAI = 11 };
#define BIT(CLOCK) (1U << (CLOCK))
#define REAL (BIT(REALTIME) | BIT(REALTIME_COARSE) | BIT(TAI))
#define COARSE (BIT(REALTIME_COARSE) | BIT(MONOTONIC_COARSE))
#define KNOWN (REAL | COARSE | BIT(MONOTONIC) | BIT(MONOTONIC_RAW) | BIT(BOOTTIME))

enum { SYS_gettimeofday = 96, SYS_time = 201, SYS_clock_gettime = 228, SYS_clock_getres = 229, SYS_getcpu = 309 };

struct timespec {
    long sec;
    long nsec;
};

struct timezone {
    int minutes_west;
    int dst_time;
};

extern const volatile struct vvar vvar_page __attribute__((visibility("hidden")));

/* The number is set right before the instruction: what rewrites system calls knows this form. */
#define SYSCALL(NR, A, B, C)                                                                                           \
    ({                                                                                                                 \
        long r_;                                                                                                       \
        asm volatile("mov %1, %%eax\n\tsyscall"                                                                        \
                     : "=&a"(r_)                                                                                       \
                     : "i"(NR), "D"(A), "S"(B), "d"(C)                                                                 \
                     : "rcx", "r11", "memory");                                                                        \
        r_;                                                                                                            \
    })

/* The counter, not read before the loads in front of it are done. */
static inline u64 read_tsc(void)
{
    u32 low, high;
    asm volatile("lfence\n\trdtsc" : "=a"(low), "=d"(high) : : "memory");
    return (u64)high << 32 | low;
}

/* Whether the page answered. */
static inline int read_page(int real, struct timespec *t)
{
    for (;;) {
        u32 sequence = vvar_page.sequence;
        if (sequence & 1)
            return 0; /* whoever changes it may have lost the CPU: asking for a new one waits, here we would spin */
        u64 tsc = read_tsc();
        u64 cycles = tsc - vvar_page.tsc; /* huge when the counter is behind */
        u64 limit = vvar_page.limit;
        u64 multiplier = vvar_page.multiplier;
        u64 sec = real ? vvar_page.realtime_sec : vvar_page.monotonic_sec;
        u64 nsec = real ? vvar_page.realtime_nsec : vvar_page.monotonic_nsec;
        /*
         * The sequence is looked at again only when the counter was read: loads stay in order among themselves, but RDTSC
         * is none. An address that depends on it costs less than a second LFENCE. So whoever got through read the counter
         * before the Sentry read it for the next line, and that one begins no lower than this one ends.
         */
        u64 zero = tsc;
        asm volatile("and $0, %0" : "+r"(zero) : : "cc", "memory");
        if (*(const volatile u32 *)((const volatile char *)&vvar_page.sequence + zero) != sequence)
            continue;
        if (cycles >= limit)
            return 0;
        nsec += cycles * multiplier >> 32; /* at most a second: no overflow */
        while (nsec >= SECOND) {
            nsec -= SECOND;
            sec++;
        }
        t->sec = sec;
        t->nsec = nsec;
        return 1;
    }
}

/* The same with a page that is not too old, if the Sentry has one for us. */
static __attribute__((noinline)) int read_renewed(int real, struct timespec *t)
{
    return vvar_page.limit && SYSCALL(VVAR_RENEW, 0L, 0L, 0L) == 0 && read_page(real, t);
}

static inline int read_clock(int real, struct timespec *t)
{
    return read_page(real, t) || read_renewed(real, t);
}

EXPORT int __vdso_clock_gettime(int clock, struct timespec *t)
{
    struct timespec now;
    if ((u32)clock < 32 && BIT(clock) & KNOWN && read_clock((BIT(clock) & REAL) != 0, &now)) {
        *t = now;
        return 0;
    }
    return SYSCALL(SYS_clock_gettime, (long)clock, t, 0L);
}

EXPORT int __vdso_clock_getres(int clock, struct timespec *t)
{
    if ((u32)clock >= 32 || !(BIT(clock) & KNOWN))
        return SYSCALL(SYS_clock_getres, (long)clock, t, 0L);
    if (t) {
        t->sec = 0;
        t->nsec = BIT(clock) & COARSE ? TICK : 1;
    }
    return 0;
}

EXPORT int __vdso_gettimeofday(struct timespec *t, struct timezone *zone)
{
    struct timespec now;
    if (t) {
        if (!read_clock(1, &now))
            return SYSCALL(SYS_gettimeofday, t, zone, 0L);
        t->sec = now.sec;
        t->nsec = (u64)now.nsec / 1000; /* a struct timeval */
    }
    if (zone) {
        zone->minutes_west = 0;
        zone->dst_time = 0;
    }
    return 0;
}

EXPORT long __vdso_time(long *t)
{
    struct timespec now;
    if (!read_clock(1, &now))
        return SYSCALL(SYS_time, t, 0L, 0L);
    if (t)
        *t = now.sec;
    return now.sec;
}

/* Not RDTSCP or RDPID: they tell the host's CPU, which is none of those that sched_getaffinity(2) talks about. */
EXPORT long __vdso_getcpu(u32 *cpu, u32 *node, void *unused)
{
    if (!vvar_page.cpu_is_0)
        return SYSCALL(SYS_getcpu, cpu, node, unused);
    if (cpu)
        *cpu = 0;
    if (node)
        *node = 0;
    return 0;
}

ALIAS(__vdso_clock_gettime) int clock_gettime(int clock, struct timespec *t);
ALIAS(__vdso_clock_getres) int clock_getres(int clock, struct timespec *t);
ALIAS(__vdso_gettimeofday) int gettimeofday(struct timespec *t, struct timezone *zone);
ALIAS(__vdso_time) long time(long *t);
ALIAS(__vdso_getcpu) long getcpu(u32 *cpu, u32 *node, void *unused);
