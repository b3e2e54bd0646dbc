package gvj.abi;

/** open(2), fcntl(2) and *at(2) flags of {@code fcntl.h}, {@code linux/fcntl.h} and {@code linux/openat2.h}. */
public final class Fcntl {
    public static final int AT_FDCWD = -100;
    public static final int AT_STATX_SYNC_AS_STAT = 0;
    public static final int AT_SYMLINK_NOFOLLOW = 0x100;
    public static final int AT_EACCESS = 0x200;
    public static final int AT_REMOVEDIR = 0x200;
    public static final int AT_SYMLINK_FOLLOW = 0x400;
    public static final int AT_NO_AUTOMOUNT = 0x800;
    public static final int AT_EMPTY_PATH = 0x1000;
    public static final int AT_STATX_FORCE_SYNC = 0x2000;
    public static final int AT_STATX_DONT_SYNC = 0x4000;
    public static final int AT_STATX_SYNC_TYPE = 0x6000;
    public static final int AT_RECURSIVE = 0x8000;

    public static final int DN_ACCESS = 1;
    public static final int DN_MODIFY = 2;
    public static final int DN_CREATE = 4;
    public static final int DN_DELETE = 8;
    public static final int DN_RENAME = 0x10;
    public static final int DN_ATTRIB = 0x20;
    public static final int DN_MULTISHOT = 0x80000000;

    public static final int F_DUPFD = 0;
    public static final int F_OK = 0;
    public static final int F_RDLCK = 0;
    public static final int F_ULOCK = 0;
    public static final int F_GETFD = 1;
    public static final int F_LOCK = 1;
    public static final int F_SEAL_SEAL = 1;
    public static final int F_WRLCK = 1;
    public static final int F_SEAL_SHRINK = 2;
    public static final int F_SETFD = 2;
    public static final int F_TLOCK = 2;
    public static final int F_UNLCK = 2;
    public static final int F_GETFL = 3;
    public static final int F_TEST = 3;
    public static final int F_EXLCK = 4;
    public static final int F_SEAL_GROW = 4;
    public static final int F_SETFL = 4;
    public static final int F_GETLK = 5;
    public static final int F_GETLK64 = 5;
    public static final int F_SETLK = 6;
    public static final int F_SETLK64 = 6;
    public static final int F_SETLKW = 7;
    public static final int F_SETLKW64 = 7;
    public static final int F_SEAL_WRITE = 8;
    public static final int F_SETOWN = 8;
    public static final int F_SHLCK = 8;
    public static final int F_GETOWN = 9;
    public static final int F_SETSIG = 0xa;
    public static final int F_GETSIG = 0xb;
    public static final int F_SETOWN_EX = 0xf;
    public static final int F_GETOWN_EX = 0x10;
    public static final int F_SEAL_FUTURE_WRITE = 0x10;
    public static final int F_OFD_GETLK = 0x24;
    public static final int F_OFD_SETLK = 0x25;
    public static final int F_OFD_SETLKW = 0x26;
    public static final int F_SETLEASE = 0x400;
    public static final int F_GETLEASE = 0x401;
    public static final int F_NOTIFY = 0x402;
    public static final int F_DUPFD_CLOEXEC = 0x406;
    public static final int F_SETPIPE_SZ = 0x407;
    public static final int F_GETPIPE_SZ = 0x408;
    public static final int F_ADD_SEALS = 0x409;
    public static final int F_GET_SEALS = 0x40a;
    public static final int F_GET_RW_HINT = 0x40b;
    public static final int F_SET_RW_HINT = 0x40c;
    public static final int F_GET_FILE_RW_HINT = 0x40d;
    public static final int F_SET_FILE_RW_HINT = 0x40e;

    public static final int FALLOC_FL_KEEP_SIZE = 1;
    public static final int FALLOC_FL_PUNCH_HOLE = 2;
    public static final int FALLOC_FL_NO_HIDE_STALE = 4;
    public static final int FALLOC_FL_COLLAPSE_RANGE = 8;
    public static final int FALLOC_FL_ZERO_RANGE = 0x10;
    public static final int FALLOC_FL_INSERT_RANGE = 0x20;
    public static final int FALLOC_FL_UNSHARE_RANGE = 0x40;

    public static final int FD_CLOEXEC = 1;

    public static final int LOCK_SH = 1;
    public static final int LOCK_EX = 2;
    public static final int LOCK_NB = 4;
    public static final int LOCK_UN = 8;
    public static final int LOCK_MAND = 0x20;
    public static final int LOCK_READ = 0x40;
    public static final int LOCK_WRITE = 0x80;
    public static final int LOCK_RW = 0xc0;

    public static final int O_LARGEFILE = 0x8000;
    public static final int O_RDONLY = 0x0;
    public static final int O_WRONLY = 0x1;
    public static final int O_RDWR = 0x2;
    public static final int O_ACCMODE = 0x3;
    public static final int O_CREAT = 0x40;
    public static final int O_EXCL = 0x80;
    public static final int O_NOCTTY = 0x100;
    public static final int O_TRUNC = 0x200;
    public static final int O_APPEND = 0x400;
    public static final int O_NDELAY = 0x800;
    public static final int O_NONBLOCK = 0x800;
    public static final int O_DSYNC = 0x1000;
    public static final int O_ASYNC = 0x2000;
    public static final int O_DIRECT = 0x4000;
    public static final int O_DIRECTORY = 0x10000;
    public static final int O_NOFOLLOW = 0x20000;
    public static final int O_NOATIME = 0x40000;
    public static final int O_CLOEXEC = 0x80000;
    public static final int O_FSYNC = 0x101000;
    public static final int O_RSYNC = 0x101000;
    public static final int O_SYNC = 0x101000;
    public static final int O_PATH = 0x200000;
    public static final int O_TMPFILE = 0x410000;

    public static final int POSIX_FADV_NORMAL = 0;
    public static final int POSIX_FADV_RANDOM = 1;
    public static final int POSIX_FADV_SEQUENTIAL = 2;
    public static final int POSIX_FADV_WILLNEED = 3;
    public static final int POSIX_FADV_DONTNEED = 4;
    public static final int POSIX_FADV_NOREUSE = 5;

    public static final int R_OK = 4;

    public static final int RESOLVE_NO_XDEV = 1;
    public static final int RESOLVE_NO_MAGICLINKS = 2;
    public static final int RESOLVE_NO_SYMLINKS = 4;
    public static final int RESOLVE_BENEATH = 8;
    public static final int RESOLVE_IN_ROOT = 0x10;
    public static final int RESOLVE_CACHED = 0x20;

    public static final int SEEK_SET = 0;
    public static final int SEEK_CUR = 1;
    public static final int SEEK_END = 2;

    public static final int SPLICE_F_MOVE = 1;
    public static final int SPLICE_F_NONBLOCK = 2;
    public static final int SPLICE_F_MORE = 4;
    public static final int SPLICE_F_GIFT = 8;

    public static final int SYNC_FILE_RANGE_WAIT_BEFORE = 1;
    public static final int SYNC_FILE_RANGE_WRITE = 2;
    public static final int SYNC_FILE_RANGE_WAIT_AFTER = 4;
    public static final int SYNC_FILE_RANGE_WRITE_AND_WAIT = 7;

    public static final int W_OK = 2;

    public static final int X_OK = 1;

    private Fcntl() {}
}
