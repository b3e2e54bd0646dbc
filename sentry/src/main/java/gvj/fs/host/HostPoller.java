package gvj.fs.host;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Poll;
import gvj.host.Host;
import gvj.host.Mem;
import java.util.Arrays;

/**
 * One thread that waits for host descriptors and tells who watches them, edge by edge. Whoever wants to know registers
 * first and looks then: an edge in between is told.
 *
 * <p>An event costs the same however many are watched: it carries the number of a slot, and how often that slot has been
 * given away, so that one that comes late finds nobody.
 *
 * <p>Lock: the monitor guards the slots; nobody is told anything while it is held.
 */
public final class HostPoller {
    /** Who hears of a descriptor. */
    public interface Watcher {
        /** {@code events} (POLL*) hold, or held a moment ago. Called by the poller's thread: must not block. */
        void ready(int events);
    }

    /** struct epoll_event is packed: 4 bytes of events, 8 of data. */
    private static final int EVENT_BYTES = 12;

    private static final int MAX_EVENTS = 256;

    private Watcher[] watchers = new Watcher[16];
    /** How often each slot was given back. */
    private int[] generations = new int[16];

    private int[] free = new int[16];
    private int freeCount;
    private int used;
    private int epoll = -1;

    /**
     * Watches {@code fd}, which the caller keeps open until {@link #remove}.
     *
     * @param events POLL* bits to tell of; POLLERR and POLLHUP always are
     * @return what {@link #remove} takes, not negative; or -errno: EPERM where the host cannot wait because the file is always
     *     ready
     */
    public synchronized long add(int fd, int events, Watcher watcher) {
        if (epoll < 0) {
            start();
        }
        int slot = freeCount > 0 ? free[--freeCount] : used++;
        if (slot == watchers.length) {
            watchers = Arrays.copyOf(watchers, slot * 2);
            generations = Arrays.copyOf(generations, slot * 2);
        }
        long key = (long) generations[slot] << 32 | slot;
        watchers[slot] = watcher;
        int error = Host.epollCtl(epoll, Poll.EPOLL_CTL_ADD, fd, events | Poll.EPOLLET, key);
        if (error < 0) {
            giveBack(slot);
            return error;
        }
        return key;
    }

    private void start() {
        epoll = Host.epollCreate1(Fcntl.O_CLOEXEC);
        Thread thread = new Thread(null, this::loop, "host-poller", 256 << 10);
        thread.setDaemon(true);
        thread.start();
    }

    /** Tells of other events from now on; and of those that hold now. */
    public void change(int fd, int events, long key) {
        Host.epollCtl(epoll, Poll.EPOLL_CTL_MOD, fd, events | Poll.EPOLLET, key);
    }

    /** Ends {@link #add}. */
    public synchronized void remove(int fd, long key) {
        Host.epollCtl(epoll, Poll.EPOLL_CTL_DEL, fd, 0, 0);
        giveBack((int) key);
    }

    private void giveBack(int slot) {
        watchers[slot] = null;
        generations[slot] = generations[slot] + 1 & Integer.MAX_VALUE;
        if (freeCount == free.length) {
            free = Arrays.copyOf(free, freeCount * 2);
        }
        free[freeCount++] = slot;
    }

    private synchronized Watcher watcher(long key) {
        int slot = (int) key;
        return generations[slot] == (int) (key >> 32) ? watchers[slot] : null;
    }

    private void loop() {
        long events = Host.malloc((long) EVENT_BYTES * MAX_EVENTS);
        while (true) {
            int n = Host.epollWait(epoll, events, MAX_EVENTS, -1);
            if (n < 0 && n != -Errno.EINTR) {
                throw new IllegalStateException("the host's epoll answers " + n);
            }
            for (int i = 0; i < n; i++) {
                long event = events + (long) i * EVENT_BYTES;
                Watcher told = watcher(Mem.getLong(event + 4));
                if (told != null) {
                    told.ready(Mem.getInt(event));
                }
            }
        }
    }
}
