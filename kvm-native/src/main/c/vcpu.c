/*
 * One vCPU: setting it up, running a context on it, interrupting it.
 *
 * Every way out of user mode ends in an `out` of the ring-0 stub (stub.S): the port says whether SYSCALL or which vector,
 * the rest is in the registers and in the exception frame on the vCPU's own kernel page, which ring 3 cannot reach.
 */
#include "gvjkvm.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MSR_TSC 0x10
#define MSR_STAR 0xc0000081
#define MSR_LSTAR 0xc0000082
#define MSR_CSTAR 0xc0000083
#define MSR_SYSCALL_MASK 0xc0000084

/* What SYSCALL clears: all that ring 3 may have in RFLAGS, and IF and IOPL. */
#define SYSCALL_MASK 0x257fd5ull
#define KICK_SIGNAL (SIGRTMIN + 2)
#define EFAULT_RETRIES 8

/* The kvm_run page of the vCPU this thread is running, for the signal handler. */
static __thread struct kvm_run *volatile running __attribute__((tls_model("initial-exec")));
static __thread int my_tid __attribute__((tls_model("initial-exec")));

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
    s->tr = (struct kvm_segment){.base = vcpu_page_address(v), .limit = 0x67, .selector = 0x40, .type = 0xb, .present = 1};
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
    const u8 *syscall = v->vm->quick ? gvj_stub_quick_syscall : gvj_stub_syscall;
    struct {
        struct kvm_msrs head;
        struct kvm_msr_entry entries[4];
    } msrs = {.head.nmsrs = 4, .entries = {
        {.index = MSR_STAR, .data = (u64)(USER_DS - 8) << 48 | (u64)KERNEL_CS << 32},
        {.index = MSR_LSTAR, .data = LSTAR + (u64)(syscall - gvj_stub_begin)},
        {.index = MSR_CSTAR, .data = LSTAR + (u64)(gvj_stub_syscall32 - gvj_stub_begin)},
        {.index = MSR_SYSCALL_MASK, .data = SYSCALL_MASK},
    }};
    int n = ioctl(v->fd, KVM_SET_MSRS, &msrs);
    return n < 0 ? -errno : n != 4 ? -EIO : 0;
}

/*
 * The guest's TSC is the host's, on every vCPU: the vDSO reads it, and threads move between vCPUs. Kernels before 5.16
 * only take a value, which KVM makes the same offset for all vCPUs; that is near the host's, and not it.
 */
static void set_tsc(struct vcpu *v)
{
    u64 zero = 0;
    struct kvm_device_attr attr = {
        .group = KVM_VCPU_TSC_CTRL, .attr = KVM_VCPU_TSC_OFFSET, .addr = (u64)(uintptr_t)&zero};
    if (ioctl(v->fd, KVM_SET_DEVICE_ATTR, &attr) == 0)
        return;
    v->vm->host_tsc = false;
    struct {
        struct kvm_msrs head;
        struct kvm_msr_entry entry;
    } msrs = {.head.nmsrs = 1, .entry = {.index = MSR_TSC, .data = __builtin_ia32_rdtsc()}};
    ioctl(v->fd, KVM_SET_MSRS, &msrs);
}

/* Everything an entry does not set by itself. Also after a failure, when KVM may have reset the vCPU. */
int vcpu_set_up(struct vcpu *v)
{
    v->in_stub = false;
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
    u64 page = vcpu_page_address(v);
    v->page->tss.rsp0 = page + PAGE;
    v->page->tss.ist1 = page + PAGE / 2; /* NMI, double fault, machine check */
    v->page->tss.io_map = sizeof v->page->tss; /* no I/O ports for ring 3 */
    v->run->kvm_valid_regs = v->vm->quick ? KVM_SYNC_X86_REGS : KVM_SYNC_X86_REGS | KVM_SYNC_X86_SREGS;
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
    v->page = (struct kernel_page *)vm_kernel(vm, VCPU_GPA + (u64)index * PAGE);
    v->fd = ioctl(vm->fd, KVM_CREATE_VCPU, index);
    if (v->fd < 0)
        goto fail;
    v->run = mmap(NULL, (size_t)vm->run_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, v->fd, 0);
    if (v->run == MAP_FAILED || ioctl(v->fd, KVM_SET_CPUID2, vm->cpuid) < 0)
        goto fail;
    int rc = vcpu_set_up(v);
    if (rc < 0) {
        errno = -rc;
        goto fail;
    }
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
    if (user_load(v, c, as) < 0) {
        ctx_fail(c, "KVM does not take the registers");
        return EXIT_FAILED;
    }
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
            reason = exit_meaning(v, c, as);
            break;
        }
        if (errno == EINTR || errno == EAGAIN) {
            leaving = !user_interrupted(v, c);
        } else if (errno != EFAULT || ++retries > EFAULT_RETRIES) {
            ctx_fail(c, "KVM cannot run the vCPU: %s", strerror(errno));
            reason = EXIT_FAILED;
            break;
        }
    }
    atomic_store(&v->tid, 0);
    running = NULL;
    if (reason == EXIT_FAILED)
        vcpu_set_up(v);
    return reason;
}
