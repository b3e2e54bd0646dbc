/* The KVM platform, for the tests of sentry/src/test/c/half that every platform must pass. */
#ifndef HALF_H
#define HALF_H
#include "gvjkvm.h"

#define PLATFORM struct vm
#define half_open vm_open
#define half_close vm_close

/* Whether jumping to this address, which no application has, is a system call. */
static inline bool half_is_gate(const struct vm *vm, u64 address)
{
    return vm->pvm && address == LSTAR;
}

static inline bool half_has_fsgsbase(const struct vm *vm)
{
    return (vm->cr4 & CR4_FSGSBASE) != 0;
}

static inline bool half_host_tsc(const struct vm *vm)
{
    return vm->host_tsc;
}

/* int1 is a trap of its own: no hypervisor below has to emulate it. */
static inline bool half_has_int1(const struct vm *vm)
{
    (void)vm;
    return true;
}

/* When no context runs any more. */
static inline bool half_is_idle(struct vm *vm)
{
    return atomic_load(&vm->nvcpus) <= vm->max_vcpus && atomic_load(&vm->waiters) == 0;
}

#endif
