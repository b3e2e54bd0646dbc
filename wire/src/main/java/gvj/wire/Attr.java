package gvj.wire;

import gvj.host.Mem;
import gvj.host.Statx;

/**
 * What statx(2) tells about a file, to be filled again and again. Times are seconds since the epoch and nanoseconds.
 *
 * <pre>
 *   0 ino    8 size   16 blocks   24 atime  32 mtime  40 ctime  48 btime      (u64)
 *   56 atimeNanos  60 mtimeNanos  64 ctimeNanos  68 btimeNanos                (u32)
 *   72 mode  76 nlink  80 uid  84 gid  88 devMajor  92 devMinor  96 rdevMajor  100 rdevMinor  104 blksize  108 mask
 * </pre>
 */
public final class Attr {
    /** The target of what is not a symbolic link. */
    public static final byte[] NO_TARGET = new byte[0];

    public long ino;
    public long size;
    /** Blocks of 512 bytes. */
    public long blocks;

    public long atime;
    public int atimeNanos;
    public long mtime;
    public int mtimeNanos;
    public long ctime;
    public int ctimeNanos;
    /** Birth; known only if {@code mask} has {@link Statx#BTIME}. */
    public long btime;

    public int btimeNanos;
    /** Type and permissions. */
    public int mode;

    public int nlink;
    public int uid;
    public int gid;
    /** The host's device: differs from the parent's where another host file system is mounted. */
    public int devMajor;

    public int devMinor;
    public int rdevMajor;
    public int rdevMinor;
    public int blksize;
    /** statx(2)'s stx_mask: which fields are filled. */
    public int mask;

    /**
     * Target of a symbolic link if the call that filled this gives targets, else {@link #NO_TARGET}. Not terminated.
     */
    public byte[] target = NO_TARGET;

    /** Copies everything from {@code other}. */
    public void set(Attr other) {
        ino = other.ino;
        size = other.size;
        blocks = other.blocks;
        atime = other.atime;
        atimeNanos = other.atimeNanos;
        mtime = other.mtime;
        mtimeNanos = other.mtimeNanos;
        ctime = other.ctime;
        ctimeNanos = other.ctimeNanos;
        btime = other.btime;
        btimeNanos = other.btimeNanos;
        mode = other.mode;
        nlink = other.nlink;
        uid = other.uid;
        gid = other.gid;
        devMajor = other.devMajor;
        devMinor = other.devMinor;
        rdevMajor = other.rdevMajor;
        rdevMinor = other.rdevMinor;
        blksize = other.blksize;
        mask = other.mask;
        target = other.target;
    }

    /** The same file on the host? */
    public boolean sameFile(Attr other) {
        return ino == other.ino && devMajor == other.devMajor && devMinor == other.devMinor;
    }

    void read(WireBuffer from) {
        target = NO_TARGET;
        long at = from.skip(Wire.ATTR_BYTES);
        if (at == 0) {
            return;
        }
        ino = Mem.getLong(at);
        size = Mem.getLong(at + 8);
        blocks = Mem.getLong(at + 16);
        atime = Mem.getLong(at + 24);
        mtime = Mem.getLong(at + 32);
        ctime = Mem.getLong(at + 40);
        btime = Mem.getLong(at + 48);
        atimeNanos = Mem.getInt(at + 56);
        mtimeNanos = Mem.getInt(at + 60);
        ctimeNanos = Mem.getInt(at + 64);
        btimeNanos = Mem.getInt(at + 68);
        mode = Mem.getInt(at + 72);
        nlink = Mem.getInt(at + 76);
        uid = Mem.getInt(at + 80);
        gid = Mem.getInt(at + 84);
        devMajor = Mem.getInt(at + 88);
        devMinor = Mem.getInt(at + 92);
        rdevMajor = Mem.getInt(at + 96);
        rdevMinor = Mem.getInt(at + 100);
        blksize = Mem.getInt(at + 104);
        mask = Mem.getInt(at + 108);
    }

    /** Fills in everything but the target from a {@code struct statx} in native memory. */
    public void set(long statx) {
        ino = Statx.ino(statx);
        size = Statx.size(statx);
        blocks = Statx.blocks(statx);
        atime = Statx.atime(statx);
        atimeNanos = Statx.atimeNanos(statx);
        mtime = Statx.mtime(statx);
        mtimeNanos = Statx.mtimeNanos(statx);
        ctime = Statx.ctime(statx);
        ctimeNanos = Statx.ctimeNanos(statx);
        btime = Statx.btime(statx);
        btimeNanos = Statx.btimeNanos(statx);
        mode = Statx.mode(statx);
        nlink = Statx.nlink(statx);
        uid = Statx.uid(statx);
        gid = Statx.gid(statx);
        devMajor = Statx.devMajor(statx);
        devMinor = Statx.devMinor(statx);
        rdevMajor = Statx.rdevMajor(statx);
        rdevMinor = Statx.rdevMinor(statx);
        blksize = Statx.blksize(statx);
        mask = Statx.mask(statx);
    }

    void readWithTarget(WireBuffer from) {
        read(from);
        target = from.getNameBytes();
    }

    /** Encodes a {@code struct statx} in native memory as attributes. */
    public static void write(long statx, WireBuffer to) {
        long at = to.skip(Wire.ATTR_BYTES);
        if (at == 0) {
            return;
        }
        Mem.putLong(at, Statx.ino(statx));
        Mem.putLong(at + 8, Statx.size(statx));
        Mem.putLong(at + 16, Statx.blocks(statx));
        Mem.putLong(at + 24, Statx.atime(statx));
        Mem.putLong(at + 32, Statx.mtime(statx));
        Mem.putLong(at + 40, Statx.ctime(statx));
        Mem.putLong(at + 48, Statx.btime(statx));
        Mem.putInt(at + 56, Statx.atimeNanos(statx));
        Mem.putInt(at + 60, Statx.mtimeNanos(statx));
        Mem.putInt(at + 64, Statx.ctimeNanos(statx));
        Mem.putInt(at + 68, Statx.btimeNanos(statx));
        Mem.putInt(at + 72, Statx.mode(statx));
        Mem.putInt(at + 76, Statx.nlink(statx));
        Mem.putInt(at + 80, Statx.uid(statx));
        Mem.putInt(at + 84, Statx.gid(statx));
        Mem.putInt(at + 88, Statx.devMajor(statx));
        Mem.putInt(at + 92, Statx.devMinor(statx));
        Mem.putInt(at + 96, Statx.rdevMajor(statx));
        Mem.putInt(at + 100, Statx.rdevMinor(statx));
        Mem.putInt(at + 104, Statx.blksize(statx));
        Mem.putInt(at + 108, Statx.mask(statx));
    }
}
