/* The systrap platform, for the tests of sentry/src/test/c/half that every platform must pass. */
#ifndef HALF_H
#define HALF_H
#include "gvjsystrap.h"

#define PLATFORM struct platform
#define half_close platform_close

struct platform *half_open(int memory_fd, u64 memory_bytes, char *failure); /* with the stub beside this program */

/* Whether jumping to this address, which no application has, is a system call. */
static inline bool half_is_gate(const struct platform *p, u64 address)
{
    (void)p, (void)address;
    return false;
}

static inline bool half_has_fsgsbase(const struct platform *p)
{
    (void)p;
    return true;
}

static inline bool half_host_tsc(const struct platform *p)
{
    (void)p;
    return true;
}

/* The host's: some hypervisors lose its place, and then it does that natively as well. */
static inline bool half_has_int1(const struct platform *p)
{
    (void)p;
    return false;
}

static inline bool half_is_idle(struct platform *p)
{
    return atomic_load(&p->running) == 0;
}

#endif
