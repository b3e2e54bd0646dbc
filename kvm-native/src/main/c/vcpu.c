/*
 * One vCPU: setting it up, entering user mode, and what its exits mean.
 *
 * Every entry loads the context's registers and user segments; every way out of user mode is one `out` of the ring-0
 * stub (stub.S): the port says whether SYSCALL or which vector, the rest is in the registers and in the exception frame
 * on the vCPU's own kernel page, which ring 3 cannot reach.
 *
 * kvm_pvm, a software hypervisor, differs: SYSCALL arrives at LSTAR still in ring 3, and the instruction fetch faults.
 */
#include "gvjkvm.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CR4_FSGSBASE (1ull << 16)
#define MSR_STAR 0xc0000081
#define MSR_LSTAR 0xc0000082
#define MSR_CSTAR 0xc0000083
#define MSR_SYSCALL_MASK 0xc0000084

#define LSTAR (KERNEL_BASE + STUB_GPA)
/* What ring 3 may have in RFLAGS: CF PF AF ZF SF TF DF OF NT RF AC ID. Never IOPL, VM, VIF, VIP. */
#define RFLAGS_USER 0x254dd5ull
/* What SYSCALL clears: all of those, and IF and IOPL. */
#define SYSCALL_MASK 0x257fd5ull
#define KICK_SIGNAL (SIGRTMIN + 2)
#define EFAULT_RETRIES 8

/* The kvm_run page of the vCPU this thread is running, for the signal handler. */
static __thread struct kvm_run *volatile running __attribute__((tls_model("initial-exec")));
static __thread int my_tid __attribute__((tls_model("initial-exec")));

void ctx_fail(struct context *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(c->failure, sizeof c->failure, format, args);
    va_end(args);
}

/* A signal between the last look at the flags and KVM_RUN must not be lost either. */
static void on_kick(int signal)
{
    (void)signal;
    struct kvm_run *run = running;
    if (run != NULL)
        run->immediate_exit = 1;
}

int vcpu_install_signal(void)
{
    struct sigaction action = {.sa_handler = on_kick, .sa_flags = SA_ONSTACK};
    sigemptyset(&action.sa_mask);
    return sigaction(KICK_SIGNAL, &action, NULL) < 0 ? -errno : 0;
}

int vcpu_my_tid(void)
{
    if (my_tid == 0) {
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, KICK_SIGNAL);
        pthread_sigmask(SIG_UNBLOCK, &set, NULL);
        my_tid = (int)syscall(SYS_gettid);
    }
    return my_tid;
}

/* Makes a thread of ours leave KVM_RUN. One that has gone on meanwhile sees a signal that does nothing. */
void kick_thread(int tid)
{
    if (tid != 0)
        syscall(SYS_tgkill, getpid(), tid, KICK_SIGNAL);
}

static struct kvm_segment segment(u16 selector, u8 type, u8 dpl, u8 l)
{
    return (struct kvm_segment){.limit = 0xffffffff, .selector = selector, .type = type, .present = 1, .dpl = dpl,
                                .db = !l, .s = 1, .l = l, .g = 1};
}

static int set_sregs(struct vcpu *v)
{
    struct kvm_sregs *s = &v->user;
    u64 page = KERNEL_BASE + VCPU_GPA + (u64)v->index * PAGE;
    if (ioctl(v->fd, KVM_GET_SREGS, s) < 0)
        return -errno;
    s->cr0 = 0x80050033; /* PG AM WP NE ET MP PE */
    s->cr2 = 0;
    s->cr3 = KERNEL_PDPT_GPA; /* replaced before the first entry */
    s->cr4 = v->vm->cr4;
    s->efer = 0xd01; /* NXE LMA LME SCE */
    s->cs = segment(USER_CS, 0xb, 3, 1);
    s->ss = segment(USER_DS, 0x3, 3, 0);
    s->ds = s->es = s->fs = s->gs = segment(0, 0x3, 3, 0);
    s->ds.selector = s->es.selector = s->fs.selector = s->gs.selector = 0;
    s->tr = (struct kvm_segment){.base = page, .limit = 0x67, .selector = 0x40, .type = 0xb, .present = 1};
    s->ldt = (struct kvm_segment){.unusable = 1};
    s->gdt.base = KERNEL_BASE + GDT_GPA;
    s->gdt.limit = USER_CS / 8 * 8 + 7;
    s->idt.base = KERNEL_BASE + IDT_GPA;
    s->idt.limit = 32 * 16 - 1; /* higher vectors are #GP, as in a kernel without 32-bit emulation */
    memset(s->interrupt_bitmap, 0, sizeof s->interrupt_bitmap);
    if (ioctl(v->fd, KVM_SET_SREGS, s) == 0)
        return 0;
    s->cr4 = v->vm->cr4 &= ~CR4_FSGSBASE; /* applications get #UD from wrfsbase and ask arch_prctl */
    return ioctl(v->fd, KVM_SET_SREGS, s) < 0 ? -errno : 0;
}

