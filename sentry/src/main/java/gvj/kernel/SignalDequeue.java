package gvj.kernel;

/** Taking waiting signals by asking for them: signalfd(2). */
public final class SignalDequeue {
    private SignalDequeue() {}

    /** Takes one signal of {@code wanted} that waits for {@code task} or its process; null if none does. */
    public static SignalInfo take(Task task, long wanted) {
        synchronized (task.threadGroup.signalLock) {
            return SignalDelivery.take(task, wanted & ~SignalSets.UNBLOCKABLE);
        }
    }

    /** The signals that wait for {@code task} or its process, as a mask. */
    public static long pending(Task task) {
        synchronized (task.threadGroup.signalLock) {
            return task.pending.mask() | task.threadGroup.pending.mask();
        }
    }
}
