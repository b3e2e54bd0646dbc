package gvj.vfs;

/** What stat(2) and statx(2) answer from. Times are nanoseconds since 1970. Reused by its owner. */
public final class Kstat {
    public int deviceMajor;
    public int deviceMinor;
    public long ino;
    /** Type and permission bits. */
    public int mode;

    public int nlink;
    public int uid;
    public int gid;
    public int rdevMajor;
    public int rdevMinor;
    public long size;
    public int blockSize;
    /** Units of 512 bytes. */
    public long blocks;

    public long atime;
    public long mtime;
    public long ctime;
    /** 0 where unknown. */
    public long btime;
    /** STATX_ATTR_* bits. */
    public long attributes;
}
