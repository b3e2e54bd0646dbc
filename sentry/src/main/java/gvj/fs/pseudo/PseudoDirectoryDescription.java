package gvj.fs.pseudo;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Stat;
import gvj.kernel.Task;
import gvj.vfs.DirectorySink;
import gvj.vfs.FileDescription;
import gvj.vfs.Path;
import java.util.List;

/**
 * An open made-up directory. It shows what was there when it was last at its start. Its monitor guards the position.
 */
final class PseudoDirectoryDescription extends FileDescription {
    private final PseudoDirectory directory;
    private List<DirectoryEntry> entries;
    private long position;

    PseudoDirectoryDescription(PseudoDirectory directory, Path path, int flags) {
        super(path, flags);
        this.directory = directory;
    }

    @Override
    public synchronized int readdir(Task task, DirectorySink sink) {
        if (position == 0 || entries == null) {
            entries = directory.entries(task);
        }
        while (position < entries.size() + 2) {
            if (!offer(sink)) {
                break;
            }
            position++;
        }
        return 0;
    }

    private boolean offer(DirectorySink sink) {
        if (position == 0) {
            return sink.add(".", directory.ino(), Stat.DT_DIR, 1);
        }
        if (position == 1) {
            return sink.add("..", path().dentry().parent().inode().ino(), Stat.DT_DIR, 2);
        }
        DirectoryEntry entry = entries.get((int) position - 2);
        return sink.add(entry.name(), entry.ino(), entry.type(), position + 1);
    }

    @Override
    public long read(Task task, gvj.mm.IoBuffer to) {
        return -Errno.EISDIR;
    }

    @Override
    public long pread(Task task, gvj.mm.IoBuffer to, long offset) {
        return -Errno.EISDIR;
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
    public synchronized long position() {
        return position;
    }
}
