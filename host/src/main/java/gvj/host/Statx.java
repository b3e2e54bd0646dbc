package gvj.host;

/** {@code struct statx} (statx(2)) as static accessors over native memory; the offsets are checked in hostfiles.c. */
public final class Statx {
    public static final int BYTES = 256;

    /** Everything that stat(2) gives. */
    public static final int BASIC_STATS = 0x7ff;
    /** The time of birth. */
    public static final int BTIME = 0x800;

    private Statx() {}

    /** Which fields the file system filled in. */
    public static int mask(long at) {
        return Mem.getInt(at);
    }

    public static int blksize(long at) {
        return Mem.getInt(at + 4);
    }

    public static int nlink(long at) {
        return Mem.getInt(at + 16);
    }

    public static int uid(long at) {
        return Mem.getInt(at + 20);
    }

    public static int gid(long at) {
        return Mem.getInt(at + 24);
    }

    /** Type and permission bits. */
    public static int mode(long at) {
        return Mem.getShort(at + 28) & 0xffff;
    }

    public static long ino(long at) {
        return Mem.getLong(at + 32);
    }

    public static long size(long at) {
        return Mem.getLong(at + 40);
    }

    /** Blocks of 512 bytes. */
    public static long blocks(long at) {
        return Mem.getLong(at + 48);
    }

    public static long atime(long at) {
        return Mem.getLong(at + 64);
    }

    public static int atimeNanos(long at) {
        return Mem.getInt(at + 72);
    }

    public static long btime(long at) {
        return Mem.getLong(at + 80);
    }

    public static int btimeNanos(long at) {
        return Mem.getInt(at + 88);
    }

    public static long ctime(long at) {
        return Mem.getLong(at + 96);
    }

    public static int ctimeNanos(long at) {
        return Mem.getInt(at + 104);
    }

    public static long mtime(long at) {
        return Mem.getLong(at + 112);
    }

    public static int mtimeNanos(long at) {
        return Mem.getInt(at + 120);
    }

    public static int rdevMajor(long at) {
        return Mem.getInt(at + 128);
    }

    public static int rdevMinor(long at) {
        return Mem.getInt(at + 132);
    }

    public static int devMajor(long at) {
        return Mem.getInt(at + 136);
    }

    public static int devMinor(long at) {
        return Mem.getInt(at + 140);
    }
}
