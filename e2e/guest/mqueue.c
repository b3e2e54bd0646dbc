/* POSIX message queues. */
#include "guest.h"
#include <mqueue.h>

static char name[64];

static mqd_t make(long max, long size, int flags) {
    struct mq_attr a = {.mq_maxmsg = max, .mq_msgsize = size};
    snprintf(name, sizeof name, "/guest-%d", getpid());
    mq_unlink(name);
    mqd_t q = mq_open(name, O_CREAT | O_EXCL | O_RDWR | flags, 0600, &a);
    MUST(q >= 0);
    return q;
}

TEST(open_and_unlink) {
    mqd_t q = make(4, 50, 0);
    CHECK_ERRNO(mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, NULL), EEXIST);
    CHECK(mq_open(name, O_RDONLY) >= 0);
    CHECK_EQ(mq_unlink(name), 0);
    CHECK_ERRNO(mq_unlink(name), ENOENT);
    CHECK_ERRNO(mq_open(name, O_RDWR), ENOENT);
    CHECK_ERRNO(mq_open("/", O_RDWR), ENOENT);
    CHECK_ERRNO(mq_open("/a/b", O_RDWR), EACCES);
    struct mq_attr bad = {.mq_maxmsg = 0, .mq_msgsize = 10};
    CHECK_ERRNO(mq_open(name, O_CREAT | O_RDWR, 0600, &bad), EINVAL);
    CHECK_EQ(mq_close(q), 0);
}

TEST(priorities) {
    char buf[50];
    unsigned prio = 0;
    mqd_t q = make(4, 50, O_NONBLOCK);
    CHECK_EQ(mq_send(q, "low", 4, 1), 0);
    CHECK_EQ(mq_send(q, "high", 5, 9), 0);
    CHECK_EQ(mq_send(q, "low2", 5, 1), 0);
    CHECK_EQ(mq_send(q, "", 0, 0), 0);
    CHECK_ERRNO(mq_send(q, "full", 5, 0), EAGAIN);
    CHECK_EQ(mq_receive(q, buf, 50, &prio), 5);
    CHECK_STR(buf, "high");
    CHECK_EQ(prio, 9);
    CHECK_EQ(mq_receive(q, buf, 50, &prio), 4);
    CHECK_STR(buf, "low");
    CHECK_EQ(mq_receive(q, buf, 50, &prio), 5);
    CHECK_EQ(mq_receive(q, buf, 50, &prio), 0);
    CHECK_ERRNO(mq_receive(q, buf, 50, &prio), EAGAIN);
    CHECK_ERRNO(mq_receive(q, buf, 49, &prio), EMSGSIZE);
    CHECK_ERRNO(mq_send(q, buf, 51, 0), EMSGSIZE);
    CHECK_ERRNO(mq_send(q, buf, 1, 32768), EINVAL);
    mq_unlink(name);
}

TEST(attributes) {
    struct mq_attr a, set = {.mq_flags = O_NONBLOCK};
    mqd_t q = make(3, 20, 0);
    CHECK_EQ(mq_getattr(q, &a), 0);
    CHECK_EQ(a.mq_maxmsg * 100 + a.mq_msgsize, 320);
    CHECK_EQ(a.mq_curmsgs + a.mq_flags, 0);
    CHECK_EQ(mq_setattr(q, &set, NULL), 0);
    CHECK_EQ(mq_getattr(q, &a), 0);
    CHECK_EQ(a.mq_flags, O_NONBLOCK);
    CHECK_ERRNO(mq_getattr(0, &a), EBADF);
    mq_unlink(name);
}

TEST(blocks_between_processes) {
    char buf[20];
    mqd_t q = make(1, 20, 0);
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(mq_receive(q, buf, 20, NULL), 4);
        nap(30);
        CHECK_EQ(mq_receive(q, buf, 20, NULL), 4);
        DONE();
    }
    nap(30);
    CHECK_EQ(mq_send(q, "one", 4, 0), 0);
    CHECK_EQ(mq_send(q, "two", 4, 0), 0); /* waits for room */
    CHECK_EXIT(pid, 0);
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    CHECK_ERRNO(mq_timedreceive(q, buf, 20, NULL, &t), ETIMEDOUT);
    mq_unlink(name);
}

static volatile sig_atomic_t notified;
static void on_notify(int sig GUEST_UNUSED, siginfo_t *info, void *ctx GUEST_UNUSED) {
    notified = info->si_code == SI_MESGQ ? info->si_value.sival_int : -1;
}

TEST(notify) {
    struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 8};
    mqd_t q = make(3, 20, 0);
    on_info(SIGUSR1, on_notify, 0);
    CHECK_EQ(mq_notify(q, &ev), 0);
    CHECK_ERRNO(mq_notify(q, &ev), EBUSY);
    CHECK_EQ(mq_send(q, "x", 1, 0), 0);
    CHECK(UNTIL(notified == 8));
    notified = 0;
    CHECK_EQ(mq_send(q, "x", 1, 0), 0); /* once only, and only when it was empty */
    CHECK_EQ(mq_notify(q, NULL), 0);
    CHECK_EQ(notified, 0);
    mq_unlink(name);
}
