/* The [vvar] page: what the Sentry tells the vDSO. gvj.kernel.Vvar writes it; every process sees it, none can write it. */
#ifndef VVAR_H
#define VVAR_H

typedef unsigned int u32;
typedef unsigned long u64;

struct vvar {
    u32 sequence;   /* odd while what follows is being changed */
    u32 cpu_is_0;   /* getcpu(2) answers CPU 0 to every thread */
    u64 tsc;        /* the counter at the moment that the times below are of */
    u64 limit;      /* how many cycles from there the page is good for; 0: time takes a system call */
    u64 multiplier; /* nanoseconds per cycle, times 2^32 */
    u64 monotonic_sec, monotonic_nsec;
    u64 realtime_sec, realtime_nsec;
};

/* The number of a system call that Linux does not have: the page is to be renewed. gvj.kernel.Vvar.RENEW. */
#define VVAR_RENEW 0x67766a

_Static_assert(sizeof(struct vvar) == 64, "one cache line, as gvj.kernel.Vvar has it");

#endif
