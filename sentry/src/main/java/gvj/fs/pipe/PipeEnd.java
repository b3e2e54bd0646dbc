package gvj.fs.pipe;

import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Ioctl;
import gvj.abi.Poll;
import gvj.abi.Stat;
import gvj.kernel.Task;
import gvj.kernel.WaitEntry;
import gvj.mm.IoBuffer;
import gvj.vfs.FileDescription;
import gvj.vfs.Path;

/** An open end of a pipe or fifo; both ends at once for a fifo opened O_RDWR. */
public final class PipeEnd extends FileDescription {
    /** fs.pipe-max-size: what unprivileged F_SETPIPE_SZ may ask for. */
    private static final int MAX_SIZE = 1 << 20;
    /** What anybody may ask for. */
    private static final int HARD_MAX_SIZE = 1 << 26;

    final Pipe pipe;
    /** How many writers there had been when a fifo was opened without one: no POLLHUP until one came and went. */
    private final long versionAtOpen;

    /** The pipe has counted the end already. */
    PipeEnd(Path path, int flags, Pipe pipe, long versionAtOpen) {
        super(path, flags);
        this.pipe = pipe;
        this.versionAtOpen = versionAtOpen;
    }

    /**
     * Makes a pipe(2).
     *
     * @param flags O_NONBLOCK, O_DIRECT
     * @return the end to read from and the end to write to
     */
    public static PipeEnd[] pair(Task task, int flags) {
        Pipe pipe = new Pipe();
        Path path = task.kernel.pipeFs.newPath(
                "pipe:[#]",
                Stat.S_IFIFO | 0600,
                task.credentials().fsuid(),
                task.credentials().fsgid(),
                (opener, place, openFlags) -> Fifo.reopen(place, openFlags, pipe));
        pipe.opened(true, false);
        pipe.opened(false, true);
        return new PipeEnd[] {
            new PipeEnd(path, Fcntl.O_RDONLY | flags & ~Fcntl.O_DIRECT, pipe, 0),
            new PipeEnd(path, Fcntl.O_WRONLY | flags, pipe, 0)
        };
    }

    @Override
    protected void release() {
        pipe.closed(isReadable(), isWritable());
    }

    @Override
    public long read(Task task, IoBuffer to) {
        return pipe.read(to);
    }

    @Override
    public long write(Task task, IoBuffer from) {
        return pipe.write(from, (flags() & Fcntl.O_DIRECT) != 0);
    }

    @Override
    public boolean writesAll() {
        return true;
    }

    @Override
    public long ioctl(Task task, int request, long argument) {
        if (request == Ioctl.FIONREAD) {
            task.mm().writeInt(argument, pipe.available());
            return 0;
        }
        return -Errno.ENOTTY;
    }

    @Override
    public long pipeSize() {
        return pipe.capacity();
    }

    @Override
    public long setPipeSize(Task task, long bytes) {
        long wanted = bytes & 0xffffffffL;
        if (wanted > 1L << 31) {
            return -Errno.EINVAL;
        }
        long size = wanted <= Pipe.PAGE ? Pipe.PAGE : Long.highestOneBit(wanted * 2 - 1);
        if (size > pipe.capacity() && size > MAX_SIZE) {
            if (!task.credentials().has(Capability.CAP_SYS_RESOURCE)) {
                return -Errno.EPERM;
            }
            if (size > HARD_MAX_SIZE) {
                return -Errno.ENOMEM;
            }
        }
        return pipe.setSlots((int) (size / Pipe.PAGE));
    }

    @Override
    public int poll(int mask) {
        return pipe.poll(isReadable(), isWritable(), versionAtOpen) & (mask | Poll.POLLERR | Poll.POLLHUP);
    }

    @Override
    public boolean isPollable() {
        return true;
    }

    @Override
    public void addWaiter(WaitEntry entry) {
        pipe.queue.add(entry);
    }

    @Override
    public void removeWaiter(WaitEntry entry) {
        pipe.queue.remove(entry);
    }
}
