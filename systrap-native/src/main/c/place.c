/*
 * A hand-off costs 0.2 microseconds while both sides poll on two CPUs, a few when both sleep on one CPU, and tens when a
 * sleeper is woken on another, idle CPU (measured: docs/systrap.md). So a context is in one of two states:
 *
 *   polling   both sides poll for a while before they sleep, each bound to a CPU of its own
 *   paired    nobody polls; both are bound to the CPU where the Sentry's thread was
 *
 * Polling that does not pay (the application computes, the call waits, no CPU is free) ends in a pair; a pair polls again
 * after a while, twice as long each time that was in vain. That is also when it moves, if the stub's thread had to wait
 * for its CPU. A thread that computes for longer is set free, so that the scheduler can balance the load.
 */
#include "place.h"

#include <sched.h>
#include <unistd.h>

#define POLL_US 40            /* while CPUs are free */
#define CROWDED_POLL_US 10
#define WINDOW 16             /* hand-offs that are judged together */
#define MOST_MISSES 4
#define BACKOFF_NS 2000000ull
#define MOST_BACKOFF_NS 128000000ull
#define COMPUTES_NS 2000000ull
#define CROWDED_NS 1000000ull /* waiting for a CPU of which less is no matter */
#define SETTLED_NS 16000000ull /* polling has been in vain for that long */
#define MOST_PENALTY 256       /* times it polls again before it tries to move again */
#define SWITCH_NS 3000ull     /* what a hand-off costs a pair besides the stub's CPU time */

void place_after_run(struct context *c, u64 since)
{
    if (c->place.state == PLACE_PAIRED)
        c->place.inside += ticks() - since;
}

static void bind_to(pid_t pid, int cpu)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    sched_setaffinity(pid, sizeof set, &set);
}

static void release(struct context *c, pid_t pid)
{
    sched_setaffinity(pid, sizeof c->platform->all_cpus, &c->platform->all_cpus);
}

static void bind_thread(struct context *c, int cpu)
{
    struct thread *t = c->thread;
    if (t->cpu == cpu)
        return;
    if (cpu >= 0)
        bind_to(t->child.pid, cpu);
    else
        release(c, t->child.pid);
    t->cpu = cpu;
}

static void pair(struct context *c, u64 now)
{
    struct place *p = &c->place;
    p->state = PLACE_PAIRED;
    p->backoff_ns = p->backoff_ns == 0 ? BACKOFF_NS : p->backoff_ns < MOST_BACKOFF_NS ? 2 * p->backoff_ns : p->backoff_ns;
    p->until = now + p->backoff_ns;
    p->calls = 0;
    p->inside = 0;
    p->since = ticks();
    p->ran_ns = thread_cpu_ns(c->thread);
    p->cpu = sched_getcpu();
    bind_to(0, p->cpu);
}

/* Another CPU than `cpu`, another one each time. */
static int other_cpu(struct context *c, int cpu)
{
    struct place *p = &c->place;
    int skip = 1 + (int)(p->attempts++ % (u32)(c->platform->cpus - 1));
    for (int other = cpu;;) {
        other = (other + 1) % CPU_SETSIZE;
        if (CPU_ISSET(other, &c->platform->all_cpus) && other != cpu && --skip == 0)
            return other;
    }
}

/* Whether the stub's thread has waited for its CPU since the last time, much longer than it ran. */
static bool had_to_wait(struct context *c)
{
    struct place *p = &c->place;
    u64 ran = thread_cpu_ns(c->thread), used = ran - p->ran_ns, inside = p->inside * 1000 / c->platform->ticks_per_us;
    p->ran_ns = ran;
    p->inside = 0;
    return used < inside && inside > 2 * used + SWITCH_NS * p->calls + CROWDED_NS;
}

/*
 * Where a pair goes on. One that had to wait tries another CPU. Where that made it slower, it comes back and stays, longer
 * each time: threads that take turns are best off on one CPU, however long each of them waits for it.
 */
