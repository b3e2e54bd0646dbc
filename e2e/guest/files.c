/* Files: open flags, offsets, read/write in all forms, truncation, holes, modes, stat, times, descriptors. */
#include "guest.h"
#include <linux/openat2.h>
#include <sys/ioctl.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <utime.h>

#define PAGE 4096UL

static long long size_of(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 ? st.st_size : -1;
}

static int mode_of(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 ? (int)st.st_mode : -1;
}

TEST(open_flags) {
    CHECK_ERRNO(open("f", O_RDONLY), ENOENT);
    int fd = open("f", O_CREAT | O_EXCL | O_RDWR, 0640);
    CHECK(fd >= 0);
    CHECK_EQ(mode_of("f"), S_IFREG | 0640);
    CHECK_ERRNO(open("f", O_CREAT | O_EXCL | O_RDWR, 0600), EEXIST);
    CHECK_EQ(write(fd, "hello", 5), 5);
    CHECK_EQ(close(open("f", O_CREAT | O_RDONLY, 0777)), 0); /* exists: mode unused, contents kept */
    CHECK_EQ(size_of("f"), 5);
    CHECK_EQ(close(open("f", O_WRONLY | O_TRUNC)), 0);
    CHECK_EQ(size_of("f"), 0);
    CHECK_ERRNO(open("f", O_RDONLY | O_DIRECTORY), ENOTDIR);
    CHECK_ERRNO(open("f/", O_RDONLY), ENOTDIR);
    CHECK_ERRNO(open("f/x", O_RDONLY), ENOTDIR);
    CHECK_ERRNO(open("absent/x", O_CREAT | O_RDWR, 0600), ENOENT);
    CHECK_ERRNO(open("", O_RDONLY), ENOENT);
    CHECK_ERRNO(open(".", O_RDWR), EISDIR);
    CHECK_ERRNO(open(".", O_RDONLY | O_CREAT, 0600), EISDIR);
    CHECK_ERRNO(open("new/", O_CREAT | O_RDWR, 0600), EISDIR);
    CHECK_ERRNO(open("f", O_CREAT | O_DIRECTORY, 0600), EINVAL);
}

TEST(read_write_permissions_of_the_descriptor) {
    char c = 'x';
    spit("f", "abc");
    int r = open("f", O_RDONLY), w = open("f", O_WRONLY), none = open("f", O_PATH);
    CHECK_ERRNO(write(r, &c, 1), EBADF);
    CHECK_ERRNO(read(w, &c, 1), EBADF);
    CHECK_ERRNO(read(none, &c, 1), EBADF);
    CHECK_ERRNO(fchmod(none, 0600), EBADF);
    CHECK_ERRNO(ftruncate(r, 0), EINVAL);
    CHECK_ERRNO(read(9999, &c, 1), EBADF);
    CHECK_ERRNO(write(-1, &c, 1), EBADF);
    CHECK_ERRNO(close(9999), EBADF);
    CHECK_ERRNO(close(-1), EBADF);
    int dir = open(".", O_RDONLY);
    CHECK_ERRNO(read(dir, &c, 1), EISDIR);
}

TEST(open_path_descriptors) {
    struct stat st;
    spit("f", "abc");
    CHECK_EQ(symlink("f", "link"), 0);
    int fd = open("f", O_PATH), link = open("link", O_PATH | O_NOFOLLOW), dir = open(".", O_PATH);
    CHECK_EQ(fstat(fd, &st), 0);
    CHECK_EQ(st.st_size, 3);
    CHECK_EQ(fstat(link, &st), 0);
    CHECK(S_ISLNK(st.st_mode));
    char target[10];
    CHECK_EQ(readlinkat(link, "", target, sizeof target), 1);
    CHECK_EQ(target[0], 'f');
    CHECK(openat(dir, "f", O_RDONLY) >= 0);
    CHECK_EQ(fcntl(fd, F_GETFL), O_PATH);
    CHECK_ERRNO(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0), EBADF);
    CHECK_ERRNO(fchdir(fd), ENOTDIR);
    CHECK_EQ(fchdir(dir), 0);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int again = open(path, O_RDONLY);
    char c;
    CHECK_EQ(read(again, &c, 1), 1);
}

TEST(umask_and_modes) {
    CHECK_EQ(umask(027), 022);
    CHECK_EQ(close(open("a", O_CREAT | O_RDWR, 0777)), 0);
    CHECK_EQ(mode_of("a") & 07777, 0750);
    CHECK_EQ(mkdir("d", 01777), 0);
    CHECK_EQ(mode_of("d") & 07777, 01750);
    umask(0);
    CHECK_EQ(close(open("b", O_CREAT | O_RDWR, 06777)), 0);
    CHECK_EQ(mode_of("b") & 07777, 06777);
    CHECK_EQ(umask(07777), 0);
    CHECK_EQ(umask(0), 0777);
    CHECK_EQ(chmod("a", 07777), 0);
    CHECK_EQ(mode_of("a") & 07777, 07777);
    CHECK_ERRNO(chmod("absent", 0), ENOENT);
    CHECK_ERRNO(fchmod(9999, 0), EBADF);
    CHECK_EQ(fchmodat(AT_FDCWD, "a", 0600, 0), 0);
    CHECK_EQ(mode_of("a") & 07777, 0600);
}

