package gvj.gofer;

import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * One tree that the Sentry may use.
 *
 * <p>Locks: {@link #names} is held shared by whatever goes from a node to its file by name, and exclusively by what
 * moves or takes away names (RENAME, UNLINK, LINK). So a name that was checked is still that file when it is opened, as
 * far as this Sentry is concerned. It is taken before the monitor of {@link NodeTable}, and only one at a time.
 */
final class Mount {
    final ReentrantReadWriteLock names = new ReentrantReadWriteLock();

    /** Becomes true when it is sealed; never false again. */
    volatile boolean readOnly;

    /** Becomes true when the Sentry lets go of it; guarded by the monitor of {@link NodeTable}. */
    boolean gone;

    /** The root; set once, before any channel can ask for it. */
    Node root;
    /** For a mount of a single file that came as a descriptor: what is duplicated when it is opened; else -1. */
    int file = -1;

    Mount(boolean readOnly) {
        this.readOnly = readOnly;
    }
}
