package gvj.syscalls;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Sched;
import gvj.abi.Signals;
import gvj.abi.Stat;
import gvj.abi.SyscallNumbers;
import gvj.kernel.Clock;
import gvj.kernel.SignalInfo;
import gvj.kernel.Task;
import gvj.vfs.Attributes;
import gvj.vfs.Caller;
import gvj.vfs.FileDescription;
import gvj.vfs.Inode;
import gvj.vfs.Path;
import gvj.vfs.PathWalker;
import gvj.vfs.Permissions;

/** chmod(2), chown(2), utimensat(2), truncate(2), fallocate(2), umask(2) and their kin. */
final class AttributeSyscalls {
    private static final int CWD = Fcntl.AT_FDCWD;
    private static final int SYS_FCHMODAT2 = 452;
    private static final int FALLOC_KNOWN = Fcntl.FALLOC_FL_KEEP_SIZE
            | Fcntl.FALLOC_FL_PUNCH_HOLE
            | Fcntl.FALLOC_FL_COLLAPSE_RANGE
            | Fcntl.FALLOC_FL_ZERO_RANGE
            | Fcntl.FALLOC_FL_INSERT_RANGE
            | Fcntl.FALLOC_FL_UNSHARE_RANGE;
    private static final long SECOND = 1_000_000_000;

    private AttributeSyscalls() {}

    static void register(SyscallTable t) {
        t.add(SyscallNumbers.SYS_chmod, "chmod", AttributeSyscalls::chmod);
        t.add(SyscallNumbers.SYS_fchmod, "fchmod", AttributeSyscalls::fchmod);
        t.add(SyscallNumbers.SYS_fchmodat, "fchmodat", AttributeSyscalls::fchmodat);
        t.add(SYS_FCHMODAT2, "fchmodat2", AttributeSyscalls::fchmodat2);
        t.add(SyscallNumbers.SYS_chown, "chown", AttributeSyscalls::chown);
        t.add(SyscallNumbers.SYS_lchown, "lchown", AttributeSyscalls::lchown);
        t.add(SyscallNumbers.SYS_fchown, "fchown", AttributeSyscalls::fchown);
        t.add(SyscallNumbers.SYS_fchownat, "fchownat", AttributeSyscalls::fchownat);
        t.add(SyscallNumbers.SYS_utime, "utime", AttributeSyscalls::utime);
        t.add(SyscallNumbers.SYS_utimes, "utimes", AttributeSyscalls::utimes);
        t.add(SyscallNumbers.SYS_futimesat, "futimesat", AttributeSyscalls::futimesat);
        t.add(SyscallNumbers.SYS_utimensat, "utimensat", AttributeSyscalls::utimensat);
        t.add(SyscallNumbers.SYS_truncate, "truncate", AttributeSyscalls::truncate);
        t.add(SyscallNumbers.SYS_ftruncate, "ftruncate", AttributeSyscalls::ftruncate);
        t.add(SyscallNumbers.SYS_fallocate, "fallocate", AttributeSyscalls::fallocate);
        t.add(SyscallNumbers.SYS_umask, "umask", AttributeSyscalls::umask);
    }

    static long chmod(Task task, long path, long mode) {
        return fchmodat2(task, CWD, path, mode, 0);
    }

    static long fchmodat(Task task, long dirfd, long path, long mode) {
        return fchmodat2(task, dirfd, path, mode, 0);
    }

    static long fchmodat2(Task task, long dirfd, long path, long mode, long flags) {
        if (((int) flags & ~(Fcntl.AT_SYMLINK_NOFOLLOW | Fcntl.AT_EMPTY_PATH)) != 0) {
            return -Errno.EINVAL;
        }
        Path found = StatSyscalls.lookup(task, (int) dirfd, path, (int) flags);
        Attributes.chmod(task.credentials(), found, (int) mode);
        return 0;
    }

    static long fchmod(Task task, long fd, long mode) {
        FileDescription file = task.file(fd);
        try {
            Attributes.chmod(task.credentials(), file.path(), (int) mode);
            return 0;
        } finally {
            file.decRef();
        }
    }

    static long chown(Task task, long path, long uid, long gid) {
        return fchownat(task, CWD, path, uid, gid, 0);
    }

