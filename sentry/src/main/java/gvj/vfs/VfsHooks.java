package gvj.vfs;

/** What every file description needs from the rest of the VFS. */
final class VfsHooks {
    private VfsHooks() {}

    /** A description was closed for the last time: locks, epoll items and leases of it go. */
    static void released(FileDescription file) {}

    /** The path for /proc/PID/maps and fd links. */
    static String pathName(Path path) {
        return path.dentry().name();
    }
}
