package gvj.vfs;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Stat;
import gvj.kernel.Task;
import gvj.mm.IoBuffer;

/**
 * An open directory whose entries {@link Inode#readdir} gives. "." and ".." are the positions 0 and 1; the inode's own
 * positions follow. Its monitor guards the position.
 */
public class DirectoryFile extends FileDescription {
    private static final int DOTS = 2;

    private long position;

    public DirectoryFile(Path path, int flags) {
        super(path, flags);
    }

    @Override
    public synchronized int readdir(Task task, DirectorySink sink) {
        Dentry dentry = path().dentry();
        if (dentry.isDead()) {
            return -Errno.ENOENT;
        }
        if (position == 0) {
            if (!sink.add(".", dentry.inode().ino(), Stat.DT_DIR, 1)) {
                return 0;
            }
            position = 1;
        }
        if (position == 1) {
            if (!sink.add("..", dentry.parent().inode().ino(), Stat.DT_DIR, DOTS)) {
                return 0;
            }
            position = DOTS;
        }
        list(task, position - DOTS, (name, ino, type, next) -> {
            if (!sink.add(name, ino, type, next + DOTS)) {
                return false;
            }
            position = next + DOTS;
            return true;
        });
        Atime.touch(this);
        return 0;
    }

    /** Entries behind the dots from {@code from} on; the default asks the inode. */
    protected void list(Task task, long from, DirectorySink sink) {
        inode().readdir(task, from, sink);
    }

    @Override
    public synchronized long seek(Task task, long offset, int whence) {
        long target = switch (whence) {
            case Fcntl.SEEK_SET -> offset;
            case Fcntl.SEEK_CUR -> position + offset;
            default -> -1;
        };
        if (target < 0) {
            return -Errno.EINVAL;
        }
        position = target;
        return target;
    }

    @Override
    public long read(Task task, IoBuffer to) {
        return -Errno.EISDIR;
    }

    @Override
    public long pread(Task task, IoBuffer to, long offset) {
        return -Errno.EISDIR;
    }

    @Override
    public long fsync(Task task, boolean dataOnly) {
        return 0;
    }

    @Override
    public synchronized long position() {
        return position;
    }
}