    static long lchown(Task task, long path, long uid, long gid) {
        return fchownat(task, CWD, path, uid, gid, Fcntl.AT_SYMLINK_NOFOLLOW);
    }

    static long fchownat(Task task, long dirfd, long path, long uid, long gid, long flagBits) {
        int flags = (int) flagBits;
        if ((flags & ~(Fcntl.AT_SYMLINK_NOFOLLOW | Fcntl.AT_EMPTY_PATH)) != 0) {
            return -Errno.EINVAL;
        }
        Path found = StatSyscalls.lookup(task, (int) dirfd, path, flags);
        Attributes.chown(task.credentials(), found, (int) uid, (int) gid);
        return 0;
    }

    static long fchown(Task task, long fd, long uid, long gid) {
        FileDescription file = task.file(fd);
        try {
            Attributes.chown(task.credentials(), file.path(), (int) uid, (int) gid);
            return 0;
        } finally {
            file.decRef();
        }
    }

    static long utime(Task task, long path, long times) {
        Path found = StatSyscalls.lookup(task, CWD, path, 0);
        if (times == 0) {
            return touch(task, found);
        }
        long atime = seconds(task.mm().readLong(times));
        long mtime = seconds(task.mm().readLong(times + 8));
        Attributes.utimes(task.credentials(), found, atime, mtime, false);
        return 0;
    }

    static long utimes(Task task, long path, long times) {
        return futimesat(task, CWD, path, times);
    }

    static long futimesat(Task task, long dirfd, long path, long times) {
        if (times == 0) {
            return touch(task, timesTarget(task, (int) dirfd, path, 0));
        }
        long[] t = new long[4];
        for (int i = 0; i < 4; i++) {
            t[i] = task.mm().readLong(times + 8L * i);
        }
        if (t[1] < 0 || t[1] >= 1_000_000 || t[3] < 0 || t[3] >= 1_000_000) {
            return -Errno.EINVAL;
        }
        Path found = timesTarget(task, (int) dirfd, path, 0);
        Attributes.utimes(task.credentials(), found, seconds(t[0]) + t[1] * 1000, seconds(t[2]) + t[3] * 1000, false);
        return 0;
    }

    static long utimensat(Task task, long dirfd, long path, long times, long flagBits) {
        int flags = (int) flagBits;
        if (times == 0) {
            return badTimesFlags(path, flags)
                    ? -Errno.EINVAL
                    : touch(task, timesTarget(task, (int) dirfd, path, flags));
        }
        long atimeSeconds = task.mm().readLong(times);
        long atimeNanos = task.mm().readLong(times + 8);
        long mtimeSeconds = task.mm().readLong(times + 16);
        long mtimeNanos = task.mm().readLong(times + 24);
        if (atimeNanos == Stat.UTIME_OMIT && mtimeNanos == Stat.UTIME_OMIT) {
            return 0;
        }
        if (isBadNanos(atimeNanos) || isBadNanos(mtimeNanos) || badTimesFlags(path, flags)) {
            return -Errno.EINVAL;
        }
        Path found = timesTarget(task, (int) dirfd, path, flags);
        boolean now = atimeNanos == Stat.UTIME_NOW && mtimeNanos == Stat.UTIME_NOW;
        long present = Clock.realtime();
        Attributes.utimes(
                task.credentials(),
                found,
                time(atimeSeconds, atimeNanos, present),
                time(mtimeSeconds, mtimeNanos, present),
                now);
        return 0;
    }

    private static boolean badTimesFlags(long path, int flags) {
        return (flags & ~(Fcntl.AT_SYMLINK_NOFOLLOW | Fcntl.AT_EMPTY_PATH)) != 0 || path == 0 && flags != 0;
    }

    private static boolean isBadNanos(long nanos) {
        return nanos != Stat.UTIME_NOW && nanos != Stat.UTIME_OMIT && (nanos < 0 || nanos >= SECOND);
    }

    private static Long time(long seconds, long nanos, long present) {
        return nanos == Stat.UTIME_OMIT
                ? null
                : Long.valueOf(nanos == Stat.UTIME_NOW ? present : seconds(seconds) + nanos);
    }

