/*
 * Which context has which vCPU.
 *
 * A context keeps the vCPU it got until another needs it: vcpu.word says whose it is and whether it runs, and its owner
 * takes and leaves it with one compare-and-swap. Everything else is under vm->pool_lock: taking a vCPU away from an idle
 * owner (its FPU state goes to the owner's context first), making new ones, and the queue of those that found none.
 * The head of the queue interrupts whoever has run for more than a time slice.
 */
#include "gvjkvm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SLICE_NS 10000000ull

u64 now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (u64)t.tv_sec * 1000000000ull + (u64)t.tv_nsec;
}

static uintptr_t word(struct context *c, u32 state)
{
    return (uintptr_t)c | state;
}

static bool change(struct vcpu *v, uintptr_t from, uintptr_t to)
{
    return atomic_compare_exchange_strong(&v->word, &from, to);
}

/* c gets v, which nobody owns or whose owner has been detached. pool_lock held. */
static void attach(struct vcpu *v, struct context *c)
{
    atomic_store(&v->yield, 0);
    atomic_store(&v->slice_start, now_ns());
    atomic_store(&c->vcpu, v);
    atomic_store(&v->word, word(c, OWNER_RUNNING));
}

/* Takes v from c, which is not inside it and cannot enter it: v->word is TAKEN. pool_lock held. */
static void detach(struct vcpu *v, struct context *c)
{
    if (!c->fpu_here && fpu_from_vcpu(v, c) < 0)
        c->broken = true;
    atomic_store(&c->vcpu, NULL);
}

static void dequeue(struct vm *vm, struct context *c)
{
    struct context **at = &vm->first_waiter, *previous = NULL;
    while (*at != c) {
        previous = *at;
        at = &(*at)->next_waiter;
    }
    *at = c->next_waiter;
    if (vm->last_waiter == c)
        vm->last_waiter = previous;
    c->next_waiter = NULL;
    atomic_store(&c->waiting, 0);
    atomic_fetch_sub(&vm->waiters, 1);
    if (vm->first_waiter != NULL && previous == NULL)
        pthread_cond_signal(&vm->first_waiter->wakeup); /* the new head looks around */
}

static void enqueue(struct vm *vm, struct context *c)
{
    if (vm->last_waiter != NULL)
        vm->last_waiter->next_waiter = c;
    else
        vm->first_waiter = c;
    vm->last_waiter = c;
    atomic_fetch_add(&vm->waiters, 1);
    atomic_store(&c->waiting, 1);
}

/* An unowned vCPU, a new one, or one whose owner is idle; NULL if all run. pool_lock held. */
static struct vcpu *find(struct vm *vm)
{
    u32 n = atomic_load(&vm->nvcpus);
    for (u32 i = 0; i < n; i++)
        if (atomic_load(&vm->vcpus[i]->word) == 0)
            return vm->vcpus[i];
    if (n < vm->max_vcpus) {
        struct vcpu *v = vcpu_open(vm, (int)n);
        if (v != NULL) {
            vm->vcpus[n] = v;
            atomic_store(&vm->nvcpus, n + 1);
            return v;
        }
        if (n > 0)
            vm->max_vcpus = n; /* the host has no more; make do */
    }
    for (u32 i = 0; i < 2 * n; i++) {
        struct vcpu *v = vm->vcpus[vm->hand++ % n];
        uintptr_t owner = atomic_load(&v->word);
        if ((owner & 3) != OWNER_IDLE || (i < n && atomic_exchange(&v->recently_used, 0)))
            continue;
        if (change(v, owner, owner | OWNER_TAKEN)) {
            detach(v, (struct context *)owner);
            return v;
        }
    }
    return NULL;
}

/* Interrupts those who have had their slice, at most one for each waiter. pool_lock held. */
static void preempt(struct vm *vm)
{
    u64 now = now_ns();
    u32 wanted = atomic_load(&vm->waiters), n = atomic_load(&vm->nvcpus);
    for (u32 i = 0; i < n && wanted > 0; i++) {
        struct vcpu *v = vm->vcpus[i];
        if ((atomic_load(&v->word) & 3) != OWNER_RUNNING || now - atomic_load(&v->slice_start) < SLICE_NS)
            continue;
        atomic_store(&v->yield, 1);
        kick_thread(atomic_load(&v->tid));
        wanted--;
    }
}

/* Waits for a vCPU. NULL if c is interrupted. pool_lock held. */
static struct vcpu *wait_for_one(struct vm *vm, struct context *c)
{
    enqueue(vm, c);
    for (;;) {
        if (c->granted != NULL) {
            struct vcpu *v = c->granted;
            c->granted = NULL;
            return v;
        }
        if (atomic_load(&c->interrupted)) {
            dequeue(vm, c);
            return NULL;
        }
        if (vm->first_waiter == c) {
            struct vcpu *v = find(vm);
            if (v != NULL) {
                dequeue(vm, c);
                attach(v, c);
                return v;
            }
            preempt(vm);
        }
        u64 until = now_ns() + SLICE_NS;
        struct timespec t = {.tv_sec = (time_t)(until / 1000000000ull), .tv_nsec = (long)(until % 1000000000ull)};
        pthread_cond_timedwait(&c->wakeup, &vm->pool_lock, &t);
    }
}

