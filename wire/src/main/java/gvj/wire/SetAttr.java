package gvj.wire;

/** Which attributes to change and to what; reusable. Only the fields that {@link #valid} names count. */
public final class SetAttr {
    public static final int MODE = 1;
    public static final int UID = 2;
    public static final int GID = 4;
    public static final int SIZE = 8;
    /** Set atime to {@link #atime}, {@link #atimeNanos}. */
    public static final int ATIME = 16;
    /** Set mtime to {@link #mtime}, {@link #mtimeNanos}. */
    public static final int MTIME = 32;
    /** Set atime to the host's present time. */
    public static final int ATIME_NOW = 64;
    /** Set mtime to the host's present time. */
    public static final int MTIME_NOW = 128;

    /** All bits that mean something. */
    public static final int ALL = 255;

    public int valid;
    /** Permission bits, 07777. */
    public int mode;

    public int uid;
    public int gid;
    public long size;
    public long atime;
    public int atimeNanos;
    public long mtime;
    public int mtimeNanos;
}
