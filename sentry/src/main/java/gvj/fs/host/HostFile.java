package gvj.fs.host;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Ioctl;
import gvj.abi.Poll;
import gvj.abi.Stat;
import gvj.host.Host;
import gvj.host.Mem;
import gvj.kernel.Task;
import gvj.kernel.WaitEntry;
import gvj.kernel.WaitQueue;
import gvj.mm.IoBuffer;
import gvj.vfs.FileDescription;
import gvj.vfs.Path;

/**
 * A descriptor of the host: a pipe, a socket, a file or a terminal that the sandbox was started with.
 *
 * <p>A pipe comes from the launcher opened anew, so that O_NONBLOCK is ours alone and not the starter's too. Where that
 * failed it is polled before each transfer, and written in pieces that a ready pipe takes without
 * blocking. The monitor guards the buffer.
 */
public final class HostFile extends FileDescription implements HostPoller.Watcher {
    private static final int BUFFER = 64 << 10;
    private static final int PIPE_BUF = 4096;
    private static final int F_GETFL = 3;
    private static final int INTEREST = Poll.POLLIN | Poll.POLLOUT | Poll.POLLRDHUP | Poll.POLLPRI;

    /** The Sentry's own standard descriptors stay open. */
    private static final int FIRST_OWNED = 3;

    private final int fd;
    private final int type;
    private final boolean nonBlocking;
    private final boolean pollable;
    private final HostPoller poller;
    private final WaitQueue queue = new WaitQueue();
    private long buffer;
    /** What the poller knows it by. */
    private final long watched;

    /**
     * Takes over {@code fd}, unless it is one of the Sentry's own standard descriptors (0 to 2), which stay open.
     *
     * @param path a place on an anonymous file system whose inode has the type of the host's file
     * @param flags the access mode of {@code fd}
     */
    public HostFile(Path path, int flags, int fd, HostPoller poller) {
        super(path, flags);
        this.type = path.inode().type();
        this.poller = poller;
        this.fd = fd;
        this.nonBlocking = type == Stat.S_IFIFO && (Host.fcntl(fd, F_GETFL, 0) & Fcntl.O_NONBLOCK) != 0;
        this.watched = type == Stat.S_IFREG ? -1 : poller.add(fd, INTEREST, this);
        this.pollable = watched >= 0;
    }

    @Override
    public void ready(int events) {
        queue.wakeAll(events);
    }

    @Override
    protected void release() {
        if (pollable) {
            poller.remove(fd, watched);
        }
        synchronized (this) {
            if (buffer != 0) {
                Host.free(buffer);
                buffer = 0;
            }
        }
        if (fd >= FIRST_OWNED) {
            Host.close(fd);
        }
    }

    @Override
    public synchronized long read(Task task, IoBuffer to) {
        if (!isReadable()) {
            return -Errno.EBADF;
        }
        if (to.remaining() == 0) {
            return 0;
        }
        if (!nonBlocking && pollable && readiness(Poll.POLLIN) == 0) {
            return -Errno.EAGAIN;
        }
        long n = Host.read(fd, buffer(), Math.min(BUFFER, to.remaining()));
        return n <= 0 ? n : to.copyOut(buffer, n);
    }

    @Override
    public synchronized long write(Task task, IoBuffer from) {
        if (!isWritable()) {
            return -Errno.EBADF;
        }
        long done = 0;
        while (from.remaining() > 0) {
            long before = from.transferred();
            long n = from.copyIn(buffer(), Math.min(limit(), from.remaining()));
            if (n == 0) { // the rest cannot be read
                return done > 0 ? done : -Errno.EFAULT;
            }
            long wrote = blocked() ? -Errno.EAGAIN : Host.write(fd, buffer, n);
            if (wrote < n) {
                from.rewind(before + Math.max(wrote, 0));
                return wrote < 0 ? (done > 0 ? done : wrote) : done + wrote;
            }
            done += wrote;
        }
        return done;
    }

    private boolean blocked() {
        return !nonBlocking && pollable && readiness(Poll.POLLOUT) == 0;
    }

    private int limit() {
        return nonBlocking || type == Stat.S_IFREG ? BUFFER : PIPE_BUF;
    }

    private long buffer() {
        if (buffer == 0) {
            buffer = Host.malloc(BUFFER);
        }
        return buffer;
    }

    @Override
    public synchronized long pread(Task task, IoBuffer to, long offset) {
        if (type != Stat.S_IFREG) {
            return -Errno.ESPIPE;
        }
        long n = Host.pread(fd, buffer(), Math.min(BUFFER, to.remaining()), offset);
        return n <= 0 ? n : to.copyOut(buffer, n);
    }

    @Override
    public synchronized long pwrite(Task task, IoBuffer from, long offset) {
        if (type != Stat.S_IFREG) {
            return -Errno.ESPIPE;
        }
        long before = from.transferred();
        long n = from.copyIn(buffer(), Math.min(BUFFER, from.remaining()));
        long wrote = Host.pwrite(fd, buffer, n, offset);
        from.rewind(before + Math.max(wrote, 0));
        return wrote;
    }

    @Override
    public long seek(Task task, long offset, int whence) {
        return type == Stat.S_IFREG ? Host.lseek(fd, offset, whence) : -Errno.ESPIPE;
    }

    /** The host's: whoever else holds the descriptor moves it too. */
    @Override
    public long position() {
        return type == Stat.S_IFREG ? Math.max(Host.lseek(fd, 0, Fcntl.SEEK_CUR), 0) : 0;
    }

    @Override
    public long fsync(Task task, boolean dataOnly) {
        return type == Stat.S_IFREG ? Host.fsync(fd) : -Errno.EINVAL;
    }

    /** Only what tells of a terminal; nothing is changed on the host. */
    @Override
    public long ioctl(Task task, int request, long argument) {
        if (type != Stat.S_IFCHR && request != Ioctl.FIONREAD) {
            return -Errno.ENOTTY;
        }
        long bytes = Host.malloc(64);
        try {
            switch (request) {
                case Ioctl.TCGETS -> {
                    int error = Host.tcgets(fd, bytes);
                    return error < 0 ? error : copyOut(task, argument, bytes, 36);
                }
                case Ioctl.TIOCGWINSZ -> {
                    int error = Host.tiocgwinsz(fd, bytes);
                    return error < 0 ? error : copyOut(task, argument, bytes, 8);
                }
                case Ioctl.FIONREAD -> {
                    int n = Host.fionread(fd);
                    if (n >= 0) {
                        task.mm().writeInt(argument, n);
                    }
                    return Math.min(n, 0);
                }
                default -> {
                    return -Errno.ENOTTY;
                }
            }
        } finally {
            Host.free(bytes);
        }
    }

    private static long copyOut(Task task, long to, long from, int bytes) {
        task.mm().copyOut(to, from, bytes);
        return 0;
    }

    private int readiness(int mask) {
        long pollfd = Host.malloc(8);
        try {
            Mem.putInt(pollfd, fd);
            Mem.putShort(pollfd + 4, (short) mask);
            return Host.poll(pollfd, 1, 0) > 0 ? Mem.getShort(pollfd + 6) & 0xffff : 0;
        } finally {
            Host.free(pollfd);
        }
    }

    @Override
    public int poll(int mask) {
        if (!pollable) {
            return super.poll(mask);
        }
        return readiness(mask);
    }

    @Override
    public boolean isPollable() {
        return pollable;
    }

    @Override
    public void addWaiter(WaitEntry entry) {
        queue.add(entry);
    }

    @Override
    public void removeWaiter(WaitEntry entry) {
        queue.remove(entry);
    }
}
