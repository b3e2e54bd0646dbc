/* File locks: POSIX records, open file descriptions', flock, leases' errors. */
#include "guest.h"
#include <sys/file.h>

static int lock(int fd, int cmd, int type, off_t start, off_t len) {
    struct flock l = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = len};
    return fcntl(fd, cmd, &l);
}

/* What another process would meet: the type of the lock in its way, with where and whose. */
static struct flock query(int fd, int cmd, int type, off_t start, off_t len) {
    struct flock l = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = len};
    CHECK_EQ(fcntl(fd, cmd, &l), 0);
    return l;
}

static int make_file(void) {
    int fd = open("f", O_CREAT | O_RDWR, 0644);
    MUST(fd >= 0 && ftruncate(fd, 1000) == 0);
    return fd;
}

TEST(record_locks_conflict) {
    int fd = make_file();
    pid_t parent = getpid();
    CHECK_EQ(lock(fd, F_SETLK, F_WRLCK, 10, 10), 0);
    CHECK_EQ(query(fd, F_GETLK, F_WRLCK, 0, 0).l_type, F_UNLCK); /* own locks are no conflict */
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_ERRNO(lock(fd, F_SETLK, F_WRLCK, 0, 11), EAGAIN);
        CHECK_ERRNO(lock(fd, F_SETLK, F_RDLCK, 19, 1), EAGAIN);
        CHECK_EQ(lock(fd, F_SETLK, F_WRLCK, 0, 10), 0);
        CHECK_EQ(lock(fd, F_SETLK, F_WRLCK, 20, 0), 0);
        struct flock l = query(fd, F_GETLK, F_RDLCK, 0, 0);
        CHECK_EQ(l.l_type, F_WRLCK);
        CHECK_EQ(l.l_start, 10);
        CHECK_EQ(l.l_len, 10);
        CHECK_EQ(l.l_pid, parent);
        DONE();
    }
    CHECK_EXIT(pid, 0);
    CHECK_EQ(lock(fd, F_SETLK, F_WRLCK, 0, 0), 0); /* the child's went with it */
}

TEST(record_locks_split_and_merge) {
    int fd = make_file();
    CHECK_EQ(lock(fd, F_SETLK, F_WRLCK, 0, 100), 0);
    CHECK_EQ(lock(fd, F_SETLK, F_UNLCK, 40, 20), 0);
    CHECK_EQ(lock(fd, F_SETLK, F_RDLCK, 80, 20), 0);
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(query(fd, F_GETLK, F_WRLCK, 0, 0).l_len, 40);
        CHECK_EQ(lock(fd, F_SETLK, F_WRLCK, 40, 20), 0);
        struct flock l = query(fd, F_GETLK, F_WRLCK, 60, 0);
        CHECK_EQ(l.l_start, 60);
        CHECK_EQ(l.l_len, 20);
        CHECK_EQ(lock(fd, F_SETLK, F_RDLCK, 80, 20), 0);
        DONE();
    }
    CHECK_EXIT(pid, 0);
    CHECK_EQ(lock(fd, F_SETLK, F_WRLCK, 40, 20), 0);
    CHECK_EQ(lock(fd, F_SETLK, F_WRLCK, 80, 20), 0);
    pid = FORK();
    if (pid == 0) {
        CHECK_EQ(query(fd, F_GETLK, F_WRLCK, 0, 0).l_len, 100); /* one again */
        DONE();
    }
    CHECK_EXIT(pid, 0);
}

TEST(record_locks_go_with_any_close) {
    int fd = make_file(), other = open("f", O_RDONLY);
    CHECK_EQ(lock(fd, F_SETLK, F_WRLCK, 0, 0), 0);
    close(other); /* closing any descriptor of the file drops the process's locks */
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(lock(fd, F_SETLK, F_WRLCK, 0, 0), 0);
        DONE();
    }
    CHECK_EXIT(pid, 0);
}