static int next_home(struct context *c, int cpu)
{
    struct place *p = &c->place;
    u64 rate = p->calls * 1000000ull / (ticks() - p->since + 1);
    if (p->moved) {
        p->moved = false;
        if (rate * 5 >= p->rate * 4) {
            p->penalty = 0;
            return cpu;
        }
        p->penalty = p->penalty == 0 ? 4 : p->penalty < MOST_PENALTY ? 2 * p->penalty : p->penalty;
        p->stay = p->penalty;
        return p->home;
    }
    if (p->stay > 0) {
        p->stay--;
        return cpu;
    }
    if (p->backoff_ns < SETTLED_NS || !had_to_wait(c) || !(ticks() >> 6 & 1)) /* half of those that are too many */
        return cpu;
    p->moved = true;
    p->home = cpu;
    p->rate = rate;
    return other_cpu(c, cpu);
}

static void poll_again(struct context *c)
{
    struct place *p = &c->place;
    int cpu = next_home(c, sched_getcpu());
    p->state = PLACE_POLLING;
    p->calls = p->misses = 0;
    bind_to(0, cpu);
    p->cpu = other_cpu(c, cpu);
}

/* Half of the CPUs for the Sentry's side of running contexts, half for the other. */
static bool is_crowded(struct context *c)
{
    return atomic_load_explicit(&c->platform->running, memory_order_relaxed) * 2 > (u32)c->platform->cpus;
}

void place_before_run(struct context *c)
{
    struct place *p = &c->place;
    if (p->state == PLACE_NEW) {
        pair(c, now_ns()); /* most threads make few calls: on the CPU where they were made */
    } else if (p->state == PLACE_PAIRED) {
        if (c->platform->cpus > 1 && (++p->calls & 15) == 0 && now_ns() > p->until)
            poll_again(c);
    } else if (p->calls >= WINDOW) {
        if (p->misses > MOST_MISSES) {
            pair(c, now_ns());
        } else if (p->misses == 0) {
            p->backoff_ns = 0;
        }
        p->calls = p->misses = 0;
    }
    bind_thread(c, p->cpu);
    p->ticks = p->state != PLACE_POLLING ? 0 : (is_crowded(c) ? CROWDED_POLL_US : POLL_US) * c->platform->ticks_per_us;
    struct thread_page *page = c->thread->page;
    if (p->state == PLACE_POLLING) {
        p->calls++;
        p->missed = atomic_load(&page->stub_sleeps) != 0;
    }
    page->spin = p->ticks;
}

static inline void relax(void)
{
    __asm__ volatile("pause" ::: "memory");
}

bool place_poll(struct context *c)
{
    struct place *p = &c->place;
    _Atomic u32 *turn = &c->thread->page->turn;
    if (p->ticks == 0)
        return false;
    u64 end = ticks() + p->ticks;
    do {
        if (is_ours(atomic_load_explicit(turn, memory_order_acquire))) {
            p->misses += p->missed;
            return true;
        }
        relax();
    } while (ticks() < end && !atomic_load_explicit(&c->interrupted, memory_order_relaxed));
    p->misses++;
    return false;
}

void place_let_helper_run(struct context *c)
{
    const struct process *p = c->thread->process;
    for (int i = 0; c->place.ticks != 0 && i < 16 && (u32)atomic_load(&p->commands->done) != p->seq; i++)
        sched_yield();
}

u64 place_patience(struct context *c)
{
    return c->place.state == PLACE_PAIRED && c->thread->cpu >= 0 && c->platform->cpus > 1 ? COMPUTES_NS : 0;
}

void place_computes(struct context *c)
{
    bind_thread(c, -1);
}

void place_helper(struct process *p)
{
    int cpu = sched_getcpu();
    if (cpu != p->helper_cpu && cpu >= 0) {
        bind_to(p->child.pid, cpu);
        p->helper_cpu = cpu;
    }
}
