package gvj.vfs;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Poll;
import gvj.kernel.Task;
import gvj.kernel.WaitEntry;
import gvj.mm.IoBuffer;
import gvj.mm.Mappable;
import gvj.mm.MappedFile;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;

/**
 * An open file: Linux's {@code struct file}. Shared by dup(2), fork(2) and SCM_RIGHTS, closed with the last reference.
 *
 * <p><b>No operation here ever sleeps for readiness.</b> One that would block answers {@code -EAGAIN}, and the system
 * call layer registers on {@link #addWaiter}, sleeps, and tries again unless O_NONBLOCK is set. Operations answer
 * {@code >= 0} or {@code -errno}, or throw {@link gvj.kernel.ErrnoException}.
 */
public abstract class FileDescription implements MappedFile {
    /** Status flags that fcntl(F_SETFL) may change. */
    public static final int SETFL_MASK =
            Fcntl.O_APPEND | Fcntl.O_ASYNC | Fcntl.O_DIRECT | Fcntl.O_NOATIME | Fcntl.O_NONBLOCK;

    private static final VarHandle REFS;
    /** For the rare change of O_ASYNC, of all files. */
    private static final Object ASYNC_LOCK = new Object();

    static {
        try {
            REFS = MethodHandles.lookup().findVarHandle(FileDescription.class, "refs", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Path path;
    private volatile int flags;
    private volatile FileOwner owner;
    /** O_ASYNC's registration, changed under {@link #asyncLock}; null without. */
    volatile AsyncNotice async;
    /** {@link VfsHooks}: counts as a writer, or denies writers because it is executed. */
    volatile boolean writeAccess;

    volatile boolean deniesWriting;

    @SuppressWarnings("FieldMayBeFinal")
    private volatile int refs = 1;

    /**
     * A description with one reference.
     *
     * @param path where it was opened; for pipes and the like a place on the anonymous file system
     * @param flags open(2) flags: access mode and status flags
     */
    protected FileDescription(Path path, int flags) {
        this.path = path;
        path.mount().hold();
        this.flags = flags & ~(Fcntl.O_CREAT | Fcntl.O_EXCL | Fcntl.O_NOCTTY | Fcntl.O_TRUNC | Fcntl.O_CLOEXEC);
    }

    public final Path path() {
        return path;
    }

    public final Inode inode() {
        return path.inode();
    }

    /** Access mode and status flags, as F_GETFL answers. */
    public final int flags() {
        return flags;
    }

    /** A file that was opened to be executed may be written again: an interpreter that is in place. */
    public final void allowWriting() {
        if (deniesWriting) {
            deniesWriting = false;
            inode().allowWriteAccess();
        }
    }

    /** F_SETFL: changes the bits of {@link #SETFL_MASK}. */
    public void setFlags(int wanted) {
        flags = (flags & ~SETFL_MASK) | (wanted & SETFL_MASK);
    }

    public final boolean isNonBlocking() {
        return (flags & Fcntl.O_NONBLOCK) != 0;
    }

    public final boolean isReadable() {
        int mode = flags & Fcntl.O_ACCMODE;
        return (flags & Fcntl.O_PATH) == 0 && (mode == Fcntl.O_RDONLY || mode == Fcntl.O_RDWR);
    }

    public final boolean isWritable() {
        int mode = flags & Fcntl.O_ACCMODE;
        return (flags & Fcntl.O_PATH) == 0 && (mode == Fcntl.O_WRONLY || mode == Fcntl.O_RDWR);
    }

    @Override
    public final void incRef() {
        REFS.getAndAdd(this, 1);
    }

    /** How many references there are. */
    protected final int refCount() {
        return refs;
    }

    /** Takes a reference unless the description is being released already. */
    public final boolean tryIncRef() {
        for (int now = refs; now > 0; now = refs) {
            if (REFS.compareAndSet(this, now, now + 1)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public final void decRef() {
        if ((int) REFS.getAndAdd(this, -1) == 1) {
            tellReleaseWatches();
            VfsHooks.released(this);
            release();
            path.mount().drop();
        }
    }

    /** Who wants to hear when the last reference goes: epoll items. */
    public interface ReleaseWatch {
        /** {@code file} is gone for everybody; no lock of the file is held. */
        void fileReleased(FileDescription file);
    }

    private List<ReleaseWatch> releaseWatches;

    /** Has {@code watch} called once when the last reference is gone. */
    public final synchronized void addReleaseWatch(ReleaseWatch watch) {
        if (releaseWatches == null) {
            releaseWatches = new ArrayList<>(2);
        }
        releaseWatches.add(watch);
    }

    public final synchronized void removeReleaseWatch(ReleaseWatch watch) {
        if (releaseWatches != null) {
            releaseWatches.remove(watch);
        }
    }

    private void tellReleaseWatches() {
        List<ReleaseWatch> watches;
        synchronized (this) {
            watches = releaseWatches;
            releaseWatches = null;
        }
        if (watches != null) {
            for (ReleaseWatch watch : watches) {
                watch.fileReleased(this);
            }
        }
    }

    /** The last reference is gone: gives up what the description holds. */
    protected void release() {}

    /** close(2) of one descriptor (flush): called each time, before the reference is dropped. */
    public void flush(Task task) {}

    /** Advisory locks of the file. */
    public final FileLocks locks() {
        return inode().locks();
    }

    /** Who gets SIGIO; null for nobody. */
    public final FileOwner owner() {
        return owner;
    }

    final Object asyncLock() {
        return ASYNC_LOCK;
    }

    /** O_ASYNC may have changed: registers for events or stops that. {@code fd} is what si_fd will be. */
    public final void updateAsync(Task task, int fd) {
        if (async != null || (flags & Fcntl.O_ASYNC) != 0) {
            AsyncNotice.update(this, fd, task);
        }
    }

    public final void setOwner(FileOwner newOwner) {
        owner = newOwner;
        ownerChanged();
    }

    /** fcntl(F_SETOWN) and the like have been called. */
    protected void ownerChanged() {}

    /** F_GETLEASE: there are no leases. */
    public final int lease() {
        return Fcntl.F_UNLCK;
    }

    /** The inode counted this description as a writer; the last close uncounts it. */
    final void holdsWriteAccess() {
        writeAccess = true;
        path.mount().writerOpened();
    }

    /**
     * pwrite(2) at {@code offset}, or at the end if {@code append} (RWF_APPEND, RWF_NOAPPEND of pwritev2(2)); the default
     * knows no append.
     */
    public long write(Task task, IoBuffer from, long offset, boolean append) {
        return pwrite(task, from, offset);
    }

    /** read(2) at the current position. */
    public long read(Task task, IoBuffer to) {
        return -Errno.EINVAL;
    }

    /** write(2) at the current position, or at the end with O_APPEND. */
    public long write(Task task, IoBuffer from) {
        return -Errno.EINVAL;
    }

    /** pread(2). */
    public long pread(Task task, IoBuffer to, long offset) {
        return -Errno.ESPIPE;
    }

    /** pwrite(2); O_APPEND still appends, as on Linux. */
    public long pwrite(Task task, IoBuffer from, long offset) {
        return -Errno.ESPIPE;
    }

    /** lseek(2). */
    public long seek(Task task, long offset, int whence) {
        return -Errno.ESPIPE;
    }

    /** getdents64(2): gives entries from the current position to {@code sink} until it is full. */
    public int readdir(Task task, DirectorySink sink) {
        return -Errno.ENOTDIR;
    }

    /** ioctl(2), behind the requests every file knows (FIONBIO, FIOCLEX, ...). */
    public long ioctl(Task task, int request, long argument) {
        return -Errno.ENOTTY;
    }

    /** The POLL* bits that hold now, among {@code mask} and POLLERR, POLLHUP. */
    public int poll(int mask) {
        return mask & (Poll.POLLIN | Poll.POLLOUT | Poll.POLLRDNORM | Poll.POLLWRNORM);
    }

    /** Whether {@link #poll} can ever change: epoll_ctl answers EPERM for files that cannot. */
    public boolean isPollable() {
        return false;
    }

    /**
     * A descriptor of the host that is ready exactly when this file is: whoever waits for this file alone may sleep in the
     * host's poll. -1 where there is none.
     */
    public int hostDescriptor() {
        return -1;
    }

    /** Registers for events named in {@code entry.events}. */
    public void addWaiter(WaitEntry entry) {}

    /** The reverse of {@link #addWaiter}. */
    public void removeWaiter(WaitEntry entry) {}

    /** Whether a blocking write(2) goes on until everything is written: pipes, terminals, stream sockets. */
    public boolean writesAll() {
        return false;
    }

    /** Whether write(2) that answers EPIPE raises SIGPIPE; sockets with message boundaries do not. */
    public boolean raisesSigpipe() {
        return true;
    }

    /** fcntl(F_GETPIPE_SZ); EBADF for what is no pipe. */
    public long pipeSize() {
        return -Errno.EBADF;
    }

    /** fcntl(F_SETPIPE_SZ): the new size. */
    public long setPipeSize(Task task, long bytes) {
        return -Errno.EBADF;
    }

    /** How long a blocking read(2) waits, SO_RCVTIMEO; 0 for ever. */
    public long readTimeoutNanos() {
        return 0;
    }

    /** How long a blocking write(2) waits, SO_SNDTIMEO; 0 for ever. */
    public long writeTimeoutNanos() {
        return 0;
    }

    /** What mmap(2) maps; null answers ENODEV. */
    public Mappable mappable() {
        return null;
    }

    /** Whether mapping it gives fresh anonymous memory, as /dev/zero does. */
    public boolean mapsZeros() {
        return false;
    }

    /** fsync(2), fdatasync(2). */
    public long fsync(Task task, boolean dataOnly) {
        return -Errno.EINVAL;
    }

    /** ftruncate(2) behind the checks every file shares. */
    public long truncate(Task task, long size) {
        Attributes.truncate(task.credentials(), path, inode(), size);
        return 0;
    }

    /** fallocate(2) behind the checks every file shares. */
    public long fallocate(Task task, int mode, long offset, long length) {
        return -Errno.EOPNOTSUPP;
    }

    /** Lines that /proc/PID/fdinfo/N adds to pos, flags and mnt_id. */
    public String fdInfo() {
        return "";
    }

    /** The position lseek(2) would answer, for fdinfo. */
    public long position() {
        return 0;
    }

    @Override
    public String mappedName() {
        return VfsHooks.pathName(path);
    }

    @Override
    public long device() {
        FileSystem fs = inode().fileSystem();
        return ((long) fs.deviceMajor() << 8 & 0xfff00)
                | fs.deviceMinor() & 0xff
                | ((long) fs.deviceMinor() & ~0xff) << 12;
    }

    @Override
    public long inodeNumber() {
        return inode().ino();
    }
}