TEST(lseek_whence) {
    int fd = open("f", O_CREAT | O_RDWR, 0644), p[2];
    MUST(pipe(p) == 0);
    CHECK_EQ(write(fd, "0123456789", 10), 10);
    CHECK_EQ(lseek(fd, 0, SEEK_CUR), 10);
    CHECK_EQ(lseek(fd, -3, SEEK_END), 7);
    CHECK_EQ(lseek(fd, 100, SEEK_SET), 100);
    CHECK_ERRNO(lseek(fd, -1, SEEK_SET), EINVAL);
    CHECK_ERRNO(lseek(fd, -101, SEEK_CUR), EINVAL);
    CHECK_EQ(lseek(fd, 0, SEEK_CUR), 100);
    CHECK_ERRNO(lseek(fd, 0, 9), EINVAL);
    CHECK_ERRNO(lseek(fd, LLONG_MAX, SEEK_END), EINVAL);
    CHECK_ERRNO(lseek(p[0], 0, SEEK_SET), ESPIPE);
    CHECK_ERRNO(lseek(9999, 0, SEEK_SET), EBADF);
    char c;
    CHECK_EQ(read(fd, &c, 1), 0);
    CHECK_EQ(write(fd, "x", 1), 1); /* leaves a hole */
    CHECK_EQ(size_of("f"), 101);
    CHECK_EQ(pread(fd, &c, 1, 50), 1);
    CHECK_EQ(c, 0);
}

TEST(seek_data_and_hole) {
    int fd = open("f", O_CREAT | O_RDWR, 0644);
    CHECK_EQ(pwrite(fd, "x", 1, 1 << 20), 1);
    CHECK_EQ(lseek(fd, 1 << 20, SEEK_DATA), 1 << 20);
    CHECK_EQ(lseek(fd, 1 << 20, SEEK_HOLE), (1 << 20) + 1);
    CHECK_ERRNO(lseek(fd, (1 << 20) + 1, SEEK_DATA), ENXIO);
    CHECK_ERRNO(lseek(fd, (1 << 20) + 1, SEEK_HOLE), ENXIO);
    long long data = lseek(fd, 0, SEEK_DATA);
    CHECK(data >= 0 && data <= 1 << 20);
}

TEST(append) {
    int a = open("f", O_CREAT | O_WRONLY | O_APPEND, 0644), b = open("f", O_WRONLY | O_APPEND), c = open("f", O_RDWR);
    CHECK_EQ(write(a, "aa", 2), 2);
    CHECK_EQ(write(b, "bb", 2), 2);
    CHECK_EQ(lseek(a, 0, SEEK_SET), 0);
    CHECK_EQ(write(a, "cc", 2), 2);
    CHECK_EQ(lseek(a, 0, SEEK_CUR), 6);
    CHECK_STR(slurp("f"), "aabbcc");
    CHECK_EQ(pwrite(a, "dd", 2, 0), 2); /* appends, whatever the offset says */
    CHECK_STR(slurp("f"), "aabbccdd");
    CHECK_EQ(fcntl(c, F_SETFL, O_APPEND), 0);
    CHECK_EQ(fcntl(c, F_GETFL) & (O_APPEND | O_ACCMODE), O_APPEND | O_RDWR);
    CHECK_EQ(write(c, "ee", 2), 2);
    CHECK_STR(slurp("f"), "aabbccddee");
}

TEST_T(append_from_many_processes, 60) {
    enum { WRITERS = 5, LINES = 100 };
    spit("f", "");
    for (int i = 0; i < WRITERS; i++) {
        pid_t pid = FORK();
        if (pid == 0) {
            int fd = open("f", O_WRONLY | O_APPEND);
            char line[11];
            for (int k = 0; k < LINES; k++) {
                snprintf(line, sizeof line, "line %d%03d\n", i, k);
                CHECK_EQ(write(fd, line, 10), 10);
            }
            DONE();
        }
    }
    while (wait(NULL) > 0)
        ;
    char *text = slurp("f");
    CHECK_EQ(strlen(text), WRITERS * LINES * 10);
    for (int i = 0; i < WRITERS * LINES; i++)
        if (memcmp(text + i * 10, "line ", 5) != 0)
            CHECK(!"a torn line");
}

