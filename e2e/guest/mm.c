/* Memory: mmap, munmap, mprotect, mremap, brk, madvise, mincore, mlock, msync, copy-on-write, shared mappings, SIGBUS. */
#include "guest.h"
#include <setjmp.h>
#include <sys/prctl.h>
#include <sys/uio.h>

#define PAGE 4096UL

static sigjmp_buf jump;
static void *volatile fault_address;
static volatile int fault_code;
static void on_fault(int sig, siginfo_t *info, void *ctx GUEST_UNUSED) {
    fault_address = info->si_addr;
    fault_code = info->si_code;
    siglongjmp(jump, sig);
}

/* The signal a read or write of one byte causes, 0 if none. */
static int touch(volatile char *p, bool write) {
    on_info(SIGSEGV, on_fault, 0);
    on_info(SIGBUS, on_fault, 0);
    fault_address = NULL;
    fault_code = 0;
    int sig = sigsetjmp(jump, 1);
    if (sig == 0) {
        char c = *p;
        if (write)
            *p = c;
    }
    return sig;
}

static char *map(size_t pages, int prot) {
    char *p = mmap(NULL, pages * PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    MUST(p != MAP_FAILED);
    return p;
}

static int file_of(const char *name, size_t size) {
    int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0644);
    MUST(fd >= 0 && ftruncate(fd, size) == 0);
    return fd;
}

TEST(anonymous_is_zero) {
    char *p = map(64, PROT_READ | PROT_WRITE);
    long sum = 0;
    for (size_t i = 0; i < 64 * PAGE; i++)
        sum += p[i];
    CHECK_EQ(sum, 0);
    memset(p, 1, 64 * PAGE);
    CHECK_EQ(munmap(p, 64 * PAGE), 0);
    CHECK_EQ(touch(p, false), SIGSEGV);
    CHECK_EQ(fault_code, SEGV_MAPERR);
}

TEST(mmap_errors) {
    int fd = file_of("f", PAGE), ro = open("f", O_RDONLY), wo = open("f", O_WRONLY), dir = open(".", O_RDONLY);
    int p[2];
    MUST(pipe(p) == 0);
#define MAP(len, prot, flags, fd, off) mmap(NULL, len, prot, flags, fd, off)
    CHECK_ERRNO(MAP(0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), EINVAL);
    CHECK_ERRNO(MAP(PAGE, PROT_READ, MAP_ANONYMOUS, -1, 0), EINVAL);
    CHECK_ERRNO(MAP(PAGE, PROT_READ, MAP_PRIVATE, -1, 0), EBADF);
    CHECK_ERRNO(syscall(SYS_mmap, 0, PAGE, PROT_READ, MAP_PRIVATE, fd, 100), EINVAL);
    CHECK_ERRNO(MAP(PAGE, PROT_READ, MAP_SHARED, wo, 0), EACCES);
    CHECK_ERRNO(MAP(PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, ro, 0), EACCES);
    CHECK(MAP(PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, ro, 0) != MAP_FAILED);
    CHECK_ERRNO(MAP(PAGE, PROT_READ, MAP_PRIVATE, p[0], 0), ENODEV);
    CHECK_ERRNO(MAP(PAGE, PROT_READ, MAP_PRIVATE, dir, 0), ENODEV);
    CHECK_ERRNO(MAP(-PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), ENOMEM);
    CHECK_ERRNO(MAP(1UL << 47, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), ENOMEM);
    CHECK_ERRNO(syscall(SYS_mmap, 0, PAGE * 2, PROT_READ, MAP_PRIVATE, fd, -4096L), EOVERFLOW);
    CHECK_ERRNO(mmap((void *)1, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0), EINVAL);
    CHECK_ERRNO(mmap((void *)(1UL << 47), PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0), ENOMEM);
}

TEST(munmap_rules) {
    char *p = map(4, PROT_READ | PROT_WRITE);
    CHECK_ERRNO(munmap(p + 1, PAGE), EINVAL);
    CHECK_ERRNO(munmap(p, 0), EINVAL);
    CHECK_ERRNO(munmap(p, -PAGE), EINVAL);
    CHECK_EQ(munmap(p + PAGE, 2 * PAGE), 0); /* a hole in the middle */
    CHECK_EQ(munmap(p + PAGE, PAGE), 0);     /* nothing there: fine */
    CHECK_EQ(touch(p, true), 0);
    CHECK_EQ(touch(p + PAGE, false), SIGSEGV);
    CHECK_EQ(touch(p + 3 * PAGE, true), 0);
    CHECK_EQ(munmap(p, 4 * PAGE), 0);
}

