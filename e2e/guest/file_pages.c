/* Large reads and writes against mappings, truncation, holes and bad pointers: every way to a file's bytes shows the same. */
#include "guest.h"

#include <pthread.h>
#include <sys/uio.h>

#define PAGE 4096L
#define KIB 1024L
#define MIB (1024L * KIB)

/* The byte that belongs at an offset. */
static char at(long offset, int salt) { return (char)(offset * 7 + (offset >> 12) + salt); }

static void fill(char *to, long offset, long bytes, int salt) {
    for (long i = 0; i < bytes; i++)
        to[i] = at(offset + i, salt);
}

static long first_wrong(const char *bytes, long offset, long length, int salt) {
    for (long i = 0; i < length; i++)
        if (bytes[i] != at(offset + i, salt))
            return offset + i;
    return -1;
}

static long first_nonzero(const char *bytes, long length) {
    for (long i = 0; i < length; i++)
        if (bytes[i])
            return i;
    return -1;
}

static char *memory(long bytes) { return mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); }

static int made(const char *name, long bytes, int salt) {
    int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0644);
    char *all = memory(bytes);
    fill(all, 0, bytes, salt);
    CHECK_EQ(write(fd, all, bytes), bytes);
    munmap(all, bytes);
    return fd;
}

TEST(large_reads_meet_the_end) {
    long size = MIB + 123;
    int fd = made("f", size, 1);
    char *b = memory(4 * MIB);
    CHECK_EQ(pread(fd, b, 4 * MIB, 0), size);
    CHECK_EQ(first_wrong(b, 0, size, 1), -1);
    CHECK_EQ(first_nonzero(b + size, 4 * MIB - size), -1);
    CHECK_EQ(pread(fd, b, 4 * MIB, 5), size - 5);
    CHECK_EQ(first_wrong(b, 5, size - 5, 1), -1);
    CHECK_EQ(pread(fd, b, 64 * KIB, size - 100), 100);
    CHECK_EQ(first_wrong(b, size - 100, 100, 1), -1);
    CHECK_EQ(pread(fd, b, 64 * KIB, size), 0);
    CHECK_EQ(pread(fd, b, 64 * KIB, size + 64 * KIB), 0);
    CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
    long total = 0;
    for (ssize_t n; (n = read(fd, b, 100 * KIB)) > 0; total += n)
        CHECK_EQ(first_wrong(b, total, n, 1), -1);
    CHECK_EQ(total, size);
}

TEST(holes_read_as_zeros) {
    int fd = open("f", O_RDWR | O_CREAT, 0644);
    char *b = memory(2 * MIB), *data = memory(100 * KIB);
    fill(data, 0, 100 * KIB, 3);
    CHECK_EQ(pwrite(fd, data, 100 * KIB, 300 * KIB + 17), 100 * KIB);
    CHECK_EQ(pwrite(fd, data, 1, MIB), 1);
    CHECK_EQ(ftruncate(fd, MIB + 300 * KIB), 0);
    memset(b, 0x55, 2 * MIB);
    CHECK_EQ(pread(fd, b, 2 * MIB, 0), MIB + 300 * KIB);
    CHECK_EQ(first_nonzero(b, 300 * KIB + 17), -1);
    CHECK_EQ(memcmp(b + 300 * KIB + 17, data, 100 * KIB), 0);
    CHECK_EQ(first_nonzero(b + 400 * KIB + 17, MIB - 400 * KIB - 17), -1);
    CHECK_EQ(b[MIB], data[0]);
    CHECK_EQ(first_nonzero(b + MIB + 1, 300 * KIB - 1), -1);
}

TEST(large_writes_over_pages_and_holes) {
    int fd = open("f", O_RDWR | O_CREAT, 0644);
    char *b = memory(64 * PAGE), *all = memory(64 * PAGE);
    for (long page = 0; page < 64; page += 5)
        CHECK_EQ(pwrite(fd, "x", 1, page * PAGE + 9), 1);
    fill(b, 100, 50 * PAGE, 4);
    CHECK_EQ(pwrite(fd, b, 50 * PAGE, 100), 50 * PAGE);
    CHECK_EQ(pread(fd, all, 64 * PAGE, 0), 60 * PAGE + 10);
    CHECK_EQ(first_wrong(all + 100, 100, 50 * PAGE, 4), -1);
    CHECK_EQ(all[9], 'x');
    CHECK_EQ(first_nonzero(all + 10, 90), -1);
    CHECK_EQ(all[55 * PAGE + 9], 'x');
    CHECK_EQ(first_nonzero(all + 50 * PAGE + 100, 5 * PAGE - 91), -1);
}

