package gvj.kernel;

import gvj.abi.Signals;

/**
 * A piece of the Java heap that is given back when the heap is full, so that the process that filled it can be killed,
 * as Linux kills one when its own memory is out, and the rest of the sandbox goes on.
 */
final class HeapReserve {
    private static final int BYTES = 1 << 20;

    private byte[] reserve = new byte[BYTES];

    /** The heap had no room for what {@code task} asked: its process dies. */
    void full(Task task) {
        synchronized (this) {
            reserve = null;
        }
        synchronized (task.threadGroup.signalLock) {
            Exit.beginGroupExit(task.threadGroup, Signals.SIGKILL);
        }
        task.kernel.log(task.name + "[" + task.tid + "]: out of kernel memory, killed");
    }

    /** A task has ended: takes the reserve again if there is room. */
    void refill() {
        synchronized (this) {
            if (reserve == null) {
                try {
                    reserve = new byte[BYTES];
                } catch (OutOfMemoryError e) {
                    reserve = null; // the next one to end tries again
                }
            }
        }
    }

    /** Bytes held back now. */
    synchronized int held() {
        return reserve == null ? 0 : reserve.length;
    }
}
