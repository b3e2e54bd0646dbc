package gvj.vfs;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Sched;
import gvj.abi.Signals;
import gvj.kernel.SignalInfo;
import gvj.kernel.Task;
import gvj.mm.IoBuffer;
import gvj.mm.Mappable;

/**
 * An open regular file whose bytes its inode ({@link FileContent}) keeps: position, O_APPEND, limits, atime.
 *
 * <p>Lock: the monitor guards the position and makes reads and writes that use it one at a time, as Linux's f_pos_lock.
 */
public class RegularFile extends FileDescription {
    /** The highest offset of a file. */
    public static final long MAX_SIZE = Long.MAX_VALUE;

    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;

    private final FileContent content;
    private long position;

    public RegularFile(Path path, int flags, FileContent content) {
        super(path, flags);
        this.content = content;
    }

    /** The content behind it. */
    protected FileContent content() {
        return content;
    }

    @Override
    public synchronized long read(Task task, IoBuffer to) {
        long n = pread(task, to, position);
        if (n > 0) {
            position += n;
        }
        return n;
    }

    @Override
    public long pread(Task task, IoBuffer to, long offset) {
        if (offset > Long.MAX_VALUE - to.remaining()) {
            return -Errno.EINVAL;
        }
        long n = content().read(to, offset);
        Atime.touch(this);
        return n;
    }

    @Override
    public synchronized long write(Task task, IoBuffer from) {
        long end = writeAt(task, from, position, (flags() & Fcntl.O_APPEND) != 0);
        return end;
    }

    @Override
    public long pwrite(Task task, IoBuffer from, long offset) {
        return write(task, from, offset, (flags() & Fcntl.O_APPEND) != 0);
    }

    private long writeAt(Task task, IoBuffer from, long offset, boolean append) {
        FileContent target = content();
        synchronized (target) {
            long start = append ? target.size() : offset;
            long n = limitedWrite(task, target, from, start);
            if (n > 0) {
                position = start + n;
            }
            return n;
        }
    }

    /** pwrite(2) or, with {@code append}, RWF_APPEND. */
    @Override
    public long write(Task task, IoBuffer from, long offset, boolean append) {
        FileContent target = content();
        synchronized (target) {
            return limitedWrite(task, target, from, append ? target.size() : offset);
        }
    }

    private long limitedWrite(Task task, FileContent target, IoBuffer from, long offset) {
        long wanted = from.remaining();
        if (wanted == 0) {
            return 0;
        }
        if (offset > Long.MAX_VALUE - wanted) {
            return -Errno.EINVAL;
        }
        if (task != null) {
            long limit = task.rlimit(Sched.RLIMIT_FSIZE);
            if (limit >= 0) {
                if (offset >= limit) {
                    task.sendSignal(SignalInfo.kernel(Signals.SIGXFSZ));
                    return -Errno.EFBIG;
                }
                from.limit(limit - offset);
            }
            Attributes.wrote(task.credentials(), inode());
        }
        if (offset >= target.maxSize()) {
            return -Errno.EFBIG;
        }
        from.limit(target.maxSize() - offset);
        long n = target.write(from, offset);
        if (n > 0 && (flags() & Fcntl.O_DSYNC) != 0) {
            int error = target.fsync((flags() & Fcntl.O_SYNC) != Fcntl.O_SYNC);
            return error < 0 ? error : n;
        }
        return n;
    }

    @Override
    public synchronized long seek(Task task, long offset, int whence) {
        long size = content().size();
        long target;
        switch (whence) {
            case Fcntl.SEEK_SET -> target = offset;
            case Fcntl.SEEK_CUR -> target = position + offset;
            case Fcntl.SEEK_END -> target = size + offset;
            case SEEK_DATA, SEEK_HOLE -> {
                if (offset < 0 || offset >= size) {
                    return -Errno.ENXIO;
                }
                target = content().seekData(offset, whence == SEEK_HOLE);
            }
            default -> {
                return -Errno.EINVAL;
            }
        }
        if (target < 0) {
            return whence >= SEEK_DATA ? target : -Errno.EINVAL;
        }
        position = target;
        return target;
    }

    @Override
    public Mappable mappable() {
        return content().mappable();
    }

    @Override
    public long fsync(Task task, boolean dataOnly) {
        return content().fsync(dataOnly);
    }

    @Override
    public long fallocate(Task task, int mode, long offset, long length) {
        FileContent target = content();
        synchronized (target) {
            boolean grows = (mode & Fcntl.FALLOC_FL_KEEP_SIZE) == 0 && offset + length > target.size();
            if (grows && task != null) {
                long limit = task.rlimit(Sched.RLIMIT_FSIZE);
                if (limit >= 0 && offset + length > limit) {
                    task.sendSignal(SignalInfo.kernel(Signals.SIGXFSZ));
                    return -Errno.EFBIG;
                }
            }
            return target.fallocate(mode, offset, length);
        }
    }

    @Override
    public synchronized long position() {
        return position;
    }
}