TEST(record_lock_waits) {
    int fd = make_file(), p[2];
    char c;
    MUST(pipe(p) == 0);
    CHECK_EQ(lock(fd, F_SETLK, F_WRLCK, 0, 1), 0);
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(write(p[1], "r", 1), 1);
        CHECK_EQ(lock(fd, F_SETLKW, F_WRLCK, 0, 1), 0);
        CHECK_EQ(write(p[1], "g", 1), 1);
        DONE();
    }
    CHECK_EQ(read(p[0], &c, 1), 1);
    nap(50);
    CHECK_EQ(fcntl(p[0], F_SETFL, O_NONBLOCK), 0);
    CHECK_ERRNO(read(p[0], &c, 1), EAGAIN);
    CHECK_EQ(lock(fd, F_SETLK, F_UNLCK, 0, 1), 0);
    CHECK_EXIT(pid, 0);
    CHECK_EQ(read(p[0], &c, 1), 1);
}

static void nothing(int sig GUEST_UNUSED) {
}

TEST(record_lock_wait_is_interrupted) {
    int fd = make_file();
    CHECK_EQ(lock(fd, F_SETLK, F_WRLCK, 0, 1), 0);
    pid_t pid = FORK();
    if (pid == 0) {
        struct itimerval tick = {{0, 30000}, {0, 30000}};
        on(SIGALRM, nothing, 0);
        setitimer(ITIMER_REAL, &tick, NULL);
        CHECK_ERRNO(lock(fd, F_SETLKW, F_WRLCK, 0, 1), EINTR);
        CHECK_EQ(flock(open("f", O_RDONLY), LOCK_SH), 0);
        DONE();
    }
    CHECK_EXIT(pid, 0);
}

TEST(deadlock_is_found) {
    int fd = make_file(), p[2];
    char c;
    MUST(pipe(p) == 0);
    CHECK_EQ(lock(fd, F_SETLK, F_WRLCK, 0, 1), 0);
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(lock(fd, F_SETLK, F_WRLCK, 1, 1), 0);
        CHECK_EQ(write(p[1], "r", 1), 1);
        CHECK_EQ(lock(fd, F_SETLKW, F_WRLCK, 0, 1), 0);
        DONE();
    }
    CHECK_EQ(read(p[0], &c, 1), 1);
    nap(100);
    CHECK_ERRNO(lock(fd, F_SETLKW, F_WRLCK, 1, 1), EDEADLK);
    CHECK_EQ(lock(fd, F_SETLK, F_UNLCK, 0, 1), 0);
    CHECK_EXIT(pid, 0);
}

TEST(record_lock_errors) {
    int fd = make_file(), ro = open("f", O_RDONLY), wo = open("f", O_WRONLY);
    struct flock l = {.l_type = F_WRLCK, .l_whence = 9};
    CHECK_ERRNO(fcntl(fd, F_SETLK, &l), EINVAL);
    CHECK_ERRNO(lock(fd, F_SETLK, 77, 0, 0), EINVAL);
    CHECK_ERRNO(lock(fd, F_SETLK, F_WRLCK, -1, 0), EINVAL);
    CHECK_ERRNO(lock(fd, F_SETLK, F_WRLCK, 5, -6), EINVAL);
    CHECK_EQ(lock(fd, F_SETLK, F_WRLCK, 5, -5), 0); /* the five bytes before */
    CHECK_ERRNO(lock(fd, F_SETLK, F_WRLCK, LLONG_MAX, LLONG_MAX), EOVERFLOW);
    CHECK_ERRNO(lock(ro, F_SETLK, F_WRLCK, 0, 0), EBADF);
    CHECK_ERRNO(lock(wo, F_SETLK, F_RDLCK, 0, 0), EBADF);
    CHECK_ERRNO(lock(9999, F_SETLK, F_RDLCK, 0, 0), EBADF);
    CHECK_ERRNO(fcntl(fd, F_SETLK, (void *)8), EFAULT);
    CHECK_ERRNO(lock(fd, F_GETLK, F_UNLCK, 0, 0), EINVAL);
    l = (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_END, .l_start = -10};
    CHECK_EQ(fcntl(fd, F_SETLK, &l), 0);
}

