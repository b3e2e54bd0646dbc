/* poll, ppoll, select, pselect6. */
#include "guest.h"
#include <poll.h>
#include <pthread.h>
#include <sys/select.h>
#include <sys/socket.h>

static int poll_one(int fd, int events, int timeout, int *revents) {
    struct pollfd p = {.fd = fd, .events = events, .revents = -1};
    int n = poll(&p, 1, timeout);
    *revents = p.revents;
    return n;
}

static volatile sig_atomic_t count;
static void note(int sig GUEST_UNUSED) {
    count++;
}

TEST(pipe_states) {
    int p[2], got;
    MUST(pipe(p) == 0);
    CHECK_EQ(poll_one(p[0], POLLIN, 0, &got), 0);
    CHECK_EQ(got, 0);
    CHECK_EQ(poll_one(p[1], POLLOUT | POLLIN, 0, &got), 1);
    CHECK_EQ(got, POLLOUT);
    CHECK_EQ(write(p[1], "x", 1), 1);
    CHECK_EQ(poll_one(p[0], POLLIN | POLLRDNORM | POLLOUT, 0, &got), 1);
    CHECK_EQ(got, POLLIN | POLLRDNORM);
    CHECK_EQ(poll_one(p[0], 0, 0, &got), 0);
    close(p[1]);
    CHECK_EQ(poll_one(p[0], POLLIN, 0, &got), 1);
    CHECK_EQ(got, POLLIN | POLLHUP);
    char c;
    CHECK_EQ(read(p[0], &c, 1), 1);
    CHECK_EQ(poll_one(p[0], 0, 0, &got), 1);
    CHECK_EQ(got, POLLHUP); /* never masked */
    MUST(pipe(p) == 0);
    close(p[0]);
    CHECK_EQ(poll_one(p[1], POLLOUT, 0, &got), 1);
    CHECK_EQ(got, POLLOUT | POLLERR);
}

TEST(full_pipe_is_not_writable) {
    int p[2], got;
    static char buf[65536];
    MUST(pipe2(p, O_NONBLOCK) == 0);
    CHECK_EQ(write(p[1], buf, sizeof buf), sizeof buf);
    CHECK_EQ(poll_one(p[1], POLLOUT, 0, &got), 0);
    CHECK_ERRNO(write(p[1], buf, 1), EAGAIN);
    CHECK_EQ(read(p[0], buf, 4096), 4096);
    CHECK_EQ(poll_one(p[1], POLLOUT, 0, &got), 1);
}

TEST(regular_files_are_always_ready) {
    int got, fd = open("f", O_CREAT | O_RDWR, 0644);
    CHECK_EQ(poll_one(fd, POLLIN | POLLOUT | POLLPRI, 0, &got), 1);
    CHECK_EQ(got, POLLIN | POLLOUT);
    CHECK_EQ(poll_one(open(".", O_RDONLY), POLLIN, 0, &got), 1);
    CHECK_EQ(poll_one(open("/dev/null", O_RDWR), POLLIN | POLLOUT, 0, &got), 1);
    CHECK_EQ(got, POLLIN | POLLOUT);
}

TEST(bad_descriptors) {
    struct pollfd p[3] = {{-1, POLLIN, -1}, {9999, POLLIN, -1}, {-5, 0, -1}};
    CHECK_EQ(poll(p, 3, 0), 1);
    CHECK_EQ(p[0].revents, 0);
    CHECK_EQ(p[1].revents, POLLNVAL);
    CHECK_EQ(p[2].revents, 0);
    CHECK_ERRNO(poll((void *)8, 1, 0), EFAULT);
    CHECK_EQ(poll(NULL, 0, 0), 0);
    struct rlimit limit = {100, 4096};
    CHECK_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
    CHECK_ERRNO(poll(p, 101, 0), EINVAL);
}

TEST(timeouts) {
    int p[2], got;
    MUST(pipe(p) == 0);
    long long before = now_ms();
    CHECK_EQ(poll_one(p[0], POLLIN, 30, &got), 0);
    CHECK(now_ms() - before >= 29);
    struct timespec t = {0, 30000000}, bad = {0, -1};
    struct pollfd f = {p[0], POLLIN, 0};
    before = now_ms();
    CHECK_EQ(ppoll(&f, 1, &t, NULL), 0);
    CHECK(now_ms() - before >= 29);
    CHECK_ERRNO(ppoll(&f, 1, &bad, NULL), EINVAL);
}

static void *write_later(void *arg) {
    nap(40);
    CHECK_EQ(write(*(int *)arg, "x", 1), 1);
    return NULL;
}

TEST(wakes_when_ready) {
    int p[2], got;
    pthread_t t;
    MUST(pipe(p) == 0);
    MUST(pthread_create(&t, NULL, write_later, &p[1]) == 0);
    CHECK_EQ(poll_one(p[0], POLLIN, -1, &got), 1);
    CHECK_EQ(got, POLLIN);
    pthread_join(t, NULL);
}

static void *close_later(void *arg) {
    nap(40);
    close(*(int *)arg);
    return NULL;
}