TEST(map_fixed_replaces) {
    char *p = map(3, PROT_READ | PROT_WRITE);
    memset(p, 'a', 3 * PAGE);
    char *q = mmap(p + PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    CHECK(q == p + PAGE);
    CHECK_EQ(p[PAGE], 0);
    CHECK_EQ(p[0], 'a');
    CHECK_EQ(p[2 * PAGE], 'a');
    CHECK_EQ(touch(q, true), SIGSEGV);
    CHECK_ERRNO(mmap(p, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0), EEXIST);
    CHECK_EQ(munmap(p, PAGE), 0);
    q = mmap(p, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    CHECK(q == p);
    CHECK_EQ(munmap(p, PAGE), 0);
    q = mmap(p, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); /* a free hint is taken */
    CHECK(q == p);
}

TEST(mprotect_and_faults) {
    char *p = map(4, PROT_READ | PROT_WRITE);
    CHECK_EQ(touch(p + 2 * PAGE, true), 0);
    CHECK_EQ(mprotect(p + PAGE, 2 * PAGE, PROT_READ), 0);
    CHECK_EQ(touch(p, true), 0);
    CHECK_EQ(touch(p + PAGE, false), 0);
    CHECK_EQ(touch(p + 2 * PAGE + 17, true), SIGSEGV);
    CHECK_EQ(fault_code, SEGV_ACCERR);
    CHECK(fault_address == p + 2 * PAGE + 17);
    CHECK_EQ(touch(p + 3 * PAGE, true), 0);
    CHECK_EQ(mprotect(p, 4 * PAGE, PROT_NONE), 0);
    CHECK_EQ(touch(p, false), SIGSEGV);
    CHECK_EQ(mprotect(p, 4 * PAGE, PROT_READ | PROT_WRITE), 0);
    CHECK_EQ(touch(p, true), 0);
    CHECK_ERRNO(mprotect(p + 1, PAGE, PROT_READ), EINVAL);
    CHECK_ERRNO(mprotect(p, PAGE, 0x40), EINVAL);
    CHECK_EQ(mprotect(p, 0, PROT_READ), 0);
    CHECK_EQ(munmap(p + 2 * PAGE, PAGE), 0);
    CHECK_ERRNO(mprotect(p, 4 * PAGE, PROT_READ), ENOMEM);
    CHECK_EQ(touch(p, true), SIGSEGV); /* what lies before the hole has changed */
    CHECK_EQ(touch(p + 3 * PAGE, true), 0);
    int ro = open(GUEST_SELF, O_RDONLY);
    char *s = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, ro, 0);
    CHECK_ERRNO(mprotect(s, PAGE, PROT_READ | PROT_WRITE), EACCES);
}

TEST(execute_permission) {
    unsigned char code[] = {0xb8, 42, 0, 0, 0, 0xc3}; /* mov $42, %eax; ret */
    char *p = map(1, PROT_READ | PROT_WRITE);
    memcpy(p, code, sizeof code);
    on_info(SIGSEGV, on_fault, 0);
    int sig = sigsetjmp(jump, 1);
    if (sig == 0)
        ((int (*)(void))p)();
    CHECK_EQ(sig, SIGSEGV);
    CHECK_EQ(fault_code, SEGV_ACCERR);
    CHECK(fault_address == p);
    CHECK_EQ(mprotect(p, PAGE, PROT_READ | PROT_EXEC), 0);
    CHECK_EQ(((int (*)(void))p)(), 42);
    CHECK_EQ(mprotect(p, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC), 0);
    p[1] = 43; /* self-modifying code */
    CHECK_EQ(((int (*)(void))p)(), 43);
}

TEST(mremap_grows_and_moves) {
    char *p = map(3, PROT_READ | PROT_WRITE);
    memset(p, 'x', 3 * PAGE);
    CHECK_EQ(munmap(p + 2 * PAGE, PAGE), 0);
    char *q = mremap(p, 2 * PAGE, 3 * PAGE, 0); /* the hole just behind it */
    CHECK(q == p);
    CHECK_EQ(p[PAGE], 'x');
    CHECK_EQ(p[2 * PAGE], 0);
    q = mmap(p + 2 * PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    CHECK(q == p + 2 * PAGE);
    CHECK_ERRNO(mremap(p, 2 * PAGE, 4 * PAGE, 0), ENOMEM);
    q = mremap(p, 2 * PAGE, 8 * PAGE, MREMAP_MAYMOVE);
    CHECK(q != MAP_FAILED && q != p);
    CHECK_EQ(q[2 * PAGE - 1], 'x');
    CHECK_EQ(q[2 * PAGE], 0);
    CHECK_EQ(touch(p, false), SIGSEGV);
    CHECK(mremap(q, 8 * PAGE, PAGE, 0) == q); /* shrinks */
    CHECK_EQ(touch(q + PAGE, false), SIGSEGV);
}

TEST(mremap_fixed_and_errors) {
    char *p = map(2, PROT_READ | PROT_WRITE), *to = map(4, PROT_READ | PROT_WRITE);
    p[0] = 'p';
    to[0] = 't';
    CHECK_ERRNO(mremap(p, PAGE, PAGE, MREMAP_FIXED, to), EINVAL);
    CHECK_ERRNO(mremap(p, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to + 1), EINVAL);
    CHECK_ERRNO(mremap(p, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p + PAGE), EINVAL);
    CHECK_ERRNO(mremap(p + 1, PAGE, 2 * PAGE, MREMAP_MAYMOVE), EINVAL);
    CHECK_ERRNO(mremap(p, PAGE, 0, MREMAP_MAYMOVE), EINVAL);
    CHECK_ERRNO(mremap(p, PAGE, PAGE, 64), EINVAL);
    CHECK_ERRNO(mremap((void *)(16 * PAGE), PAGE, 2 * PAGE, MREMAP_MAYMOVE), EFAULT);
    char *q = mremap(p, PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to);
    CHECK(q == to);
    CHECK_EQ(to[0], 'p');
    CHECK_EQ(touch(p, false), SIGSEGV);
    CHECK_EQ(touch(p + PAGE, false), 0);
    q = mremap(to, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP);
    CHECK(q != MAP_FAILED && q != to);
    CHECK_EQ(q[0], 'p');
    CHECK_EQ(to[0], 0); /* still mapped, empty now */
}

TEST(mremap_duplicates_shared) {
    char *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    char *q = mremap(p, 0, PAGE, MREMAP_MAYMOVE); /* old size 0: a second view of a shared mapping */
    CHECK(q != MAP_FAILED && q != p);
    p[5] = 'z';
    CHECK_EQ(q[5], 'z');
    char *priv = map(1, PROT_READ);
    CHECK_ERRNO(mremap(priv, 0, PAGE, MREMAP_MAYMOVE), EINVAL);
}

TEST(brk_grows_and_shrinks) {
    char *start = sbrk(0);
    CHECK(sbrk(10 * PAGE) == start);
    memset(start, 1, 10 * PAGE);
    CHECK(sbrk(0) == start + 10 * PAGE);
    CHECK_EQ(brk(start + PAGE), 0);
    CHECK_EQ(brk(start + 3 * PAGE), 0);
    CHECK_EQ(start[2 * PAGE], 0); /* grown again: zero */
    long now = syscall(SYS_brk, 0);
    CHECK_EQ(now, (long)(start + 3 * PAGE));
    CHECK_EQ(syscall(SYS_brk, 1), now); /* below the start: unchanged, no error */
    CHECK_EQ(syscall(SYS_brk, -1L), now);
    struct rlimit limit = {1 << 20, RLIM_INFINITY};
    CHECK_EQ(setrlimit(RLIMIT_DATA, &limit), 0);
    CHECK_ERRNO(brk(start + (64 << 20)), ENOMEM);
}

TEST(copy_on_write_after_fork) {
    char *p = map(50, PROT_READ | PROT_WRITE);
    memset(p, 'a', 50 * PAGE);
    int sync[2];
    char c;
    MUST(pipe(sync) == 0);
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(read(sync[0], &c, 1), 1);
        for (int i = 0; i < 50; i++)
            CHECK_EQ(p[i * PAGE], 'a'); /* the parent has written */
        memset(p, 'c', 50 * PAGE);
        pid_t grandchild = FORK();
        if (grandchild == 0) {
            CHECK_EQ(p[49 * PAGE], 'c');
            DONE();
        }
        CHECK_EXIT(grandchild, 0);
        DONE();
    }
    memset(p, 'b', 50 * PAGE);
    CHECK_EQ(write(sync[1], "x", 1), 1);
    CHECK_EXIT(pid, 0);
    for (int i = 0; i < 50; i++)
        CHECK_EQ(p[i * PAGE + 9], 'b');
}

TEST(kernel_writes_break_sharing) {
    /* read(2) into a page shared after fork must not reach the parent. */
    char *p = map(1, PROT_READ | PROT_WRITE);
    strcpy(p, "parent");
    pid_t pid = FORK();
    if (pid == 0) {
        int fd = open("/dev/zero", O_RDONLY);
        CHECK_EQ(read(fd, p, 4), 4);
        CHECK_EQ(p[0], 0);
        DONE();
    }
    CHECK_EXIT(pid, 0);
    CHECK_STR(p, "parent");
}

TEST(shared_mapping_over_fork) {
    volatile int *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    p[0] = 1;
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(p[0], 1);
        p[0] = 2;
        CHECK(UNTIL(p[1] == 3));
        DONE();
    }
    CHECK(UNTIL(p[0] == 2));
    p[1] = 3;
    CHECK_EXIT(pid, 0);
}

