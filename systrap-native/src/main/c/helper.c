/* Batches of system calls that the helper thread of a stub process makes. */
#include "gvjsystrap.h"

#include "place.h"

#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define OK 1ull
#define FAILED 2ull

long host_futex_wait(const void *word, u32 value, u64 timeout_ns)
{
    u64 until = timeout_ns != 0 ? now_ns() + timeout_ns : 0;
    struct timespec t = {.tv_sec = (time_t)(until / 1000000000), .tv_nsec = (long)(until % 1000000000)};
    return syscall(SYS_futex, word, FUTEX_WAIT_BITSET, value, timeout_ns != 0 ? &t : NULL, NULL, WAITER_SENTRY);
}

long host_futex_wake(const void *word, u32 whom)
{
    return syscall(SYS_futex, word, FUTEX_WAKE_BITSET, 1, NULL, NULL, whom);
}

struct command *helper_command(struct process *p)
{
    if (p->queued == MAX_COMMANDS)
        helper_submit(p);
    if (p->queued == 0 && helper_await(p) == -ESRCH)
        return NULL;
    return &p->commands->list[p->queued++];
}

void helper_call(struct process *p, u64 nr, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f)
{
    struct command *command = helper_command(p);
    if (command != NULL)
        *command = (struct command){nr, {a, b, c, d, e, f}, KIND_PLAIN};
}

void helper_submit(struct process *p)
{
    struct command_page *page = p->commands;
    if (p->queued == 0)
        return;
    page->count = p->queued;
    p->queued = 0;
    p->seq++;
    page->ok = p->seq | OK << 32;
    page->failed = p->seq | FAILED << 32;
    place_helper(p);
    atomic_store(&page->seq, p->seq);
    host_futex_wake(&page->seq, WAITER_STUB);
}

int helper_await(struct process *p)
{
    for (;;) {
        if (atomic_load(&p->dead))
            return -ESRCH;
        u64 done = atomic_load(&p->commands->done);
        if ((u32)done == p->seq) {
            if (done >> 32 == FAILED && p->noted != p->seq) { /* once: whoever clears it has done something about it */
                p->noted = p->seq;
                atomic_store(&p->failed, 1);
            }
            return atomic_load(&p->failed) ? -EIO : 0;
        }
        atomic_fetch_add(&p->commands->waiters, 1);
        if (atomic_load(&p->commands->done) == done)
            host_futex_wait(&p->commands->done, (u32)done, 0);
        atomic_fetch_sub(&p->commands->waiters, 1);
    }
}

int helper_run(struct process *p)
{
    helper_submit(p);
    return helper_await(p);
}
