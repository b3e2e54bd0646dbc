/* Interrupts, and more running threads than CPUs. */
#include "check.h"

#include <unistd.h>

DECLARE(call); DECLARE(spin); DECLARE(count); DECLARE(step);

static void interrupt_before_and_during(void)
{
    struct guest g;
    struct runner r;
    guest_open(&g, GUEST(spin));
    for (int i = 0; i < 20; i++) {
        ctx_interrupt(g.c);
        ctx_interrupt(g.c);
        EXPECT(&g, EXIT_INTERRUPTED);
        EQUAL(CODE, g.c->regs.rip);
        runner_start(&r, &g);
        sleep_ms(i % 4);
        ctx_interrupt(g.c);
        EQUAL(EXIT_INTERRUPTED, runner_join(&r));
        EQUAL(CODE, g.c->regs.rip);
        EQUAL(~0ull, g.c->regs.orig_rax);
    }
    guest_close(&g);
}

struct storm {
    struct context *c;
    _Atomic int go, sent, stop;
};

static void *interrupter(void *arg)
{
    struct storm *s = arg;
    while (!atomic_load(&s->stop))
        if (atomic_exchange(&s->go, 0)) {
            ctx_interrupt(s->c);
            atomic_fetch_add(&s->sent, 1);
        } else {
            usleep(10);
        }
    return NULL;
}

/* One interrupt at a time, at any point of a system call loop: each must come out once; no call may be lost. */
static void interrupt_at_any_point(void)
{
    struct guest g;
    struct storm s = {.go = 0};
    pthread_t thread;
    guest_open(&g, GUEST(call));
    s.c = g.c;
    CHECK(pthread_create(&thread, NULL, interrupter, &s) == 0);
    u64 end = now_ns() + 1500000000ull;
    int got = 0;
    while (now_ns() < end) {
        atomic_store(&s.go, 1);
        int reason, calls = 0;
        do {
            reason = guest_run(&g);
            CHECK(reason == EXIT_SYSCALL || reason == EXIT_INTERRUPTED);
            if (reason == EXIT_SYSCALL)
                EQUAL(CODE + 8, g.c->regs.rip);
            CHECK(++calls < 1000000);
        } while (reason != EXIT_INTERRUPTED);
        got++;
        while (atomic_load(&s.sent) != got)
            usleep(10);
    }
    atomic_store(&s.stop, 1);
    pthread_join(thread, NULL);
    CHECK(got > 20); /* even on a busy machine */
    EXPECT(&g, EXIT_SYSCALL);
    guest_close(&g);
}

/* Traps must not be lost to an interrupt either: every instruction of the piece is stepped through. */
static void interrupt_while_stepping(void)
{
    struct guest g;
    struct storm s = {.go = 0};
    pthread_t thread;
    guest_open(&g, GUEST(step));
    s.c = g.c;
    CHECK(pthread_create(&thread, NULL, interrupter, &s) == 0);
    u64 end = now_ns() + 700000000ull;
    static const u64 stops[] = {1, 2, 7, 9};
    while (now_ns() < end) {
        guest_restart(&g);
        for (int i = 0; i < 4;) {
            atomic_store(&s.go, 1);
            g.c->regs.eflags |= RFLAGS_TF;
            u64 before = g.c->regs.rip;
            int reason = guest_run(&g);
            if (reason == EXIT_INTERRUPTED) {
                EQUAL(before, g.c->regs.rip);
                continue;
            }
            EQUAL(i < 3 ? EXIT_EXCEPTION : EXIT_SYSCALL, reason);
            EQUAL(CODE + stops[i], g.c->regs.rip);
            i++;
        }
    }
    atomic_store(&s.stop, 1);
    pthread_join(thread, NULL);
    guest_close(&g);
}

struct worker {
    struct guest g;
    pthread_t thread;
    _Atomic int stop;
    int reason;
    u64 interrupts;
};

static void *work(void *arg)
{
    struct worker *w = arg;
    do {
        w->reason = guest_run(&w->g);
        w->interrupts += w->reason == EXIT_INTERRUPTED;
    } while (w->reason == EXIT_INTERRUPTED && !atomic_load(&w->stop));
    return NULL;
}

/* All are there before the first one runs: what spins takes the CPU from what makes a process. */
static void start_workers(struct worker *w, int n)
{
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, 65536);
    for (int i = 0; i < n; i++) {
        guest_open(&w[i].g, GUEST(count));
        w[i].g.c->regs.rdi = DATA;
    }
    for (int i = 0; i < n; i++)
        CHECK(pthread_create(&w[i].thread, &attr, work, &w[i]) == 0);
}

static u64 counter(struct worker *w)
{
    return *(volatile u64 *)(memory + w->g.data);
}

/* Threads that never leave user mode all make progress; everyone can be interrupted meanwhile. */
static void many_spinning(int n, u64 patience_ms)
{
    struct worker *w = calloc((size_t)n, sizeof *w);
    start_workers(w, n);
    u64 *from = calloc((size_t)n, sizeof *from);
    for (int round = 0; round < 2; round++) {
        u64 end = now_ns() + patience_ms * 1000000;
        for (int i = 0; i < n; i++)
            from[i] = counter(&w[i]);
        for (int i = 0; i < n; i++) {
            while (counter(&w[i]) == from[i]) {
                CHECK(now_ns() < end);
                usleep(1000);
            }
        }
    }
    for (int i = 0; i < n; i++) {
        atomic_store(&w[i].stop, 1);
        ctx_interrupt(w[i].g.c);
    }
    for (int i = 0; i < n; i++) {
        pthread_join(w[i].thread, NULL);
        EQUAL(EXIT_INTERRUPTED, w[i].reason);
        EQUAL(1, w[i].interrupts);
        guest_close(&w[i].g);
    }
    CHECK(half_is_idle(platform));
    free(w);
    free(from);
}

/* A thread that makes system calls is not starved by those that spin. */
static void calls_among_spinners(void)
{
    enum { SPINNERS = 40 };
    static struct worker w[SPINNERS];
    memset(w, 0, sizeof w);
    struct guest g;
    guest_open(&g, GUEST(call));
    start_workers(w, SPINNERS);
    u64 start = now_ns();
    for (int i = 0; i < 20; i++)
        EXPECT(&g, EXIT_SYSCALL);
    CHECK(now_ns() - start < 30000000000ull);
    for (int i = 0; i < SPINNERS; i++) {
        atomic_store(&w[i].stop, 1);
        ctx_interrupt(w[i].g.c);
    }
    for (int i = 0; i < SPINNERS; i++) {
        pthread_join(w[i].thread, NULL);
        guest_close(&w[i].g);
    }
    guest_close(&g);
}

void test_interrupts(void)
{
    interrupt_before_and_during();
    interrupt_at_any_point();
    interrupt_while_stepping();
}

void test_pool(void)
{
    test_interrupts();
    many_spinning(200, 60000);
    calls_among_spinners();
    many_spinning(emulated ? 100 : 1000, 120000);
}
