/* Pipes and FIFOs, splice, tee, vmsplice, sendfile, copy_file_range. */
#include "guest.h"
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

static void nothing(int sig GUEST_UNUSED) {
}

TEST(basics) {
    int p[2];
    char buf[10] = "";
    struct stat st;
    MUST(pipe(p) == 0);
    CHECK_EQ(write(p[1], "hello", 5), 5);
    CHECK_EQ(read(p[0], buf, 2), 2);
    CHECK_EQ(read(p[0], buf + 2, 10), 3);
    CHECK_STR(buf, "hello");
    CHECK_ERRNO(write(p[0], "x", 1), EBADF);
    CHECK_ERRNO(read(p[1], buf, 1), EBADF);
    CHECK_EQ(write(p[1], "", 0), 0);
    CHECK_EQ(fstat(p[0], &st), 0);
    CHECK(S_ISFIFO(st.st_mode));
    int n = -1;
    CHECK_EQ(write(p[1], "abc", 3), 3);
    CHECK_EQ(ioctl(p[0], FIONREAD, &n), 0);
    CHECK_EQ(n, 3);
    close(p[1]);
    CHECK_EQ(read(p[0], buf, 10), 3);
    CHECK_EQ(read(p[0], buf, 10), 0);
    CHECK_EQ(read(p[0], buf, 0), 0);
}

TEST(pipe2_flags) {
    int p[2] = {-1, -1};
    char c;
    CHECK_EQ(pipe2(p, O_NONBLOCK | O_CLOEXEC), 0);
    CHECK_EQ(fcntl(p[0], F_GETFD), FD_CLOEXEC);
    CHECK_EQ(fcntl(p[1], F_GETFL), O_WRONLY | O_NONBLOCK);
    CHECK_ERRNO(read(p[0], &c, 1), EAGAIN);
    CHECK_ERRNO(pipe2(p, O_APPEND), EINVAL);
    CHECK_ERRNO(syscall(SYS_pipe, 8), EFAULT);
    CHECK_EQ(pipe2(p, O_DIRECT), 0); /* packets */
    char buf[100];
    CHECK_EQ(write(p[1], "one", 3), 3);
    CHECK_EQ(write(p[1], "two", 3), 3);
    CHECK_EQ(read(p[0], buf, 100), 3);
    CHECK_EQ(read(p[0], buf, 1), 1); /* the rest of a packet is lost */
    CHECK_EQ(fcntl(p[0], F_SETFL, O_NONBLOCK), 0);
    CHECK_ERRNO(read(p[0], buf, 100), EAGAIN);
}

TEST(capacity) {
    int p[2];
    static char buf[1 << 20];
    MUST(pipe2(p, O_NONBLOCK) == 0);
    CHECK_EQ(fcntl(p[0], F_GETPIPE_SZ), 65536);
    CHECK_EQ(write(p[1], buf, 70000), 65536); /* a large write may be partial */
    CHECK_ERRNO(write(p[1], buf, 1), EAGAIN);
    CHECK_EQ(read(p[0], buf, 100), 100);
    CHECK_ERRNO(write(p[1], buf, 4096), EAGAIN); /* up to PIPE_BUF all or nothing */
    CHECK_ERRNO(fcntl(p[0], F_SETPIPE_SZ, 4096), EBUSY);
    while (read(p[0], buf, sizeof buf) > 0)
        ;
    CHECK_EQ(fcntl(p[0], F_SETPIPE_SZ, 5000), 8192);
    CHECK_EQ(fcntl(p[1], F_GETPIPE_SZ), 8192);
    CHECK_EQ(write(p[1], buf, 70000), 8192);
    CHECK_EQ(read(p[0], buf, sizeof buf), 8192);
    CHECK_EQ(fcntl(p[0], F_SETPIPE_SZ, 1 << 20), 1 << 20);
    CHECK_EQ(write(p[1], buf, 1 << 20), 1 << 20);
    int file = open("f", O_CREAT | O_RDWR, 0644);
    CHECK_ERRNO(fcntl(file, F_GETPIPE_SZ), EBADF);
}

