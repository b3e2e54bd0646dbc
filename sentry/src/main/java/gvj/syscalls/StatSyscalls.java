package gvj.syscalls;

import gvj.abi.Bytes;
import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Stat;
import gvj.abi.StatLayout;
import gvj.abi.SyscallNumbers;
import gvj.kernel.Credentials;
import gvj.kernel.Task;
import gvj.vfs.Attributes;
import gvj.vfs.Caller;
import gvj.vfs.FileDescription;
import gvj.vfs.FileSystem;
import gvj.vfs.Kstat;
import gvj.vfs.Mount;
import gvj.vfs.Path;
import gvj.vfs.PathWalker;
import gvj.vfs.Permissions;
import gvj.vfs.StatFs;

/** stat(2), statx(2), access(2), statfs(2). */
final class StatSyscalls {
    private static final int STAT_FLAGS = Fcntl.AT_SYMLINK_NOFOLLOW | Fcntl.AT_NO_AUTOMOUNT | Fcntl.AT_EMPTY_PATH;
    private static final int KNOWN_ATTRIBUTES = Stat.STATX_ATTR_IMMUTABLE
            | Stat.STATX_ATTR_APPEND
            | Stat.STATX_ATTR_NODUMP
            | Stat.STATX_ATTR_AUTOMOUNT
            | Stat.STATX_ATTR_MOUNT_ROOT;

    private StatSyscalls() {}

    static void register(SyscallTable t) {
        t.add(SyscallNumbers.SYS_stat, "stat", StatSyscalls::stat);
        t.add(SyscallNumbers.SYS_lstat, "lstat", StatSyscalls::lstat);
        t.add(SyscallNumbers.SYS_fstat, "fstat", StatSyscalls::fstat);
        t.add(SyscallNumbers.SYS_newfstatat, "newfstatat", StatSyscalls::newfstatat);
        t.add(SyscallNumbers.SYS_statx, "statx", StatSyscalls::statx);
        t.add(SyscallNumbers.SYS_access, "access", StatSyscalls::access);
        t.add(SyscallNumbers.SYS_faccessat, "faccessat", StatSyscalls::faccessat);
        t.add(SyscallNumbers.SYS_faccessat2, "faccessat2", StatSyscalls::faccessat2);
        t.add(SyscallNumbers.SYS_statfs, "statfs", StatSyscalls::statfs);
        t.add(SyscallNumbers.SYS_fstatfs, "fstatfs", StatSyscalls::fstatfs);
        t.add(SyscallNumbers.SYS_ustat, "ustat", StatSyscalls::ustat);
    }

    /** What a path with AT_* flags means; an empty one with AT_EMPTY_PATH is the descriptor itself. */
    static Path lookup(Task task, int dirfd, long address, int flags) {
        boolean emptyAllowed = (flags & Fcntl.AT_EMPTY_PATH) != 0;
        String path = emptyAllowed && address == 0 ? "" : task.mm().readPath(address);
        int walk = ((flags & Fcntl.AT_SYMLINK_NOFOLLOW) != 0 ? 0 : PathWalker.FOLLOW)
                | (emptyAllowed ? PathWalker.EMPTY : 0);
        Caller caller = Caller.of(task);
        return path.isEmpty() && emptyAllowed ? caller.directory(dirfd) : caller.lookup(dirfd, path, walk);
    }

    static long stat(Task task, long path, long to) {
        return newfstatat(task, Fcntl.AT_FDCWD, path, to, 0);
    }

    static long lstat(Task task, long path, long to) {
        return newfstatat(task, Fcntl.AT_FDCWD, path, to, Fcntl.AT_SYMLINK_NOFOLLOW);
    }

    static long newfstatat(Task task, long dirfd, long path, long to, long flags) {
        if (((int) flags & ~STAT_FLAGS) != 0) {
            return -Errno.EINVAL;
        }
        return write(task, lookup(task, (int) dirfd, path, (int) flags), to);
    }

    static long fstat(Task task, long fd, long to) {
        FileDescription file = task.fds().get((int) fd);
        try {
            return write(task, file.path(), to);
        } finally {
            file.decRef();
        }
    }

