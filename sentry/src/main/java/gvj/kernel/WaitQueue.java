package gvj.kernel;

/**
 * Those who wait for something to happen to an object: Linux's wait queue head.
 *
 * <p>Lock order: the queue's own monitor is innermost; it guards the list and is held while entries are called.
 */
public final class WaitQueue {
    private WaitEntry head;
    private WaitEntry tail;
    private volatile boolean empty = true;

    /** Appends {@code entry}, which must not be on any queue. */
    public synchronized void add(WaitEntry entry) {
        if (entry.queue != null) {
            throw new IllegalStateException("wait entry is queued already");
        }
        entry.queue = this;
        entry.previous = tail;
        entry.next = null;
        if (tail == null) {
            head = entry;
        } else {
            tail.next = entry;
        }
        tail = entry;
        empty = false;
    }

    /** Takes {@code entry} off this queue; nothing happens if it is not on it. */
    public synchronized void remove(WaitEntry entry) {
        if (entry.queue != this) {
            return;
        }
        if (entry.previous == null) {
            head = entry.next;
        } else {
            entry.previous.next = entry.next;
        }
        if (entry.next == null) {
            tail = entry.previous;
        } else {
            entry.next.previous = entry.previous;
        }
        entry.queue = null;
        entry.previous = null;
        entry.next = null;
        empty = head == null;
    }

    /** Wakes every interested entry that is not exclusive and the first exclusive one that takes it. */
    public void wake(int events) {
        wake(events, 1);
    }

    /** Wakes every interested entry. */
    public void wakeAll(int events) {
        wake(events, Integer.MAX_VALUE);
    }

    private void wake(int events, int exclusiveLimit) {
        if (empty) {
            return;
        }
        synchronized (this) {
            int left = exclusiveLimit;
            for (WaitEntry entry = head; entry != null; ) {
                WaitEntry next = entry.next;
                if ((entry.events & events) != 0 && (!entry.exclusive || left > 0)) {
                    if (entry.wake(events) && entry.exclusive) {
                        left--;
                    }
                }
                entry = next;
            }
        }
    }

    /** Whether nobody waits; only a hint unless the caller excludes {@link #add}. */
    public boolean isEmpty() {
        return empty;
    }
}
