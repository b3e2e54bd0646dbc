/* epoll: level, edge, one-shot, exclusive, nesting, lifetime. */
#include "guest.h"
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

static int ep, p[2];

static void setup(void) {
    ep = epoll_create1(EPOLL_CLOEXEC);
    MUST(ep >= 0 && pipe(p) == 0);
}

static int ctl(int op, int fd, uint32_t events, uint64_t data) {
    struct epoll_event e = {.events = events, .data.u64 = data};
    return epoll_ctl(ep, op, fd, &e);
}

/* Waits for one event; its mask, 0 on timeout. */
static int wait_one(int timeout, uint64_t *data) {
    struct epoll_event e = {0};
    int n = epoll_wait(ep, &e, 1, timeout);
    if (data)
        *data = e.data.u64;
    return n < 0 ? -1 : n == 0 ? 0 : (int)e.events;
}

TEST(level_triggered) {
    uint64_t data;
    setup();
    CHECK_EQ(ctl(EPOLL_CTL_ADD, p[0], EPOLLIN, 0x123456789abcdef0), 0);
    CHECK_EQ(wait_one(0, NULL), 0);
    CHECK_EQ(write(p[1], "xy", 2), 2);
    CHECK_EQ(wait_one(0, &data), EPOLLIN);
    CHECK_EQ(data, 0x123456789abcdef0);
    CHECK_EQ(wait_one(0, NULL), EPOLLIN);
    char c;
    CHECK_EQ(read(p[0], &c, 1), 1);
    CHECK_EQ(wait_one(0, NULL), EPOLLIN);
    CHECK_EQ(read(p[0], &c, 1), 1);
    CHECK_EQ(wait_one(0, NULL), 0);
}

TEST(edge_triggered) {
    setup();
    CHECK_EQ(ctl(EPOLL_CTL_ADD, p[0], EPOLLIN | EPOLLET, 0), 0);
    CHECK_EQ(write(p[1], "xy", 2), 2);
    CHECK_EQ(wait_one(0, NULL), EPOLLIN);
    CHECK_EQ(wait_one(0, NULL), 0);
    CHECK_EQ(write(p[1], "z", 1), 1); /* new data: a new edge, although it was never drained */
    CHECK_EQ(wait_one(0, NULL), EPOLLIN);
    CHECK_EQ(wait_one(0, NULL), 0);
    CHECK_EQ(ctl(EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLET, 0), 0);
    CHECK_EQ(wait_one(0, NULL), EPOLLIN); /* MOD looks again */
    close(p[1]);
    CHECK_EQ(wait_one(0, NULL), EPOLLIN | EPOLLHUP);
}

TEST(one_shot) {
    setup();
    CHECK_EQ(ctl(EPOLL_CTL_ADD, p[0], EPOLLIN | EPOLLONESHOT, 0), 0);
    CHECK_EQ(write(p[1], "x", 1), 1);
    CHECK_EQ(wait_one(0, NULL), EPOLLIN);
    CHECK_EQ(wait_one(0, NULL), 0);
    close(p[1]);
    CHECK_EQ(wait_one(0, NULL), 0); /* not even the hang-up */
    CHECK_EQ(ctl(EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLONESHOT, 0), 0);
    CHECK_EQ(wait_one(0, NULL), EPOLLIN | EPOLLHUP);
}

TEST(already_ready_when_added) {
    setup();
    CHECK_EQ(ctl(EPOLL_CTL_ADD, p[1], EPOLLOUT | EPOLLET, 1), 0);
    CHECK_EQ(wait_one(0, NULL), EPOLLOUT);
    CHECK_EQ(wait_one(0, NULL), 0);
    CHECK_EQ(write(p[1], "x", 1), 1);
    CHECK_EQ(ctl(EPOLL_CTL_ADD, p[0], EPOLLIN | EPOLLET, 2), 0);
    uint64_t data;
    CHECK_EQ(wait_one(0, &data), EPOLLIN);
    CHECK_EQ(data, 2);
}

