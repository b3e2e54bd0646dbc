package gvj.fs.pseudo;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.kernel.Task;
import gvj.mm.IoBuffer;
import gvj.vfs.FileDescription;
import gvj.vfs.Path;
import java.nio.charset.StandardCharsets;

/** An open made-up file. Its monitor guards content and position. */
final class PseudoFileDescription extends FileDescription {
    private static final int MAX_WRITE = 64 << 10;

    private final PseudoFile file;
    private byte[] content;
    private long position;

    PseudoFileDescription(PseudoFile file, Path path, int flags) {
        super(path, flags);
        this.file = file;
    }

    @Override
    public long read(Task task, IoBuffer to) {
        long n = pread(task, to, position());
        synchronized (this) {
            if (n > 0) {
                position += n;
            }
        }
        return n;
    }

    @Override
    public long pread(Task task, IoBuffer to, long offset) {
        byte[] bytes = contentFor(task, offset);
        if (offset >= bytes.length) {
            return 0;
        }
        return to.copyOut(bytes, (int) offset, (int) Math.min(bytes.length - offset, to.remaining()));
    }

    private byte[] contentFor(Task task, long offset) {
        synchronized (this) {
            if (content != null && offset != 0) {
                return content;
            }
        }
        byte[] made = file.content(task).getBytes(StandardCharsets.ISO_8859_1);
        synchronized (this) {
            content = made;
        }
        return made;
    }

    @Override
    public long write(Task task, IoBuffer from) {
        long n = pwrite(task, from, position());
        synchronized (this) {
            if (n > 0) {
                position += n;
            }
        }
        return n;
    }

    @Override
    public long pwrite(Task task, IoBuffer from, long offset) {
        byte[] bytes = new byte[(int) Math.min(from.remaining(), MAX_WRITE)];
        int n = from.copyIn(bytes, 0, bytes.length);
        file.write(task, new String(bytes, 0, n, StandardCharsets.ISO_8859_1));
        return n;
    }

    @Override
    public long seek(Task task, long offset, int whence) {
        long length = whence == Fcntl.SEEK_END ? contentFor(task, 0).length : 0;
        synchronized (this) {
            long target = switch (whence) {
                case Fcntl.SEEK_SET -> offset;
                case Fcntl.SEEK_CUR -> position + offset;
                case Fcntl.SEEK_END -> length + offset;
                default -> -1;
            };
            if (target < 0) {
                return -Errno.EINVAL;
            }
            position = target;
            return target;
        }
    }

    @Override
    public synchronized long position() {
        return position;
    }
}