/* n pages, of which the one at `hole` may not be touched. */
static char *with_hole(long n, long hole) {
    char *b = memory(n * PAGE);
    munmap(b + hole * PAGE, PAGE);
    return b;
}

static void read_into_hole(int fd, long pages, long hole, long offset) {
    char *b = with_hole(pages, hole);
    CHECK_EQ(pread(fd, b, pages * PAGE, offset), hole * PAGE);
    CHECK_EQ(first_wrong(b, offset, hole * PAGE, 5), -1);
    CHECK_EQ(first_nonzero(b + (hole + 1) * PAGE, (pages - hole - 1) * PAGE), -1);
    munmap(b, pages * PAGE);
}

TEST(a_bad_page_ends_a_read) {
    int fd = made("f", 2 * MIB, 5);
    read_into_hole(fd, 3, 1, 0);
    read_into_hole(fd, 64, 40, 0);
    read_into_hole(fd, 64, 63, PAGE);
    read_into_hole(fd, 300, 200, 3 * PAGE);
    char *b = with_hole(64, 0);
    CHECK_ERRNO(pread(fd, b, 64 * PAGE, 0), EFAULT);
    CHECK_EQ(lseek(fd, 0, SEEK_CUR), 2 * MIB);
    b = with_hole(64, 20);
    CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
    CHECK_EQ(read(fd, b, 64 * PAGE), 20 * PAGE);
    CHECK_EQ(lseek(fd, 0, SEEK_CUR), 20 * PAGE);
    struct iovec v[2] = {{b, 20 * PAGE}, {b + 20 * PAGE, 44 * PAGE}};
    CHECK_EQ(preadv(fd, v, 2, 0), 20 * PAGE);
    CHECK_EQ(first_wrong(b, 0, 20 * PAGE, 5), -1);
    mprotect(b, 20 * PAGE, PROT_READ);
    CHECK_ERRNO(pread(fd, b, 20 * PAGE, 0), EFAULT);
    CHECK_EQ(pread(fd, b, 20 * PAGE, 2 * MIB), 0);
}

TEST(a_bad_page_ends_a_write) {
    for (long pages = 3; pages < 200; pages *= 4) {
        int fd = open("f", O_RDWR | O_CREAT | O_TRUNC, 0644);
        char *b = with_hole(pages, pages - 2), *back = memory(pages * PAGE);
        fill(b, 0, (pages - 2) * PAGE, 6);
        CHECK_EQ(write(fd, b, pages * PAGE), (pages - 2) * PAGE);
        CHECK_EQ(lseek(fd, 0, SEEK_CUR), (pages - 2) * PAGE);
        CHECK_EQ(lseek(fd, 0, SEEK_END), (pages - 2) * PAGE);
        CHECK_ERRNO(write(fd, b + (pages - 2) * PAGE, PAGE), EFAULT);
        CHECK_EQ(lseek(fd, 0, SEEK_END), (pages - 2) * PAGE);
        CHECK_EQ(pread(fd, back, pages * PAGE, 0), (pages - 2) * PAGE);
        CHECK_EQ(first_wrong(back, 0, (pages - 2) * PAGE, 6), -1);
        CHECK_EQ(ftruncate(fd, pages * PAGE), 0);
        CHECK_EQ(pread(fd, back, pages * PAGE, 0), pages * PAGE);
        CHECK_EQ(first_nonzero(back + (pages - 2) * PAGE, 2 * PAGE), -1);
        close(fd);
    }
}

TEST(mappings_see_writes_and_reads_see_mappings) {
    int fd = made("f", MIB, 7);
    char *m = mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), *b = memory(MIB);
    for (long page = 3; page < 256; page += 17)
        m[page * PAGE + page] = 'm';
    CHECK_EQ(pread(fd, b, MIB, 0), MIB);
    CHECK_EQ(memcmp(b, m, MIB), 0);
    CHECK_EQ(b[3 * PAGE + 3], 'm');
    fill(b, 0, MIB, 8);
    CHECK_EQ(pwrite(fd, b, MIB, 0), MIB);
    CHECK_EQ(first_wrong(m, 0, MIB, 8), -1);
    pid_t child = FORK();
    if (child == 0) {
        int other = open("f", O_RDWR);
        memset(b, 'c', 300 * KIB);
        CHECK_EQ(pwrite(other, b, 300 * KIB, 100 * KIB), 300 * KIB);
        m[900 * KIB] = 'd';
        DONE();
    }
    CHECK_EXIT(child, 0);
    CHECK_EQ(m[100 * KIB], 'c');
    CHECK_EQ(m[400 * KIB - 1], 'c');
    CHECK_EQ(m[400 * KIB], at(400 * KIB, 8));
    CHECK_EQ(pread(fd, b, MIB, 0), MIB);
    CHECK_EQ(memcmp(b, m, MIB), 0);
    CHECK_EQ(b[900 * KIB], 'd');
}