TEST(file_shared_mapping_is_the_file) {
    char buf[6] = "";
    int fd = file_of("f", 3 * PAGE);
    char *p = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    char *q = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, PAGE);
    memcpy(p + PAGE + 10, "hello", 5);
    CHECK(memcmp(q + 10, "hello", 5) == 0);
    CHECK_EQ(pread(fd, buf, 5, PAGE + 10), 5);
    CHECK_STR(buf, "hello");
    CHECK_EQ(pwrite(fd, "there", 5, PAGE + 10), 5);
    CHECK(memcmp(q + 10, "there", 5) == 0);
    close(fd); /* the mapping outlives the descriptor */
    memcpy(p, "again", 5);
    CHECK_EQ(msync(p, 3 * PAGE, MS_SYNC), 0);
    CHECK_EQ(munmap(p, 3 * PAGE), 0);
    fd = open("f", O_RDONLY);
    CHECK_EQ(read(fd, buf, 5), 5);
    CHECK_STR(buf, "again");
}

TEST(file_private_mapping) {
    char buf[6] = "";
    int fd = file_of("f", 2 * PAGE);
    CHECK_EQ(pwrite(fd, "abcde", 5, 0), 5);
    char *p = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    CHECK(memcmp(p, "abcde", 5) == 0);
    p[0] = 'X';
    CHECK_EQ(pread(fd, buf, 5, 0), 5);
    CHECK_STR(buf, "abcde");
    CHECK_EQ(pwrite(fd, "12345", 5, 0), 5);
    CHECK_EQ(p[0], 'X'); /* the private page is cut off from the file */
    CHECK_EQ(pwrite(fd, "q", 1, PAGE), 1);
    CHECK_EQ(p[PAGE], 'q'); /* an untouched one is not */
}