static int set_msrs(struct vcpu *v)
{
    struct {
        struct kvm_msrs head;
        struct kvm_msr_entry entries[4];
    } msrs = {.head.nmsrs = 4, .entries = {
        {.index = MSR_STAR, .data = (u64)(USER_DS - 8) << 48 | (u64)KERNEL_CS << 32},
        {.index = MSR_LSTAR, .data = LSTAR},
        {.index = MSR_CSTAR, .data = LSTAR + (u64)(gvj_stub_syscall32 - gvj_stub_begin)},
        {.index = MSR_SYSCALL_MASK, .data = SYSCALL_MASK},
    }};
    int n = ioctl(v->fd, KVM_SET_MSRS, &msrs);
    return n < 0 ? -errno : n != 4 ? -EIO : 0;
}

/* The guest's TSC is the host's, on every vCPU: the vDSO reads it, and threads move between vCPUs. */
static void set_tsc(struct vcpu *v)
{
    u64 zero = 0;
    struct kvm_device_attr attr = {
        .group = KVM_VCPU_TSC_CTRL, .attr = KVM_VCPU_TSC_OFFSET, .addr = (u64)(uintptr_t)&zero};
    ioctl(v->fd, KVM_SET_DEVICE_ATTR, &attr);
}

/* Everything an entry does not set by itself. Also after a failure, when KVM may have reset the vCPU. */
static int set_up(struct vcpu *v)
{
    struct kvm_xcrs xcrs = {.nr_xcrs = 1, .xcrs = {{.xcr = 0, .value = v->vm->xcr0}}};
    int rc = set_sregs(v); /* CR4.OSXSAVE before XCR0 */
    if (rc < 0)
        return rc;
    if (ioctl(v->fd, KVM_SET_XCRS, &xcrs) < 0)
        return -errno;
    rc = set_msrs(v);
    if (rc < 0)
        return rc;
    struct kvm_vcpu_events events = {0};
    ioctl(v->fd, KVM_SET_VCPU_EVENTS, &events);
    set_tsc(v);
    u8 *page = (u8 *)v->page;
    u64 top = KERNEL_BASE + VCPU_GPA + (u64)v->index * PAGE + PAGE, ist = top - PAGE / 2;
    memcpy(page + 4, &top, 8);              /* RSP0 */
    memcpy(page + 36, &ist, 8);             /* IST1: NMI, double fault, machine check */
    memcpy(page + 102, &(u16){0x68}, 2);    /* no I/O ports for ring 3 */
    return 0;
}

struct vcpu *vcpu_open(struct vm *vm, int index)
{
    struct vcpu *v = calloc(1, sizeof *v);
    if (v == NULL)
        return NULL;
    v->vm = vm;
    v->index = index;
    v->run = MAP_FAILED;
    v->page = vm_kernel(vm, VCPU_GPA + (u64)index * PAGE);
    v->fd = ioctl(vm->fd, KVM_CREATE_VCPU, index);
    if (v->fd < 0)
        goto fail;
    v->run = mmap(NULL, (size_t)vm->run_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, v->fd, 0);
    if (v->run == MAP_FAILED || ioctl(v->fd, KVM_SET_CPUID2, vm->cpuid) < 0)
        goto fail;
    int rc = set_up(v);
    if (rc < 0) {
        errno = -rc;
        goto fail;
    }
    v->run->kvm_valid_regs = KVM_SYNC_X86_REGS | KVM_SYNC_X86_SREGS;
    return v;
fail:
    rc = errno;
    vcpu_close(v);
    errno = rc;
    return NULL;
}

void vcpu_close(struct vcpu *v)
{
    if (v->run != MAP_FAILED)
        munmap(v->run, (size_t)v->vm->run_bytes);
    if (v->fd >= 0)
        close(v->fd);
    free(v);
}

static u64 canonical(u64 address)
{
    return (u64)((int64_t)(address << 16) >> 16);
}

static void load_user(struct vcpu *v, struct context *c, struct aspace *as)
{
    const struct user_regs *u = &c->regs;
    struct kvm_run *run = v->run;
    run->s.regs.regs = (struct kvm_regs){
        .rax = u->rax, .rbx = u->rbx, .rcx = u->rcx, .rdx = u->rdx, .rsi = u->rsi, .rdi = u->rdi, .rsp = u->rsp,
        .rbp = u->rbp, .r8 = u->r8, .r9 = u->r9, .r10 = u->r10, .r11 = u->r11, .r12 = u->r12, .r13 = u->r13,
        .r14 = u->r14, .r15 = u->r15, .rip = u->rip, .rflags = (u->eflags & RFLAGS_USER) | RFLAGS_IF | 2};
    v->user.cr3 = as->root;
    v->user.fs.base = canonical(u->fs_base);
    v->user.gs.base = canonical(u->gs_base);
    run->s.regs.sregs = v->user;
    run->kvm_dirty_regs = KVM_SYNC_X86_REGS | KVM_SYNC_X86_SREGS;
}