TEST(shared_offsets) {
    char c;
    spit("f", "0123456789");
    int a = open("f", O_RDONLY), b = dup(a), other = open("f", O_RDONLY);
    CHECK_EQ(read(a, &c, 1), 1);
    CHECK_EQ(read(b, &c, 1), 1);
    CHECK_EQ(c, '1');
    CHECK_EQ(read(other, &c, 1), 1);
    CHECK_EQ(c, '0');
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(read(a, &c, 1), 1);
        CHECK_EQ(c, '2');
        DONE();
    }
    CHECK_EXIT(pid, 0);
    CHECK_EQ(lseek(b, 0, SEEK_CUR), 3);
    CHECK_EQ(pread(a, &c, 1, 9), 1);
    CHECK_EQ(c, '9');
    CHECK_EQ(lseek(a, 0, SEEK_CUR), 3);
}

TEST(dup_family) {
    int fd = open("/dev/null", O_RDONLY);
    CHECK_EQ(dup2(fd, fd), fd);
    CHECK_ERRNO(dup2(9999, 9999), EBADF);
    CHECK_ERRNO(dup3(fd, fd, 0), EINVAL);
    CHECK_ERRNO(dup3(fd, 50, O_APPEND), EINVAL);
    CHECK_ERRNO(dup2(fd, -1), EBADF);
    CHECK_ERRNO(dup(9999), EBADF);
    CHECK_EQ(dup2(fd, 50), 50);
    CHECK_EQ(fcntl(fd, F_DUPFD, 50), 51);
    CHECK_ERRNO(fcntl(fd, F_DUPFD, -1), EINVAL);
    CHECK_ERRNO(fcntl(fd, 12345), EINVAL);
    CHECK_ERRNO(fcntl(9999, F_GETFD), EBADF);
    CHECK_EQ(fcntl(50, F_GETFD), 0);
    CHECK_EQ(dup3(fd, 50, O_CLOEXEC), 50);
    CHECK_EQ(fcntl(50, F_GETFD), FD_CLOEXEC);
    CHECK_EQ(close(fd), 0);
    CHECK_EQ(open("/dev/null", O_RDONLY), fd); /* the lowest free one */
}

TEST(rlimit_nofile) {
    struct rlimit limit = {20, 4096};
    int n = 0, fd;
    CHECK_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
    while ((fd = open("/dev/null", O_RDONLY)) >= 0)
        n = fd;
    CHECK_EQ(errno, EMFILE);
    CHECK_EQ(n, 19);
    CHECK_ERRNO(dup(0), EMFILE);
    CHECK_ERRNO(dup2(0, 20), EBADF);
    CHECK_ERRNO(fcntl(0, F_DUPFD, 20), EINVAL);
    int p[2];
    CHECK_ERRNO(pipe(p), EMFILE);
    close(19);
    CHECK_ERRNO(pipe(p), EMFILE); /* and the one slot is free again */
    CHECK_EQ(dup(0), 19);
}

TEST(close_range_calls) {
    for (int fd = 10; fd < 20; fd++)
        dup2(0, fd);
    CHECK_EQ(close_range(12, 14, 0), 0);
    CHECK_ERRNO(fcntl(12, F_GETFD), EBADF);
    CHECK_EQ(fcntl(15, F_GETFD), 0);
    CHECK_EQ(close_range(15, 17, CLOSE_RANGE_CLOEXEC), 0);
    CHECK_EQ(fcntl(16, F_GETFD), FD_CLOEXEC);
    CHECK_ERRNO(close_range(20, 10, 0), EINVAL);
    CHECK_ERRNO(close_range(10, 20, 64), EINVAL);
    CHECK_EQ(close_range(18, 100, CLOSE_RANGE_UNSHARE), 0);
    CHECK_ERRNO(fcntl(19, F_GETFD), EBADF);
}

TEST(vectors) {
    char a[3] = "", b[5] = "";
    struct iovec out[3] = {{"abc", 3}, {NULL, 0}, {"defgh", 5}}, in[2] = {{a, 2}, {b, 4}};
    int fd = open("f", O_CREAT | O_RDWR, 0644);
    CHECK_EQ(writev(fd, out, 3), 8);
    CHECK_EQ(preadv(fd, in, 2, 1), 6);
    CHECK_STR(a, "bc");
    CHECK_STR(b, "defg");
    CHECK_EQ(pwritev(fd, out, 1, 8), 3);
    CHECK_EQ(size_of("f"), 11);
    CHECK_ERRNO(writev(fd, out, -1), EINVAL);
    CHECK_ERRNO(writev(fd, out, 1025), EINVAL);
    CHECK_EQ(writev(fd, out, 0), 0);
    CHECK_ERRNO(syscall(SYS_writev, fd, 8, 1), EFAULT);
    struct iovec negative = {a, -1};
    CHECK_ERRNO(readv(fd, &negative, 1), EINVAL);
    struct iovec partly[2] = {{"ok", 2}, {(void *)8, 4}};
    CHECK_EQ(writev(fd, partly, 2), 2);
    CHECK_ERRNO(preadv(fd, in, 2, -1), EINVAL);
    CHECK_ERRNO(pread(fd, a, 1, -1), EINVAL);
    int p[2];
    MUST(pipe(p) == 0);
    CHECK_ERRNO(preadv(p[0], in, 1, 0), ESPIPE);
    CHECK_ERRNO(pread(p[0], a, 1, 0), ESPIPE);
}

