package gvj.kernel;

import gvj.mm.FutexKey;

/** One that waits for a futex word. Fields are guarded by the lock of the bucket it is in. */
final class FutexWaiter {
    final Task task;
    FutexKey key;
    /** FUTEX_WAIT_BITSET. */
    final int bitset;
    /** Where it waits; null once it was woken or has left. */
    volatile FutexBucket bucket;
    /** It was woken, or for a PI futex given the lock. */
    volatile boolean woken;

    /** It waits to own a PI futex. */
    boolean pi;
    /** Where the PI futex is in the waiter's memory. */
    long address;
    /** Who owned the PI futex when it began to wait. */
    Task owner;
    /** FUTEX_WAIT_REQUEUE_PI: the PI futex it agreed to be moved to. */
    FutexKey requeueTo;

    FutexWaiter(Task task, FutexKey key, int bitset) {
        this.task = task;
        this.key = key;
        this.bitset = bitset;
    }
}
