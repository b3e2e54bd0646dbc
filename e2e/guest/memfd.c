/* memfd_create and seals. */
#include "guest.h"

TEST(is_a_file_in_memory) {
    char buf[10] = "", link[64], path[64];
    struct stat st;
    int fd = memfd_create("name", MFD_CLOEXEC);
    CHECK_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
    CHECK_EQ(write(fd, "hello", 5), 5);
    CHECK_EQ(pread(fd, buf, 10, 0), 5);
    CHECK_STR(buf, "hello");
    CHECK_EQ(fstat(fd, &st), 0);
    CHECK_EQ(st.st_mode, S_IFREG | 0777);
    CHECK_EQ(st.st_nlink, 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(path, link, sizeof link - 1);
    link[n > 0 ? n : 0] = 0;
    CHECK_STR(link, "/memfd:name (deleted)");
    int again = open(path, O_RDONLY);
    CHECK_EQ(read(again, buf, 10), 5);
    char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    p[0] = 'J';
    CHECK_EQ(pread(fd, buf, 1, 0), 1);
    CHECK_EQ(buf[0], 'J');
}

TEST(create_errors) {
    char name[300];
    memset(name, 'n', sizeof name);
    name[250] = 0;
    CHECK_ERRNO(memfd_create(name, 0), EINVAL);
    name[249] = 0;
    CHECK(memfd_create(name, 0) >= 0);
    CHECK(memfd_create("", 0) >= 0);
    CHECK_ERRNO(memfd_create("x", 0x8000), EINVAL);
    CHECK_ERRNO(syscall(SYS_memfd_create, 8, 0), EFAULT);
}

TEST(seals_are_off_by_default) {
    int fd = memfd_create("x", 0);
    CHECK_EQ(fcntl(fd, F_GET_SEALS), F_SEAL_SEAL);
    CHECK_ERRNO(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW), EPERM);
    int file = open("f", O_CREAT | O_RDWR, 0644), p[2];
    (void)file;
    MUST(pipe(p) == 0);
    CHECK_ERRNO(fcntl(p[0], F_GET_SEALS), EINVAL);
}

TEST(size_seals) {
    char buf[10] = "0123456789";
    int fd = memfd_create("x", MFD_ALLOW_SEALING);
    CHECK_EQ(fcntl(fd, F_GET_SEALS), 0);
    CHECK_EQ(write(fd, buf, 10), 10);
    CHECK_EQ(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
    CHECK_ERRNO(ftruncate(fd, 5), EPERM);
    CHECK_EQ(ftruncate(fd, 20), 0);
    CHECK_EQ(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW), 0);
    CHECK_ERRNO(ftruncate(fd, 21), EPERM);
    CHECK_ERRNO(pwrite(fd, buf, 10, 4090), EPERM);
    CHECK_EQ(pwrite(fd, buf, 10, 0), 10);
    CHECK_ERRNO(fallocate(fd, 0, 0, 100), EPERM);
    CHECK_EQ(fcntl(fd, F_GET_SEALS), F_SEAL_SHRINK | F_SEAL_GROW);
    CHECK_ERRNO(fcntl(fd, F_ADD_SEALS, 0x100), EINVAL);
}

TEST(write_seal) {
    int fd = memfd_create("x", MFD_ALLOW_SEALING);
    CHECK_EQ(ftruncate(fd, 4096), 0);
    char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK_ERRNO(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EBUSY); /* a writable mapping exists */
    CHECK_EQ(munmap(p, 4096), 0);
    CHECK_EQ(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), 0);
    CHECK_ERRNO(write(fd, "x", 1), EPERM);
    CHECK_ERRNO(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 10), EPERM);
    CHECK_ERRNO(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), EPERM);
    p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
    CHECK(p != MAP_FAILED);
    CHECK_ERRNO(mprotect(p, 4096, PROT_READ | PROT_WRITE), EACCES);
    p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    CHECK(p != MAP_FAILED);
    p[0] = 1;
    CHECK_EQ(ftruncate(fd, 8192), 0); /* the size is another seal */
}

TEST(seal_seal_and_read_only) {
    int fd = memfd_create("x", MFD_ALLOW_SEALING);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int ro = open(path, O_RDONLY);
    CHECK_ERRNO(fcntl(ro, F_ADD_SEALS, F_SEAL_GROW), EPERM);
    CHECK_EQ(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL), 0);
    CHECK_ERRNO(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW), EPERM);
    CHECK_EQ(fcntl(fd, F_GET_SEALS), F_SEAL_SEAL);
}

TEST(future_write_seal) {
    int fd = memfd_create("x", MFD_ALLOW_SEALING);
    CHECK_EQ(ftruncate(fd, 4096), 0);
    volatile char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK_EQ(fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE), 0);
    p[0] = 'k'; /* what is there goes on */
    CHECK_ERRNO(write(fd, "x", 1), EPERM);
    CHECK_ERRNO(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), EPERM);
}

TEST(executes) {
    char buf[65536];
    ssize_t n;
    int in = open(GUEST_SELF, O_RDONLY), fd = memfd_create("prog", MFD_CLOEXEC);
    while ((n = read(in, buf, sizeof buf)) > 0)
        MUST(write(fd, buf, n) == n);
    pid_t pid = FORK();
    if (pid == 0) {
        fexecve(fd, (char *[]){"x", "@exit9", NULL}, (char *[]){NULL});
        _exit(98);
    }
    CHECK_EXIT(pid, 9);
}

HELPER(exit9) {
    return 9;
}

TEST(shared_over_fork) {
    int fd = memfd_create("x", 0);
    CHECK_EQ(ftruncate(fd, 4096), 0);
    volatile int *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    pid_t pid = FORK();
    if (pid == 0) {
        p[0] = 44;
        DONE();
    }
    CHECK_EXIT(pid, 0);
    CHECK_EQ(p[0], 44);
}