TEST_T(large_transfer, 60) {
    enum { TOTAL = 4 << 20 };
    static char buf[100000];
    int p[2];
    long sum = 0, got = 0, n;
    MUST(pipe(p) == 0);
    pid_t pid = FORK();
    if (pid == 0) {
        close(p[0]);
        memset(buf, 1, sizeof buf);
        for (long left = TOTAL; left > 0; left -= n) {
            n = write(p[1], buf, left < (long)sizeof buf ? left : (long)sizeof buf);
            MUST(n > 0);
        }
        DONE();
    }
    close(p[1]);
    while ((n = read(p[0], buf, 33333)) > 0) {
        for (long i = 0; i < n; i++)
            sum += buf[i];
        got += n;
    }
    CHECK_EQ(got, TOTAL);
    CHECK_EQ(sum, TOTAL);
    CHECK_EXIT(pid, 0);
}

TEST(blocked_write_is_interrupted_with_a_count) {
    struct itimerval tick = {{0, 30000}, {0, 30000}};
    static char buf[200000];
    int p[2];
    MUST(pipe(p) == 0);
    on(SIGALRM, nothing, 0);
    setitimer(ITIMER_REAL, &tick, NULL);
    CHECK_EQ(write(p[1], buf, sizeof buf), 65536);
    CHECK_ERRNO(write(p[1], buf, 1), EINTR);
}

TEST(small_writes_are_atomic) {
    enum { WRITERS = 4, EACH = 100, SIZE = 1000 };
    char buf[SIZE];
    int p[2], torn = 0, total = 0;
    MUST(pipe(p) == 0);
    for (int w = 0; w < WRITERS; w++) {
        pid_t pid = FORK();
        if (pid == 0) {
            memset(buf, 'a' + w, SIZE);
            for (int i = 0; i < EACH; i++)
                MUST(write(p[1], buf, SIZE) == SIZE);
            DONE();
        }
    }
    close(p[1]);
    for (;;) {
        int have = 0, n;
        while (have < SIZE && (n = read(p[0], buf + have, SIZE - have)) > 0)
            have += n;
        if (have == 0)
            break;
        total++;
        for (int i = 1; i < SIZE; i++)
            if (buf[i] != buf[0]) {
                torn++;
                break;
            }
    }
    CHECK_EQ(total, WRITERS * EACH);
    CHECK_EQ(torn, 0);
    while (wait(NULL) > 0)
        ;
}

TEST(fifo_open_rules) {
    char c;
    CHECK_EQ(mkfifo("p", 0644), 0);
    CHECK_ERRNO(open("p", O_WRONLY | O_NONBLOCK), ENXIO);
    int r = open("p", O_RDONLY | O_NONBLOCK);
    CHECK(r >= 0);
    CHECK_EQ(read(r, &c, 1), 0); /* no writer yet: end of file */
    int w = open("p", O_WRONLY | O_NONBLOCK);
    CHECK(w >= 0);
    CHECK_ERRNO(read(r, &c, 1), EAGAIN);
    CHECK_EQ(write(w, "x", 1), 1);
    CHECK_EQ(read(r, &c, 1), 1);
    close(w);
    CHECK_EQ(read(r, &c, 1), 0);
    close(r);
    int both = open("p", O_RDWR);
    CHECK(both >= 0);
    CHECK_EQ(write(both, "y", 1), 1);
    CHECK_EQ(read(both, &c, 1), 1);
}

TEST(fifo_blocking_open) {
    char buf[10] = "";
    CHECK_EQ(mkfifo("p", 0644), 0);
    pid_t pid = FORK();
    if (pid == 0) {
        nap(40);
        int w = open("p", O_WRONLY);
        CHECK_EQ(write(w, "via", 3), 3);
        DONE();
    }
    int r = open("p", O_RDONLY);
    CHECK_EQ(read(r, buf, 10), 3);
    CHECK_STR(buf, "via");
    CHECK_EQ(read(r, buf, 10), 0);
    CHECK_EXIT(pid, 0);
    struct itimerval tick = {{0, 30000}, {0, 30000}};
    on(SIGALRM, nothing, 0);
    setitimer(ITIMER_REAL, &tick, NULL);
    close(r);
    CHECK_ERRNO(open("p", O_RDONLY), EINTR);
}

