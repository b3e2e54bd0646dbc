package gvj.fs.inotify;

import gvj.vfs.Inode;
import gvj.vfs.Path;

/** One inode that an inotify instance watches. The instance's monitor guards what is not final. */
final class InotifyWatch {
    final Inotify inotify;
    final int descriptor;
    /** Keeps the dentry in use, so that the inode is found again by its name. */
    final Path path;

    final Inode inode;

    volatile int mask;
    boolean removed;

    InotifyWatch(Inotify inotify, int descriptor, Path path, int mask) {
        this.inotify = inotify;
        this.descriptor = descriptor;
        this.path = path;
        this.inode = path.inode();
        this.mask = mask;
    }
}
