package gvj.vfs;

/** A file system (or a part of it) attached at a place of the tree. */
public class Mount {
    private final FileSystem fileSystem;
    private final Dentry root;

    public Mount(FileSystem fileSystem, Dentry root) {
        this.fileSystem = fileSystem;
        this.root = root;
    }

    public final FileSystem fileSystem() {
        return fileSystem;
    }

    public final Dentry root() {
        return root;
    }
}
