package gvj.wire;

/** What statfs(2) tells about a file system; reusable. */
public final class FsStat {
    public long type;
    public long bsize;
    public long blocks;
    public long bfree;
    public long bavail;
    public long files;
    public long ffree;
    public long fsid;
    public long namelen;
    public long frsize;
    /** ST_ flags of the host's mount. */
    public long flags;
}
