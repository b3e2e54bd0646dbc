package gvj.host;

/**
 * Host calls on files and directories relative to directory descriptors. Conventions as in {@link Host}.
 *
 * <p>Paths and names are addresses of NUL-terminated bytes. Nothing here goes through {@code /proc}: the methods that
 * work on a descriptor alone use AT_EMPTY_PATH and accept O_PATH descriptors unless they say otherwise.
 */
public final class HostFiles {
    public static final int AT_FDCWD = -100;

    public static final int O_RDONLY = 0;
    public static final int O_WRONLY = 1;
    public static final int O_RDWR = 2;
    public static final int O_ACCMODE = 3;
    public static final int O_CREAT = 0100;
    public static final int O_EXCL = 0200;
    public static final int O_NOCTTY = 0400;
    public static final int O_TRUNC = 01000;
    public static final int O_APPEND = 02000;
    public static final int O_NONBLOCK = 04000;
    public static final int O_DIRECT = 040000;
    public static final int O_DIRECTORY = 0200000;
    public static final int O_NOFOLLOW = 0400000;
    public static final int O_NOATIME = 01000000;
    public static final int O_CLOEXEC = 02000000;
    public static final int O_PATH = 010000000;
    public static final int O_TMPFILE = 020000000 | O_DIRECTORY;

    public static final int RESOLVE_NO_XDEV = 0x01;
    public static final int RESOLVE_NO_MAGICLINKS = 0x02;
    public static final int RESOLVE_NO_SYMLINKS = 0x04;
    public static final int RESOLVE_BENEATH = 0x08;
    public static final int RESOLVE_IN_ROOT = 0x10;

    public static final int AT_SYMLINK_NOFOLLOW = 0x100;
    public static final int AT_REMOVEDIR = 0x200;
    public static final int AT_NO_AUTOMOUNT = 0x800;
    public static final int AT_EMPTY_PATH = 0x1000;

    public static final int RENAME_NOREPLACE = 1;
    public static final int RENAME_EXCHANGE = 2;

    /** As nanoseconds for {@link #futimens}: now. */
    public static final int UTIME_NOW = 0x3fffffff;
    /** As nanoseconds for {@link #futimens}: leave it. */
    public static final int UTIME_OMIT = 0x3ffffffe;

    /** Bytes of {@code struct statfs}. */
    public static final int STATFS_BYTES = 120;

    static {
        HostLibrary.load();
    }

    private HostFiles() {}

    /** openat2(2) with O_CLOEXEC. {@code resolve} takes RESOLVE_ flags. */
    public static native int openat2(int dirfd, long path, long flags, int mode, long resolve);

    /** statx(2) into {@link Statx#BYTES} bytes. */
    public static native int statx(int dirfd, long path, int flags, int mask, long to);

    /** statx(2) of the descriptor itself. */
    public static native int fstatx(int fd, int mask, long to);

    /** fstatfs(2) into {@link #STATFS_BYTES} bytes. */
    public static native int fstatfs(int fd, long to);

    /** syncfs(2). Not of an O_PATH descriptor. */
    public static native int syncfs(int fd);

    /** mkdirat(2). */
    public static native int mkdirat(int dirfd, long name, int mode);

    /** mknodat(2). */
    public static native int mknodat(int dirfd, long name, int mode, long dev);

    /** symlinkat(2). */
    public static native int symlinkat(long target, int dirfd, long name);

    /** linkat(2). */
    public static native int linkat(int fromDirfd, long from, int toDirfd, long to, int flags);

    /** linkat(2) of a descriptor; needs CAP_DAC_READ_SEARCH, else {@code -ENOENT}. */
    public static native int flinkat(int fd, int toDirfd, long to);

    /** unlinkat(2); {@link #AT_REMOVEDIR} for a directory. */
    public static native int unlinkat(int dirfd, long name, int flags);

    /** renameat2(2). */
    public static native int renameat2(int fromDirfd, long from, int toDirfd, long to, int flags);

    /** readlinkat(2): bytes of the target, not terminated, cut at {@code length}. */
    public static native int readlinkat(int dirfd, long name, long to, int length);

    /** readlinkat(2) of a symbolic link opened with O_PATH and O_NOFOLLOW. */
    public static native int freadlink(int fd, long to, int length);

    /** fchmod(2); not for O_PATH descriptors ({@code -EBADF}). */
    public static native int fchmod(int fd, int mode);

    /** fchmodat2(2) of an O_PATH descriptor; {@code -ENOSYS} before Linux 6.6. */
    public static native int fchmodPath(int fd, int mode);

    /** fchownat(2); -1 leaves an id. */
    public static native int fchown(int fd, int uid, int gid);

    /** utimensat(2) in seconds and nanoseconds ({@link #UTIME_NOW}, {@link #UTIME_OMIT}); O_PATH since Linux 5.8. */
    public static native int futimens(int fd, long atime, int atimeNanos, long mtime, int mtimeNanos);

    /** getdents64(2): bytes of {@link Dirent}s; not for O_PATH descriptors. */
    public static native int getdents64(int fd, long to, int length);

    /** fgetxattr(2); not for O_PATH descriptors. */
    public static native long fgetxattr(int fd, long name, long value, long length);

    /** fsetxattr(2); not for O_PATH descriptors. */
    public static native int fsetxattr(int fd, long name, long value, long length, int flags);

    /** flistxattr(2); not for O_PATH descriptors. */
    public static native long flistxattr(int fd, long list, long length);

    /** fremovexattr(2); not for O_PATH descriptors. */
    public static native int fremovexattr(int fd, long name);

    /** flock(2). */
    public static native int flock(int fd, int operation);

    /** fcntl(F_OFD_SETLK or F_OFD_SETLKW): {@code type} is F_RDLCK 0, F_WRLCK 1 or F_UNLCK 2. */
    public static native int ofdLock(int fd, int type, long start, long length, boolean wait);
}
