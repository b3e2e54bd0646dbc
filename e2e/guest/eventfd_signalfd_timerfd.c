/* eventfd, signalfd, timerfd. */
#include "guest.h"
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

static int ready(int fd, int events) {
    struct pollfd p = {fd, events, 0};
    return poll(&p, 1, 0) == 1 ? p.revents : 0;
}

static long put(int fd, uint64_t v) {
    return write(fd, &v, sizeof v);
}

TEST(eventfd_counter) {
    uint64_t v = 0;
    int fd = eventfd(3, EFD_NONBLOCK | EFD_CLOEXEC);
    CHECK_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
    CHECK_EQ(put(fd, 4), 8);
    CHECK_EQ(ready(fd, POLLIN | POLLOUT), POLLIN | POLLOUT);
    CHECK_EQ(read(fd, &v, sizeof v), 8);
    CHECK_EQ(v, 7);
    CHECK_ERRNO(read(fd, &v, sizeof v), EAGAIN);
    CHECK_EQ(ready(fd, POLLIN | POLLOUT), POLLOUT);
    CHECK_ERRNO(put(fd, UINT64_MAX), EINVAL);
    CHECK_EQ(put(fd, UINT64_MAX - 1), 8);
    CHECK_EQ(ready(fd, POLLIN | POLLOUT), POLLIN);
    CHECK_ERRNO(put(fd, 1), EAGAIN);
    CHECK_EQ(put(fd, 0), 8);
    CHECK_ERRNO(read(fd, &v, 4), EINVAL);
    CHECK_ERRNO(write(fd, &v, 4), EINVAL);
    CHECK_ERRNO(eventfd(0, 0x10), EINVAL);
}

TEST(eventfd_semaphore) {
    uint64_t v = 0;
    int fd = eventfd(2, EFD_NONBLOCK | EFD_SEMAPHORE);
    CHECK_EQ(read(fd, &v, sizeof v), 8);
    CHECK_EQ(v, 1);
    CHECK_EQ(read(fd, &v, sizeof v), 8);
    CHECK_ERRNO(read(fd, &v, sizeof v), EAGAIN);
}

static void *put_later(void *arg) {
    nap(40);
    CHECK_EQ(put((int)(long)arg, 9), 8);
    return NULL;
}

TEST(eventfd_blocks) {
    uint64_t v = 0;
    pthread_t t;
    int fd = eventfd(0, 0);
    MUST(pthread_create(&t, NULL, put_later, (void *)(long)fd) == 0);
    CHECK_EQ(read(fd, &v, sizeof v), 8);
    CHECK_EQ(v, 9);
    pthread_join(t, NULL);
    CHECK_EQ(put(fd, UINT64_MAX - 5), 8);
    MUST(pthread_create(&t, NULL, put_later, (void *)(long)fd) == 0); /* has to wait for room */
    nap(80);
    CHECK_EQ(read(fd, &v, sizeof v), 8);
    CHECK_EQ(v, UINT64_MAX - 5);
    CHECK_EQ(read(fd, &v, sizeof v), 8);
    CHECK_EQ(v, 9);
    pthread_join(t, NULL);
}

static int signal_fd(int a, int b, int flags) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, a);
    sigaddset(&set, b);
    MUST(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
    return signalfd(-1, &set, flags);
}

TEST(signalfd_reads) {
    struct signalfd_siginfo info[3];
    int fd = signal_fd(SIGUSR1, SIGRTMIN, SFD_NONBLOCK);
    CHECK_ERRNO(read(fd, info, sizeof info), EAGAIN);
    CHECK_EQ(ready(fd, POLLIN), 0);
    CHECK_EQ(sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 5}), 0);
    CHECK_EQ(sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 6}), 0);
    CHECK_EQ(kill(getpid(), SIGUSR1), 0);
    CHECK_EQ(ready(fd, POLLIN), POLLIN);
    CHECK_EQ(sizeof info[0], 128);
    CHECK_EQ(read(fd, info, sizeof info), 384);
    CHECK_EQ(info[0].ssi_signo, SIGUSR1);
    CHECK_EQ(info[0].ssi_code, SI_USER);
    CHECK_EQ(info[0].ssi_pid, getpid());
    CHECK_EQ(info[1].ssi_signo, SIGRTMIN);
    CHECK_EQ(info[1].ssi_int, 5);
    CHECK_EQ(info[2].ssi_int, 6);
    CHECK_ERRNO(read(fd, info, 100), EINVAL);
    CHECK_ERRNO(write(fd, info, 128), EINVAL);
}

TEST(signalfd_changes_mask_and_errors) {
    struct signalfd_siginfo info;
    sigset_t set;
    int fd = signal_fd(SIGUSR1, SIGUSR2, SFD_NONBLOCK);
    kill(getpid(), SIGUSR2);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    CHECK_EQ(signalfd(fd, &set, 0), fd);
    CHECK_ERRNO(read(fd, &info, sizeof info), EAGAIN);
    sigaddset(&set, SIGUSR2);
    CHECK_EQ(signalfd(fd, &set, 0), fd);
    CHECK_EQ(read(fd, &info, sizeof info), 128);
    CHECK_EQ(info.ssi_signo, SIGUSR2);
    CHECK_ERRNO(signalfd(9999, &set, 0), EBADF);
    CHECK_ERRNO(signalfd(0, &set, 0), EINVAL);
    CHECK_ERRNO(signalfd(-1, &set, 64), EINVAL);
    CHECK_ERRNO(syscall(SYS_signalfd4, -1, &set, 4, 0), EINVAL);
}

