package gvj.vfs;

/** A change of attributes: only those in {@link #mask} count. Checked against credentials by the caller. */
public final class SetAttr {
    public static final int MODE = 1;
    public static final int UID = 2;
    public static final int GID = 4;
    public static final int SIZE = 8;
    public static final int ATIME = 16;
    public static final int MTIME = 32;

    public int mask;
    /** Permission bits (07777). */
    public int mode;

    public int uid;
    public int gid;
    public long size;
    /** Nanoseconds since 1970. */
    public long atime;

    public long mtime;
}
