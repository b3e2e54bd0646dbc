package gvj.vfs;

/** A place in the tree: a dentry seen through a mount. */
public record Path(Mount mount, Dentry dentry) {
    /** The inode there. */
    public Inode inode() {
        return dentry.inode();
    }
}
