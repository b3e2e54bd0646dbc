package gvj.kernel;

/** setitimer(2). */
final class IntervalTimers {
    IntervalTimers(ThreadGroup process) {}

    void cancelAll() {}
}
