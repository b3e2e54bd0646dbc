package gvj.kernel;

import java.util.concurrent.locks.LockSupport;

/**
 * Stops all application code of a container, or of them all, and lets it go on: the freezer of cgroups. Tasks stop on their way from the
 * Sentry back to their program, so that a system call begun before ends first, and one that sleeps sleeps on.
 */
public final class Pause {
    private static final long RETRY_NANOS = 200_000;

    private final Kernel kernel;

    Pause(Kernel kernel) {
        this.kernel = kernel;
    }

    /** Stops those of {@code cgroup}. When this returns none of them runs application code. */
    void begin(Cgroup cgroup) {
        cgroup.paused = true;
        boolean running = true;
        while (running) {
            running = false;
            for (Task task : kernel.tasks.values()) {
                // whoever enters application code says so first and then asks whether it is paused
                if (task.inApplication && cgroup.has(task)) {
                    task.context.interrupt();
                    running = true;
                }
            }
            if (running) {
                LockSupport.parkNanos(this, RETRY_NANOS);
            }
        }
    }

    /** Lets them go on. */
    void end(Cgroup cgroup) {
        cgroup.paused = false;
        for (Task task : kernel.tasks.values()) {
            LockSupport.unpark(task.thread);
        }
    }

    /** The calling task stays here until it may run, or has to die: SIGKILL ends a paused process. */
    void hold(Task task) {
        while (task.cgroup.isPaused() && !task.killed && !task.threadGroup.exiting) {
            LockSupport.park(this);
        }
    }
}
