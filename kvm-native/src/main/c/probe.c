/*
 * Does KVM work here, and which kind is it? A few instructions of user code decide, on a thread of their own: a KVM that
 * hangs must not hang the Sentry.
 */
#include "gvjkvm.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define DEADLINE_SECONDS 5
#define ROUND_TRIPS 16
#define CODE 0x400000ull

struct attempt {
    struct vm *vm;
    pthread_mutex_t lock;
    pthread_cond_t finished;
    bool done, abandoned;
    int rc;
    char failure[FAILURE_BYTES];
};

/* mov $0x47564a, %eax; syscall; jmp back */
static const u8 code[] = {0xb8, 0x4a, 0x56, 0x47, 0x00, 0x0f, 0x05, 0xeb, 0xf7};

static int one_call(struct context *c, struct aspace *as, struct attempt *a)
{
    int reason = ctx_run(c, as);
    if (reason == EXIT_SYSCALL && c->regs.rax == 0x47564a && c->regs.rip == CODE + 7)
        return 0;
    if (reason == EXIT_FAILED)
        snprintf(a->failure, FAILURE_BYTES, "KVM does not run user code here (%.200s)",
                 c->failure);
    else
        snprintf(a->failure, FAILURE_BYTES, "KVM gives back vector %u, error code %#llx, address %#llx, rip %#llx for a "
                 "system call", c->vector, (unsigned long long)c->error_code,
                 (unsigned long long)c->fault_address, (unsigned long long)c->regs.rip);
    return -ENOTSUP;
}

static int run_code(struct attempt *a, struct context *c, struct aspace *as)
{
    struct vm *vm = a->vm;
    memcpy(vm_kernel(vm, PROBE_GPA), code, sizeof code);
    as_map_private(as, CODE, PROBE_GPA, PTE_U);
    c->regs.rip = CODE;
    int reason = ctx_run(c, as);
    if (reason == EXIT_FAULT && c->regs.rip == KERNEL_BASE + STUB_GPA) {
        vm->pvm = true;
    } else if (reason == EXIT_SYSCALL && vm->cr4 & CR4_FSGSBASE) {
        vm->quick = true;
        vm_set_idt(vm);
        vcpu_set_up(vm->vcpus[0]);
    }
    c->regs.rip = CODE;
    int rc = one_call(c, as, a);
    u64 best = ~0ull;
    for (int i = 0; i < ROUND_TRIPS && rc == 0; i++) {
        u64 start = now_ns();
        rc = one_call(c, as, a);
        u64 took = now_ns() - start;
        best = took < best ? took : best;
    }
    vm->round_trip_ns = best;
    return rc;
}

static int attempt(struct attempt *a)
{
    struct context *c = ctx_open(a->vm);
    struct aspace *as = as_open(a->vm);
    int rc = -ENOMEM;
    snprintf(a->failure, FAILURE_BYTES, "out of memory");
    if (c != NULL && as != NULL)
        rc = run_code(a, c, as);
    if (as != NULL)
        as_close(as);
    if (c != NULL)
        ctx_close(c);
    return rc;
}

static void *probe_thread(void *arg)
{
    struct attempt *a = arg;
    int rc = attempt(a);
    pthread_mutex_lock(&a->lock);
    a->rc = rc;
    a->done = true;
    bool abandoned = a->abandoned;
    pthread_cond_signal(&a->finished);
    pthread_mutex_unlock(&a->lock);
    if (abandoned)
        free(a);
    return NULL;
}

static int wait_until_done(struct attempt *a)
{
    struct timespec deadline;
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += DEADLINE_SECONDS;
    int rc = 0;
    pthread_mutex_lock(&a->lock);
    while (!a->done && rc == 0)
        rc = pthread_cond_timedwait(&a->finished, &a->lock, &deadline);
    bool done = a->done;
    a->abandoned = !done;
    pthread_mutex_unlock(&a->lock);
    return done ? 0 : -ETIMEDOUT;
}

int probe(struct vm *vm, char *failure)
{
    struct attempt *a = calloc(1, sizeof *a);
    pthread_t thread;
    if (a == NULL)
        return -ENOMEM;
    a->vm = vm;
    pthread_mutex_init(&a->lock, NULL);
    pthread_cond_init(&a->finished, NULL);
    if (pthread_create(&thread, NULL, probe_thread, a) != 0) {
        snprintf(failure, FAILURE_BYTES, "cannot create a thread");
        free(a);
        return -EAGAIN;
    }
    int rc = wait_until_done(a);
    if (rc < 0) {
        pthread_detach(thread);
        snprintf(failure, FAILURE_BYTES, "KVM did not run a system call within %d seconds (nested or software "
                 "virtualisation that hangs?)", DEADLINE_SECONDS);
        return rc;
    }
    pthread_join(thread, NULL);
    rc = a->rc;
    if (rc < 0)
        memcpy(failure, a->failure, FAILURE_BYTES);
    free(a);
    snprintf(vm->description, sizeof vm->description, "%s, round trip %llu ns, at most %u vCPUs, XCR0 %#llx",
             vm->pvm ? "kvm_pvm (system calls arrive as faults)" : vm->quick ? "ordinary KVM" : "ordinary KVM without FSGSBASE",
             (unsigned long long)vm->round_trip_ns, vm->max_vcpus, (unsigned long long)vm->xcr0);
    return rc;
}
