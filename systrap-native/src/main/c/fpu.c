/* FPU state of contexts: XSAVE areas in standard format. Wherever it comes from, the application may have written it. */
#include "gvjsystrap.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "xsave.h"

int fpu_setup(struct platform *p, char *failure)
{
    p->mxcsr_mask = xsave_mxcsr_mask();
    if (p->fpu_bytes <= FPU_MAX)
        return 0;
    snprintf(failure, FAILURE_BYTES, "the CPU has %u bytes of FPU state, systrap knows %u", p->fpu_bytes, FPU_MAX);
    return -ENOTSUP;
}

void fpu_reset(struct context *c)
{
    xsave_initial(c->fpu, FPU_MAX, c->platform->mxcsr_mask);
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
    xsave_clean(c->fpu, c->platform->xcr0, c->platform->mxcsr_mask);
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
    xsave_clean(c->fpu, c->platform->xcr0, c->platform->mxcsr_mask);
    c->fpu_place = FPU_HERE;
    return 0;
}
