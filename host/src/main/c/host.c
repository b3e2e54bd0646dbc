/* gvj.host.Host: memory, file descriptors, sockets, waiting, clocks. */
#include "host.h"

#include <cpuid.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <termios.h>
#include <time.h>

#define MAX_FDS 16 /* Host.MAX_FDS */

/* ---- memory ---- */

HOST(jint, memfdCreate)(JNI_ARGS, jbyteArray name, jint flags) {
    char text[256];
    int bad = bytes_to_c(env, name, text, sizeof text);
    return bad ? bad : (jint)answer(memfd_create(text, flags));
}

HOST(jint, ftruncate)(JNI_ARGS, jint fd, jlong length) { return answer(ftruncate(fd, length)); }

HOST(jint, fallocate)(JNI_ARGS, jint fd, jint mode, jlong offset, jlong length) {
    return answer(fallocate(fd, mode, offset, length));
}

HOST(jlong, mmap)(JNI_ARGS, jlong address, jlong length, jint prot, jint flags, jint fd, jlong offset) {
    void *p = mmap(PTR(address), length, prot, flags, fd, offset);
    return p == MAP_FAILED ? -errno : (jlong)(uintptr_t)p;
}

HOST(jint, munmap)(JNI_ARGS, jlong address, jlong length) { return answer(munmap(PTR(address), length)); }

HOST(jint, mprotect)(JNI_ARGS, jlong address, jlong length, jint prot) {
    return answer(mprotect(PTR(address), length, prot));
}

HOST(jint, madvise)(JNI_ARGS, jlong address, jlong length, jint advice) {
    return answer(madvise(PTR(address), length, advice));
}

HOST(jlong, malloc)(JNI_ARGS, jlong bytes) {
    if (bytes < 0) return -EINVAL;
    void *p = calloc(1, bytes ? bytes : 1);
    return p ? (jlong)(uintptr_t)p : -ENOMEM;
}

HOST(void, free)(JNI_ARGS, jlong address) { free(PTR(address)); }

HOST(jint, pageSize)(JNI_ARGS) { return sysconf(_SC_PAGESIZE); }

/* ---- file descriptors ---- */

HOST(jint, open)(JNI_ARGS, jbyteArray path, jint flags, jint mode) {
    char text[PATH_MAX];
    int bad = bytes_to_c(env, path, text, sizeof text);
    return bad ? bad : (jint)answer(open(text, flags | O_CLOEXEC, mode));
}

HOST(jint, close)(JNI_ARGS, jint fd) { return answer(close(fd)); }

HOST(jint, dup)(JNI_ARGS, jint fd) { return answer(fcntl(fd, F_DUPFD_CLOEXEC, 0)); }

HOST(jint, dup3)(JNI_ARGS, jint from, jint to, jint flags) { return answer(dup3(from, to, flags)); }

HOST(jlong, read)(JNI_ARGS, jint fd, jlong address, jlong length) { return answer(read(fd, PTR(address), length)); }

HOST(jlong, write)(JNI_ARGS, jint fd, jlong address, jlong length) { return answer(write(fd, PTR(address), length)); }

HOST(jlong, pread)(JNI_ARGS, jint fd, jlong address, jlong length, jlong offset) {
    return answer(pread(fd, PTR(address), length, offset));
}

HOST(jlong, preadCached)(JNI_ARGS, jint fd, jlong address, jlong length, jlong offset) {
    struct iovec piece = {PTR(address), length};
    return answer(preadv2(fd, &piece, 1, offset, RWF_NOWAIT));
}

HOST(jlong, pwrite)(JNI_ARGS, jint fd, jlong address, jlong length, jlong offset) {
    return answer(pwrite(fd, PTR(address), length, offset));
}

HOST(jlong, lseek)(JNI_ARGS, jint fd, jlong offset, jint whence) { return answer(lseek(fd, offset, whence)); }

HOST(jint, fsync)(JNI_ARGS, jint fd) { return answer(fsync(fd)); }

HOST(jint, fdatasync)(JNI_ARGS, jint fd) { return answer(fdatasync(fd)); }

HOST(jint, fcntl)(JNI_ARGS, jint fd, jint command, jlong argument) { return answer(fcntl(fd, command, argument)); }

HOST(jint, pipe2)(JNI_ARGS, jlong fds, jint flags) { return answer(pipe2(PTR(fds), flags)); }

HOST(jint, eventfd)(JNI_ARGS, jint initial, jint flags) { return answer(eventfd(initial, flags)); }

HOST(jint, eventfdWrite)(JNI_ARGS, jint fd, jlong value) {
    uint64_t v = value;
    return write(fd, &v, sizeof v) < 0 ? -errno : 0;
}

HOST(jlong, eventfdRead)(JNI_ARGS, jint fd) {
    uint64_t v;
    return read(fd, &v, sizeof v) < 0 ? -errno : (jlong)(v & INT64_MAX);
}