    /** Nanoseconds of a time in seconds, as close as they can be. */
    private static long seconds(long seconds) {
        long most = Long.MAX_VALUE / SECOND - 1;
        return Math.max(-most, Math.min(seconds, most)) * SECOND;
    }

    private static Path timesTarget(Task task, int dirfd, long path, int flags) {
        if (path != 0 || dirfd == CWD) {
            return StatSyscalls.lookup(task, dirfd, path, flags);
        }
        FileDescription file = task.file(dirfd);
        try {
            return file.path();
        } finally {
            file.decRef();
        }
    }

    private static long touch(Task task, Path path) {
        Long now = Clock.realtime();
        Attributes.utimes(task.credentials(), path, now, now, true);
        return 0;
    }

    static long truncate(Task task, long path, long length) {
        if (length < 0) {
            return -Errno.EINVAL;
        }
        Caller caller = Caller.of(task);
        Path found = caller.lookup(CWD, task.mm().readPath(path), PathWalker.FOLLOW);
        Inode inode = found.inode();
        if (!inode.isRegular()) {
            return inode.isDirectory() ? -Errno.EISDIR : -Errno.EINVAL;
        }
        found.mount().wantWrite();
        Permissions.check(caller.creds(), found, Fcntl.W_OK);
        if (isOverLimit(task, length)) {
            return -Errno.EFBIG;
        }
        Attributes.truncateAsWriter(caller.creds(), found, length);
        return 0;
    }

    static long ftruncate(Task task, long fd, long length) {
        if (length < 0) {
            return -Errno.EINVAL;
        }
        FileDescription file = task.file(fd);
        try {
            if (!file.inode().isRegular() || !file.isWritable()) {
                return -Errno.EINVAL;
            }
            if (isOverLimit(task, length)) {
                return -Errno.EFBIG;
            }
            return file.truncate(task, length);
        } finally {
            file.decRef();
        }
    }

    private static boolean isOverLimit(Task task, long length) {
        long limit = task.rlimit(Sched.RLIMIT_FSIZE);
        if (limit < 0 || length <= limit) {
            return false;
        }
        task.sendSignal(SignalInfo.kernel(Signals.SIGXFSZ));
        return true;
    }

    static long fallocate(Task task, long fd, long modeBits, long offset, long length) {
        int mode = (int) modeBits;
        FileDescription file = task.file(fd);
        try {
            int bad = fallocateError(file, mode, offset, length);
            if (bad != 0) {
                return -bad;
            }
            long result = file.fallocate(task, mode, offset, length);
            if (result == 0) {
                gvj.vfs.Notify.file(file.path().dentry(), gvj.abi.Poll.IN_MODIFY);
            }
            return result;
        } finally {
            file.decRef();
        }
    }

    private static int fallocateError(FileDescription file, int mode, long offset, long length) {
        int keep = Fcntl.FALLOC_FL_KEEP_SIZE;
        int operation = mode & ~keep;
        if (offset < 0 || length <= 0) {
            return Errno.EINVAL;
        }
        if ((mode & ~FALLOC_KNOWN) != 0
                || Integer.bitCount(operation) > 1
                || operation == Fcntl.FALLOC_FL_PUNCH_HOLE && (mode & keep) == 0) {
            return Errno.EOPNOTSUPP;
        }
        boolean shifts = operation == Fcntl.FALLOC_FL_COLLAPSE_RANGE || operation == Fcntl.FALLOC_FL_INSERT_RANGE;
        if (shifts && (mode & keep) != 0) {
            return Errno.EINVAL;
        }
        if (!file.isWritable()) {
            return Errno.EBADF;
        }
        int type = file.inode().type();
        if (type == Stat.S_IFIFO) {
            return Errno.ESPIPE;
        }
        if (type == Stat.S_IFDIR) {
            return Errno.EISDIR;
        }
        if (type != Stat.S_IFREG) {
            return Errno.ENODEV;
        }
        return offset > Long.MAX_VALUE - length ? Errno.EFBIG : 0;
    }

    static long umask(Task task, long mask) {
        return task.fs().setUmask((int) mask & 0777);
    }
}