TEST(sigbus_past_the_end) {
    int fd = file_of("f", PAGE + 100);
    char *p = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK_EQ(touch(p + PAGE + 200, true), 0); /* the rest of the last page */
    CHECK_EQ(touch(p + 2 * PAGE + 3, false), SIGBUS);
    CHECK_EQ(fault_code, BUS_ADRERR);
    CHECK(fault_address == p + 2 * PAGE + 3);
    CHECK_EQ(ftruncate(fd, 4 * PAGE), 0);
    CHECK_EQ(touch(p + 3 * PAGE, true), 0);
    CHECK_EQ(ftruncate(fd, 10), 0);
    CHECK_EQ(touch(p + PAGE, false), SIGBUS); /* was present before */
    CHECK_EQ(p[20], 0);
    CHECK_ERRNO(write(fd, p + PAGE, 1), EFAULT); /* the kernel gets an error, not a signal */
    CHECK_EQ(touch(p + 4 * PAGE - 1, false), SIGBUS);
    pid_t pid = FORK();
    if (pid == 0) {
        signal(SIGBUS, SIG_DFL);
        p[PAGE] = 1;
        DONE();
    }
    CHECK_KILLED(pid, SIGBUS);
}

TEST(truncate_zeroes_the_tail) {
    char buf[8];
    int fd = file_of("f", 0);
    CHECK_EQ(write(fd, "abcdefgh", 8), 8);
    CHECK_EQ(ftruncate(fd, 3), 0);
    CHECK_EQ(ftruncate(fd, 8), 0);
    CHECK_EQ(pread(fd, buf, 8, 0), 8);
    CHECK(memcmp(buf, "abc\0\0\0\0\0", 8) == 0);
    char *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK_EQ(p[100], 0);
}