TEST(control_errors) {
    setup();
    struct epoll_event e = {.events = EPOLLIN};
    CHECK_EQ(ctl(EPOLL_CTL_ADD, p[0], EPOLLIN, 0), 0);
    CHECK_ERRNO(ctl(EPOLL_CTL_ADD, p[0], EPOLLIN, 0), EEXIST);
    CHECK_ERRNO(ctl(EPOLL_CTL_MOD, p[1], EPOLLIN, 0), ENOENT);
    CHECK_ERRNO(ctl(EPOLL_CTL_DEL, p[1], 0, 0), ENOENT);
    CHECK_ERRNO(ctl(9, p[1], EPOLLIN, 0), EINVAL);
    CHECK_ERRNO(ctl(EPOLL_CTL_ADD, 9999, EPOLLIN, 0), EBADF);
    CHECK_ERRNO(ctl(EPOLL_CTL_ADD, ep, EPOLLIN, 0), EINVAL);
    CHECK_ERRNO(epoll_ctl(p[0], EPOLL_CTL_ADD, p[1], &e), EINVAL);
    CHECK_ERRNO(epoll_ctl(9999, EPOLL_CTL_ADD, p[1], &e), EBADF);
    CHECK_ERRNO(epoll_ctl(ep, EPOLL_CTL_ADD, p[1], (void *)8), EFAULT);
    int file = open("f", O_CREAT | O_RDWR, 0644);
    CHECK_ERRNO(ctl(EPOLL_CTL_ADD, file, EPOLLIN, 0), EPERM);
    CHECK_ERRNO(ctl(EPOLL_CTL_ADD, open(".", O_RDONLY), EPOLLIN, 0), EPERM);
    CHECK_EQ(epoll_ctl(ep, EPOLL_CTL_DEL, p[0], NULL), 0);
    CHECK_ERRNO(epoll_create(0), EINVAL);
    CHECK_ERRNO(epoll_create1(1), EINVAL);
}

TEST(wait_errors) {
    struct epoll_event e[2];
    setup();
    CHECK_ERRNO(epoll_wait(ep, e, 0, 0), EINVAL);
    CHECK_ERRNO(epoll_wait(ep, e, -1, 0), EINVAL);
    CHECK_ERRNO(epoll_wait(p[0], e, 1, 0), EINVAL);
    CHECK_ERRNO(epoll_wait(9999, e, 1, 0), EBADF);
    CHECK_EQ(ctl(EPOLL_CTL_ADD, p[1], EPOLLOUT, 0), 0);
    CHECK_ERRNO(epoll_wait(ep, (void *)8, 1, 0), EFAULT);
    CHECK_EQ(epoll_wait(ep, e, 2, 0), 1); /* not lost by the fault */
    CHECK_ERRNO(syscall(SYS_read, ep, e, 1), EINVAL);
}

TEST(many_descriptors_round_robin) {
    enum { COUNT = 100 };
    int fds[COUNT], seen[COUNT] = {0}, total = 0;
    struct epoll_event e[10];
    setup();
    for (int i = 0; i < COUNT; i++) {
        fds[i] = eventfd(1, 0);
        MUST(ctl(EPOLL_CTL_ADD, fds[i], EPOLLIN, i) == 0);
    }
    for (int round = 0; round < COUNT / 10; round++) {
        CHECK_EQ(epoll_wait(ep, e, 10, 0), 10);
        for (int i = 0; i < 10; i++)
            seen[e[i].data.u64]++;
    }
    for (int i = 0; i < COUNT; i++)
        total += seen[i] == 1;
    CHECK_EQ(total, COUNT); /* nobody twice before everybody once */
}

TEST(closing_removes_after_the_last_duplicate) {
    setup();
    CHECK_EQ(ctl(EPOLL_CTL_ADD, p[0], EPOLLIN, 0), 0);
    int copy = dup(p[0]);
    CHECK_EQ(write(p[1], "x", 1), 1);
    close(p[0]);
    CHECK_EQ(wait_one(0, NULL), EPOLLIN);
    close(copy);
    CHECK_EQ(wait_one(0, NULL), 0);
}

TEST(same_file_under_two_descriptors) {
    struct epoll_event e[4];
    setup();
    int copy = dup(p[0]);
    CHECK_EQ(ctl(EPOLL_CTL_ADD, p[0], EPOLLIN, 1), 0);
    CHECK_EQ(ctl(EPOLL_CTL_ADD, copy, EPOLLIN, 2), 0);
    CHECK_EQ(write(p[1], "x", 1), 1);
    CHECK_EQ(epoll_wait(ep, e, 4, 0), 2);
    CHECK_EQ(ctl(EPOLL_CTL_DEL, copy, 0, 0), 0);
    CHECK_EQ(epoll_wait(ep, e, 4, 0), 1);
    CHECK_EQ(e[0].data.u64, 1);
}

TEST(nested) {
    setup();
    int inner = ep, outer = epoll_create1(0), third = epoll_create1(0);
    CHECK_EQ(ctl(EPOLL_CTL_ADD, p[0], EPOLLIN, 1), 0);
    ep = outer;
    CHECK_EQ(ctl(EPOLL_CTL_ADD, inner, EPOLLIN, 2), 0);
    ep = inner;
    CHECK_ERRNO(ctl(EPOLL_CTL_ADD, outer, EPOLLIN, 0), ELOOP);
    ep = third;
    CHECK_EQ(ctl(EPOLL_CTL_ADD, outer, EPOLLIN, 3), 0);
    CHECK_EQ(wait_one(0, NULL), 0);
    CHECK_EQ(write(p[1], "x", 1), 1);
    uint64_t data;
    CHECK_EQ(wait_one(0, &data), EPOLLIN);
    CHECK_EQ(data, 3);
    ep = outer;
    CHECK_EQ(wait_one(0, &data), EPOLLIN);
    CHECK_EQ(data, 2);
    char c;
    CHECK_EQ(read(p[0], &c, 1), 1);
    CHECK_EQ(wait_one(0, NULL), 0);
}