/* ---- terminals: one function per request, so that seccomp and a reader can name each ---- */

HOST(jint, tcgets)(JNI_ARGS, jint fd, jlong termios) { return answer(ioctl(fd, TCGETS, PTR(termios))); }

HOST(jint, tcsets)(JNI_ARGS, jint fd, jint when, jlong termios) {
    if (when < 0 || when > 2) return -EINVAL;
    return answer(ioctl(fd, TCSETS + when, PTR(termios)));
}

HOST(jint, tiocgwinsz)(JNI_ARGS, jint fd, jlong winsize) { return answer(ioctl(fd, TIOCGWINSZ, PTR(winsize))); }

HOST(jint, tiocswinsz)(JNI_ARGS, jint fd, jlong winsize) { return answer(ioctl(fd, TIOCSWINSZ, PTR(winsize))); }

HOST(jint, fionread)(JNI_ARGS, jint fd) {
    int n = 0;
    return ioctl(fd, FIONREAD, &n) < 0 ? -errno : n;
}

/* ---- waiting ---- */

static struct timespec *nanos_to_timespec(jlong nanos, struct timespec *t) {
    if (nanos < 0) return NULL;
    t->tv_sec = nanos / 1000000000;
    t->tv_nsec = nanos % 1000000000;
    return t;
}

HOST(jint, poll)(JNI_ARGS, jlong fds, jint count, jlong timeoutNanos) {
    struct timespec t;
    return answer(ppoll(PTR(fds), count, nanos_to_timespec(timeoutNanos, &t), NULL));
}

HOST(jint, epollCreate1)(JNI_ARGS, jint flags) { return answer(epoll_create1(flags)); }

HOST(jint, epollCtl)(JNI_ARGS, jint epfd, jint op, jint fd, jint events, jlong data) {
    struct epoll_event e = {.events = events, .data.u64 = data};
    return answer(epoll_ctl(epfd, op, fd, &e));
}

HOST(jint, epollWait)(JNI_ARGS, jint epfd, jlong events, jint max, jlong timeoutNanos) {
    /* Milliseconds rounded up: never earlier than asked. epoll_pwait2 is younger than what we promise to run on. */
    jlong ms = timeoutNanos < 0 ? -1 : timeoutNanos / 1000000 + (timeoutNanos % 1000000 != 0);
    return answer(epoll_wait(epfd, PTR(events), max, ms > INT_MAX ? INT_MAX : (int)ms));
}

/* ---- sockets ---- */

HOST(jint, socketpair)(JNI_ARGS, jint domain, jint type, jint protocol, jlong fds) {
    return answer(socketpair(domain, type, protocol, PTR(fds)));
}

HOST(jint, accept4)(JNI_ARGS, jint fd, jint flags) { return answer(accept4(fd, NULL, NULL, flags)); }

/* sun_path has 108 bytes, and directories of containers have long names: the address goes through a descriptor of them. */
static int connect_in(int directory, const char *name, int type) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int room = sizeof address.sun_path;
    if (snprintf(address.sun_path, room, "/proc/self/fd/%d/%s", directory, name) >= room) return -ENAMETOOLONG;
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0), error = errno;
    if (fd < 0) return -error;
    if (!connect(fd, (struct sockaddr *)&address, sizeof address)) return fd;
    error = errno;
    close(fd);
    return -error;
}

HOST(jint, connectUnix)(JNI_ARGS, jbyteArray path, jint type) {
    char text[PATH_MAX];
    int bad = bytes_to_c(env, path, text, sizeof text);
    char *slash = bad ? NULL : strrchr(text, '/');
    if (!slash) return bad ? bad : -EINVAL;
    *slash = 0;
    int directory = open(text, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) return -errno;
    int fd = connect_in(directory, slash + 1, type);
    close(directory);
    return fd;
}

HOST(jint, shutdown)(JNI_ARGS, jint fd, jint how) { return answer(shutdown(fd, how)); }

union control {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(MAX_FDS * sizeof(int))];
};

/* fds points at an int count followed by that many descriptors, or is 0. */
HOST(jlong, sendmsg)(JNI_ARGS, jint fd, jlong address, jlong length, jlong fds, jint flags) {
    union control control;
    struct iovec io = {PTR(address), length};
    struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1};
    int count = fds ? *(int *)PTR(fds) : 0;
    if (count < 0 || count > MAX_FDS) return -EINVAL;
    if (count > 0) {
        memset(&control, 0, sizeof control);
        m.msg_control = &control;
        m.msg_controllen = CMSG_SPACE(count * sizeof(int));
        struct cmsghdr *h = CMSG_FIRSTHDR(&m);
        h->cmsg_level = SOL_SOCKET;
        h->cmsg_type = SCM_RIGHTS;
        h->cmsg_len = CMSG_LEN(count * sizeof(int));
        memcpy(CMSG_DATA(h), (int *)PTR(fds) + 1, count * sizeof(int));
    }
    return answer(sendmsg(fd, &m, flags | MSG_NOSIGNAL));
}