    private static long write(Task task, Path path, long to) {
        Kstat s = new Kstat();
        Attributes.stat(path, s);
        byte[] b = task.scratch(StatLayout.STAT_SIZE);
        java.util.Arrays.fill(b, 0, StatLayout.STAT_SIZE, (byte) 0);
        Bytes.putLong(b, StatLayout.STAT_DEV, StatLayout.device(s.deviceMajor, s.deviceMinor));
        Bytes.putLong(b, StatLayout.STAT_INO, s.ino);
        Bytes.putLong(b, StatLayout.STAT_NLINK, s.nlink);
        Bytes.putInt(b, StatLayout.STAT_MODE, s.mode);
        Bytes.putInt(b, StatLayout.STAT_UID, s.uid);
        Bytes.putInt(b, StatLayout.STAT_GID, s.gid);
        Bytes.putLong(b, StatLayout.STAT_RDEV, StatLayout.device(s.rdevMajor, s.rdevMinor));
        Bytes.putLong(b, StatLayout.STAT_FILE_SIZE, s.size);
        Bytes.putLong(b, StatLayout.STAT_BLKSIZE, s.blockSize);
        Bytes.putLong(b, StatLayout.STAT_BLOCKS, s.blocks);
        StatLayout.putTime(b, StatLayout.STAT_ATIME, s.atime);
        StatLayout.putTime(b, StatLayout.STAT_MTIME, s.mtime);
        StatLayout.putTime(b, StatLayout.STAT_CTIME, s.ctime);
        task.mm().copyOut(to, b, 0, StatLayout.STAT_SIZE);
        return 0;
    }

    static long statx(Task task, long dirfd, long path, long flagBits, long maskBits, long to) {
        int flags = (int) flagBits;
        int mask = (int) maskBits;
        if ((mask & Stat.STATX__RESERVED) != 0
                || (flags & ~(STAT_FLAGS | Fcntl.AT_STATX_SYNC_TYPE)) != 0
                || (flags & Fcntl.AT_STATX_SYNC_TYPE) == Fcntl.AT_STATX_SYNC_TYPE) {
            return -Errno.EINVAL;
        }
        Path found = lookup(task, (int) dirfd, path, flags);
        Kstat s = new Kstat();
        Attributes.stat(found, s);
        byte[] b = task.scratch(StatLayout.STATX_SIZE);
        java.util.Arrays.fill(b, 0, StatLayout.STATX_SIZE, (byte) 0);
        boolean mountRoot = found.dentry() == found.mount().root();
        int given = Stat.STATX_BASIC_STATS | Stat.STATX_MNT_ID | (s.btime == 0 ? 0 : Stat.STATX_BTIME);
        Bytes.putInt(b, StatLayout.STATX_MASK, given);
        Bytes.putInt(b, StatLayout.STATX_BLKSIZE, s.blockSize);
        Bytes.putLong(b, StatLayout.STATX_ATTRIBUTES, s.attributes | (mountRoot ? Stat.STATX_ATTR_MOUNT_ROOT : 0));
        Bytes.putInt(b, StatLayout.STATX_NLINK, s.nlink);
        Bytes.putInt(b, StatLayout.STATX_UID, s.uid);
        Bytes.putInt(b, StatLayout.STATX_GID, s.gid);
        Bytes.putShort(b, StatLayout.STATX_MODE, s.mode);
        Bytes.putLong(b, StatLayout.STATX_INO, s.ino);
        Bytes.putLong(b, StatLayout.STATX_FILE_SIZE, s.size);
        Bytes.putLong(b, StatLayout.STATX_BLOCKS, s.blocks);
        Bytes.putLong(b, StatLayout.STATX_ATTRIBUTES_MASK, KNOWN_ATTRIBUTES);
        StatLayout.putTime(b, StatLayout.STATX_ATIME, s.atime);
        StatLayout.putTime(b, StatLayout.STATX_MTIME, s.mtime);
        StatLayout.putTime(b, StatLayout.STATX_CTIME, s.ctime);
        if (s.btime != 0) {
            StatLayout.putTime(b, StatLayout.STATX_BTIME, s.btime);
        }
        Bytes.putInt(b, StatLayout.STATX_RDEV_MAJOR, s.rdevMajor);
        Bytes.putInt(b, StatLayout.STATX_RDEV_MINOR, s.rdevMinor);
        Bytes.putInt(b, StatLayout.STATX_DEV_MAJOR, s.deviceMajor);
        Bytes.putInt(b, StatLayout.STATX_DEV_MINOR, s.deviceMinor);
        Bytes.putLong(b, StatLayout.STATX_MNT_ID, found.mount().id());
        task.mm().copyOut(to, b, 0, StatLayout.STATX_SIZE);
        return 0;
    }

    static long access(Task task, long path, long mode) {
        return check(task, Fcntl.AT_FDCWD, path, (int) mode, 0);
    }

    static long faccessat(Task task, long dirfd, long path, long mode) {
        return check(task, (int) dirfd, path, (int) mode, 0);
    }

