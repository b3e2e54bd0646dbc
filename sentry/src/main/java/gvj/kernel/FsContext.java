package gvj.kernel;

import gvj.vfs.Path;

/** Root, working directory and umask of a process, shared by CLONE_FS: Linux's fs_struct. Its monitor guards it. */
public final class FsContext {
    private Path root;
    private Path workingDirectory;
    private int umask;
    private int users = 1;

    public FsContext(Path root, Path workingDirectory, int umask) {
        this.root = root;
        this.workingDirectory = workingDirectory;
        this.umask = umask;
    }

    public synchronized Path root() {
        return root;
    }

    public synchronized void setRoot(Path path) {
        root = path;
    }

    public synchronized Path workingDirectory() {
        return workingDirectory;
    }

    public synchronized void setWorkingDirectory(Path path) {
        workingDirectory = path;
    }

    /** pivot_root(2): root and working directory that are {@code old} become {@code changed}. */
    public synchronized void replace(Path old, Path changed) {
        if (root.same(old)) {
            root = changed;
        }
        if (workingDirectory.same(old)) {
            workingDirectory = changed;
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

    public synchronized void decUsers() {
        users--;
    }

    public synchronized int users() {
        return users;
    }
}
