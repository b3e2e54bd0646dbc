package gvj.vfs;

/** A place in the tree: a dentry seen through a mount. */
public record Path(Mount mount, Dentry dentry) {
    /** The inode there. */
    public Inode inode() {
        return dentry.inode();
    }

    /** Whether both are the same place. */
    public boolean same(Path other) {
        return mount == other.mount && dentry == other.dentry;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Path path && same(path);
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(dentry) * 31 + System.identityHashCode(mount);
    }
}
