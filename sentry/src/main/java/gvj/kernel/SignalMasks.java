package gvj.kernel;

/** Changing what a thread blocks. */
public final class SignalMasks {
    private SignalMasks() {}

    /** Sets the mask of the calling task; signals of the process it no longer takes go to other threads. */
    public static void set(Task task, long mask) {
        ThreadGroup process = task.threadGroup;
        synchronized (process.signalLock) {
            setLocked(task, mask & ~SignalSets.UNBLOCKABLE);
        }
    }

    /** The signal lock is held. */
    static void setLocked(Task task, long mask) {
        long newlyBlocked = mask & ~task.blocked;
        task.blocked = mask;
        if (newlyBlocked != 0) {
            retarget(task, newlyBlocked);
        }
        if (hasWork(task)) {
            task.interrupted = true;
        }
    }

    /** Wakes other threads for signals of the process that {@code task} was to take and does not any more. */
    static void retarget(Task task, long signals) {
        long left = task.threadGroup.pending.mask() & signals;
        if (left == 0) {
            return;
        }
        for (Task other : task.threadGroup.threads) {
            if (other != task && !other.killed && (left & ~other.blocked) != 0) {
                left &= other.blocked;
                other.interrupt();
                if (left == 0) {
                    return;
                }
            }
        }
    }

    /** Whether something must be done before the task goes on. The signal lock is held. */
    static boolean hasWork(Task task) {
        ThreadGroup process = task.threadGroup;
        return process.exiting
                || task.killed
                || task.stopCounted
                || (task.tracee != null && task.tracee.trapPending())
                || process.jobControl.hasNews()
                || ((task.pending.mask() | process.pending.mask()) & ~task.blocked) != 0;
    }
}
