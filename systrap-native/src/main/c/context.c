/* Running contexts: the Sentry's side of the hand-off, and interrupts. */
#include "gvjsystrap.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "place.h"
#include "rewrite.h"

#define KICK_AGAIN_NS 2000000ull /* a kick that met the stub's own code is lost */
#define MOST_KICKS 100           /* a thread that never leaves that code has been led there by the application ... */
#define KICK_LIMIT_NS 20000000000ull /* ... and so, most likely, has one that does not come at all */

void ctx_fail(struct context *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(c->failure, sizeof c->failure, format, args);
    va_end(args);
}

static bool is_canonical(u64 address)
{
    return address < 1ull << 47 || address >= ~0ull << 47;
}

/* Registers and orders for the thread's page. */
static void load(struct context *c, struct thread *t)
{
    struct thread_page *page = t->page;
    page->regs = c->regs;
    atomic_store(&t->in_application, 1);
    page->regs.rip = rewrite_entry(c->as, c->regs.rip);
    page->regs.eflags = (c->regs.eflags & RFLAGS_USER) | RFLAGS_FIXED;
    if (!is_canonical(c->regs.fs_base))
        page->regs.fs_base = 0;
    if (c->regs.gs_base == 0 || !is_canonical(c->regs.gs_base))
        page->regs.gs_base = t->address;
    page->orders = 0;
    if (c->fpu_place == FPU_HERE) {
        memcpy(page->fpu, c->fpu, c->platform->fpu_bytes);
        page->orders = ORDER_LOAD_FPU;
    }
}

/* The stub's thread may run. */
void ctx_go(struct context *c)
{
    struct thread_page *page = c->thread->page;
    atomic_store(&page->turn, TURN_STUB);
    if (atomic_load(&page->stub_sleeps))
        host_futex_wake(&page->turn, WAITER_STUB);
}

/* Waits for the thread; with `kick`, an interrupt brings it back. */
int ctx_wait(struct context *c, bool kick)
{
    struct thread *t = c->thread;
    struct process *p = t->process;
    struct thread_page *page = t->page;
    u64 first_kick = 0;
    if (place_poll(c))
        goto came;
    for (;;) {
        atomic_store(&page->sentry_sleeps, 1);
        u32 turn = atomic_load(&page->turn);
        if (is_ours(turn) || atomic_load(&p->dead))
            break;
        u64 limit = 0;
        if (kick && atomic_load(&c->interrupted)) {
            u64 now = now_ns();
            if (first_kick == 0) {
                first_kick = now;
                page->kicks = 0;
            }
            if (now - first_kick > KICK_LIMIT_NS || page->kicks > MOST_KICKS) {
                c->strayed = true;
                process_kill(p);
                kick = false;
                continue;
            }
            thread_kick(t);
            limit = KICK_AGAIN_NS;
        }
        u64 patience = limit == 0 ? place_patience(c) : 0;
        if (host_futex_wait(&page->turn, turn, limit + patience) < 0 && errno == ETIMEDOUT && patience != 0)
            place_computes(c);
    }
    atomic_store(&page->sentry_sleeps, 0);
came:
    return atomic_load(&p->dead) ? -ESRCH : 0;
}

