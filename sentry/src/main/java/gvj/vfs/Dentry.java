package gvj.vfs;

/** A name in a directory, or a root: Linux's dentry. */
public class Dentry {
    private volatile Dentry parent;
    private volatile String name;
    private volatile Inode inode;

    public Dentry(Dentry parent, String name, Inode inode) {
        this.parent = parent;
        this.name = name;
        this.inode = inode;
    }

    /** The directory it is in; itself for a root. */
    public final Dentry parent() {
        Dentry p = parent;
        return p == null ? this : p;
    }

    public final String name() {
        return name;
    }

    public final Inode inode() {
        return inode;
    }
}
