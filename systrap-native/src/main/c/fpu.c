/* FPU state of contexts: XSAVE areas in standard format. Wherever it comes from, the application may have written it. */
#include "gvjsystrap.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define FCW 0
#define MXCSR 24
#define MXCSR_MASK 28
#define SOFTWARE 464 /* Linux's signal frames use bytes 464-511; the CPU does not */
#define XSTATE_BV 512
#define HEADER_REST 520
#define EXTENDED 576

static u64 get64(const u8 *p)
{
    u64 value;
    memcpy(&value, p, 8);
    return value;
}

static u32 get32(const u8 *p)
{
    u32 value;
    memcpy(&value, p, 4);
    return value;
}

int fpu_setup(struct platform *p, char *failure)
{
    u8 area[512] __attribute__((aligned(16))) = {0};
    __asm__ volatile("fxsave64 %0" : "=m"(area));
    p->mxcsr_mask = get32(area + MXCSR_MASK);
    if (p->mxcsr_mask == 0)
        p->mxcsr_mask = 0xffbf; /* Intel SDM 11.6.6 */
    if (p->fpu_bytes <= FPU_MAX)
        return 0;
    snprintf(failure, FAILURE_BYTES, "the CPU has %u bytes of FPU state, systrap knows %u", p->fpu_bytes, FPU_MAX);
    return -ENOTSUP;
}

static void initial(struct platform *p, u8 *fpu)
{
    memset(fpu, 0, FPU_MAX);
    memcpy(fpu + FCW, &(u16){0x37f}, 2);
    memcpy(fpu + MXCSR, &(u32){0x1f80}, 4);
    memcpy(fpu + MXCSR_MASK, &p->mxcsr_mask, 4);
    memcpy(fpu + XSTATE_BV, &(u64){3}, 8);
}

/* Everything that XRSTOR could refuse is cleared. */
static void clean(struct platform *p, u8 *fpu)
{
    u32 mxcsr = get32(fpu + MXCSR) & p->mxcsr_mask;
    u64 features = get64(fpu + XSTATE_BV) & p->xcr0;
    memcpy(fpu + MXCSR, &mxcsr, 4);
    memcpy(fpu + MXCSR_MASK, &p->mxcsr_mask, 4);
    memcpy(fpu + XSTATE_BV, &features, 8);
    memset(fpu + HEADER_REST, 0, EXTENDED - HEADER_REST);
    memset(fpu + SOFTWARE, 0, XSTATE_BV - SOFTWARE);
}

void fpu_reset(struct context *c)
{
    initial(c->platform, c->fpu);
    c->fpu_place = FPU_HERE;
}

/* Brings the state into c->fpu; its thread goes on with what it has unless c->fpu_place says otherwise. */
static int copy_here(struct context *c)
{
    struct thread *t = c->thread;
    u32 bytes = c->platform->fpu_bytes;
    if (c->fpu_place == FPU_HERE)
        return 0;
    if (c->fpu_place == FPU_FRAME) {
        if (c->fpu_frame < PAGE || c->fpu_frame > AREA_BYTES - bytes)
            return -EFAULT;
        memcpy(c->fpu, (u8 *)t->page + c->fpu_frame, bytes);
    } else {
        t->page->orders = ORDER_SAVE_FPU;
        ctx_go(c);
        if (ctx_wait(c, false) < 0)
            return -ESRCH;
        memcpy(c->fpu, t->page->fpu, bytes);
    }
    clean(c->platform, c->fpu);
    return 0;
}

int fpu_pull(struct context *c)
{
    int rc = copy_here(c);
    if (rc == 0)
        c->fpu_place = FPU_HERE;
    return rc;
}

int fpu_save(struct context *c, void *to)
{
    if (copy_here(c) < 0)
        fpu_reset(c); /* it overwrote its frame, or it was killed, which the next run tells */
    memcpy(to, c->fpu, c->platform->fpu_bytes);
    return 0;
}

int fpu_load(struct context *c, const void *from)
{
    memcpy(c->fpu, from, c->platform->fpu_bytes);
    clean(c->platform, c->fpu);
    c->fpu_place = FPU_HERE;
    return 0;
}