TEST(mapping_of_a_deleted_file) {
    int fd = file_of("f", PAGE);
    char *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK_EQ(unlink("f"), 0);
    close(fd);
    p[0] = 'k';
    pid_t pid = FORK();
    if (pid == 0) {
        p[0]++;
        DONE();
    }
    CHECK_EXIT(pid, 0);
    CHECK_EQ(p[0], 'l');
}

TEST(stack_grows_down) {
    struct rlimit limit;
    CHECK_EQ(getrlimit(RLIMIT_STACK, &limit), 0);
    volatile char *low = alloca(4 << 20); /* far below what is mapped, within the limit */
    low[0] = 1;
    low[2 << 20] = 2;
    CHECK_EQ(low[0] + low[2 << 20], 3);
}

TEST(map_growsdown) {
    char *area = map(300, PROT_NONE);
    CHECK_EQ(munmap(area, 300 * PAGE), 0);
    char *top = area + 299 * PAGE;
    char *p = mmap(top, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED, -1, 0);
    CHECK(p == top);
    CHECK_EQ(touch(top - PAGE, true), 0);
    CHECK_EQ(touch(top - 3 * PAGE, true), 0);
}

TEST(madvise_dontneed) {
    char *p = map(4, PROT_READ | PROT_WRITE);
    memset(p, 7, 4 * PAGE);
    CHECK_EQ(madvise(p + PAGE, 2 * PAGE, MADV_DONTNEED), 0);
    CHECK_EQ(p[0], 7);
    CHECK_EQ(p[PAGE] + p[2 * PAGE], 0);
    CHECK_EQ(p[3 * PAGE], 7);
    int fd = file_of("f", PAGE);
    CHECK_EQ(pwrite(fd, "f", 1, 0), 1);
    char *q = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    q[0] = 'm';
    CHECK_EQ(madvise(q, PAGE, MADV_DONTNEED), 0);
    CHECK_EQ(q[0], 'f'); /* the file shows again */
    CHECK_ERRNO(madvise(p + 1, PAGE, MADV_DONTNEED), EINVAL);
    CHECK_ERRNO(madvise(p, PAGE, 9999), EINVAL);
    CHECK_EQ(munmap(p + PAGE, PAGE), 0);
    CHECK_ERRNO(madvise(p, 4 * PAGE, MADV_DONTNEED), ENOMEM);
    CHECK_EQ(p[0] + p[3 * PAGE], 0); /* done around the hole */
    CHECK_EQ(madvise(p, PAGE, MADV_WILLNEED), 0);
    CHECK_EQ(madvise(p, 0, MADV_NORMAL), 0);
}

TEST(madvise_dontfork_and_wipe) {
    char *gone = map(1, PROT_READ | PROT_WRITE), *wiped = map(1, PROT_READ | PROT_WRITE);
    gone[0] = wiped[0] = 5;
    CHECK_EQ(madvise(gone, PAGE, MADV_DONTFORK), 0);
    CHECK_EQ(madvise(wiped, PAGE, MADV_WIPEONFORK), 0);
    pid_t pid = FORK();
    if (pid == 0) {
        CHECK_EQ(touch(gone, false), SIGSEGV);
        CHECK_EQ(wiped[0], 0);
        DONE();
    }
    CHECK_EXIT(pid, 0);
    CHECK_EQ(gone[0] + wiped[0], 10);
}

TEST(mincore_reports) {
    unsigned char vec[4] = {9, 9, 9, 9};
    char *p = map(3, PROT_READ | PROT_WRITE);
    p[0] = p[PAGE] = p[2 * PAGE] = 1;
    CHECK_EQ(mincore(p, 3 * PAGE, vec), 0);
    CHECK_EQ((vec[0] & 1) + (vec[1] & 1) + (vec[2] & 1), 3);
    CHECK_EQ(vec[3], 9);
    CHECK_ERRNO(mincore(p + 1, PAGE, vec), EINVAL);
    CHECK_ERRNO(mincore(p, PAGE, (void *)8), EFAULT);
    CHECK_EQ(munmap(p + PAGE, PAGE), 0);
    CHECK_ERRNO(mincore(p, 3 * PAGE, vec), ENOMEM);
}

