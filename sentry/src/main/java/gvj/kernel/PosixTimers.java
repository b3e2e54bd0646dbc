package gvj.kernel;

/** timer_create(2). */
final class PosixTimers {
    PosixTimers(ThreadGroup process) {}

    void deleteAll() {}

    static void delivered(SignalInfo info) {}
}