TEST(preadv2_flags) {
    char a[4] = "";
    struct iovec in = {a, 3}, out = {"xyz", 3};
    spit("f", "abcdef");
    int fd = open("f", O_RDWR);
    CHECK_EQ(preadv2(fd, &in, 1, 2, 0), 3);
    CHECK_STR(a, "cde");
    CHECK_EQ(preadv2(fd, &in, 1, -1, 0), 3); /* uses and moves the offset */
    CHECK_STR(a, "abc");
    CHECK_EQ(lseek(fd, 0, SEEK_CUR), 3);
    CHECK_EQ(pwritev2(fd, &out, 1, 0, RWF_APPEND), 3);
    CHECK_STR(slurp("f"), "abcdefxyz");
    CHECK_EQ(pwritev2(fd, &out, 1, 0, RWF_DSYNC), 3);
    CHECK_ERRNO(preadv2(fd, &in, 1, 0, 0x4000), EOPNOTSUPP);
    CHECK_ERRNO(preadv2(fd, &in, 1, -2, 0), EINVAL);
}

TEST(truncate_calls) {
    spit("f", "0123456789");
    CHECK_EQ(truncate("f", 4), 0);
    CHECK_STR(slurp("f"), "0123");
    CHECK_EQ(truncate("f", 1 << 20), 0);
    CHECK_EQ(size_of("f"), 1 << 20);
    CHECK_ERRNO(truncate("f", -1), EINVAL);
    CHECK_ERRNO(truncate("absent", 0), ENOENT);
    CHECK_ERRNO(truncate(".", 0), EISDIR);
    int fd = open("f", O_RDWR), p[2];
    CHECK_ERRNO(ftruncate(fd, -1), EINVAL);
    CHECK_EQ(lseek(fd, 100, SEEK_SET), 100);
    CHECK_EQ(ftruncate(fd, 10), 0);
    CHECK_EQ(lseek(fd, 0, SEEK_CUR), 100);
    MUST(pipe(p) == 0);
    CHECK_ERRNO(ftruncate(p[1], 0), EINVAL);
    CHECK_ERRNO(ftruncate(9999, 0), EBADF);
}

static volatile sig_atomic_t xfsz;
static void on_xfsz(int sig GUEST_UNUSED) {
    xfsz++;
}

TEST(rlimit_fsize) {
    struct rlimit limit = {100, 1000};
    static char buf[200];
    on(SIGXFSZ, on_xfsz, 0);
    int fd = open("f", O_CREAT | O_RDWR, 0644);
    CHECK_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
    CHECK_EQ(write(fd, buf, 200), 100); /* as much as fits */
    CHECK_EQ(xfsz, 0);
    CHECK_ERRNO(write(fd, buf, 1), EFBIG);
    CHECK_EQ(xfsz, 1);
    CHECK_ERRNO(ftruncate(fd, 101), EFBIG);
    CHECK_EQ(xfsz, 2);
    CHECK_EQ(pwrite(fd, buf, 10, 50), 10);
    pid_t pid = FORK();
    if (pid == 0) {
        signal(SIGXFSZ, SIG_DFL);
        write(fd, buf, 1);
        DONE();
    }
    CHECK_KILLED(pid, SIGXFSZ);
}

TEST(fallocate_modes) {
    char buf[10];
    int fd = open("f", O_CREAT | O_RDWR, 0644), ro, p[2];
    CHECK_EQ(fallocate(fd, 0, 0, 10000), 0);
    CHECK_EQ(size_of("f"), 10000);
    CHECK_EQ(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 20000), 0);
    CHECK_EQ(size_of("f"), 10000);
    CHECK_EQ(pwrite(fd, "abcdefghij", 10, 4090), 10);
    CHECK_EQ(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4092, 4), 0);
    CHECK_EQ(pread(fd, buf, 10, 4090), 10);
    CHECK(memcmp(buf, "ab\0\0\0\0ghij", 10) == 0);
    CHECK_ERRNO(fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, 10), EOPNOTSUPP);
    CHECK_ERRNO(fallocate(fd, 0, -1, 10), EINVAL);
    CHECK_ERRNO(fallocate(fd, 0, 0, 0), EINVAL);
    CHECK_ERRNO(fallocate(fd, 0, LLONG_MAX, 10), EFBIG);
    ro = open("f", O_RDONLY);
    CHECK_ERRNO(fallocate(ro, 0, 0, 10), EBADF);
    MUST(pipe(p) == 0);
    CHECK_ERRNO(fallocate(p[1], 0, 0, 10), ESPIPE);
}