TEST(wakes_on_hangup) {
    int p[2], got;
    pthread_t t;
    MUST(pipe(p) == 0);
    MUST(pthread_create(&t, NULL, close_later, &p[1]) == 0);
    CHECK_EQ(poll_one(p[0], POLLIN, -1, &got), 1);
    CHECK_EQ(got, POLLHUP);
    pthread_join(t, NULL);
}

TEST(interrupted_even_with_restart) {
    struct itimerval tick = {{0, 30000}, {0, 30000}};
    int p[2], got;
    struct timeval wait = {5, 0};
    fd_set set;
    MUST(pipe(p) == 0);
    on(SIGALRM, note, SA_RESTART);
    setitimer(ITIMER_REAL, &tick, NULL);
    CHECK_ERRNO(poll_one(p[0], POLLIN, 5000, &got), EINTR);
    FD_ZERO(&set);
    FD_SET(p[0], &set);
    CHECK_ERRNO(select(p[0] + 1, &set, NULL, NULL, &wait), EINTR);
    CHECK(wait.tv_sec >= 3); /* updated with what is left */
}

TEST(ppoll_swaps_the_mask) {
    sigset_t usr1, none;
    struct timespec t = {5, 0};
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    sigemptyset(&none);
    sigprocmask(SIG_BLOCK, &usr1, NULL);
    on(SIGUSR1, note, 0);
    raise(SIGUSR1);
    CHECK_ERRNO(ppoll(NULL, 0, &t, &none), EINTR);
    CHECK_EQ(count, 1);
    raise(SIGUSR1);
    CHECK_ERRNO(pselect(0, NULL, NULL, NULL, &t, &none), EINTR);
    CHECK_EQ(count, 2);
    sigprocmask(SIG_BLOCK, NULL, &none);
    CHECK_EQ(sigismember(&none, SIGUSR1), 1);
    CHECK_ERRNO(syscall(SYS_ppoll, NULL, 0, &t, &none, 4), EINVAL);
}

TEST(select_sets) {
    int a[2], b[2];
    fd_set r, w, e;
    struct timeval zero = {0, 0};
    MUST(pipe(a) == 0 && pipe(b) == 0);
    CHECK_EQ(write(a[1], "x", 1), 1);
    FD_ZERO(&r);
    FD_ZERO(&w);
    FD_ZERO(&e);
    FD_SET(a[0], &r);
    FD_SET(b[0], &r);
    FD_SET(a[1], &w);
    FD_SET(a[0], &e);
    CHECK_EQ(select(b[1] + 1, &r, &w, &e, &zero), 2);
    CHECK(FD_ISSET(a[0], &r) && !FD_ISSET(b[0], &r) && FD_ISSET(a[1], &w) && !FD_ISSET(a[0], &e));
    FD_ZERO(&r);
    FD_SET(b[0], &r);
    CHECK_EQ(select(b[0], &r, NULL, NULL, &zero), 0); /* nfds is one too small to see it */
    FD_ZERO(&r);
    FD_SET(800, &r);
    CHECK_ERRNO(select(801, &r, NULL, NULL, &zero), EBADF);
    CHECK_ERRNO(select(-1, NULL, NULL, NULL, &zero), EINVAL);
    struct timeval bad = {-1, 0};
    CHECK_ERRNO(select(0, NULL, NULL, NULL, &bad), EINVAL);
    CHECK_ERRNO(syscall(SYS_select, 1, 8, NULL, NULL, &zero), EFAULT);
}

TEST(select_as_sleep) {
    struct timeval t = {0, 30000};
    long long before = now_ms();
    CHECK_EQ(select(0, NULL, NULL, NULL, &t), 0);
    CHECK(now_ms() - before >= 29);
    CHECK_EQ(t.tv_sec + t.tv_usec, 0);
}

TEST(one_descriptor_many_times) {
    int p[2];
    struct pollfd f[200];
    MUST(pipe(p) == 0);
    for (int i = 0; i < 200; i++)
        f[i] = (struct pollfd){p[i & 1], POLLIN | POLLOUT, 0};
    CHECK_EQ(poll(f, 200, -1), 100);
    CHECK_EQ(f[0].revents, 0);
    CHECK_EQ(f[199].revents, POLLOUT);
}

TEST(socket_pair_hangups) {
    int s[2], got;
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
    CHECK_EQ(poll_one(s[0], POLLIN | POLLOUT | POLLRDHUP, 0, &got), 1);
    CHECK_EQ(got, POLLOUT);
    CHECK_EQ(shutdown(s[1], SHUT_WR), 0);
    CHECK_EQ(poll_one(s[0], POLLIN | POLLRDHUP, 0, &got), 1);
    CHECK_EQ(got, POLLIN | POLLRDHUP);
    close(s[1]);
    CHECK_EQ(poll_one(s[0], POLLIN | POLLOUT | POLLRDHUP, 0, &got), 1);
    CHECK_EQ(got, POLLIN | POLLOUT | POLLRDHUP | POLLHUP);
}
