package gvj.fs.gofer;

import gvj.vfs.FileSystem;

/** Who else changes a tree of the host while the sandbox runs, and so how long what was seen of it stays true. */
public enum Sharing {
    /** Nobody: the layers of an overlay. Names, attributes and pages stay true until this Sentry changes them. */
    EXCLUSIVE(FileSystem.FOREVER),
    /**
     * Hardly anybody: the root of a container, into which an administrator copies a file now and then. What was seen is true
     * for a second.
     */
    WATCHED(1_000_000_000),
    /**
     * Others work with it: a volume. Names are asked for each time, what one walk brought counts for a millisecond, and reads go
     * to the host.
     */
    SHARED(1_000_000);

    private final long nanos;

    Sharing(long nanos) {
        this.nanos = nanos;
    }

    /** How long attributes count as fresh. */
    long nanos() {
        return nanos;
    }

    /** Whether nothing seen ever grows old. */
    boolean forever() {
        return this == EXCLUSIVE;
    }

    /** Whether names and contents are cached at all. */
    boolean caches() {
        return this != SHARED;
    }

    /** When what is seen now grows old, for {@link #isPast}. */
    long until() {
        return this == EXCLUSIVE ? FileSystem.FOREVER : System.nanoTime() + nanos;
    }

    static boolean isPast(long until) {
        return until != FileSystem.FOREVER && until - System.nanoTime() <= 0;
    }
}
