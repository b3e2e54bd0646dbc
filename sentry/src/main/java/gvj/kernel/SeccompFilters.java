package gvj.kernel;

/** The seccomp(2) filters of a task. */
final class SeccompFilters {
    /** {@link #check}: the call may go on. */
    static final long ALLOW = Long.MIN_VALUE;

    long check(Task task, long number) {
        return ALLOW;
    }

    int mode() {
        return 2;
    }
}