TEST(unlink_while_open) {
    struct stat st;
    char buf[4] = "";
    int fd = open("f", O_CREAT | O_RDWR, 0644);
    CHECK_EQ(write(fd, "abc", 3), 3);
    CHECK_EQ(unlink("f"), 0);
    CHECK_ERRNO(open("f", O_RDONLY), ENOENT);
    CHECK_EQ(fstat(fd, &st), 0);
    CHECK_EQ(st.st_nlink, 0);
    CHECK_EQ(st.st_size, 3);
    CHECK_EQ(pread(fd, buf, 3, 0), 3);
    CHECK_STR(buf, "abc");
    CHECK_EQ(write(fd, "def", 3), 3);
    char path[64], text[PATH_MAX], want[PATH_MAX + 20], cwd[PATH_MAX - 20];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(path, text, sizeof text - 1);
    text[n > 0 ? n : 0] = 0;
    snprintf(want, sizeof want, "%s/f (deleted)", getcwd(cwd, sizeof cwd));
    CHECK_STR(text, want);
    int again = open(path, O_RDONLY); /* still reachable through the link */
    CHECK_EQ(read(again, buf, 3), 3);
    CHECK_STR(buf, "abc");
    spit("f", "new");
    CHECK_EQ(pread(fd, buf, 3, 0), 3);
    CHECK_STR(buf, "abc");
}

TEST(tmpfile_flag) {
    struct stat st;
    char path[64];
    int fd = open(".", O_TMPFILE | O_RDWR, 0600);
    MUST(fd >= 0);
    CHECK_EQ(fstat(fd, &st), 0);
    CHECK_EQ(st.st_nlink, 0);
    CHECK_EQ(write(fd, "tmp", 3), 3);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    CHECK_EQ(linkat(AT_FDCWD, path, AT_FDCWD, "named", AT_SYMLINK_FOLLOW), 0);
    CHECK_STR(slurp("named"), "tmp");
    int sealed = open(".", O_TMPFILE | O_EXCL | O_RDWR, 0600);
    snprintf(path, sizeof path, "/proc/self/fd/%d", sealed);
    CHECK_ERRNO(linkat(AT_FDCWD, path, AT_FDCWD, "no", AT_SYMLINK_FOLLOW), ENOENT);
    CHECK_ERRNO(open(".", O_TMPFILE | O_RDONLY, 0600), EINVAL);
}

TEST(stat_forms) {
    struct stat a, b;
    struct statx x;
    spit("f", "12345");
    CHECK_EQ(symlink("f", "s"), 0);
    CHECK_EQ(stat("s", &a), 0);
    CHECK(S_ISREG(a.st_mode));
    CHECK_EQ(lstat("s", &b), 0);
    CHECK(S_ISLNK(b.st_mode));
    CHECK_EQ(b.st_size, 1);
    CHECK_EQ(a.st_nlink, 1);
    CHECK_EQ(a.st_uid + a.st_gid, 0);
    CHECK_EQ(fstatat(AT_FDCWD, "s", &b, AT_SYMLINK_NOFOLLOW), 0);
    CHECK(S_ISLNK(b.st_mode));
    CHECK_ERRNO(fstatat(AT_FDCWD, "", &b, 0), ENOENT);
    int fd = open("f", O_RDONLY);
    CHECK_EQ(fstatat(fd, "", &b, AT_EMPTY_PATH), 0);
    CHECK_EQ(b.st_ino, a.st_ino);
    CHECK_EQ(b.st_dev, a.st_dev);
    CHECK_ERRNO(fstatat(AT_FDCWD, "f", &b, 0x8000), EINVAL);
    CHECK_ERRNO(fstatat(9999, "f", &b, 0), EBADF);
    CHECK_ERRNO(fstatat(fd, "f", &b, 0), ENOTDIR);
    CHECK_ERRNO(stat("f/", &b), ENOTDIR);
    CHECK_ERRNO(fstat(9999, &b), EBADF);
    CHECK_EQ(statx(AT_FDCWD, "f", 0, STATX_BASIC_STATS, &x), 0);
    CHECK_EQ(x.stx_mask & STATX_BASIC_STATS, STATX_BASIC_STATS);
    CHECK_EQ(x.stx_size, 5);
    CHECK_EQ(x.stx_ino, a.st_ino);
    CHECK_EQ(x.stx_mode, a.st_mode);
    CHECK_EQ(makedev(x.stx_dev_major, x.stx_dev_minor), a.st_dev);
    CHECK_EQ(x.stx_mtime.tv_sec, a.st_mtim.tv_sec);
    CHECK_ERRNO(statx(AT_FDCWD, "f", AT_STATX_FORCE_SYNC | AT_STATX_DONT_SYNC, STATX_ALL, &x), EINVAL);
    CHECK_ERRNO(statx(AT_FDCWD, "f", 0, 0x80000000, &x), EINVAL);
    CHECK_ERRNO(syscall(SYS_statx, AT_FDCWD, "f", 0, STATX_ALL, 8), EFAULT);
}

