package gvj.kernel;

import gvj.vfs.Path;

/**
 * Root, working directory and umask of a process, shared by CLONE_FS: Linux's fs_struct. The mounts of both are held as by an
 * open file. The monitor guards it.
 */
public final class FsContext {
    private Path root;
    private Path workingDirectory;
    private int umask;
    private int users = 1;

    public FsContext(Path root, Path workingDirectory, int umask) {
        this.root = root;
        this.workingDirectory = workingDirectory;
        this.umask = umask;
        root.mount().hold();
        workingDirectory.mount().hold();
    }

    public synchronized Path root() {
        return root;
    }

    public synchronized void setRoot(Path path) {
        root = moved(root, path);
    }

    public synchronized Path workingDirectory() {
        return workingDirectory;
    }

    public synchronized void setWorkingDirectory(Path path) {
        workingDirectory = moved(workingDirectory, path);
    }

    private static Path moved(Path from, Path to) {
        to.mount().hold();
        from.mount().drop();
        return to;
    }

    /** pivot_root(2): root and working directory that are {@code old} become {@code changed}. */
    public synchronized void replace(Path old, Path changed) {
        if (root.same(old)) {
            root = moved(root, changed);
        }
        if (workingDirectory.same(old)) {
            workingDirectory = moved(workingDirectory, changed);
        }
    }

    public synchronized int umask() {
        return umask;
    }

    /** Sets the umask and answers the old one. */
    public synchronized int setUmask(int mask) {
        int old = umask;
        umask = mask & 0777;
        return old;
    }

    /** A copy for fork. */
    public synchronized FsContext copy() {
        return new FsContext(root, workingDirectory, umask);
    }

    public synchronized void incUsers() {
        users++;
    }

    /** One user less; the last one leaves the directories. */
    public synchronized void decUsers() {
        if (--users == 0) {
            root.mount().drop();
            workingDirectory.mount().drop();
        }
    }

    public synchronized int users() {
        return users;
    }
}
