package gvj.kernel;

import java.util.concurrent.locks.LockSupport;

/**
 * Stops all application code of a sandbox and lets it go on: the freezer of cgroups. Tasks stop on their way from the
 * Sentry back to their program, so that a system call begun before ends first, and one that sleeps sleeps on.
 */
public final class Pause {
    private static final long RETRY_NANOS = 200_000;

    private final Kernel kernel;
    private volatile boolean active;

    Pause(Kernel kernel) {
        this.kernel = kernel;
    }

    /** Whether tasks are to stop. */
    boolean isActive() {
        return active;
    }

    /** Stops them. When this returns no task runs application code. */
    public void begin() {
        active = true;
        boolean running = true;
        while (running) {
            running = false;
            for (Task task : kernel.tasks.values()) {
                // whoever enters application code says so first and then looks at active
                if (task.inApplication) {
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
    public void end() {
        active = false;
        for (Task task : kernel.tasks.values()) {
            LockSupport.unpark(task.thread);
        }
    }

    /** The calling task stays here until it may run, or has to die: SIGKILL ends a paused process. */
    void hold(Task task) {
        while (active && !task.killed && !task.threadGroup.exiting) {
            LockSupport.park(this);
        }
    }
}
