/* epoll: of 1,000 descriptors one becomes ready, is waited for and consumed. */
#include "bench.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>

#define COUNT 1000

static int epoll, events[COUNT];

static void operation(void)
{
    static unsigned next;
    uint64_t value = 1;
    struct epoll_event event;
    next = (next + 617) % COUNT;
    if (write(events[next], &value, sizeof value) != sizeof value || epoll_wait(epoll, &event, 1, -1) != 1
        || event.data.u32 != next || read(events[next], &value, sizeof value) != sizeof value)
        die("epoll");
}

int main(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit))
        die("getrlimit");
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) || (epoll = epoll_create1(0)) < 0)
        die("epoll_create1");
    for (unsigned i = 0; i < COUNT; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.u32 = i};
        if ((events[i] = eventfd(0, EFD_NONBLOCK)) < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, events[i], &event))
            die("eventfd");
    }
    print_figure(seconds_each(operation));
    return 0;
}
