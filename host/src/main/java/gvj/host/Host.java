package gvj.host;

/**
 * Host system calls on memory, file descriptors, sockets and clocks.
 *
 * <p>All methods answer in Linux's way: a result {@code >= 0}, or {@code -errno} (see {@link HostErrno}). None throws,
 * none calls back, none retries: a call that a signal breaks off answers {@code -EINTR} (see
 * {@link HostProcess#interrupt}). Addresses are absolute (see {@link Mem}) and the caller answers for them. Names of
 * methods are names of man pages; every descriptor made here is close-on-exec.
 */
public final class Host {
    /** How many descriptors one {@link #sendmsg} or {@link #recvmsg} carries at most. */
    public static final int MAX_FDS = 16;
    /**
     * Bytes of the buffer for descriptors that {@link #sendmsg} and {@link #recvmsg} use: an int count, then the ints.
     */
    public static final int FDS_BYTES = 4 + 4 * MAX_FDS;

    public static final int PROT_NONE = 0;
    public static final int PROT_READ = 1;
    public static final int PROT_WRITE = 2;
    public static final int MAP_SHARED = 0x01;
    public static final int MAP_PRIVATE = 0x02;
    public static final int MAP_FIXED = 0x10;
    public static final int MAP_ANONYMOUS = 0x20;
    public static final int MAP_NORESERVE = 0x4000;
    public static final int MADV_DONTNEED = 4;
    public static final int MADV_REMOVE = 9;
    public static final int MFD_CLOEXEC = 1;
    public static final int FALLOC_FL_KEEP_SIZE = 1;
    public static final int FALLOC_FL_PUNCH_HOLE = 2;

    public static final int AF_UNIX = 1;
    public static final int SOCK_STREAM = 1;
    public static final int SOCK_DGRAM = 2;
    public static final int SOCK_SEQPACKET = 5;
    public static final int SOCK_NONBLOCK = 0x800;
    public static final int SOCK_CLOEXEC = 0x80000;
    public static final int MSG_DONTWAIT = 0x40;
    public static final int SHUT_RDWR = 2;

    public static final int SEEK_SET = 0;
    public static final int SEEK_CUR = 1;
    public static final int SEEK_END = 2;
    public static final int SEEK_DATA = 3;
    public static final int SEEK_HOLE = 4;
    public static final int F_GETFD = 1;
    public static final int F_SETFD = 2;
    public static final int F_GETFL = 3;
    public static final int F_SETFL = 4;

    public static final int CLOCK_REALTIME = 0;
    public static final int CLOCK_MONOTONIC = 1;
    public static final int CLOCK_PROCESS_CPUTIME_ID = 2;
    public static final int CLOCK_THREAD_CPUTIME_ID = 3;
    public static final int CLOCK_BOOTTIME = 7;

    static {
        HostLibrary.load();
    }

    private Host() {}

    // ---- memory ----

    /** memfd_create(2). {@code name} ends with a NUL byte. */
    public static native int memfdCreate(byte[] name, int flags);

    /** ftruncate(2). */
    public static native int ftruncate(int fd, long length);

    /** fallocate(2); {@code FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE} gives pages of a memfd back. */
    public static native int fallocate(int fd, int mode, long offset, long length);

    /** mmap(2): the address, or {@code -errno} (addresses of user space are never negative). */
    public static native long mmap(long address, long length, int prot, int flags, int fd, long offset);

    /** munmap(2). */
    public static native int munmap(long address, long length);

    /** mprotect(2). */
    public static native int mprotect(long address, long length, int prot);

    /** madvise(2). */
    public static native int madvise(long address, long length, int advice);

    /** calloc(3): zeroed native memory, aligned for any primitive; {@code -ENOMEM} if there is none. */
    public static native long malloc(long bytes);

    /** free(3) of what {@link #malloc} gave; 0 is allowed. */
    public static native void free(long address);

    /** Bytes of a page. */
    public static native int pageSize();

    // ---- file descriptors ----

    /** open(2) with O_CLOEXEC. {@code path} ends with a NUL byte; the Sentry's and gofer's files go through openat2. */
    public static native int open(byte[] path, int flags, int mode);

    /** close(2). Never to be repeated, also not after {@code -EINTR}. */
    public static native int close(int fd);

    /** fcntl(F_DUPFD_CLOEXEC): a duplicate at the lowest free number. */
    public static native int dup(int fd);

    /** dup3(2). */
    public static native int dup3(int from, int to, int flags);

    /** read(2): bytes read, 0 at the end. */
    public static native long read(int fd, long address, long length);

    /** write(2): bytes written. */
    public static native long write(int fd, long address, long length);

    /** pread64(2). */
    public static native long pread(int fd, long address, long length, long offset);

    /**
     * preadv2(2) with RWF_NOWAIT: what the kernel has in its page cache, without waiting for a disk. {@code -EAGAIN} if that
     * is nothing, {@code -EOPNOTSUPP} where the file system cannot tell.
     */
    public static native long preadCached(int fd, long address, long length, long offset);

    /** pwrite64(2). */
    public static native long pwrite(int fd, long address, long length, long offset);

