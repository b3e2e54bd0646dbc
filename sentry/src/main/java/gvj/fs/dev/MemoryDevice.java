package gvj.fs.dev;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.kernel.Task;
import gvj.mm.IoBuffer;
import gvj.vfs.FileDescription;
import gvj.vfs.Path;

/** null(4), zero(4), full(4). */
final class MemoryDevice extends FileDescription {
    /** Which of them. */
    enum Kind {
        NULL,
        ZERO,
        FULL
    }

    private final Kind kind;

    MemoryDevice(Path path, int flags, Kind kind) {
        super(path, flags);
        this.kind = kind;
    }

    @Override
    public long read(Task task, IoBuffer to) {
        return kind == Kind.NULL ? 0 : to.zeroOut(to.remaining());
    }

    @Override
    public long write(Task task, IoBuffer from) {
        if (kind == Kind.FULL) {
            return -Errno.ENOSPC;
        }
        long n = from.remaining();
        from.skip(n);
        return n;
    }

    @Override
    public long pread(Task task, IoBuffer to, long offset) {
        return read(task, to);
    }

    @Override
    public long pwrite(Task task, IoBuffer from, long offset) {
        return write(task, from);
    }

    @Override
    public boolean mapsZeros() {
        return kind == Kind.ZERO;
    }

    @Override
    public long seek(Task task, long offset, int whence) {
        return whence == Fcntl.SEEK_SET || whence == Fcntl.SEEK_CUR || whence == Fcntl.SEEK_END ? 0 : -Errno.EINVAL;
    }
}
