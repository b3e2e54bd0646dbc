package gvj.abi;

/** stat(2), statx(2), mode bits, directory entry types and xattr flags. */
public final class Stat {
    public static final int _POSIX_AIO_MAX = 1;
    public static final int _POSIX_AIO_LISTIO_MAX = 2;
    public static final int _POSIX_TZNAME_MAX = 6;
    public static final int _POSIX_LINK_MAX = 8;
    public static final int _POSIX_MQ_OPEN_MAX = 8;
    public static final int _POSIX_NGROUPS_MAX = 8;
    public static final int _POSIX_RTSIG_MAX = 8;
    public static final int _POSIX_STREAM_MAX = 8;
    public static final int _POSIX_SYMLOOP_MAX = 8;
    public static final int _POSIX_LOGIN_NAME_MAX = 9;
    public static final int _POSIX_TTY_NAME_MAX = 9;
    public static final int _POSIX_NAME_MAX = 0xe;
    public static final int _POSIX_OPEN_MAX = 0x14;
    public static final int _POSIX_CHILD_MAX = 0x19;
    public static final int _POSIX_DELAYTIMER_MAX = 0x20;
    public static final int _POSIX_MQ_PRIO_MAX = 0x20;
    public static final int _POSIX_SIGQUEUE_MAX = 0x20;
    public static final int _POSIX_TIMER_MAX = 0x20;
    public static final int _POSIX_THREAD_THREADS_MAX = 0x40;
    public static final int _POSIX_THREAD_KEYS_MAX = 0x80;
    public static final int _POSIX_HOST_NAME_MAX = 0xff;
    public static final int _POSIX_RE_DUP_MAX = 0xff;
    public static final int _POSIX_SYMLINK_MAX = 0xff;
    public static final int _POSIX_PATH_MAX = 0x100;
    public static final int _POSIX_SEM_NSEMS_MAX = 0x100;
    public static final int _POSIX_ARG_MAX = 0x1000;
    public static final int _POSIX_SEM_VALUE_MAX = 0x7fff;
    public static final int _POSIX_SSIZE_MAX = 0x7fff;

    public static final int AIO_PRIO_DELTA_MAX = 0x14;

    public static final int DELAYTIMER_MAX = 0x7fffffff;

    public static final int DT_UNKNOWN = 0;
    public static final int DT_FIFO = 1;
    public static final int DT_CHR = 2;
    public static final int DT_DIR = 4;
    public static final int DT_BLK = 6;
    public static final int DT_REG = 8;
    public static final int DT_LNK = 0xa;
    public static final int DT_SOCK = 0xc;
    public static final int DT_WHT = 0xe;

    public static final int HOST_NAME_MAX = 0x40;

    public static final int LOGIN_NAME_MAX = 0x100;

    public static final int MQ_PRIO_MAX = 0x8000;

    public static final int NAME_MAX = 0xff;

    public static final int NGROUPS_MAX = 0x10000;

    public static final int PATH_MAX = 0x1000;

    public static final int PTHREAD_KEYS_MAX = 0x400;

    public static final int RTSIG_MAX = 0x20;

    public static final int S_IXOTH = 0x1;
    public static final int S_IWOTH = 0x2;
    public static final int S_IROTH = 0x4;
    public static final int S_IRWXO = 0x7;
    public static final int S_IXGRP = 0x8;
    public static final int S_IWGRP = 0x10;
    public static final int S_IRGRP = 0x20;
    public static final int S_IRWXG = 0x38;
    public static final int S_IEXEC = 0x40;
    public static final int S_IXUSR = 0x40;
    public static final int S_IWRITE = 0x80;
    public static final int S_IWUSR = 0x80;
    public static final int S_IREAD = 0x100;
    public static final int S_IRUSR = 0x100;
    public static final int S_IRWXU = 0x1c0;
    public static final int S_BLKSIZE = 0x200;
    public static final int S_ISVTX = 0x200;
    public static final int S_ISGID = 0x400;
    public static final int S_ISUID = 0x800;
    public static final int S_IFIFO = 0x1000;
    public static final int S_IFCHR = 0x2000;
    public static final int S_IFDIR = 0x4000;
    public static final int S_IFBLK = 0x6000;
    public static final int S_IFREG = 0x8000;
    public static final int S_IFLNK = 0xa000;
    public static final int S_IFSOCK = 0xc000;
    public static final int S_IFMT = 0xf000;

    public static final int SEM_VALUE_MAX = 0x7fffffff;

    public static final int STATX_TYPE = 1;
    public static final int STATX_MODE = 2;
    public static final int STATX_ATTR_COMPRESSED = 4;
    public static final int STATX_NLINK = 4;
    public static final int STATX_UID = 8;
    public static final int STATX_ATTR_IMMUTABLE = 0x10;
    public static final int STATX_GID = 0x10;
    public static final int STATX_ATIME = 0x20;
    public static final int STATX_ATTR_APPEND = 0x20;
    public static final int STATX_ATTR_NODUMP = 0x40;
    public static final int STATX_MTIME = 0x40;
    public static final int STATX_CTIME = 0x80;
    public static final int STATX_INO = 0x100;
    public static final int STATX_SIZE = 0x200;
    public static final int STATX_BLOCKS = 0x400;
    public static final int STATX_BASIC_STATS = 0x7ff;
    public static final int STATX_ATTR_ENCRYPTED = 0x800;
    public static final int STATX_BTIME = 0x800;
    public static final int STATX_ALL = 0xfff;
    public static final int STATX_ATTR_AUTOMOUNT = 0x1000;
    public static final int STATX_MNT_ID = 0x1000;
    public static final int STATX_ATTR_MOUNT_ROOT = 0x2000;
    public static final int STATX_DIOALIGN = 0x2000;
    public static final int STATX_ATTR_VERITY = 0x100000;
    public static final int STATX_ATTR_DAX = 0x200000;
    public static final int STATX__RESERVED = 0x80000000;

    public static final int TTY_NAME_MAX = 0x20;

    public static final int UTIME_OMIT = 0x3ffffffe;
    public static final int UTIME_NOW = 0x3fffffff;

    public static final int XATTR_CREATE = 1;
    public static final int XATTR_REPLACE = 2;
    public static final int XATTR_NAME_MAX = 0xff;
    public static final int XATTR_LIST_MAX = 0x10000;
    public static final int XATTR_SIZE_MAX = 0x10000;

    private Stat() {}
}
