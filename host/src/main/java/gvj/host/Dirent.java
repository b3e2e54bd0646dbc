package gvj.host;

/** {@code struct linux_dirent64} (getdents64(2)) as static accessors over native memory. */
public final class Dirent {
    /** Offset of the NUL-terminated name. */
    public static final int NAME = 19;

    private Dirent() {}

    public static long ino(long at) {
        return Mem.getLong(at);
    }

    /** The position of the next entry, for lseek(2). */
    public static long off(long at) {
        return Mem.getLong(at + 8);
    }

    /** Bytes of this entry. */
    public static int reclen(long at) {
        return Mem.getShort(at + 16) & 0xffff;
    }

    /** DT_ type, 0 if the file system does not say. */
    public static int type(long at) {
        return Mem.getByte(at + 18) & 0xff;
    }

    /** Bytes of the name without its NUL. */
    public static int nameLength(long at) {
        int n = 0;
        while (Mem.getByte(at + NAME + n) != 0) {
            n++;
        }
        return n;
    }
}