TEST(msync_errors) {
    char *p = map(2, PROT_READ | PROT_WRITE);
    CHECK_EQ(msync(p, 2 * PAGE, MS_ASYNC), 0);
    CHECK_ERRNO(msync(p, PAGE, MS_SYNC | MS_ASYNC), EINVAL);
    CHECK_ERRNO(msync(p + 1, PAGE, MS_SYNC), EINVAL);
    CHECK_ERRNO(msync(p, PAGE, 64), EINVAL);
    CHECK_EQ(munmap(p + PAGE, PAGE), 0);
    CHECK_ERRNO(msync(p, 2 * PAGE, MS_SYNC), ENOMEM);
}

TEST(mlock_and_limits) {
    char *p = map(4, PROT_READ | PROT_WRITE);
    CHECK_EQ(mlock(p, 4 * PAGE), 0);
    CHECK_EQ(munlock(p, 4 * PAGE), 0);
    CHECK_EQ(mlock2(p, PAGE, MLOCK_ONFAULT), 0);
    CHECK_ERRNO(mlock2(p, PAGE, 64), EINVAL);
    CHECK_ERRNO(mlockall(0), EINVAL);
    CHECK_EQ(munlockall(), 0);
    CHECK_EQ(munmap(p + PAGE, PAGE), 0);
    CHECK_ERRNO(mlock(p, 3 * PAGE), ENOMEM);
    pid_t pid = FORK();
    if (pid == 0) {
        struct rlimit limit = {PAGE, PAGE};
        CHECK_EQ(setrlimit(RLIMIT_MEMLOCK, &limit), 0);
        CHECK_EQ(setresuid(1000, 1000, 1000), 0);
        char *q = map(4, PROT_READ | PROT_WRITE);
        CHECK_EQ(mlock(q, PAGE), 0);
        CHECK_ERRNO(mlock(q, 4 * PAGE), ENOMEM);
        limit = (struct rlimit){0, 0};
        CHECK_EQ(setrlimit(RLIMIT_MEMLOCK, &limit), 0);
        CHECK_ERRNO(mlock(q, PAGE), EPERM);
        DONE();
    }
    CHECK_EXIT(pid, 0);
}