/* Keeps up to max descriptors of one control message, closes the others. */
static void take_fds(struct cmsghdr *h, int *fds, int max) {
    int n = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (int i = 0; i < n; i++) {
        int got;
        memcpy(&got, CMSG_DATA(h) + i * sizeof(int), sizeof got);
        if (fds && fds[0] < max) fds[1 + fds[0]++] = got;
        else close(got);
    }
}

HOST(jlong, recvmsg)(JNI_ARGS, jint fd, jlong address, jlong length, jlong fds, jint max, jint flags) {
    union control control;
    struct iovec io = {PTR(address), length};
    struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    int *list = PTR(fds);
    if (max < 0 || max > MAX_FDS) return -EINVAL;
    if (list) list[0] = 0;
    ssize_t n = recvmsg(fd, &m, flags | MSG_CMSG_CLOEXEC);
    if (n < 0) return -errno;
    for (struct cmsghdr *h = CMSG_FIRSTHDR(&m); h; h = CMSG_NXTHDR(&m, h))
        if (h->cmsg_level == SOL_SOCKET && h->cmsg_type == SCM_RIGHTS) take_fds(h, list, max);
    if (m.msg_flags & MSG_TRUNC) { /* a packet larger than the buffer: its rest is lost, so all of it is refused */
        for (int i = 0; list && i < list[0]; i++) close(list[1 + i]);
        if (list) list[0] = 0;
        return -EMSGSIZE;
    }
    return n;
}

/* ---- clocks and chance ---- */

HOST(jlong, clockGettime)(JNI_ARGS, jint clock) {
    struct timespec t;
    return clock_gettime(clock, &t) ? -errno : t.tv_sec * 1000000000L + t.tv_nsec;
}

HOST(jlong, clockGetres)(JNI_ARGS, jint clock) {
    struct timespec t;
    return clock_getres(clock, &t) ? -errno : t.tv_sec * 1000000000L + t.tv_nsec;
}

/* ---- the time stamp counter ---- */

/* Read behind everything before it and ahead of everything after it. */
static inline uint64_t read_tsc(void) {
    uint32_t low, high;
    __asm__ volatile("lfence\n\trdtsc\n\tlfence" : "=a"(low), "=d"(high) : : "memory");
    return (uint64_t)high << 32 | low;
}

HOST(jlong, readTsc)(JNI_ARGS) { return (jlong)read_tsc(); }

static inline int64_t nanos(const struct timespec *t) { return t->tv_sec * 1000000000L + t->tv_nsec; }

/* The quickest of some rounds: what interrupts them makes them long. */
HOST(jint, sampleClocks)(JNI_ARGS, jlong to) {
    int64_t *out = PTR(to);
    uint64_t shortest = UINT64_MAX;
    int64_t least = INT64_MAX;
    if (!out) return -EFAULT;
    for (int i = 0; i < 5; i++) {
        struct timespec m, r, n;
        uint64_t before = read_tsc();
        if (clock_gettime(CLOCK_MONOTONIC, &m)) return -errno;
        uint64_t took = read_tsc() - before;
        if (clock_gettime(CLOCK_REALTIME, &r) || clock_gettime(CLOCK_MONOTONIC, &n)) return -errno;
        if (took < shortest) {
            shortest = took;
            out[0] = (int64_t)before;
            out[1] = nanos(&m);
        }
        if (nanos(&n) - nanos(&m) < least) {
            least = nanos(&n) - nanos(&m);
            out[2] = nanos(&r) - nanos(&n);
            out[3] = nanos(&r) - nanos(&m);
        }
    }
    return 0;
}

/*
 * The counter has one rate on all CPUs and in all power states, and the host's kernel reads a clock without a system call,
 * which it only does if the counter is the same on all CPUs.
 */
HOST(jboolean, tscIsClock)(JNI_ARGS) {
    unsigned a, b, c, d;
    uint64_t library = UINT64_MAX, kernel = UINT64_MAX;
    if (!__get_cpuid(0x80000007, &a, &b, &c, &d) || !(d & 1 << 8)) return JNI_FALSE;
    for (int i = 0; i < 10; i++) {
        struct timespec t;
        uint64_t before = read_tsc();
        clock_gettime(CLOCK_MONOTONIC, &t);
        uint64_t between = read_tsc();
        syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &t);
        uint64_t behind = read_tsc();
        if (between - before < library) library = between - before;
        if (behind - between < kernel) kernel = behind - between;
    }
    return library < kernel - kernel / 4;
}

HOST(jlong, getrandom)(JNI_ARGS, jlong address, jlong length, jint flags) {
    return answer(getrandom(PTR(address), length, flags));
}