TEST(timestamps_are_set) {
    struct stat st;
    struct timespec t[2] = {{1000, 123456789}, {2000, 987654321}};
    spit("f", "x");
    CHECK_EQ(utimensat(AT_FDCWD, "f", t, 0), 0);
    CHECK_EQ(stat("f", &st), 0);
    CHECK_EQ(st.st_atim.tv_sec, 1000);
    CHECK_EQ(st.st_mtim.tv_nsec, 987654321);
    CHECK(st.st_ctim.tv_sec > 1000000);
    t[0].tv_nsec = UTIME_OMIT;
    t[1].tv_nsec = UTIME_NOW;
    CHECK_EQ(utimensat(AT_FDCWD, "f", t, 0), 0);
    CHECK_EQ(stat("f", &st), 0);
    CHECK_EQ(st.st_atim.tv_sec, 1000);
    CHECK(st.st_mtim.tv_sec > 1000000);
    t[1].tv_nsec = 1000000000;
    CHECK_ERRNO(utimensat(AT_FDCWD, "f", t, 0), EINVAL);
    CHECK_ERRNO(utimensat(AT_FDCWD, "absent", NULL, 0), ENOENT);
    struct timeval v[2] = {{10, 5}, {20, 6}};
    CHECK_EQ(utimes("f", v), 0);
    CHECK_EQ(stat("f", &st), 0);
    CHECK_EQ(st.st_mtim.tv_nsec, 6000);
    struct utimbuf u = {7, 8};
    CHECK_EQ(utime("f", &u), 0);
    CHECK_EQ(stat("f", &st), 0);
    CHECK_EQ(st.st_atim.tv_sec * 10 + st.st_mtim.tv_sec, 78);
    CHECK_EQ(symlink("f", "s"), 0);
    t[0] = t[1] = (struct timespec){55, 0};
    CHECK_EQ(utimensat(AT_FDCWD, "s", t, AT_SYMLINK_NOFOLLOW), 0);
    CHECK_EQ(stat("f", &st), 0);
    CHECK_EQ(st.st_mtim.tv_sec, 8);
    CHECK_EQ(lstat("s", &st), 0);
    CHECK_EQ(st.st_mtim.tv_sec, 55);
    int fd = open("f", O_RDONLY);
    CHECK_EQ(futimens(fd, t), 0);
    CHECK_EQ(stat("f", &st), 0);
    CHECK_EQ(st.st_mtim.tv_sec, 55);
}

TEST(timestamps_change_by_use) {
    struct stat a, b;
    struct timespec old[2] = {{1000, 0}, {1000, 0}};
    spit("f", "x");
    int fd = open("f", O_RDWR);
    CHECK_EQ(futimens(fd, old), 0);
    CHECK_EQ(write(fd, "y", 1), 1);
    CHECK_EQ(fstat(fd, &a), 0);
    CHECK(a.st_mtim.tv_sec > 1000);
    CHECK_EQ(futimens(fd, old), 0);
    CHECK_EQ(chmod("f", 0600), 0);
    CHECK_EQ(fstat(fd, &b), 0);
    CHECK_EQ(b.st_mtim.tv_sec, 1000);
    CHECK(b.st_ctim.tv_sec >= a.st_ctim.tv_sec);
    CHECK_EQ(mkdir("d", 0755), 0);
    CHECK_EQ(utimensat(AT_FDCWD, "d", old, 0), 0);
    spit("d/new", "");
    CHECK_EQ(stat("d", &a), 0);
    CHECK(a.st_mtim.tv_sec > 1000);
}

TEST(chown_rules) {
    struct stat st;
    spit("f", "x");
    CHECK_EQ(chown("f", 1000, 1001), 0);
    CHECK_EQ(stat("f", &st), 0);
    CHECK_EQ(st.st_uid, 1000);
    CHECK_EQ(st.st_gid, 1001);
    CHECK_EQ(chown("f", -1, 5), 0);
    CHECK_EQ(stat("f", &st), 0);
    CHECK_EQ(st.st_uid, 1000);
    CHECK_EQ(st.st_gid, 5);
    CHECK_EQ(symlink("f", "s"), 0);
    CHECK_EQ(lchown("s", 77, 78), 0);
    CHECK_EQ(stat("f", &st), 0);
    CHECK_EQ(st.st_uid, 1000);
    CHECK_EQ(lstat("s", &st), 0);
    CHECK_EQ(st.st_uid, 77);
    int fd = open("f", O_RDONLY);
    CHECK_EQ(fchown(fd, 0, 0), 0);
    CHECK_EQ(fchownat(fd, "", 3, 4, AT_EMPTY_PATH), 0);
    CHECK_EQ(fstat(fd, &st), 0);
    CHECK_EQ(st.st_uid * 10 + st.st_gid, 34);
    CHECK_ERRNO(chown("absent", 0, 0), ENOENT);
    CHECK_ERRNO(fchownat(AT_FDCWD, "f", 0, 0, 0x8000), EINVAL);
}