    /** lseek(2), {@link #SEEK_DATA} and {@link #SEEK_HOLE} included. */
    public static native long lseek(int fd, long offset, int whence);

    /** fsync(2). */
    public static native int fsync(int fd);

    /** fdatasync(2). */
    public static native int fdatasync(int fd);

    /** fcntl(2) with an integer or an address as argument. */
    public static native int fcntl(int fd, int command, long argument);

    /** pipe2(2): two ints at {@code fds}. O_CLOEXEC is the caller's to give. */
    public static native int pipe2(long fds, int flags);

    /** eventfd(2). EFD_CLOEXEC is O_CLOEXEC. */
    public static native int eventfd(int initial, int flags);

    /** Adds {@code value} to an eventfd: 0 or {@code -errno}. */
    public static native int eventfdWrite(int fd, long value);

    /**
     * Reads an eventfd's counter (its low 63 bits) and sets it to zero; {@code -EAGAIN} if it is zero and nonblocking.
     */
    public static native long eventfdRead(int fd);

    /** ioctl(TCGETS): a kernel {@code struct termios} (36 bytes); see ioctl_tty(2). */
    public static native int tcgets(int fd, long termios);

    /** ioctl(TCSETS, TCSETSW, TCSETSF) for {@code when} 0, 1, 2. */
    public static native int tcsets(int fd, int when, long termios);

    /** ioctl(TIOCGWINSZ): {@code struct winsize}, four shorts. */
    public static native int tiocgwinsz(int fd, long winsize);

    /** ioctl(TIOCSWINSZ). */
    public static native int tiocswinsz(int fd, long winsize);

    /** ioctl(FIONREAD): the number of bytes that can be read. */
    public static native int fionread(int fd);

    // ---- waiting ----

    /** ppoll(2) on {@code count} pollfds; a negative timeout is for ever. The number of ready ones. */
    public static native int poll(long fds, int count, long timeoutNanos);

    /** epoll_create1(2). EPOLL_CLOEXEC is O_CLOEXEC. */
    public static native int epollCreate1(int flags);

    /** epoll_ctl(2). */
    public static native int epollCtl(int epfd, int op, int fd, int events, long data);

    /** epoll_wait(2) into {@code max} packed 12-byte epoll_events; the timeout is rounded up to milliseconds. */
    public static native int epollWait(int epfd, long events, int max, long timeoutNanos);

    // ---- sockets ----

    /** socketpair(2): two ints at {@code fds}. */
    public static native int socketpair(int domain, int type, int protocol, long fds);

    /** accept4(2) without the peer's address. */
    public static native int accept4(int fd, int flags);

    /**
     * A new Unix socket of {@code type} (SOCK_SEQPACKET and so on), connected to the one at {@code path}.
     *
     * @param path absolute, ends with a NUL; may be longer than a socket's address
     */
    public static native int connectUnix(byte[] path, int type);

    /** shutdown(2). */
    public static native int shutdown(int fd, int how);

    /**
     * sendmsg(2) of one buffer, with MSG_NOSIGNAL, and descriptors as SCM_RIGHTS (unix(7)).
     *
     * @param fds address of an int count (at most {@link #MAX_FDS}) and as many descriptors, or 0 for none
     */
    public static native long sendmsg(int fd, long address, long length, long fds, int flags);

    /**
     * recvmsg(2) into one buffer. Descriptors received are close-on-exec; those beyond {@code max} are closed at once.
     *
     * @param fds address of {@link #FDS_BYTES} bytes that get the count and the descriptors, or 0: then all are closed
     * @return bytes, 0 at the end of the connection, or {@code -errno}; {@code -EMSGSIZE} if a packet did not fit (it
     *     is
     *     lost and its descriptors are closed)
     */
    public static native long recvmsg(int fd, long address, long length, long fds, int max, int flags);

    // ---- clocks and chance ----

    /** clock_gettime(2) in nanoseconds, also for the dynamic clocks of other processes and threads. */
    public static native long clockGettime(int clock);

    /** clock_getres(2) in nanoseconds. */
    public static native long clockGetres(int clock);

    /** CPU nanoseconds of the calling thread. */
    public static long threadCpuNanos() {
        return clockGettime(CLOCK_THREAD_CPUTIME_ID);
    }

    /** CPU nanoseconds of this process. */
    public static long processCpuNanos() {
        return clockGettime(CLOCK_PROCESS_CPUTIME_ID);
    }

    /** RDTSC, ordered against everything around it. */
    public static native long readTsc();

    /**
     * Reads clocks and counter together into four longs: the counter, CLOCK_MONOTONIC as it was then or a few nanoseconds
     * later, and between which two values the difference of CLOCK_REALTIME and CLOCK_MONOTONIC lies. 0 or {@code -errno}.
     */
    public static native int sampleClocks(long to);

    /** Whether clocks can be computed from {@link #readTsc}: one steady rate, and the same on all CPUs. */
    public static native boolean tscIsClock();

    /** getrandom(2). */
    public static native long getrandom(long address, long length, int flags);
}
