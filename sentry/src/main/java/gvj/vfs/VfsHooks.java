package gvj.vfs;

import gvj.abi.Poll;
import gvj.kernel.Task;

/** What every file description needs from the rest of the VFS. */
final class VfsHooks {
    private VfsHooks() {}

    /** A description was closed for the last time: its locks go, its inode's counts, and watches hear of it. */
    static void released(FileDescription file) {
        AsyncNotice.remove(file);
        Inode inode = file.inode();
        FileLocks locks = inode.locksOrNull();
        if (locks != null) {
            locks.releaseDescription(file);
        }
        if (file.writeAccess) {
            inode.putWriteAccess();
            file.path().mount().writerClosed();
        }
        if (file.deniesWriting) {
            inode.allowWriteAccess();
        }
        if (!(file instanceof PathDescription)) {
            Notify.file(file.path().dentry(), file.isWritable() ? Poll.IN_CLOSE_WRITE : Poll.IN_CLOSE_NOWRITE);
        }
    }

    /** A descriptor of {@code table} is closed: POSIX locks of the process go, then the file hears of it. */
    static void closing(FileDescription file, FdTable table, Task task) {
        FileLocks locks = file.inode().locksOrNull();
        if (locks != null) {
            locks.releaseProcess(table);
        }
        file.flush(task);
    }

    /** The path for /proc/PID/maps and fd links. */
    static String pathName(Path path) {
        return PathNames.of(path);
    }
}