    static long faccessat2(Task task, long dirfd, long path, long mode, long flags) {
        return check(task, (int) dirfd, path, (int) mode, (int) flags);
    }

    private static long check(Task task, int dirfd, long address, int mode, int flags) {
        int known = Fcntl.AT_EACCESS | Fcntl.AT_SYMLINK_NOFOLLOW | Fcntl.AT_EMPTY_PATH;
        if ((mode & ~7) != 0 || (flags & ~known) != 0) {
            return -Errno.EINVAL;
        }
        Caller now = Caller.of(task);
        Credentials creds =
                (flags & Fcntl.AT_EACCESS) != 0 ? now.creds() : now.creds().asReal();
        Caller caller = new Caller(task, creds, now.root(), now.workingDirectory(), now.umask());
        boolean emptyAllowed = (flags & Fcntl.AT_EMPTY_PATH) != 0;
        String path = emptyAllowed && address == 0 ? "" : task.mm().readPath(address);
        int walk = ((flags & Fcntl.AT_SYMLINK_NOFOLLOW) != 0 ? 0 : PathWalker.FOLLOW)
                | (emptyAllowed ? PathWalker.EMPTY : 0);
        Path found = path.isEmpty() && emptyAllowed ? caller.directory(dirfd) : caller.lookup(dirfd, path, walk);
        boolean special = !found.inode().isRegular()
                && !found.inode().isDirectory()
                && !found.inode().isSymlink();
        if ((mode & Fcntl.X_OK) != 0
                && found.inode().isRegular()
                && found.mount().has(Mount.NOEXEC)) {
            return -Errno.EACCES;
        }
        Permissions.check(creds, found, mode);
        if ((mode & Fcntl.W_OK) != 0 && !special && found.mount().isReadOnly()) {
            return -Errno.EROFS;
        }
        return 0;
    }

    static long statfs(Task task, long path, long to) {
        return tell(task, lookup(task, Fcntl.AT_FDCWD, path, 0), to);
    }

    static long fstatfs(Task task, long fd, long to) {
        FileDescription file = task.fds().get((int) fd);
        try {
            return tell(task, file.path(), to);
        } finally {
            file.decRef();
        }
    }

    private static long tell(Task task, Path path, long to) {
        FileSystem fs = path.inode().fileSystem();
        StatFs s = new StatFs();
        fs.statfs(s);
        byte[] b = task.scratch(StatLayout.STATFS_SIZE);
        java.util.Arrays.fill(b, 0, StatLayout.STATFS_SIZE, (byte) 0);
        Bytes.putLong(b, StatLayout.STATFS_TYPE, s.type);
        Bytes.putLong(b, StatLayout.STATFS_BSIZE, s.blockSize);
        Bytes.putLong(b, StatLayout.STATFS_BLOCKS, s.blocks);
        Bytes.putLong(b, StatLayout.STATFS_BFREE, s.blocksFree);
        Bytes.putLong(b, StatLayout.STATFS_BAVAIL, s.blocksAvailable);
        Bytes.putLong(b, StatLayout.STATFS_FILES, s.files);
        Bytes.putLong(b, StatLayout.STATFS_FFREE, s.filesFree);
        Bytes.putLong(b, StatLayout.STATFS_FSID, StatLayout.device(fs.deviceMajor(), fs.deviceMinor()));
        Bytes.putLong(b, StatLayout.STATFS_NAMELEN, s.nameLength);
        Bytes.putLong(b, StatLayout.STATFS_FRSIZE, s.blockSize);
        int flags = path.mount().flags() | StatLayout.ST_VALID | (fs.isReadOnly() ? Mount.RDONLY : 0);
        Bytes.putLong(b, StatLayout.STATFS_FLAGS, flags);
        task.mm().copyOut(to, b, 0, StatLayout.STATFS_SIZE);
        return 0;
    }

    /** No file system here has a device number that ustat(2) could look up but those that are mounted. */
    static long ustat(Task task, long dev, long to) {
        Path root = task.fs().root();
        for (Mount mount : root.mount().namespace() == null
                ? java.util.List.<Mount>of()
                : root.mount().namespace().mounts()) {
            FileSystem fs = mount.fileSystem();
            if (StatLayout.device(fs.deviceMajor(), fs.deviceMinor()) == (dev & 0xffffffffL)) {
                StatFs s = new StatFs();
                fs.statfs(s);
                byte[] b = new byte[32];
                Bytes.putInt(b, 0, (int) s.blocksFree);
                Bytes.putLong(b, 8, s.filesFree);
                task.mm().copyOut(to, b, 0, b.length);
                return 0;
            }
        }
        return -Errno.EINVAL;
    }
}
