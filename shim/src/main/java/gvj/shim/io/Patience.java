package gvj.shim.io;

/**
 * How long a logger is waited for, in nanoseconds.
 *
 * @param ready when it is started, until it says that it is ready
 * @param delete when there is no more to log, while somebody waits for our answer
 * @param drain until it is asked to end
 * @param end until it is made to
 */
record Patience(long ready, long delete, long drain, long end) {
    private static final long SECOND = 1_000_000_000L;

    /** As long in all as with containerd's own shim, but only the first part of it while containerd waits. */
    static final Patience USUAL = new Patience(30 * SECOND, SECOND, 10 * SECOND, 2 * SECOND);
}
