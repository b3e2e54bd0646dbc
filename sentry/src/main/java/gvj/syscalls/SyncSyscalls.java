package gvj.syscalls;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Stat;
import gvj.abi.SyscallNumbers;
import gvj.kernel.Task;
import gvj.vfs.FileDescription;
import gvj.vfs.Mount;
import gvj.vfs.MountNamespace;

/** fsync(2), sync(2), sync_file_range(2), readahead(2), posix_fadvise(2). */
final class SyncSyscalls {
    private SyncSyscalls() {}

    static void register(SyscallTable t) {
        t.add(SyscallNumbers.SYS_fsync, "fsync", SyncSyscalls::fsync);
        t.add(SyscallNumbers.SYS_fdatasync, "fdatasync", SyncSyscalls::fdatasync);
        t.add(SyscallNumbers.SYS_sync, "sync", SyncSyscalls::sync);
        t.add(SyscallNumbers.SYS_syncfs, "syncfs", SyncSyscalls::syncfs);
        t.add(SyscallNumbers.SYS_sync_file_range, "sync_file_range", SyncSyscalls::syncFileRange);
        t.add(SyscallNumbers.SYS_readahead, "readahead", SyncSyscalls::readahead);
        t.add(SyscallNumbers.SYS_fadvise64, "fadvise64", SyncSyscalls::fadvise64);
    }

    static long fsync(Task task, long fd) {
        return flush(task, fd, false);
    }

    static long fdatasync(Task task, long fd) {
        return flush(task, fd, true);
    }

    private static long flush(Task task, long fd, boolean dataOnly) {
        FileDescription file = task.file(fd);
        try {
            return file.fsync(task, dataOnly);
        } finally {
            file.decRef();
        }
    }

    static long sync(Task task) {
        MountNamespace namespace = task.fs().root().mount().namespace();
        if (namespace != null) {
            for (Mount mount : namespace.mounts()) {
                mount.fileSystem().sync();
            }
        }
        return 0;
    }

    static long syncfs(Task task, long fd) {
        FileDescription file = task.file(fd);
        try {
            file.inode().fileSystem().sync();
            return 0;
        } finally {
            file.decRef();
        }
    }

    static long syncFileRange(Task task, long fd, long offset, long length, long flags) {
        if (((int) flags & ~Fcntl.SYNC_FILE_RANGE_WRITE_AND_WAIT) != 0
                || offset < 0
                || length < 0
                || offset > Long.MAX_VALUE - length) {
            return -Errno.EINVAL;
        }
        FileDescription file = task.file(fd);
        try {
            int type = file.inode().type();
            if (type != Stat.S_IFREG && type != Stat.S_IFDIR && type != Stat.S_IFLNK && type != Stat.S_IFBLK) {
                return -Errno.ESPIPE;
            }
            return type == Stat.S_IFREG && (int) flags != 0 ? file.fsync(task, true) : 0;
        } finally {
            file.decRef();
        }
    }

    static long readahead(Task task, long fd, long offset, long count) {
        FileDescription file = task.file(fd);
        try {
            if (!file.isReadable()) {
                return -Errno.EBADF;
            }
            return file.inode().isRegular() ? 0 : -Errno.EINVAL;
        } finally {
            file.decRef();
        }
    }

    static long fadvise64(Task task, long fd, long offset, long length, long adviceBits) {
        int advice = (int) adviceBits;
        FileDescription file = task.file(fd);
        try {
            if (file.inode().type() == Stat.S_IFIFO) {
                return -Errno.ESPIPE;
            }
            return length < 0 || advice < Fcntl.POSIX_FADV_NORMAL || advice > Fcntl.POSIX_FADV_NOREUSE
                    ? -Errno.EINVAL
                    : 0;
        } finally {
            file.decRef();
        }
    }
}
