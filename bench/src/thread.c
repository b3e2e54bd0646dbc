/* thread: making a thread that does nothing, and joining it. */
#include "bench.h"
#include <pthread.h>

static void *nothing(void *unused)
{
    return unused;
}

static void operation(void)
{
    pthread_t thread;
    if ((errno = pthread_create(&thread, NULL, nothing, NULL)) || (errno = pthread_join(thread, NULL)))
        die("thread");
}

int main(void)
{
    print_figure(seconds_each(operation));
    return 0;
}
