package gvj.vfs;

/**
 * Those who watch an inode: inotify(7). An inode without watches has none, and nothing is called.
 *
 * <p>A watch keeps the {@link Path} it was made for: only a dentry in use is sure to lead to the same inode again.
 */
public interface FsEvents {
    /**
     * Something happened. No lock of the VFS is held but perhaps a directory's; must not call into the VFS.
     *
     * @param mask IN_* bits of {@link gvj.abi.Poll}, with IN_ISDIR; IN_EXCL_UNLINK among them says that the name is
     *     removed already, watches with that flag do not want to hear of it
     * @param cookie ties IN_MOVED_FROM and IN_MOVED_TO together, else 0
     * @param name the name in the watched directory, empty if the watched file itself is meant
     */
    void event(int mask, int cookie, String name);
}