TEST(description_locks) {
    int a = make_file(), b = open("f", O_RDWR), c = dup(a);
    CHECK_EQ(lock(a, F_OFD_SETLK, F_WRLCK, 0, 10), 0);
    CHECK_ERRNO(lock(b, F_OFD_SETLK, F_WRLCK, 5, 1), EAGAIN); /* in one process, too */
    CHECK_EQ(lock(c, F_OFD_SETLK, F_RDLCK, 0, 10), 0);
    CHECK_EQ(lock(b, F_OFD_SETLK, F_RDLCK, 5, 1), 0);
    struct flock l = query(b, F_OFD_GETLK, F_WRLCK, 0, 0);
    CHECK_EQ(l.l_type, F_RDLCK);
    CHECK_EQ(l.l_pid, -1);
    CHECK_ERRNO(lock(b, F_SETLK, F_WRLCK, 0, 1), EAGAIN); /* and against the process's own record locks */
    struct flock bad = {.l_type = F_WRLCK, .l_pid = 1};
    CHECK_ERRNO(fcntl(a, F_OFD_SETLK, &bad), EINVAL);
    close(a);
    CHECK_ERRNO(lock(b, F_OFD_SETLK, F_WRLCK, 0, 10), EAGAIN); /* the duplicate still holds */
    close(c);
    CHECK_EQ(lock(b, F_OFD_SETLK, F_WRLCK, 0, 10), 0);
}

TEST(description_locks_over_fork) {
    int fd = make_file(), other;
    CHECK_EQ(lock(fd, F_OFD_SETLK, F_WRLCK, 0, 0), 0);
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(lock(fd, F_OFD_SETLK, F_WRLCK, 0, 0), 0); /* shared with the parent */
        DONE();
    }
    CHECK_EXIT(pid, 0);
    other = open("f", O_RDWR);
    CHECK_ERRNO(lock(other, F_OFD_SETLK, F_RDLCK, 0, 0), EAGAIN);
}

TEST(flock_rules) {
    int a = make_file(), b = open("f", O_RDONLY), c = dup(a);
    CHECK_EQ(flock(a, LOCK_EX), 0);
    CHECK_ERRNO(flock(b, LOCK_SH | LOCK_NB), EWOULDBLOCK);
    CHECK_EQ(flock(c, LOCK_SH | LOCK_NB), 0); /* converts: the same description */
    CHECK_EQ(flock(b, LOCK_SH | LOCK_NB), 0);
    CHECK_ERRNO(flock(a, LOCK_EX | LOCK_NB), EWOULDBLOCK);
    CHECK_EQ(flock(b, LOCK_UN), 0);
    CHECK_EQ(flock(a, LOCK_EX | LOCK_NB), 0);
    close(a);
    CHECK_ERRNO(flock(b, LOCK_SH | LOCK_NB), EWOULDBLOCK);
    close(c);
    CHECK_EQ(flock(b, LOCK_EX | LOCK_NB), 0); /* read-only descriptors may */
    CHECK_ERRNO(flock(b, 0), EINVAL);
    CHECK_ERRNO(flock(b, LOCK_SH | LOCK_EX), EINVAL);
    CHECK_ERRNO(flock(9999, LOCK_SH), EBADF);
    CHECK_EQ(lock(open("f", O_RDWR), F_SETLK, F_WRLCK, 0, 0), 0); /* another kind of lock altogether */
}

TEST(flock_waits_over_fork) {
    int fd = make_file();
    CHECK_EQ(flock(fd, LOCK_EX), 0);
    pid_t pid = FORK();
    if (pid == 0) {
        int mine = open("f", O_RDWR);
        CHECK_ERRNO(flock(mine, LOCK_EX | LOCK_NB), EWOULDBLOCK);
        close(fd); /* the parent holds it on */
        CHECK_EQ(flock(mine, LOCK_EX), 0);
        DONE();
    }
    nap(50);
    close(fd);
    CHECK_EXIT(pid, 0);
}

TEST_T(lock_protects_a_counter, 60) {
    int fd = make_file();
    long value = 0;
    MUST(pwrite(fd, &value, sizeof value, 0) == sizeof value);
    for (int i = 0; i < 4; i++) {
        pid_t pid = FORK();
        if (pid == 0) {
            for (int k = 0; k < 50; k++) {
                CHECK_EQ(lock(fd, F_SETLKW, F_WRLCK, 0, 8), 0);
                CHECK_EQ(pread(fd, &value, sizeof value, 0), sizeof value);
                value++;
                CHECK_EQ(pwrite(fd, &value, sizeof value, 0), sizeof value);
                CHECK_EQ(lock(fd, F_SETLK, F_UNLCK, 0, 8), 0);
            }
            DONE();
        }
    }
    while (wait(NULL) > 0)
        ;
    CHECK_EQ(pread(fd, &value, sizeof value, 0), sizeof value);
    CHECK_EQ(value, 200);
}
