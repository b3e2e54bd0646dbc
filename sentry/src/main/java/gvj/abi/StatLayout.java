package gvj.abi;

/**
 * {@code struct stat} and {@code struct statx} of amd64, {@code struct statfs}.
 *
 * <pre>
 * stat   0 dev       8 ino     16 nlink   24 mode(4) 28 uid(4)
 *       32 gid(4)   36 pad(4)  40 rdev    48 size    56 blksize 64 blocks
 *       72 atime    80 nsec    88 mtime   96 nsec   104 ctime  112 nsec  120 unused(24)   = 144
 *
 * statx  0 mask(4)   4 blksize(4)  8 attributes  16 nlink(4)  20 uid(4)  24 gid(4)  28 mode(2)
 *       32 ino      40 size       48 blocks      56 attributes_mask
 *       64 atime    80 btime      96 ctime      112 mtime       (each sec(8) nsec(4) pad(4))
 *      128 rdev_major(4) 132 rdev_minor(4) 136 dev_major(4) 140 dev_minor(4)
 *      144 mnt_id  152 dio_mem_align(4) 156 dio_offset_align(4)                          = 256
 *
 * statfs 0 type  8 bsize  16 blocks  24 bfree  32 bavail  40 files  48 ffree  56 fsid(4+4)
 *       64 namelen  72 frsize  80 flags  88 spare(32)                                    = 120
 * </pre>
 */
public final class StatLayout {
    public static final int STAT_SIZE = 144;
    public static final int STAT_DEV = 0;
    public static final int STAT_INO = 8;
    public static final int STAT_NLINK = 16;
    public static final int STAT_MODE = 24;
    public static final int STAT_UID = 28;
    public static final int STAT_GID = 32;
    public static final int STAT_RDEV = 40;
    public static final int STAT_FILE_SIZE = 48;
    public static final int STAT_BLKSIZE = 56;
    public static final int STAT_BLOCKS = 64;
    public static final int STAT_ATIME = 72;
    public static final int STAT_MTIME = 88;
    public static final int STAT_CTIME = 104;

    public static final int STATX_SIZE = 256;
    public static final int STATX_MASK = 0;
    public static final int STATX_BLKSIZE = 4;
    public static final int STATX_ATTRIBUTES = 8;
    public static final int STATX_NLINK = 16;
    public static final int STATX_UID = 20;
    public static final int STATX_GID = 24;
    public static final int STATX_MODE = 28;
    public static final int STATX_INO = 32;
    public static final int STATX_FILE_SIZE = 40;
    public static final int STATX_BLOCKS = 48;
    public static final int STATX_ATTRIBUTES_MASK = 56;
    public static final int STATX_ATIME = 64;
    public static final int STATX_BTIME = 80;
    public static final int STATX_CTIME = 96;
    public static final int STATX_MTIME = 112;
    public static final int STATX_RDEV_MAJOR = 128;
    public static final int STATX_RDEV_MINOR = 132;
    public static final int STATX_DEV_MAJOR = 136;
    public static final int STATX_DEV_MINOR = 140;
    public static final int STATX_MNT_ID = 144;

    public static final int STATFS_SIZE = 120;
    public static final int STATFS_TYPE = 0;
    public static final int STATFS_BSIZE = 8;
    public static final int STATFS_BLOCKS = 16;
    public static final int STATFS_BFREE = 24;
    public static final int STATFS_BAVAIL = 32;
    public static final int STATFS_FILES = 40;
    public static final int STATFS_FFREE = 48;
    public static final int STATFS_FSID = 56;
    public static final int STATFS_NAMELEN = 64;
    public static final int STATFS_FRSIZE = 72;
    public static final int STATFS_FLAGS = 80;
    /** Says in f_flags that the flags are there. */
    public static final int ST_VALID = 0x20;

    private static final long SECOND = 1_000_000_000;

    private StatLayout() {}

    /** Writes seconds and nanoseconds as two longs. */
    public static void putTime(byte[] to, int offset, long nanos) {
        Bytes.putLong(to, offset, Math.floorDiv(nanos, SECOND));
        Bytes.putLong(to, offset + 8, Math.floorMod(nanos, SECOND));
    }

    /** dev_t as the kernel packs it for stat: minor's low byte, major, minor's rest. */
    public static long device(int major, int minor) {
        return minor & 0xffL
                | (long) (major & 0xfff) << 8
                | (long) (minor & ~0xff) << 12
                | (long) (major & ~0xfff) << 32;
    }

    /** The major number in mknod(2)'s argument. */
    public static int major(int dev) {
        return dev >>> 8 & 0xfff;
    }

    /** The minor number in mknod(2)'s argument. */
    public static int minor(int dev) {
        return dev & 0xff | dev >>> 12 & 0xfff00;
    }
}
