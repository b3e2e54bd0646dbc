/* futex: one thread wakes another and is woken by it. */
#include "bench.h"
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>

static uint32_t turn; /* 0: of main, 1: of the other thread, 2: the end */

static void hand_over(uint32_t value)
{
    __atomic_store_n(&turn, value, __ATOMIC_SEQ_CST);
    syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

static void await_change(uint32_t value)
{
    while (__atomic_load_n(&turn, __ATOMIC_SEQ_CST) == value)
        syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

static void *other(void *unused)
{
    for (;;) {
        await_change(0);
        if (turn == 2)
            return unused;
        hand_over(0);
    }
}

static void operation(void)
{
    hand_over(1);
    await_change(1);
}

int main(void)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, other, NULL))
        die("pthread_create");
    print_figure(seconds_each(operation));
    hand_over(2);
    pthread_join(thread, NULL);
    return 0;
}
