package gvj.kernel;

/** Something registered on a {@link WaitQueue}: a task that sleeps, or an epoll item that passes the news on. */
public abstract class WaitEntry {
    /** POLL* bits this entry wants to hear of; 0 bits in an event never match, {@code ~0} matches all. */
    public int events = ~0;
    /** Woken alone among the exclusive ones, as EPOLLEXCLUSIVE and accept want it. */
    public boolean exclusive;
    /** Tells what happens and not what is: whatever was ready before must not look like news, as EPOLLET wants it. */
    public boolean edges;

    WaitQueue queue;
    WaitEntry previous;
    WaitEntry next;

    /**
     * Called with the queue's lock held when one of {@link #events} happened: must not block nor take locks that are
     * held while adding to a queue.
     *
     * @return whether this entry really used the wake-up (counts for exclusive entries)
     */
    protected abstract boolean wake(int happened);

    /** Whether it is on a queue now. */
    public final boolean isQueued() {
        return queue != null;
    }

    /** Leaves the queue it is on, if any; also from within {@link #wake}. */
    public final void leave() {
        WaitQueue on = queue;
        if (on != null) {
            on.remove(this);
        }
    }
}
