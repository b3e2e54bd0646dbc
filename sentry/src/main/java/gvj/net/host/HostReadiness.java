package gvj.net.host;

import gvj.abi.Poll;
import gvj.fs.host.HostPoller;
import gvj.host.HostNet;
import gvj.kernel.ErrnoException;
import gvj.kernel.WaitQueue;

/**
 * Wakes those who wait for a socket of the host. The {@link HostPoller} is asked when somebody waits for the first time.
 *
 * <p>Lock: the monitor guards the registration with the poller.
 */
public final class HostReadiness implements HostPoller.Watcher {
    /** Who hears of what the poller tells, after those who wait. */
    public interface Listener {
        /** {@code events} are POLL* bits that held a moment ago. */
        void happened(int events);
    }

    private static final int READABLE = Poll.POLLIN | Poll.POLLPRI | Poll.POLLRDHUP;
    /** Longer than the poller could need to tell of what was there before it began. */
    private static final long SETTLE_NANOS = 20_000_000;

    private final HostPoller poller;
    private final int fd;
    private final WaitQueue queue;
    private final Listener listener;
    /** What the poller knows it by, -1 while nobody waited. */
    private volatile long watched = -1;
    /** The poller tells of room to write, too. */
    private volatile boolean watchesRoom;
    /** The poller has told something. */
    private boolean told;

    /** For the host's socket {@code fd}, for whom {@code queue} is woken with POLL* bits. */
    public HostReadiness(HostPoller poller, int fd, WaitQueue queue, Listener listener) {
        this.poller = poller;
        this.fd = fd;
        this.queue = queue;
        this.listener = listener;
    }

    /** The end of it, before the descriptor is closed. */
    public synchronized void close() {
        if (watched >= 0) {
            poller.remove(fd, watched);
            watched = -1;
        }
    }

    /** poll(2) of the host's socket, which the poller follows from now on if there is no room to write. */
    public int poll(int mask) {
        int now = HostNet.poll(fd, mask);
        if ((mask & Poll.POLLOUT) != 0 && (now & Poll.POLLOUT) == 0 && watchRoom()) {
            now = HostNet.poll(fd, mask);
        }
        return now;
    }

    /**
     * Has the poller tell of what can be read, from the first time somebody waits until the end.
     *
     * @param settle also waits until it has told of what is there already, which would look like news later
     */
    public synchronized void watch(boolean settle) {
        if (watched >= 0) {
            return;
        }
        boolean ready = settle && HostNet.poll(fd, READABLE) != 0;
        watched = ErrnoException.check(poller.add(fd, READABLE, this));
        long deadline = System.nanoTime() + SETTLE_NANOS;
        while (ready && !told && System.nanoTime() - deadline < 0) {
            try {
                wait(1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** Has the poller tell of room to write as well; false if it does already, or tells nothing at all. */
    public boolean watchRoom() {
        if (watched < 0 || watchesRoom) {
            return false;
        }
        synchronized (this) {
            if (watched < 0 || watchesRoom) {
                return false;
            }
            watchesRoom = true;
            poller.change(fd, READABLE | Poll.POLLOUT, watched);
            return true;
        }
    }

    @Override
    public void ready(int events) {
        int bits = events;
        if ((events & Poll.POLLIN) != 0) {
            bits |= Poll.POLLRDNORM;
        }
        if ((events & Poll.POLLOUT) != 0) {
            bits |= Poll.POLLWRNORM;
        }
        queue.wake(bits);
        if (!told) {
            synchronized (this) {
                told = true;
                notifyAll();
            }
        }
        listener.happened(events);
    }
}
