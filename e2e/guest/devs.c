/* /dev: null, zero, full, random, urandom, shm; getrandom. */
#include "guest.h"
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/sysmacros.h>

TEST(null) {
    char c = 'x';
    int fd = open("/dev/null", O_RDWR);
    CHECK_EQ(read(fd, &c, 1), 0);
    CHECK_EQ(write(fd, &c, 1), 1);
    CHECK_EQ(write(fd, (void *)8, 10), 10); /* never looked at */
    CHECK_EQ(lseek(fd, 100, SEEK_SET), 0);
    CHECK_EQ(close(open("/dev/null", O_WRONLY | O_TRUNC | O_CREAT, 0644)), 0);
    CHECK_ERRNO(ioctl(fd, TCGETS, &c), ENOTTY);
    CHECK_ERRNO(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0), ENODEV);
}

TEST(zero) {
    char buf[10000];
    memset(buf, 1, sizeof buf);
    int fd = open("/dev/zero", O_RDWR);
    CHECK_EQ(read(fd, buf, sizeof buf), sizeof buf);
    CHECK_EQ(buf[0] + buf[9999], 0);
    CHECK_EQ(write(fd, buf, 10), 10);
    CHECK_ERRNO(read(fd, (void *)8, 10), EFAULT);
    char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    CHECK_EQ(p[5], 0);
    p[5] = 1;
    int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    pid_t pid = FORK();
    if (pid == 0) {
        *shared = 9;
        DONE();
    }
    CHECK_EXIT(pid, 0);
    CHECK_EQ(*shared, 9);
}

TEST(full) {
    char c = 'x';
    int fd = open("/dev/full", O_RDWR);
    CHECK_EQ(read(fd, &c, 1), 1);
    CHECK_EQ(c, 0);
    CHECK_ERRNO(write(fd, &c, 1), ENOSPC);
}

TEST(random_devices) {
    unsigned char a[64] = {0}, b[64] = {0};
    int u = open("/dev/urandom", O_RDWR), r = open("/dev/random", O_RDONLY);
    CHECK_EQ(read(u, a, 64), 64);
    CHECK_EQ(read(r, b, 64), 64);
    CHECK(memcmp(a, b, 64) != 0);
    CHECK_EQ(write(u, a, 64), 64);
}

TEST(getrandom_call) {
    unsigned char a[256] = {0}, b[256] = {0};
    CHECK_EQ(getrandom(a, 256, 0), 256);
    CHECK_EQ(getrandom(b, 256, GRND_NONBLOCK | GRND_RANDOM), 256);
    CHECK(memcmp(a, b, 256) != 0);
    CHECK_EQ(getrandom(a, 0, 0), 0);
    CHECK_ERRNO(getrandom(a, 1, 64), EINVAL);
    CHECK_ERRNO(syscall(SYS_getrandom, 8, 16, 0), EFAULT);
    static char big[100000];
    CHECK_EQ(getrandom(big, sizeof big, 0), sizeof big);
}

TEST(numbers_and_modes) {
    struct {
        const char *path;
        unsigned major, minor;
    } all[] = {{"/dev/null", 1, 3},   {"/dev/zero", 1, 5}, {"/dev/full", 1, 7}, {"/dev/random", 1, 8},
               {"/dev/urandom", 1, 9}, {"/dev/tty", 5, 0},  {"/dev/ptmx", 5, 2}};
    for (unsigned i = 0; i < sizeof all / sizeof *all; i++) {
        struct stat st;
        CHECK_EQ(stat(all[i].path, &st), 0);
        CHECK_EQ(st.st_rdev, makedev(all[i].major, all[i].minor));
        CHECK_EQ(st.st_mode, S_IFCHR | 0666);
    }
}

TEST(shm) {
    char name[64];
    struct stat st;
    CHECK_EQ(stat("/dev/shm", &st), 0);
    CHECK_EQ(st.st_mode, S_IFDIR | 01777);
    snprintf(name, sizeof name, "/guest-%d", getpid());
    int fd = shm_open(name, O_CREAT | O_EXCL | O_RDWR, 0600);
    CHECK(fd >= 0);
    CHECK_EQ(ftruncate(fd, 8192), 0);
    int *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    pid_t pid = FORK();
    if (pid == 0) {
        int mine = shm_open(name, O_RDWR, 0);
        int *q = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, mine, 0);
        q[1024] = 31;
        DONE();
    }
    CHECK_EXIT(pid, 0);
    CHECK_EQ(p[1024], 31);
    CHECK_EQ(shm_unlink(name), 0);
    CHECK_ERRNO(shm_open(name, O_RDWR, 0), ENOENT);
}

TEST(standard_links) {
    char link[64];
    ssize_t n = readlink("/dev/fd", link, sizeof link - 1);
    link[n > 0 ? n : 0] = 0;
    CHECK_STR(link, "/proc/self/fd");
    n = readlink("/dev/stdin", link, sizeof link - 1);
    link[n > 0 ? n : 0] = 0;
    CHECK_STR(link, "/proc/self/fd/0");
}