static int ended(struct context *c)
{
    int status = c->thread->process->status;
    if (c->strayed)
        ctx_fail(c, "the thread does not come out of the stub, where the application has led it");
    else if (WIFSIGNALED(status))
        ctx_fail(c, "the host ended the process's stub with signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else
        ctx_fail(c, "the process's stub ended by itself with status %d", WEXITSTATUS(status));
    return EXIT_FAILED;
}

/* c leaves its thread, with its FPU state. */
static void leave_thread(struct context *c)
{
    struct thread *t = c->thread;
    if (t == NULL)
        return;
    if (fpu_pull(c) < 0)
        fpu_reset(c);
    pthread_mutex_lock(&c->platform->lock);
    thread_leave(t);
    pthread_mutex_unlock(&c->platform->lock);
}

static int enter_thread(struct context *c, struct aspace *as)
{
    leave_thread(c);
    struct thread *t = thread_take(as, c);
    if (t == NULL) {
        ctx_fail(c, atomic_load(&as->process->dead) ? "the process's stub is gone" : "the host has no more threads");
        return EXIT_FAILED;
    }
    c->thread = t;
    c->as = as;
    return 0;
}

int ctx_run(struct context *c, struct aspace *as)
{
    c->regs.orig_rax = ~0ull;
    if (!is_canonical(c->regs.rip)) { /* where IRET would fault */
        c->vector = 13;
        c->error_code = 0;
        return EXIT_EXCEPTION;
    }
    if (c->thread == NULL || c->as != as) {
        int reason = enter_thread(c, as);
        if (reason != 0)
            return reason;
    }
    atomic_store(&c->waiting, c->thread->page);
    if (atomic_load(&c->interrupted) && atomic_exchange(&c->interrupted, 0))
        return EXIT_INTERRUPTED;
    if (c->regs.eflags & RFLAGS_TF && !as->no_rewriting)
        as_keep_code(as);
    place_before_run(c);
    load(c, c->thread);
    c->fpu_place = FPU_LIVE;
    c->entries++;
    atomic_fetch_add_explicit(&c->platform->running, 1, memory_order_relaxed);
    u64 since = ticks();
    if (atomic_load(&as->pending) && as_release(as, c->thread))
        place_let_helper_run(c);
    else
        ctx_go(c);
    int rc = ctx_wait(c, true);
    atomic_fetch_sub_explicit(&c->platform->running, 1, memory_order_relaxed);
    atomic_store(&c->thread->in_application, 0);
    place_after_run(c, since);
    return rc < 0 ? ended(c) : event_meaning(c);
}

void ctx_interrupt(struct context *c)
{
    atomic_store(&c->interrupted, 1);
    struct thread_page *page = atomic_load(&c->waiting);
    if (page == NULL)
        return;
    atomic_fetch_add(&page->turn, TURN_INTERRUPT); /* the Sentry's thread may have looked at c->interrupted already */
    host_futex_wake(&page->turn, WAITER_SENTRY);   /* it kicks */
}

u64 ctx_cpu_ns(struct context *c)
{
    pthread_mutex_lock(&c->platform->lock);
    u64 sum = c->closed_cpu_ns;
    if (c->thread != NULL)
        sum += thread_cpu_ns(c->thread) - c->thread->used_ns;
    pthread_mutex_unlock(&c->platform->lock);
    return sum;
}

struct context *ctx_open(struct platform *p)
{
    struct context *c = aligned_alloc(64, (sizeof *c + 63) & ~63ul);
    u8 *fpu = aligned_alloc(64, FPU_MAX);
    if (c == NULL || fpu == NULL) {
        free(c);
        free(fpu);
        return NULL;
    }
    memset(c, 0, sizeof *c);
    c->platform = p;
    c->fpu = fpu;
    c->regs.cs = USER_CS;
    c->regs.ss = USER_DS;
    fpu_reset(c);
    pthread_mutex_lock(&p->lock);
    c->next = p->contexts;
    if (c->next != NULL)
        c->next->previous = c;
    p->contexts = c;
    pthread_mutex_unlock(&p->lock);
    return c;
}

void ctx_close(struct context *c)
{
    struct platform *p = c->platform;
    pthread_mutex_lock(&p->lock);
    if (c->thread != NULL)
        thread_leave(c->thread);
    p->closed_entries += c->entries;
    if (c->next != NULL)
        c->next->previous = c->previous;
    *(c->previous != NULL ? &c->previous->next : &p->contexts) = c->next;
    pthread_mutex_unlock(&p->lock);
    free(c->fpu);
    free(c);
}