TEST(reopen_through_proc) {
    int p[2];
    char path[64], c;
    MUST(pipe(p) == 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", p[0]);
    int again = open(path, O_WRONLY);
    CHECK(again >= 0);
    CHECK_EQ(write(again, "x", 1), 1);
    CHECK_EQ(read(p[0], &c, 1), 1);
    char link[64];
    ssize_t n = readlink(path, link, sizeof link);
    CHECK(n > 6 && memcmp(link, "pipe:[", 6) == 0);
}

TEST(splice_file_to_pipe_and_back) {
    int p[2];
    loff_t off = 2;
    spit("in", "0123456789");
    int in = open("in", O_RDONLY), out = open("out", O_CREAT | O_RDWR, 0644);
    MUST(pipe(p) == 0);
    CHECK_EQ(splice(in, &off, p[1], NULL, 5, 0), 5);
    CHECK_EQ(off, 7);
    CHECK_EQ(lseek(in, 0, SEEK_CUR), 0);
    CHECK_EQ(splice(p[0], NULL, out, NULL, 100, 0), 5);
    CHECK_STR(slurp("out"), "23456");
    CHECK_EQ(lseek(out, 0, SEEK_CUR), 5);
    CHECK_EQ(splice(in, NULL, p[1], NULL, 100, 0), 10);
    CHECK_EQ(splice(in, NULL, p[1], NULL, 100, 0), 0); /* end of file */
    CHECK_ERRNO(splice(in, NULL, out, NULL, 10, 0), EINVAL); /* one side must be a pipe */
    CHECK_ERRNO(splice(in, NULL, p[1], &off, 10, 0), ESPIPE);
    CHECK_ERRNO(splice(in, NULL, p[1], NULL, 10, 64), EINVAL);
    CHECK_ERRNO(splice(9999, NULL, p[1], NULL, 10, 0), EBADF);
    CHECK_ERRNO(splice(p[0], NULL, p[1], NULL, 10, 0), EINVAL); /* the same pipe */
    CHECK_EQ(splice(p[0], NULL, out, NULL, 0, 0), 0);
    int append = open("out", O_WRONLY | O_APPEND);
    CHECK_ERRNO(splice(p[0], NULL, append, NULL, 10, 0), EINVAL);
}

TEST(splice_between_pipes) {
    int a[2], b[2];
    char buf[10] = "";
    MUST(pipe(a) == 0 && pipe(b) == 0);
    CHECK_EQ(write(a[1], "abcdef", 6), 6);
    CHECK_EQ(splice(a[0], NULL, b[1], NULL, 4, 0), 4);
    CHECK_EQ(read(b[0], buf, 10), 4);
    CHECK_STR(buf, "abcd");
    CHECK_EQ(read(a[0], buf, 10), 2);
    CHECK_ERRNO(splice(a[0], NULL, b[1], NULL, 4, SPLICE_F_NONBLOCK), EAGAIN);
    close(a[1]);
    CHECK_EQ(splice(a[0], NULL, b[1], NULL, 4, 0), 0);
}

TEST(tee_duplicates) {
    int a[2], b[2];
    char buf[10] = "";
    MUST(pipe(a) == 0 && pipe(b) == 0);
    CHECK_EQ(write(a[1], "abcdef", 6), 6);
    CHECK_EQ(tee(a[0], b[1], 4, 0), 4);
    CHECK_EQ(read(b[0], buf, 10), 4);
    CHECK_STR(buf, "abcd");
    CHECK_EQ(read(a[0], buf, 10), 6);
    CHECK_STR(buf, "abcdef");
    CHECK_ERRNO(tee(a[0], b[1], 4, SPLICE_F_NONBLOCK), EAGAIN);
    CHECK_ERRNO(tee(a[0], a[1], 4, 0), EINVAL);
    CHECK_ERRNO(tee(open("/dev/null", O_RDONLY), b[1], 4, 0), EINVAL);
}

TEST(vmsplice_moves_memory) {
    int p[2];
    char buf[10] = "";
    struct iovec out[2] = {{"abc", 3}, {"defg", 4}}, in = {buf, 7};
    MUST(pipe(p) == 0);
    CHECK_EQ(vmsplice(p[1], out, 2, 0), 7);
    CHECK_EQ(vmsplice(p[0], &in, 1, 0), 7);
    CHECK_STR(buf, "abcdefg");
}

TEST(sendfile_forms) {
    off_t off = 3;
    spit("in", "0123456789");
    int in = open("in", O_RDONLY), out = open("out", O_CREAT | O_RDWR, 0644), p[2], s[2];
    char buf[20] = "";
    CHECK_EQ(sendfile(out, in, &off, 4), 4);
    CHECK_EQ(off, 7);
    CHECK_STR(slurp("out"), "3456");
    CHECK_EQ(sendfile(out, in, NULL, 100), 10);
    CHECK_EQ(lseek(in, 0, SEEK_CUR), 10);
    CHECK_EQ(sendfile(out, in, NULL, 100), 0);
    MUST(pipe(p) == 0 && socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
    off = 0;
    CHECK_EQ(sendfile(p[1], in, &off, 5), 5);
    CHECK_EQ(sendfile(s[0], in, &off, 5), 5);
    CHECK_EQ(read(p[0], buf, 5), 5);
    CHECK_EQ(read(s[1], buf + 5, 5), 5);
    CHECK_STR(buf, "0123456789");
    CHECK_ERRNO(sendfile(out, p[0], NULL, 1), EINVAL);
    off = -1;
    CHECK_ERRNO(sendfile(out, in, &off, 1), EINVAL);
    CHECK_ERRNO(sendfile(in, in, NULL, 1), EBADF);
    CHECK_ERRNO(sendfile(open("out", O_WRONLY | O_APPEND), in, NULL, 1), EINVAL);
}

TEST(copy_file_range_forms) {
    loff_t from = 2, to = 5;
    spit("in", "0123456789");
    int in = open("in", O_RDWR), out = open("out", O_CREAT | O_RDWR, 0644);
    CHECK_EQ(copy_file_range(in, &from, out, &to, 4, 0), 4);
    CHECK_EQ(from * 10 + to, 69);
    char buf[20];
    CHECK_EQ(pread(out, buf, 20, 0), 9);
    CHECK(memcmp(buf, "\0\0\0\0\0" "2345", 9) == 0);
    CHECK_EQ(copy_file_range(in, NULL, out, NULL, 3, 0), 3);
    CHECK_EQ(lseek(in, 0, SEEK_CUR), 3);
    from = 100;
    CHECK_EQ(copy_file_range(in, &from, out, NULL, 3, 0), 0);
    CHECK_ERRNO(copy_file_range(in, NULL, out, NULL, 3, 1), EINVAL);
    from = 0, to = 2;
    CHECK_ERRNO(copy_file_range(in, &from, in, &to, 5, 0), EINVAL); /* overlap */
    int p[2];
    MUST(pipe(p) == 0);
    CHECK_ERRNO(copy_file_range(p[0], NULL, out, NULL, 1, 0), EINVAL);
    CHECK_ERRNO(copy_file_range(open(".", O_RDONLY), NULL, out, NULL, 1, 0), EISDIR);
}

TEST(writers_and_readers_by_thousands) {
    int p[2];
    char c;
    long sum = 0;
    MUST(pipe(p) == 0);
    pid_t pid = FORK();
    if (pid == 0) {
        for (int i = 0; i < 2000; i++)
            MUST(write(p[1], "\1", 1) == 1);
        DONE();
    }
    close(p[1]);
    while (read(p[0], &c, 1) == 1)
        sum += c;
    CHECK_EQ(sum, 2000);
    CHECK_EXIT(pid, 0);
}

static volatile sig_atomic_t io_signals;
static void on_io(int sig GUEST_UNUSED) {
    io_signals++;
}

TEST(sigio) {
    int p[2];
    MUST(pipe(p) == 0);
    on(SIGIO, on_io, 0);
    CHECK_EQ(fcntl(p[0], F_SETOWN, getpid()), 0);
    CHECK_EQ(fcntl(p[0], F_GETOWN), getpid());
    CHECK_EQ(fcntl(p[0], F_SETFL, O_ASYNC | O_NONBLOCK), 0);
    CHECK_EQ(write(p[1], "x", 1), 1);
    CHECK(UNTIL(io_signals >= 1));
    CHECK_EQ(fcntl(p[0], F_SETSIG, SIGUSR1), 0);
    CHECK_EQ(fcntl(p[0], F_GETSIG), SIGUSR1);
    CHECK_ERRNO(fcntl(p[0], F_SETSIG, 65), EINVAL);
    CHECK_ERRNO(fcntl(p[0], F_SETOWN, 99999999), ESRCH);
}
