/* What the exits of KVM_RUN mean. */
#include "gvjkvm.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>

void ctx_fail(struct context *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(c->failure, sizeof c->failure, format, args);
    va_end(args);
}

static int syscall_exit(struct context *c)
{
    c->regs.orig_rax = c->regs.rax;
    c->regs.rip = c->regs.rcx;
    c->regs.eflags = c->regs.r11;
    return EXIT_SYSCALL;
}

static int exception_exit(struct context *c, u32 vector, u64 error_code)
{
    c->vector = vector;
    c->error_code = error_code;
    return EXIT_EXCEPTION;
}

static int fault_exit(struct context *c, u64 address, u64 error_code)
{
    c->vector = 14;
    c->fault_address = address;
    c->error_code = error_code;
    c->fault_access = error_code & 0x10 ? PROT_EXEC : error_code & 2 ? PROT_WRITE : PROT_READ;
    return EXIT_FAULT;
}

/*
 * kvm_pvm, a software hypervisor, leaves SYSCALL in ring 3: the instruction fetch at LSTAR faults. An application that
 * jumps there by itself makes a system call.
 */
static bool is_pvm_syscall(const struct vcpu *v, const struct context *c, u64 error_code)
{
    return v->vm->pvm && c->regs.rip == LSTAR && error_code & 0x10;
}

/* kvm_pvm makes #UD of software interrupts; this makes of them what they would have been. */
static int invalid_opcode(struct context *c, struct aspace *as)
{
    u8 code[2] = {0, 0};
    int n = as_read_code(as, c->regs.rip, code, 2);
    u64 length = n >= 1 && code[0] == 0xcc ? 1 : n == 2 && code[0] == 0xcd ? 2 : 0;
    if (length == 0)
        return exception_exit(c, 6, 0);
    u8 vector = length == 1 ? 3 : code[1];
    if (vector != 3 && vector != 4)
        return exception_exit(c, 13, (u64)vector << 3 | 2);
    c->regs.rip += length;
    return exception_exit(c, vector, 0);
}

static bool has_error_code(u32 vector)
{
    return vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21 || vector == 29
        || vector == 30;
}

static int vector_exit(struct vcpu *v, struct context *c, struct aspace *as, u32 vector)
{
    bool ist = vector == 2 || vector == 8 || vector == 18;
    const struct iret_frame *frame = ist ? &v->page->ist_frame : &v->page->frame;
    u64 error_code = !has_error_code(vector) ? 0 : ist ? v->page->ist_error_code : v->page->error_code;
    if ((frame->cs & 3) != 3 || ist) {
        ctx_fail(c, "exception %u in ring 0 of the guest at %#llx, error code %#llx", vector,
                 (unsigned long long)frame->rip, (unsigned long long)error_code);
        return EXIT_FAILED;
    }
    c->regs.rip = frame->rip;
    c->regs.eflags = frame->rflags;
    c->regs.rsp = frame->rsp;
    if (vector == 14) {
        if (is_pvm_syscall(v, c, error_code))
            return syscall_exit(c);
        return fault_exit(c, v->in_stub ? v->page->cr2 : v->run->s.regs.sregs.cr2, error_code);
    }
    if (vector == 6 && v->vm->pvm)
        return invalid_opcode(c, as);
    if (vector == 1 && v->vm->pvm && !(c->regs.eflags & RFLAGS_TF)) {
        u8 icebp = 0; /* kvm_pvm does not step over it */
        if (as_read_code(as, c->regs.rip, &icebp, 1) == 1 && icebp == 0xf1)
            c->regs.rip++;
    }
    return exception_exit(c, vector, error_code);
}

static int io_exit(struct vcpu *v, struct context *c, struct aspace *as)
{
    u32 port = v->run->io.port;
    v->in_stub = v->vm->quick;
    user_save(v, c);
    if (port == PORT_SYSCALL)
        return syscall_exit(c);
    if (port == PORT_VECTOR_BELOW)
        return vector_exit(v, c, as, (u32)v->page->vector);
    if (port == PORT_SYSCALL32)
        return exception_exit(c, 6, 0);
    if (port - PORT_VECTOR < 32)
        return vector_exit(v, c, as, port - PORT_VECTOR);
    ctx_fail(c, "unknown port %#x", port);
    return EXIT_FAILED;
}

static int failed_exit(struct vcpu *v, struct context *c)
{
    struct kvm_run *run = v->run;
    user_save(v, c);
    unsigned long long rip = c->regs.rip;
    switch (run->exit_reason) {
    case KVM_EXIT_SHUTDOWN:
        ctx_fail(c, "KVM shut the vCPU down (triple fault) at %#llx", rip);
        break;
    case KVM_EXIT_FAIL_ENTRY:
        ctx_fail(c, "the CPU refused the guest state at %#llx, reason %#llx", rip,
                 (unsigned long long)run->fail_entry.hardware_entry_failure_reason);
        break;
    case KVM_EXIT_INTERNAL_ERROR:
        ctx_fail(c, "KVM internal error %u at %#llx", run->internal.suberror, rip);
        break;
    case KVM_EXIT_MMIO:
        ctx_fail(c, "access to guest-physical address %#llx, where there is nothing, at %#llx",
                 (unsigned long long)run->mmio.phys_addr, rip);
        break;
    default:
        ctx_fail(c, "unexpected KVM exit %u at %#llx", run->exit_reason, rip);
    }
    return EXIT_FAILED;
}

/* After a successful KVM_RUN: an exit_reason, and c has its registers. */
int exit_meaning(struct vcpu *v, struct context *c, struct aspace *as)
{
    return v->run->exit_reason == KVM_EXIT_IO ? io_exit(v, c, as) : failed_exit(v, c);
}
