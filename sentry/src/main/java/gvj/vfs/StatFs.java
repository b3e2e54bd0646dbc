package gvj.vfs;

/** What statfs(2) answers. */
public final class StatFs {
    public long type;
    public long blockSize;
    public long blocks;
    public long blocksFree;
    public long blocksAvailable;
    public long files;
    public long filesFree;
    public long nameLength;
}
