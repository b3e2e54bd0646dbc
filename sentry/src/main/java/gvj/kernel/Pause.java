package gvj.kernel;

import java.util.concurrent.locks.LockSupport;

/**
 * Stops all application code of a cgroup and those below it, and lets it go on: the freezer of cgroups, and what keeps a
 * cgroup to its share of the processors. Tasks stop on their way from the Sentry back to their program, so that a system
 * call begun before ends first, and one that sleeps sleeps on.
 *
 * <p>Lock: the cgroups' one ({@link Cgroup#tree}) for every change.
 */
final class Pause {
    private static final long RETRY_NANOS = 200_000;

    private final Cgroup cgroup;
    private boolean paused;
    private boolean throttled;
    private boolean watched;
    /** Tasks are to stop, for a reason here or above. */
    private volatile boolean stopped;
    /** That, or {@link CpuBandwidth} is to hear of the first that runs. */
    private volatile boolean active;

    Pause(Cgroup cgroup) {
        this.cgroup = cgroup;
        update();
    }

    /** Whether tasks are to come to {@link #hold} before they run application code. */
    boolean isActive() {
        return active;
    }

    /** Stops them. When this returns no task runs application code. */
    void begin() {
        synchronized (cgroup.tree) {
            paused = true;
            update();
        }
        while (interruptAll()) {
            LockSupport.parkNanos(this, RETRY_NANOS);
        }
    }

    /** Lets them go on. */
    void end() {
        synchronized (cgroup.tree) {
            paused = false;
            update();
        }
        wakeAll();
    }

    /** Whether {@link #begin} was the last that was asked. */
    boolean isPaused() {
        synchronized (cgroup.tree) {
            return paused;
        }
    }

    /** They have had their share of the processors, or there is a new one. */
    void throttle(boolean on) {
        synchronized (cgroup.tree) {
            throttled = on;
            update();
        }
        if (!on) {
            wakeAll();
        }
    }

    /** Whether {@link CpuBandwidth#wakeUp} is wanted. */
    void watch(boolean on) {
        synchronized (cgroup.tree) {
            watched = on;
            update();
        }
    }

    private void update() {
        Pause above = cgroup.parent == null ? null : cgroup.parent.pause;
        stopped = paused || throttled || above != null && above.stopped;
        active = stopped || watched || above != null && above.active;
        for (Cgroup child : cgroup.children) {
            child.pause.update();
        }
    }

    private void wakeAll() {
        for (Task task : cgroup.kernel.tasks.values()) {
            if (task.cgroup.isWithin(cgroup)) {
                LockSupport.unpark(task.thread);
            }
        }
    }

    /** Kicks who is in application code; whether there was somebody. */
    boolean interruptAll() {
        boolean running = false;
        for (Task task : cgroup.kernel.tasks.values()) {
            // whoever enters application code says so first and then looks at active
            if (task.inApplication && task.cgroup.isWithin(cgroup)) {
                task.context.interrupt();
                running = true;
            }
        }
        return running;
    }

    /** The calling task stays here until it may run, or has to die: SIGKILL ends a paused process. */
    void hold(Task task) {
        for (Cgroup group = cgroup; group != null; group = group.parent) {
            group.bandwidth.wakeUp();
        }
        while (stopped && !task.killed && !task.threadGroup.exiting) {
            LockSupport.park(this);
        }
    }
}