TEST(mappings_of_holes_are_written_over) {
    int fd = open("f", O_RDWR | O_CREAT, 0644);
    CHECK_EQ(ftruncate(fd, 64 * PAGE), 0);
    char *m = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), *b = memory(64 * PAGE);
    m[20 * PAGE + 1] = 'a';
    CHECK_EQ(m[30 * PAGE], 0);
    fill(b, 0, 40 * PAGE, 9);
    CHECK_EQ(pwrite(fd, b, 40 * PAGE, 0), 40 * PAGE);
    CHECK_EQ(first_wrong(m, 0, 40 * PAGE, 9), -1);
    CHECK_EQ(first_nonzero(m + 40 * PAGE, 24 * PAGE), -1);
    m[39 * PAGE] = 'z';
    CHECK_EQ(pread(fd, b, 64 * PAGE, 0), 64 * PAGE);
    CHECK_EQ(b[39 * PAGE], 'z');
}

TEST(truncation_by_another_process) {
    int fd = made("f", MIB, 10);
    char *m = mmap(NULL, MIB, PROT_READ, MAP_SHARED, fd, 0), *b = memory(MIB);
    CHECK_EQ(m[700 * KIB], at(700 * KIB, 10));
    pid_t child = FORK();
    if (child == 0) {
        CHECK_EQ(truncate("f", 500 * KIB + 10), 0);
        DONE();
    }
    CHECK_EXIT(child, 0);
    CHECK_EQ(pread(fd, b, MIB, 0), 500 * KIB + 10);
    CHECK_EQ(first_wrong(b, 0, 500 * KIB + 10, 10), -1);
    CHECK_EQ(pread(fd, b, MIB, 600 * KIB), 0);
    child = FORK();
    if (child == 0) {
        CHECK_EQ(truncate("f", MIB), 0);
        DONE();
    }
    CHECK_EXIT(child, 0);
    CHECK_EQ(pread(fd, b, MIB, 0), MIB);
    CHECK_EQ(first_nonzero(b + 500 * KIB + 10, MIB - 500 * KIB - 10), -1);
    CHECK_EQ(m[500 * KIB + 9], at(500 * KIB + 9, 10));
    CHECK_EQ(first_nonzero(m + 500 * KIB + 10, MIB - 500 * KIB - 10), -1);
}

TEST(odd_vectors) {
    int fd = made("f", MIB, 11);
    char *b = memory(MIB);
    struct iovec v[5] = {{b + 1, 3 * PAGE}, {b + 20 * PAGE + 7, 70 * KIB}, {b, 0}, {b + 50 * PAGE, 1}, {b + 60 * PAGE, 200 * KIB}};
    long sum = 3 * PAGE + 70 * KIB + 1 + 200 * KIB, offset = 33;
    CHECK_EQ(preadv(fd, v, 5, offset), sum);
    for (int i = 0; i < 5; offset += v[i++].iov_len)
        CHECK_EQ(first_wrong(v[i].iov_base, offset, v[i].iov_len, 11), -1);
    CHECK_EQ(pwritev(fd, v, 5, 33 + 100), sum);
    char *back = memory(MIB);
    CHECK_EQ(pread(fd, back, MIB, 0), MIB);
    CHECK_EQ(first_wrong(back, 0, 133, 11), -1);
    CHECK_EQ(first_wrong(back + 133, 33, sum, 11), -1);
    CHECK_EQ(first_wrong(back + 133 + sum, 133 + sum, MIB - 133 - sum, 11), -1);
}

/* Something large that the sandbox did not write. */
static int host_file(void) {
    static const char *const names[] = {"/usr/lib/x86_64-linux-gnu/libc.so.6", "/lib/x86_64-linux-gnu/libc.so.6",
                                        "/usr/lib64/libc.so.6", GUEST_SELF};
    for (int i = 0; i < 4; i++) {
        int fd = open(names[i], O_RDONLY);
        if (fd >= 0)
            return fd;
    }
    return -1;
}

