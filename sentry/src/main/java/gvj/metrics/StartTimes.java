package gvj.metrics;

import gvj.kernel.Clock;

/** How long each phase of a sandbox's start took. */
public final class StartTimes {
    /** The phases in their order; a phase's number is its place. */
    static final String[] NAMES = {"jvm", "kernel", "mounts", "program", "ready"};

    /** From the launcher's execve(2) to the Sentry's first line. */
    public static final int JVM = 0;
    /** Memory file, platform, kernel. */
    public static final int KERNEL = 1;
    /** Everything is mounted, the gofer has answered. */
    public static final int MOUNTS = 2;
    /** The first process is loaded. */
    public static final int PROGRAM = 3;
    /** Confined, and whoever made the sandbox is told. */
    public static final int READY = 4;

    private final long[] nanos = new long[NAMES.length];
    private final long start;
    private long last;

    /** Counts from now; what was before is the {@link #JVM} phase, if the launcher has said when it started that. */
    public StartTimes() {
        start = Clock.monotonic();
        last = start;
        long exec = Long.getLong("gvj.exec", 0);
        nanos[JVM] = exec > 0 && exec < start ? start - exec : 0;
    }

    /** {@code phase} is over. */
    public synchronized void done(int phase) {
        long now = Clock.monotonic();
        nanos[phase] = now - last;
        last = now;
    }

    /** Nanoseconds that {@code phase} took; 0 if it is not over, or nobody knows. */
    public synchronized long nanos(int phase) {
        return nanos[phase];
    }

    /** Nanoseconds since the start of the first phase. */
    long uptime() {
        return Clock.monotonic() - start + nanos(JVM);
    }
}