static int woken;
static void *wait_in_thread(void *arg) {
    struct epoll_event e;
    int n = epoll_wait((int)(long)arg, &e, 1, 10000);
    if (n == 1)
        __atomic_add_fetch(&woken, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

TEST(wakes_a_waiter) {
    pthread_t t;
    setup();
    CHECK_EQ(ctl(EPOLL_CTL_ADD, p[0], EPOLLIN, 0), 0);
    MUST(pthread_create(&t, NULL, wait_in_thread, (void *)(long)ep) == 0);
    nap(40);
    CHECK_EQ(write(p[1], "x", 1), 1);
    pthread_join(t, NULL);
    CHECK_EQ(woken, 1);
}

TEST(added_while_another_waits) {
    pthread_t t;
    setup();
    MUST(pthread_create(&t, NULL, wait_in_thread, (void *)(long)ep) == 0);
    nap(40);
    CHECK_EQ(ctl(EPOLL_CTL_ADD, p[1], EPOLLOUT, 0), 0);
    pthread_join(t, NULL);
    CHECK_EQ(woken, 1);
}

TEST(edge_wakes_one_of_many) {
    pthread_t t[4];
    setup();
    CHECK_EQ(ctl(EPOLL_CTL_ADD, p[0], EPOLLIN | EPOLLET, 0), 0);
    for (int i = 0; i < 4; i++)
        MUST(pthread_create(&t[i], NULL, wait_in_thread, (void *)(long)ep) == 0);
    nap(60);
    CHECK_EQ(write(p[1], "x", 1), 1);
    CHECK(UNTIL(woken == 1));
    nap(60);
    CHECK_EQ(woken, 1);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(write(p[1], "x", 1), 1);
        CHECK(UNTIL(woken == i + 2));
    }
    for (int i = 0; i < 4; i++)
        pthread_join(t[i], NULL);
}

TEST(exclusive) {
    setup();
    CHECK_EQ(ctl(EPOLL_CTL_ADD, p[0], EPOLLIN | EPOLLEXCLUSIVE, 7), 0);
    CHECK_ERRNO(ctl(EPOLL_CTL_MOD, p[0], EPOLLIN, 0), EINVAL);
    CHECK_ERRNO(ctl(EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLEXCLUSIVE, 0), EINVAL);
    CHECK_ERRNO(ctl(EPOLL_CTL_ADD, p[1], EPOLLOUT | EPOLLEXCLUSIVE | EPOLLONESHOT, 0), EINVAL);
    int inner = epoll_create1(0);
    CHECK_ERRNO(ctl(EPOLL_CTL_ADD, inner, EPOLLIN | EPOLLEXCLUSIVE, 0), EINVAL);
    CHECK_EQ(write(p[1], "x", 1), 1);
    CHECK_EQ(wait_one(0, NULL), EPOLLIN);
}

static void nothing(int sig GUEST_UNUSED) {
}

TEST(timeouts_and_signals) {
    struct epoll_event e;
    struct itimerval tick = {{0, 40000}, {0, 40000}};
    struct timespec t = {0, 20000000};
    sigset_t none, alarm_set;
    setup();
    long long before = now_ms();
    CHECK_EQ(epoll_wait(ep, &e, 1, 30), 0);
    CHECK(now_ms() - before >= 29);
    CHECK_EQ(epoll_pwait2(ep, &e, 1, &t, NULL), 0);
    t.tv_nsec = -1;
    CHECK_ERRNO(epoll_pwait2(ep, &e, 1, &t, NULL), EINVAL);
    on(SIGALRM, nothing, SA_RESTART);
    setitimer(ITIMER_REAL, &tick, NULL);
    CHECK_ERRNO(epoll_wait(ep, &e, 1, 5000), EINTR);
    sigemptyset(&none);
    sigemptyset(&alarm_set);
    sigaddset(&alarm_set, SIGALRM);
    sigprocmask(SIG_BLOCK, &alarm_set, NULL);
    CHECK_EQ(epoll_wait(ep, &e, 1, 60), 0);
    CHECK_ERRNO(epoll_pwait(ep, &e, 1, 5000, &none), EINTR);
}

TEST(inherited_over_fork) {
    setup();
    CHECK_EQ(ctl(EPOLL_CTL_ADD, p[0], EPOLLIN, 5), 0);
    pid_t pid = FORK();
    if (pid == 0) {
        uint64_t data;
        CHECK_EQ(wait_one(5000, &data), EPOLLIN);
        CHECK_EQ(data, 5);
        DONE();
    }
    CHECK_EQ(write(p[1], "x", 1), 1);
    CHECK_EXIT(pid, 0);
}
