package gvj.gofer;

import gvj.host.Statx;

/**
 * A place in the tree of a mount, and the identity of the file that was found there.
 *
 * <p>All fields but the first group are guarded by the monitor of the {@link NodeTable}; {@code parent} and {@code
 * name} may also be read with the lock of the mount held, as only its exclusive holder changes them.
 */
final class Node {
    static final int S_IFMT = 0170000;
    static final int S_IFREG = 0100000;
    static final int S_IFDIR = 0040000;
    static final int S_IFLNK = 0120000;
    static final int S_IFCHR = 0020000;
    static final int S_IFIFO = 0010000;
    static final int S_IFSOCK = 0140000;

    final Mount mount;
    final int devMajor;
    final int devMinor;
    final long ino;
    final int type;

    /** The number the client knows it by. */
    int id;

    Node parent;
    byte[] name;
    int hash;
    Node hashNext;

    /** O_PATH descriptor or -1. */
    int fd = -1;

    /** The descriptor is no O_PATH one: of a file that was made without a name. */
    boolean real;

    /** A root (or what a root hangs on): its descriptor is not in any queue, and open as long as it is there. */
    boolean permanent;

    Node lruNewer;
    Node lruOlder;

    /** How often the client was given it, minus how often it gave it back. */
    int refs;
    /** Nodes whose parent this is. */
    int children;
    /** Threads at work on it: neither it nor its descriptor may go away. */
    int users;
    /** No longer at its place: unlinked, or found replaced. Its descriptor is all that is left of it. */
    boolean detached;
    /** 0: not yet known; 1: fine; -1: the root of a file system that is an interface to the host's kernel. */
    volatile int kernelInterface;

    Node(Mount mount, long statx) {
        this.mount = mount;
        devMajor = Statx.devMajor(statx);
        devMinor = Statx.devMinor(statx);
        ino = Statx.ino(statx);
        type = Statx.mode(statx) & S_IFMT;
    }

    boolean is(long statx) {
        return ino == Statx.ino(statx)
                && devMinor == Statx.devMinor(statx)
                && devMajor == Statx.devMajor(statx)
                && type == (Statx.mode(statx) & S_IFMT);
    }

    boolean isDirectory() {
        return type == S_IFDIR;
    }

    boolean isRegular() {
        return type == S_IFREG;
    }

    /** Lies on another host device than its parent: something is mounted here (or the file system is a layered one). */
    boolean crosses() {
        Node p = parent;
        return p != null && (p.devMinor != devMinor || p.devMajor != devMajor);
    }
}