/* The registers as they were in user mode, but for what the way out of it changed. */
static void save_user(struct vcpu *v, struct context *c)
{
    const struct kvm_regs *r = &v->run->s.regs.regs;
    const struct kvm_sregs *s = &v->run->s.regs.sregs;
    c->regs = (struct user_regs){
        .r15 = r->r15, .r14 = r->r14, .r13 = r->r13, .r12 = r->r12, .rbp = r->rbp, .rbx = r->rbx, .r11 = r->r11,
        .r10 = r->r10, .r9 = r->r9, .r8 = r->r8, .rax = r->rax, .rcx = r->rcx, .rdx = r->rdx, .rsi = r->rsi,
        .rdi = r->rdi, .orig_rax = ~0ull, .rip = r->rip, .cs = USER_CS, .eflags = r->rflags, .rsp = r->rsp,
        .ss = USER_DS, .fs_base = s->fs.base, .gs_base = s->gs.base};
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
    const volatile u64 *top = v->page + (ist ? PAGE / 16 : PAGE / 8);
    u64 error_code = has_error_code(vector) ? top[-6] : 0;
    if ((top[-4] & 3) != 3) {
        ctx_fail(c, "exception %u in ring 0 of the guest at %#llx, error code %#llx", vector,
                 (unsigned long long)top[-5], (unsigned long long)error_code);
        return EXIT_FAILED;
    }
    c->regs.rip = top[-5];
    c->regs.eflags = top[-3];
    c->regs.rsp = top[-2];
    if (vector == 14) {
        if (v->vm->pvm && c->regs.rip == LSTAR && error_code & 0x10)
            return syscall_exit(c);
        return fault_exit(c, v->run->s.regs.sregs.cr2, error_code);
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
    save_user(v, c);
    if (port == PORT_SYSCALL)
        return syscall_exit(c);
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
    save_user(v, c);
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

/*
 * KVM_RUN was interrupted. True if the vCPU is on its way from user mode to the stub's `out`: then it must go on, what
 * it brings is only instructions away.
 */
static bool leaving_user_mode(struct vcpu *v)
{
    if (v->run->s.regs.regs.rip - LSTAR < PAGE)
        return true;
    struct kvm_vcpu_events events;
    return ioctl(v->fd, KVM_GET_VCPU_EVENTS, &events) == 0 && (events.exception.injected || events.exception.pending);
}

/*
 * Runs c on v until something needs the Sentry: an exit_reason, or -EAGAIN if v's time slice is over. The caller owns v.
 */
int vcpu_run(struct vcpu *v, struct context *c, struct aspace *as)
{
    int reason, retries = 0;
    if (c->fpu_here) {
        int rc = fpu_to_vcpu(v, c);
        if (rc < 0) {
            ctx_fail(c, "KVM does not take the FPU state: %s", strerror(-rc));
            return EXIT_FAILED;
        }
    }
    atomic_store_explicit(&v->recently_used, 1, memory_order_relaxed);
    atomic_store_explicit(&v->entries, atomic_load_explicit(&v->entries, memory_order_relaxed) + 1,
                          memory_order_relaxed);
    load_user(v, c, as);
    bool leaving = false;
    running = v->run;
    atomic_store(&v->tid, vcpu_my_tid());
    for (;;) {
        v->run->immediate_exit = 0;
        atomic_thread_fence(memory_order_seq_cst);
        if (!leaving) {
            if (atomic_load(&c->interrupted) && atomic_exchange(&c->interrupted, 0)) {
                reason = EXIT_INTERRUPTED;
                break;
            }
            if (atomic_load(&v->yield) && atomic_exchange(&v->yield, 0)) {
                reason = -EAGAIN;
                break;
            }
        }
        if (ioctl(v->fd, KVM_RUN, 0) == 0) {
            reason = v->run->exit_reason == KVM_EXIT_IO ? io_exit(v, c, as) : failed_exit(v, c);
            break;
        }
        if (errno == EINTR || errno == EAGAIN) {
            leaving = leaving_user_mode(v);
            if (!leaving)
                save_user(v, c);
        } else if (errno != EFAULT || ++retries > EFAULT_RETRIES) {
            ctx_fail(c, "KVM cannot run the vCPU: %s", strerror(errno));
            reason = EXIT_FAILED;
            break;
        }
    }
    atomic_store(&v->tid, 0);
    running = NULL;
    if (reason == EXIT_FAILED)
        set_up(v);
    return reason;
}