TEST(setid_bits_are_cleared) {
    spit("f", "x");
    CHECK_EQ(chmod("f", 06777), 0);
    CHECK_EQ(chown("f", 1000, 1000), 0);
    CHECK_EQ(mode_of("f") & 07777, 0777);
    CHECK_EQ(chmod("f", 06777), 0);
    int fd = open("f", O_RDWR);
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(setresuid(1001, 1001, 1001), 0);
        CHECK_EQ(write(fd, "y", 1), 1); /* written by who has no CAP_FSETID */
        DONE();
    }
    CHECK_EXIT(pid, 0);
    CHECK_EQ(mode_of("f") & 07777, 0777);
    CHECK_EQ(chmod("f", 06777), 0);
    CHECK_EQ(write(fd, "z", 1), 1); /* root keeps them */
    CHECK_EQ(mode_of("f") & 07777, 06777);
}

TEST(access_forms) {
    spit("f", "x");
    CHECK_EQ(access("f", F_OK), 0);
    CHECK_EQ(access("f", R_OK | W_OK), 0);
    CHECK_ERRNO(access("f", X_OK), EACCES); /* not even root, without any x bit */
    CHECK_EQ(chmod("f", 0010), 0);
    CHECK_EQ(access("f", X_OK), 0);
    CHECK_ERRNO(access("absent", F_OK), ENOENT);
    CHECK_ERRNO(access("f", 8), EINVAL);
    CHECK_ERRNO(access("f/x", F_OK), ENOTDIR);
    CHECK_ERRNO(syscall(SYS_faccessat2, AT_FDCWD, "f", F_OK, 0x8000), EINVAL);
    CHECK_EQ(symlink("absent", "s"), 0);
    CHECK_ERRNO(access("s", F_OK), ENOENT);
    CHECK_EQ(syscall(SYS_faccessat2, AT_FDCWD, "s", F_OK, AT_SYMLINK_NOFOLLOW), 0);
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(chmod("f", 0600), 0);
        CHECK_EQ(setresuid(1000, 0, 0), 0); /* access asks for the real user */
        CHECK_ERRNO(access("f", R_OK), EACCES);
        CHECK_EQ(faccessat(AT_FDCWD, "f", R_OK, AT_EACCESS), 0);
        DONE();
    }
    CHECK_EXIT(pid, 0);
}

TEST(openat2_resolve) {
    struct open_how how = {.flags = O_RDONLY};
    CHECK_EQ(mkdir("d", 0755), 0);
    spit("d/f", "x");
    spit("out", "y");
    CHECK_EQ(symlink("../out", "d/up"), 0);
    CHECK_EQ(symlink("/etc", "d/abs"), 0);
    CHECK_EQ(symlink("f", "d/link"), 0);
    int d = open("d", O_RDONLY | O_DIRECTORY);
#define OPENAT2(path) syscall(SYS_openat2, d, path, &how, sizeof how)
    CHECK(OPENAT2("up") >= 0);
    how.resolve = RESOLVE_BENEATH;
    CHECK_ERRNO(OPENAT2("up"), EXDEV);
    CHECK_ERRNO(OPENAT2("abs"), EXDEV);
    CHECK_ERRNO(OPENAT2(".."), EXDEV);
    CHECK_ERRNO(OPENAT2("/etc"), EXDEV);
    CHECK(OPENAT2("link") >= 0);
    how.resolve = RESOLVE_NO_SYMLINKS;
    CHECK_ERRNO(OPENAT2("link"), ELOOP);
    CHECK(OPENAT2("f") >= 0);
    how.resolve = RESOLVE_IN_ROOT;
    CHECK_ERRNO(OPENAT2("up"), ENOENT);
    CHECK(OPENAT2("/../../f") >= 0);
    how.resolve = RESOLVE_NO_MAGICLINKS;
    CHECK_ERRNO(OPENAT2("/proc/self/exe"), ELOOP);
    how.resolve = 0x800;
    CHECK_ERRNO(OPENAT2("f"), EINVAL);
    how = (struct open_how){.flags = O_RDONLY, .mode = 0600};
    CHECK_ERRNO(OPENAT2("f"), EINVAL);
    how = (struct open_how){.flags = 1ULL << 40};
    CHECK_ERRNO(OPENAT2("f"), EINVAL);
    how = (struct open_how){.flags = O_RDONLY};
    CHECK_ERRNO(syscall(SYS_openat2, d, "f", &how, 8), EINVAL);
    CHECK_ERRNO(syscall(SYS_openat2, d, "f", &how, 5000), E2BIG);
}