static struct vcpu *acquire(struct context *c)
{
    struct vm *vm = c->vm;
    struct vcpu *v = atomic_load(&c->vcpu);
    if (v != NULL && change(v, word(c, OWNER_IDLE), word(c, OWNER_RUNNING)))
        return v;
    pthread_mutex_lock(&vm->pool_lock);
    v = vm->first_waiter == NULL ? find(vm) : NULL;
    if (v != NULL)
        attach(v, c);
    else if (atomic_load(&vm->nvcpus) > 0)
        v = wait_for_one(vm, c);
    pthread_mutex_unlock(&vm->pool_lock);
    return v;
}

/* c leaves v, and keeps it unless somebody waits. */
static void release(struct context *c, struct vcpu *v)
{
    struct vm *vm = c->vm;
    atomic_store(&v->word, word(c, OWNER_IDLE));
    if (atomic_load(&vm->waiters) == 0)
        return;
    pthread_mutex_lock(&vm->pool_lock);
    struct context *w = vm->first_waiter;
    if (w != NULL && change(v, word(c, OWNER_IDLE), word(c, OWNER_TAKEN))) {
        detach(v, c);
        dequeue(vm, w);
        attach(v, w);
        w->granted = v;
        pthread_cond_signal(&w->wakeup);
    }
    pthread_mutex_unlock(&vm->pool_lock);
}

struct vcpu *pool_pin(struct context *c)
{
    struct vcpu *v = atomic_load(&c->vcpu);
    if (v != NULL && change(v, word(c, OWNER_IDLE), word(c, OWNER_RUNNING)))
        return v;
    /* It was taken away, or is being taken: wait until that is done. */
    pthread_mutex_lock(&c->vm->pool_lock);
    pthread_mutex_unlock(&c->vm->pool_lock);
    return NULL;
}

void pool_unpin(struct context *c, struct vcpu *v)
{
    if (v != NULL)
        release(c, v);
}

int ctx_run(struct context *c, struct aspace *as)
{
    int reason;
    c->regs.orig_rax = ~0ull;
    if (c->regs.rip >= 1ull << 47 && c->regs.rip < ~0ull << 47) { /* where IRET would have faulted */
        c->vector = 13;
        c->error_code = 0;
        return EXIT_EXCEPTION;
    }
    atomic_store(&c->tid, vcpu_my_tid());
    do {
        if (atomic_load(&c->interrupted) && atomic_exchange(&c->interrupted, 0)) {
            reason = EXIT_INTERRUPTED;
            break;
        }
        if (c->broken) {
            ctx_fail(c, "KVM lost the FPU state of this thread");
            reason = EXIT_FAILED;
            break;
        }
        struct vcpu *v = acquire(c);
        if (v != NULL) {
            reason = vcpu_run(v, c, as);
            release(c, v);
        } else if (atomic_load(&c->vm->nvcpus) > 0) {
            reason = -EAGAIN;
        } else {
            ctx_fail(c, "KVM cannot create a vCPU");
            reason = EXIT_FAILED;
        }
    } while (reason == -EAGAIN);
    atomic_store(&c->tid, 0);
    return reason;
}

void ctx_interrupt(struct context *c)
{
    atomic_store(&c->interrupted, 1);
    kick_thread(atomic_load(&c->tid));
    if (atomic_load(&c->waiting)) {
        pthread_mutex_lock(&c->vm->pool_lock);
        pthread_cond_signal(&c->wakeup);
        pthread_mutex_unlock(&c->vm->pool_lock);
    }
}

struct context *ctx_open(struct vm *vm)
{
    struct context *c = aligned_alloc(64, (sizeof *c + 63) & ~63ul);
    u8 *fpu = aligned_alloc(64, (vm->xsave_bytes + 63) & ~63ul);
    if (c == NULL || fpu == NULL) {
        free(c);
        free(fpu);
        return NULL;
    }
    memset(c, 0, sizeof *c);
    c->vm = vm;
    c->fpu = fpu;
    c->regs.cs = USER_CS;
    c->regs.ss = USER_DS;
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&c->wakeup, &attr);
    pthread_condattr_destroy(&attr);
    fpu_reset(c);
    return c;
}

void ctx_close(struct context *c)
{
    pthread_mutex_lock(&c->vm->pool_lock);
    struct vcpu *v = atomic_load(&c->vcpu);
    if (v != NULL)
        atomic_store(&v->word, 0);
    struct context *head = c->vm->first_waiter;
    if (head != NULL)
        pthread_cond_signal(&head->wakeup);
    pthread_mutex_unlock(&c->vm->pool_lock);
    pthread_cond_destroy(&c->wakeup);
    free(c->fpu);
    free(c);
}
