/*
 * FPU state of contexts: XSAVE areas in standard format. While a context has a vCPU its state is in there; otherwise in
 * context.fpu.
 */
#include "gvjkvm.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "xsave.h"

int fpu_setup(struct vm *vm, char *failure)
{
    int bytes = ioctl(vm->fd, KVM_CHECK_EXTENSION, KVM_CAP_XSAVE2);
    vm->xsave_bytes = bytes > (int)sizeof(struct kvm_xsave) ? (u32)bytes : (u32)sizeof(struct kvm_xsave);
    if (vm->xsave_bytes < vm->fpu_bytes) {
        snprintf(failure, FAILURE_BYTES, "KVM saves %u bytes of FPU state, the CPU has %u; use a newer kernel",
                 vm->xsave_bytes, vm->fpu_bytes);
        return -ENOTSUP;
    }
    vm->mxcsr_mask = xsave_mxcsr_mask();
    return 0;
}

/* c's state leaves v. On failure c can no longer run. */
int fpu_from_vcpu(struct vcpu *v, struct context *c)
{
    unsigned long request = v->vm->xsave_bytes > sizeof(struct kvm_xsave) ? KVM_GET_XSAVE2 : KVM_GET_XSAVE;
    if (ioctl(v->fd, request, c->fpu) < 0)
        return -errno;
    c->fpu_here = true;
    return 0;
}

int fpu_to_vcpu(struct vcpu *v, struct context *c)
{
    if (ioctl(v->fd, KVM_SET_XSAVE, c->fpu) < 0)
        return -errno;
    c->fpu_here = false;
    return 0;
}

static void initial(struct vm *vm, u8 *fpu)
{
    xsave_initial(fpu, vm->xsave_bytes, vm->mxcsr_mask);
}

void fpu_reset(struct context *c)
{
    struct vcpu *v = pool_pin(c);
    initial(c->vm, c->fpu);
    c->fpu_here = true;
    pool_unpin(c, v);
}

int fpu_save(struct context *c, void *to)
{
    int rc = 0;
    struct vcpu *v = pool_pin(c);
    if (v != NULL && !c->fpu_here) {
        rc = fpu_from_vcpu(v, c);
        c->fpu_here = false; /* the copy is as good, but what is in v need not be loaded again */
    }
    if (rc == 0) {
        memcpy(to, c->fpu, c->vm->fpu_bytes);
        memcpy((u8 *)to + XSAVE_MXCSR_MASK, &c->vm->mxcsr_mask, 4);
        memset((u8 *)to + XSAVE_SOFTWARE, 0, XSAVE_BV - XSAVE_SOFTWARE);
    }
    pool_unpin(c, v);
    return rc;
}

/* Bytes from the application: everything the CPU or KVM could refuse is cleared. */
int fpu_load(struct context *c, const void *from)
{
    struct vm *vm = c->vm;
    struct vcpu *v = pool_pin(c);
    u8 *fpu = c->fpu;
    memset(fpu, 0, vm->xsave_bytes);
    memcpy(fpu, from, vm->fpu_bytes);
    xsave_clean(fpu, vm->xcr0, vm->mxcsr_mask);
    c->fpu_here = true;
    int rc = v != NULL ? fpu_to_vcpu(v, c) : 0;
    if (rc < 0)
        initial(vm, fpu);
    pool_unpin(c, v);
    return rc;
}