TEST(statfs_calls) {
    struct statfs a, b;
    CHECK_EQ(statfs(".", &a), 0);
    CHECK(a.f_bsize > 0 && a.f_namelen == 255);
    int fd = open(".", O_RDONLY);
    CHECK_EQ(fstatfs(fd, &b), 0);
    CHECK_EQ(a.f_type, b.f_type);
    CHECK_EQ(statfs("/proc", &a), 0);
    CHECK_EQ(a.f_type, 0x9fa0);
    CHECK_EQ(statfs("/dev/shm", &a), 0);
    CHECK_EQ(a.f_type, 0x01021994);
    CHECK_ERRNO(statfs("absent", &a), ENOENT);
    CHECK_ERRNO(fstatfs(9999, &a), EBADF);
    CHECK_ERRNO(statfs(".", (void *)8), EFAULT);
}

TEST(sync_calls) {
    int fd = open("f", O_CREAT | O_RDWR, 0644), p[2];
    CHECK_EQ(write(fd, "x", 1), 1);
    CHECK_EQ(fsync(fd), 0);
    CHECK_EQ(fdatasync(fd), 0);
    CHECK_EQ(sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE), 0);
    CHECK_ERRNO(sync_file_range(fd, -1, 0, 0), EINVAL);
    CHECK_ERRNO(sync_file_range(fd, 0, 0, 64), EINVAL);
    CHECK_EQ(posix_fadvise(fd, 0, 0, POSIX_FADV_WILLNEED), 0);
    CHECK_EQ(posix_fadvise(fd, 0, 0, 99), EINVAL);
    CHECK_EQ(readahead(fd, 0, 10), 0);
    CHECK_ERRNO(fsync(9999), EBADF);
    MUST(pipe(p) == 0);
    CHECK_ERRNO(fsync(p[0]), EINVAL);
    CHECK_EQ(posix_fadvise(p[0], 0, 0, POSIX_FADV_NORMAL), ESPIPE);
}

TEST(fcntl_flags) {
    int fd = open("f", O_CREAT | O_RDWR | O_NONBLOCK | O_SYNC, 0644);
    int flags = fcntl(fd, F_GETFL);
    CHECK_EQ(flags & (O_ACCMODE | O_NONBLOCK | O_SYNC | O_CREAT), O_RDWR | O_NONBLOCK | O_SYNC);
    CHECK_EQ(fcntl(fd, F_SETFL, O_WRONLY | O_APPEND), 0); /* the access mode cannot change */
    CHECK_EQ(fcntl(fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK | O_APPEND | O_SYNC), O_RDWR | O_APPEND | O_SYNC);
    CHECK_EQ(fcntl(fd, F_SETFD, FD_CLOEXEC), 0);
    CHECK_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
    int one = 1, zero = 0;
    CHECK_EQ(ioctl(fd, FIONBIO, &one), 0);
    CHECK(fcntl(fd, F_GETFL) & O_NONBLOCK);
    CHECK_EQ(ioctl(fd, FIONBIO, &zero), 0);
    CHECK_EQ(ioctl(fd, FIOCLEX), 0);
    CHECK_EQ(ioctl(fd, FIONCLEX), 0);
    CHECK_EQ(fcntl(fd, F_GETFD), 0);
    CHECK_EQ(write(fd, "12345", 5), 5);
    CHECK_EQ(lseek(fd, 2, SEEK_SET), 2);
    int ready = -1;
    CHECK_EQ(ioctl(fd, FIONREAD, &ready), 0);
    CHECK_EQ(ready, 3);
    CHECK_ERRNO(ioctl(fd, TCGETS, &ready), ENOTTY);
    CHECK_ERRNO(ioctl(9999, FIONREAD, &ready), EBADF);
}

TEST_T(large_file, 60) {
    static char buf[1 << 16];
    int fd = open("f", O_CREAT | O_RDWR, 0644);
    for (int i = 0; i < 128; i++) {
        memset(buf, i, sizeof buf);
        MUST(write(fd, buf, sizeof buf) == sizeof buf);
    }
    CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
    for (int i = 0; i < 128; i++) {
        MUST(read(fd, buf, sizeof buf) == sizeof buf);
        CHECK_EQ(buf[0] + buf[sizeof buf - 1], 2 * i);
    }
    CHECK_EQ(read(fd, buf, 1), 0);
    CHECK_EQ(pwrite(fd, "end", 3, 5LL << 30), 3);
    CHECK_EQ(size_of("f"), (5LL << 30) + 3);
    CHECK_EQ(pread(fd, buf, 10, 5LL << 30), 3);
    CHECK_EQ(pread(fd, buf, 10, 3LL << 30), 10);
    CHECK_EQ(buf[5], 0);
}

TEST(write_at_the_largest_offset) {
    int fd = open("f", O_CREAT | O_RDWR, 0644);
    CHECK_ERRNO(pwrite(fd, "x", 1, LLONG_MAX), EINVAL);
    CHECK_ERRNO(pwrite(fd, "xx", 2, LLONG_MAX - 1), EINVAL);
    CHECK_EQ(size_of("f"), 0);
}