TEST(signalfd_blocks_and_child) {
    struct signalfd_siginfo info;
    int fd = signal_fd(SIGCHLD, SIGCHLD, 0);
    pid_t pid = FORK();
    if (pid == 0) {
        nap(40);
        _exit(6);
    }
    CHECK_EQ(read(fd, &info, sizeof info), 128);
    CHECK_EQ(info.ssi_signo, SIGCHLD);
    CHECK_EQ(info.ssi_pid, pid);
    CHECK_EQ(info.ssi_status, 6);
    CHECK_EQ(info.ssi_code, CLD_EXITED);
    CHECK_EXIT(pid, 6);
}

static struct itimerspec millis(long first, long interval) {
    return (struct itimerspec){{interval / 1000, interval % 1000 * 1000000}, {first / 1000, first % 1000 * 1000000}};
}

TEST(timerfd_once) {
    uint64_t n = 0;
    struct itimerspec t = millis(20, 0), now;
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    CHECK_ERRNO(read(fd, &n, sizeof n), EAGAIN);
    CHECK_EQ(timerfd_settime(fd, 0, &t, NULL), 0);
    CHECK_EQ(timerfd_gettime(fd, &now), 0);
    CHECK(now.it_value.tv_nsec <= 20000000);
    CHECK(UNTIL(ready(fd, POLLIN) == POLLIN));
    CHECK_EQ(read(fd, &n, sizeof n), 8);
    CHECK_EQ(n, 1);
    CHECK_ERRNO(read(fd, &n, sizeof n), EAGAIN);
    CHECK_EQ(timerfd_gettime(fd, &now), 0);
    CHECK_EQ(now.it_value.tv_sec + now.it_value.tv_nsec, 0);
    CHECK_ERRNO(read(fd, &n, 4), EINVAL);
    CHECK_ERRNO(write(fd, &n, 8), EINVAL);
}

TEST(timerfd_interval_counts) {
    uint64_t n = 0;
    struct itimerspec t = millis(10, 10), old;
    int fd = timerfd_create(CLOCK_REALTIME, 0);
    CHECK_EQ(timerfd_settime(fd, 0, &t, NULL), 0);
    nap(150);
    CHECK_EQ(read(fd, &n, sizeof n), 8);
    CHECK(n >= 10);
    CHECK_EQ(read(fd, &n, sizeof n), 8); /* waits for the next */
    CHECK(n >= 1);
    t = millis(0, 0);
    CHECK_EQ(timerfd_settime(fd, 0, &t, &old), 0);
    CHECK_EQ(old.it_interval.tv_nsec, 10000000);
    CHECK_EQ(ready(fd, POLLIN), 0); /* disarmed: forgets what it had counted */
}

TEST(timerfd_absolute) {
    uint64_t n = 0;
    struct itimerspec t = {0};
    int fd = timerfd_create(CLOCK_MONOTONIC, 0);
    clock_gettime(CLOCK_MONOTONIC, &t.it_value);
    t.it_interval.tv_sec = 100;
    CHECK_EQ(timerfd_settime(fd, TFD_TIMER_ABSTIME, &t, NULL), 0);
    CHECK_EQ(read(fd, &n, sizeof n), 8);
    CHECK_EQ(n, 1);
}

TEST(timerfd_errors) {
    struct itimerspec t = millis(10, 0), bad = {{0, 0}, {0, 1000000000}};
    CHECK_ERRNO(timerfd_create(99, 0), EINVAL);
    CHECK_ERRNO(timerfd_create(CLOCK_PROCESS_CPUTIME_ID, 0), EINVAL);
    CHECK_ERRNO(timerfd_create(CLOCK_MONOTONIC, 64), EINVAL);
    int fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC);
    CHECK_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
    CHECK_ERRNO(timerfd_settime(fd, 64, &t, NULL), EINVAL);
    CHECK_ERRNO(timerfd_settime(fd, 0, &bad, NULL), EINVAL);
    CHECK_ERRNO(timerfd_settime(0, 0, &t, NULL), EINVAL);
    CHECK_ERRNO(timerfd_settime(9999, 0, &t, NULL), EBADF);
    CHECK_ERRNO(syscall(SYS_timerfd_settime, fd, 0, 8, NULL), EFAULT);
    CHECK_ERRNO(timerfd_gettime(0, &t), EINVAL);
}

TEST(timerfd_shared_over_fork) {
    struct itimerspec t = millis(30, 0);
    uint64_t n;
    int fd = timerfd_create(CLOCK_MONOTONIC, 0);
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(read(fd, &n, sizeof n), 8);
        CHECK_EQ(n, 1);
        DONE();
    }
    CHECK_EQ(timerfd_settime(fd, 0, &t, NULL), 0);
    CHECK_EXIT(pid, 0);
}
