package gvj.kernel.ipc;

import gvj.abi.Errno;
import gvj.kernel.Task;

/**
 * A task asleep at an object. Who changes the object does the sleeper's work for it, in the order they came, and wakes it
 * with the result: so no change that would have let it go on is missed because another followed at once.
 */
abstract class IpcWaiter {
    private static final int PENDING = 1;

    private final Task task;
    private volatile long result = PENDING;

    IpcWaiter(Task task) {
        this.task = task;
    }

    final boolean isPending() {
        return result == PENDING;
    }

    /** Ends the wait with 0 or {@code -errno}. The object's monitor is held. */
    final void complete(long answer) {
        result = answer;
        task.wakeUp();
    }

    /** Takes it off the object's list, called with the object's monitor held. */
    abstract void forget();

    /**
     * Sleeps until somebody completes it.
     *
     * @param object whose monitor guards the list it is on
     * @param deadline {@link Task#FOREVER} or what {@link Task#park} takes
     * @return what it was completed with, {@code -EINTR} (never restarted, signal(7)), or {@code -EAGAIN} if time ran out
     */
    final long await(Object object, long deadline) {
        while (true) {
            task.prepareToWait();
            if (!isPending()) {
                return result;
            }
            int how = task.park(deadline);
            if (how != Task.WOKEN) {
                synchronized (object) {
                    if (isPending()) {
                        forget();
                        result = how == Task.TIMED_OUT ? -Errno.EAGAIN : -Errno.EINTR;
                    }
                    return result;
                }
            }
        }
    }
}