TEST(a_file_from_outside_reads_the_same_in_all_ways) {
    int fd = host_file();
    struct stat st;
    MUST(fstat(fd, &st) == 0);
    long size = st.st_size;
    char *whole = memory(size + MIB), *b = memory(size);
    CHECK_EQ(pread(fd, whole, size + MIB, 0), size);
    static const long pieces[] = {777, PAGE, 16 * KIB, 16 * KIB + 1, 64 * KIB, MIB};
    for (int i = 0; i < 6; i++) {
        memset(b, 0, size);
        CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
        long total = 0;
        for (ssize_t n; total < size && (n = read(fd, b + total, pieces[i] < size - total ? pieces[i] : size - total)) > 0;)
            total += n;
        CHECK_EQ(total, size);
        CHECK_EQ(memcmp(whole, b, size), 0);
    }
    char *m = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    CHECK_EQ(memcmp(whole, m, size), 0);
    CHECK_EQ(pread(fd, b, 100 * KIB, 12345), 100 * KIB);
    CHECK_EQ(memcmp(whole + 12345, b, 100 * KIB), 0);
    CHECK_EQ(pread(fd, b, PAGE, size), 0);
}

/* The same file in small reads, in order, backwards and anywhere, before and after a mapping has touched it. */
TEST(small_reads_from_outside_in_any_order) {
    int fd = host_file(), unread = host_file();
    struct stat st;
    MUST(fstat(fd, &st) == 0);
    long size = st.st_size;
    char *whole = memory(size), b[3 * PAGE];
    CHECK_EQ(pread(fd, whole, size, 0), size);
    char *m = mmap(NULL, size, PROT_READ, MAP_PRIVATE, unread, 0);
    unsigned long random = 1;
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 2000; i++) {
            random = random * 6364136223846793005ul + 1442695040888963407ul;
            long offset = (random >> 20) % size, length = 1 + (random >> 40) % sizeof b;
            long there = length < size - offset ? length : size - offset;
            CHECK_EQ(pread(fd, b, length, offset), there);
            CHECK_EQ(memcmp(b, whole + offset, there), 0);
            if (round == 1)
                CHECK_EQ(m[offset], whole[offset]);
        }
        for (long at = size - size % 1000; at >= 0; at -= 1000) {
            long there = 1000 < size - at ? 1000 : size - at;
            CHECK_EQ(pread(fd, b, 1000, at), there);
            CHECK_EQ(memcmp(b, whole + at, there), 0);
        }
        CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
        for (long at = 0; at < 200 * KIB && at + 100 < size; at += 100) {
            CHECK_EQ(read(fd, b, 100), 100);
            CHECK_EQ(memcmp(b, whole + at, 100), 0);
        }
    }
}

TEST(a_bad_page_ends_a_read_from_outside) {
    int fd = host_file();
    char *whole = memory(64 * PAGE), *b = with_hole(64, 40);
    CHECK_EQ(pread(fd, b, 64 * PAGE, 100), 40 * PAGE);
    CHECK_EQ(pread(fd, whole, 64 * PAGE, 100), 64 * PAGE);
    CHECK_EQ(memcmp(b, whole, 40 * PAGE), 0);
    CHECK_EQ(first_nonzero(b + 41 * PAGE, 23 * PAGE), -1);
    CHECK_ERRNO(pread(fd, b + 40 * PAGE, PAGE, 0), EFAULT);
    CHECK_ERRNO(pread(fd, b + 40 * PAGE, 20 * PAGE, 0), EFAULT);
}

static int reading;
static char *target;
static volatile int stop;

static void *read_again(void *unused) {
    for (int i = 0; i < 60 || !stop; i++) {
        memset(target, 0, 256 * KIB);
        CHECK_EQ(pread(reading, target, 256 * KIB, 0), 256 * KIB);
        CHECK_EQ(first_wrong(target, 0, 256 * KIB, 12), -1);
        if (stop)
            break;
    }
    return unused;
}

/* A fork makes the pages under a read copy-on-write: what is read must still reach the reader, and him alone. */
TEST_T(reads_while_forking, 60) {
    reading = made("f", 256 * KIB, 12);
    target = memory(256 * KIB);
    pthread_t thread;
    pthread_create(&thread, NULL, read_again, NULL);
    for (int i = 0; i < 30; i++) {
        pid_t child = FORK();
        if (child == 0) {
            char before[64];
            memcpy(before, target + 128 * KIB, sizeof before);
            nap(3);
            CHECK_EQ(memcmp(before, target + 128 * KIB, sizeof before), 0);
            DONE();
        }
        CHECK_EXIT(child, 0);
    }
    stop = 1;
    pthread_join(thread, NULL);
}