TEST(rlimit_as) {
    struct rlimit limit = {512 << 20, RLIM_INFINITY};
    CHECK_EQ(setrlimit(RLIMIT_AS, &limit), 0);
    CHECK_ERRNO(mmap(NULL, 600 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0), ENOMEM);
    char *p = mmap(NULL, 100 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(p != MAP_FAILED);
    CHECK_ERRNO(mremap(p, 100 << 20, 600 << 20, MREMAP_MAYMOVE), ENOMEM);
    CHECK(malloc(700 << 20) == NULL);
}

TEST(bad_pointers_in_system_calls) {
    int fd = open("f", O_RDWR | O_CREAT, 0644);
    char *p = map(2, PROT_READ | PROT_WRITE);
    memset(p, 'x', 2 * PAGE);
    CHECK_EQ(munmap(p + PAGE, PAGE), 0);
    CHECK_ERRNO(write(fd, (void *)8, 1), EFAULT);
    CHECK_EQ(read(fd, (void *)8, 0), 0); /* no bytes: no fault */
    CHECK_EQ(write(fd, p + PAGE - 10, 10), 10);
    CHECK_EQ(write(fd, p + PAGE - 10, 20), 10); /* as much as is there */
    CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
    CHECK_EQ(read(fd, p + PAGE - 5, 20), 5);
    CHECK_ERRNO(open(p + PAGE, O_RDONLY), EFAULT);
    CHECK_ERRNO(open(p + PAGE - 10, O_RDONLY), EFAULT); /* a string that runs into the hole */
    p[PAGE - 1] = 0;
    CHECK_ERRNO(open(p + PAGE - 10, O_RDONLY), ENOENT); /* and one that ends before it */
    CHECK_ERRNO(stat("f", (void *)(p + PAGE)), EFAULT);
    CHECK_ERRNO(write(fd, (void *)0xffff800000000000, 1), EFAULT);
    CHECK_ERRNO(write(fd, (void *)-4096L, 4096), EFAULT);
    CHECK_ERRNO(write(fd, (void *)(p), -1), EFAULT);
    CHECK_ERRNO(pipe((void *)(p + PAGE - 4)), EFAULT);
    char *ro = map(1, PROT_READ);
    CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
    CHECK_ERRNO(read(fd, ro, 4), EFAULT); /* the kernel does not write where the program may not */
    char *none = map(1, PROT_NONE);
    CHECK_ERRNO(write(fd, none, 4), EFAULT);
}

TEST(process_vm_readv_and_writev) {
    char *p = map(1, PROT_READ | PROT_WRITE), buf[10] = "";
    int sync[2];
    char c;
    MUST(pipe(sync) == 0);
    strcpy(p, "before");
    pid_t pid = FORK();
    if (pid == 0) {
        strcpy(p, "child");
        MUST(write(sync[1], "x", 1) == 1);
        CHECK(UNTIL(*(volatile char *)p == 'C'));
        DONE();
    }
    CHECK_EQ(read(sync[0], &c, 1), 1);
    struct iovec local = {buf, 6}, remote = {p, 6}, bad = {(void *)8, 6};
    CHECK_EQ(process_vm_readv(pid, &local, 1, &remote, 1, 0), 6);
    CHECK_STR(buf, "child");
    CHECK_STR(p, "before");
    CHECK_ERRNO(process_vm_readv(pid, &local, 1, &bad, 1, 0), EFAULT);
    CHECK_ERRNO(process_vm_readv(pid, &local, 1, &remote, 1, 1), EINVAL);
    CHECK_ERRNO(process_vm_readv(99999999, &local, 1, &remote, 1, 0), ESRCH);
    CHECK_ERRNO(process_vm_readv(pid, &local, 1025, &remote, 1, 0), EINVAL);
    strcpy(buf, "C");
    CHECK_EQ(process_vm_writev(pid, &local, 1, &remote, 1, 0), 6);
    CHECK_EXIT(pid, 0);
}

TEST(many_mappings) {
    enum { COUNT = 2000 };
    char *p = map(2 * COUNT, PROT_READ | PROT_WRITE);
    for (int i = 0; i < COUNT; i++)
        MUST(mprotect(p + 2 * i * PAGE, PAGE, PROT_READ) == 0);
    CHECK_EQ(touch(p + 2 * 777 * PAGE, true), SIGSEGV);
    CHECK_EQ(touch(p + (2 * 777 + 1) * PAGE, true), 0);
    CHECK_EQ(mprotect(p, 2 * COUNT * PAGE, PROT_READ | PROT_WRITE), 0);
    CHECK_EQ(touch(p + 2 * 777 * PAGE, true), 0);
    CHECK_EQ(munmap(p, 2 * COUNT * PAGE), 0);
}

TEST(large_sparse_mapping) {
    char *p = mmap(NULL, 64UL << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    MUST(p != MAP_FAILED);
    for (unsigned long i = 0; i < 64; i++)
        p[i << 30] = (char)i;
    long sum = 0;
    for (unsigned long i = 0; i < 64; i++)
        sum += p[i << 30];
    CHECK_EQ(sum, 63 * 64 / 2);
    CHECK_EQ(munmap(p, 64UL << 30), 0);
}

TEST(name_a_mapping_and_vm_flags) {
    char *p = map(1, PROT_READ);
    CHECK_ERRNO(prctl(PR_SET_MM, PR_SET_MM_BRK, 0, 0, 1), EINVAL);
    CHECK_EQ(prctl(PR_SET_DUMPABLE, 0), 0);
    CHECK_EQ(prctl(PR_GET_DUMPABLE), 0);
    CHECK_EQ(prctl(PR_SET_DUMPABLE, 1), 0);
    CHECK_ERRNO(prctl(PR_SET_DUMPABLE, 7), EINVAL);
    CHECK_EQ(munmap(p, PAGE), 0);
}

TEST(numa_policy_calls) {
    int mode = -1;
    unsigned long mask = 0;
    CHECK_EQ(syscall(SYS_get_mempolicy, &mode, NULL, 0, NULL, 0), 0);
    CHECK_EQ(mode, 0);
    CHECK_EQ(syscall(SYS_set_mempolicy, 0, NULL, 0), 0);
    CHECK_ERRNO(syscall(SYS_set_mempolicy, 99, &mask, 64), EINVAL);
    CHECK_ERRNO(syscall(SYS_get_mempolicy, 8, NULL, 0, NULL, 0), EFAULT);
}
