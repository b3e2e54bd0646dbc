package gvj.kernel;

import gvj.mm.FutexKey;
import java.util.ArrayDeque;
import java.util.Iterator;

/**
 * Waiters whose keys hash alike, in the order they came.
 *
 * <p>Lock: the monitor guards the list and the fields of its waiters. Two buckets are locked in the order of their index.
 * The memory manager's locks are taken inside of it.
 */
final class FutexBucket {
    final int index;
    private final ArrayDeque<FutexWaiter> waiters = new ArrayDeque<>(2);

    FutexBucket(int index) {
        this.index = index;
    }

    void add(FutexWaiter waiter) {
        waiter.bucket = this;
        waiters.add(waiter);
    }

    /** Takes {@code waiter} off; false if it is not here (any more). */
    boolean remove(FutexWaiter waiter) {
        if (waiter.bucket != this) {
            return false;
        }
        waiter.bucket = null;
        return waiters.remove(waiter);
    }

    Iterator<FutexWaiter> iterator() {
        return waiters.iterator();
    }

    /** The first that waits for {@code key}, or null. */
    FutexWaiter first(FutexKey key) {
        for (FutexWaiter waiter : waiters) {
            if (waiter.key.equals(key)) {
                return waiter;
            }
        }
        return null;
    }

    /** Wakes one that has been taken off the list. */
    static void wake(FutexWaiter waiter) {
        waiter.bucket = null;
        waiter.woken = true;
        waiter.task.wakeUp();
    }
}
