/* POSIX message queues. */
#include "guest.h"
#include <mqueue.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>

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

static volatile int told;

static void on_thread(union sigval value) { __atomic_store_n(&told, value.sival_int, __ATOMIC_SEQ_CST); }

TEST(notify_by_a_thread) {
    struct sigevent ev = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = on_thread, .sigev_value.sival_int = 9};
    mqd_t q = make(3, 20, 0);
    CHECK_EQ(mq_notify(q, &ev), 0);
    CHECK_ERRNO(mq_notify(q, &ev), EBUSY);
    CHECK_EQ(mq_send(q, "x", 1, 0), 0);
    CHECK(UNTIL(told == 9));
    char buf[20];
    CHECK_EQ(mq_receive(q, buf, 20, NULL), 1);
    CHECK_EQ(mq_notify(q, &ev), 0);
    CHECK_EQ(mq_notify(q, NULL), 0); /* the thread hears of that, too */
    ev.sigev_value.sival_int = 10;
    CHECK_EQ(mq_notify(q, &ev), 0);
    CHECK_EQ(mq_send(q, "x", 1, 0), 0);
    CHECK(UNTIL(told == 10));
    CHECK_EQ(syscall(SYS_mq_getsetattr, q, NULL, NULL), 0);
    struct { void *value; int signal, how; char rest[48]; } raw = {buf, 0, SIGEV_THREAD, {0}}; /* not a socket */
    int null = open("/dev/null", O_RDWR), sock = socket(AF_UNIX, SOCK_STREAM, 0);
    raw.signal = null;
    CHECK_ERRNO(syscall(SYS_mq_notify, q, &raw), ENOTSOCK);
    raw.signal = sock;
    CHECK_ERRNO(syscall(SYS_mq_notify, q, &raw), EINVAL);
    raw.signal = -1;
    CHECK_ERRNO(syscall(SYS_mq_notify, q, &raw), EBADF);
    raw.value = (void *)8;
    CHECK_ERRNO(syscall(SYS_mq_notify, q, &raw), EFAULT);
    mq_unlink(name);
}

TEST(file_system) {
    char line[200], path[200], dir[] = "/tmp/guest-mq-XXXXXX";
    struct stat st;
    struct mq_attr a;
    MUST(unshare(CLONE_NEWNS | CLONE_NEWIPC) == 0);
    CHECK_EQ(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
    MUST(mkdtemp(dir) != NULL);
    CHECK_EQ(mount("mqueue", dir, "mqueue", 0, NULL), 0);
    CHECK_EQ(stat(dir, &st), 0);
    CHECK_EQ(st.st_mode, S_IFDIR | 01777);
    mqd_t q = make(4, 30, O_NONBLOCK);
    snprintf(path, sizeof path, "%s%s", dir, name);
    CHECK_EQ(stat(path, &st), 0);
    CHECK_EQ(st.st_mode, S_IFREG | 0600);
    CHECK_EQ(st.st_size, 80);
    CHECK_EQ(mq_send(q, "hello", 5, 3), 0);
    int fd = open(path, O_RDONLY);
    ssize_t n = read(fd, line, sizeof line - 1);
    CHECK(n > 0);
    line[n > 0 ? n : 0] = 0;
    CHECK_STR(line, "QSIZE:5          NOTIFY:0     SIGNO:0     NOTIFY_PID:0     \n");
    CHECK_EQ(mq_receive(fd, line, 30, NULL), 5); /* a descriptor of open(2) is as good */
    struct pollfd p = {q, POLLIN | POLLOUT, 0};
    CHECK_EQ(poll(&p, 1, 0), 1);
    CHECK_EQ(p.revents, POLLOUT);
    snprintf(path, sizeof path, "%s/made", dir);
    CHECK_EQ(close(creat(path, 0600)), 0);
    mqd_t made = mq_open("/made", O_RDWR);
    CHECK_EQ(mq_getattr(made, &a), 0);
    CHECK_EQ(a.mq_maxmsg * 10000 + a.mq_msgsize, 108192);
    CHECK_EQ(unlink(path), 0);
    CHECK_ERRNO(mq_unlink("/made"), ENOENT);
    CHECK_ERRNO(mkdir(path, 0700), EPERM);
    CHECK_ERRNO(mq_open("/..", O_RDWR), EACCES);
    CHECK_EQ(mq_unlink(name), 0);
    CHECK_EQ(mq_send(q, "still", 5, 0), 0);
    close(q);
    close(fd);
    close(made);
    CHECK_EQ(umount(dir), 0);
    CHECK_EQ(rmdir(dir), 0);
}
