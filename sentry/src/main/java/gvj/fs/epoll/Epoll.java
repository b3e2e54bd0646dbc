package gvj.fs.epoll;

import gvj.abi.Bytes;
import gvj.abi.Errno;
import gvj.abi.Poll;
import gvj.kernel.ErrnoException;
import gvj.kernel.FileText;
import gvj.kernel.Kernel;
import gvj.kernel.WaitEntry;
import gvj.kernel.WaitQueue;
import gvj.vfs.FileDescription;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/**
 * An epoll(7) instance.
 *
 * <p>Files tell it through their wait queues when something may have happened, which puts the item on the ready list;
 * waiting looks at that list only, so its cost follows what is ready and not what is watched. A level-triggered item that
 * was reported goes back on the list and leaves it when it is found not ready.
 *
 * <p>Locks: {@link #NESTING} (only for adding epolls to epolls), then {@link #mutex}, which guards the items and is held
 * while files are asked for their state, an outer epoll's before an inner one's; then the wait queues of files; then
 * {@link #readyLock}, which guards the ready list; then the two queues here.
 */
public final class Epoll extends FileDescription {
    /** Bytes of a packed struct epoll_event. */
    public static final int EVENT_BYTES = 12;

    private static final int READABLE = Poll.POLLIN | Poll.POLLRDNORM;
    private static final int ALWAYS = Poll.POLLERR | Poll.POLLHUP;
    /** What may stand beside EPOLLEXCLUSIVE. */
    private static final int EXCLUSIVE_OK =
            Poll.EPOLLIN | Poll.EPOLLOUT | ALWAYS | Poll.EPOLLWAKEUP | Poll.EPOLLET | Poll.EPOLLEXCLUSIVE;
    /** How many epolls may watch each other in a row. */
    private static final int MAX_CHAIN = 5;
    /** fs.epoll.max_user_watches. */
    private static final int MAX_WATCHES = 1 << 20;

    private static final ReentrantLock NESTING = new ReentrantLock();
    private static final AtomicInteger WATCHES = new AtomicInteger();

    /** Tasks in epoll_wait; each wake-up is for one of them. */
    public final WaitQueue waiters = new WaitQueue();

    private final WaitQueue pollers = new WaitQueue();
    private final ReentrantLock mutex = new ReentrantLock();
    private final Map<Integer, EpollItem> items = new HashMap<>();

    /** Epolls that watch this one; its own monitor guards it. */
    private final List<Epoll> parents = new ArrayList<>(0);

    private final Object readyLock = new Object();
    private EpollItem firstReady;
    private EpollItem lastReady;
    private int readyCount;

    /** epoll_create1(2). */
    public Epoll(Kernel kernel) {
        super(kernel.anonFs.newPath("anon_inode:[eventpoll]", 0600, 0, 0), gvj.abi.Fcntl.O_RDWR);
    }

    /** EPOLL_CTL_ADD: EEXIST, EPERM, EINVAL, ELOOP, ENOSPC. */
    public long add(int fd, FileDescription file, int events, long data) {
        if ((events & Poll.EPOLLEXCLUSIVE) != 0 && ((events & ~EXCLUSIVE_OK) != 0 || file instanceof Epoll)) {
            return -Errno.EINVAL;
        }
        if (!(file instanceof Epoll inner)) {
            return insert(fd, file, events, data);
        }
        NESTING.lock();
        try {
            if (inner.reaches(this, Collections.newSetFromMap(new IdentityHashMap<>()))) {
                return -Errno.ELOOP;
            }
            int above = chain(false, new IdentityHashMap<>());
            if (above + inner.chain(true, new IdentityHashMap<>()) > MAX_CHAIN) {
                return -Errno.ELOOP;
            }
            long result = insert(fd, file, events, data);
            if (result == 0) {
                synchronized (inner.parents) {
                    inner.parents.add(this);
                }
            }
            return result;
        } finally {
            NESTING.unlock();
        }
    }

    private long insert(int fd, FileDescription file, int events, long data) {
        mutex.lock();
        try {
            if (find(fd, file) != null) {
                return -Errno.EEXIST;
            }
            if (WATCHES.incrementAndGet() > MAX_WATCHES) {
                WATCHES.decrementAndGet();
                return -Errno.ENOSPC;
            }
            EpollItem item = new EpollItem(this, file, fd, (events & ~Poll.EPOLLWAKEUP) | ALWAYS, data);
            item.nextSameFd = items.put(fd, item);
            file.addReleaseWatch(item);
            file.addWaiter(item);
            if (item.pollFile() != 0) {
                makeReady(item);
            }
            return 0;
        } finally {
            mutex.unlock();
        }
    }

    /** EPOLL_CTL_MOD: ENOENT, EINVAL. */
    public long modify(int fd, FileDescription file, int events, long data) {
        if ((events & Poll.EPOLLEXCLUSIVE) != 0) {
            return -Errno.EINVAL;
        }
        mutex.lock();
        try {
            EpollItem item = find(fd, file);
            if (item == null) {
                return -Errno.ENOENT;
            }
            if (item.exclusive) {
                return -Errno.EINVAL;
            }
            item.data = data;
            item.interest = (events & ~Poll.EPOLLWAKEUP) | ALWAYS;
            if (item.pollFile() != 0) {
                makeReady(item);
            }
            return 0;
        } finally {
            mutex.unlock();
        }
    }

    /** EPOLL_CTL_DEL: ENOENT. */
    public long delete(int fd, FileDescription file) {
        mutex.lock();
        try {
            EpollItem item = find(fd, file);
            if (item == null) {
                return -Errno.ENOENT;
            }
            file.removeReleaseWatch(item);
            drop(item);
            return 0;
        } finally {
            mutex.unlock();
        }
    }

    /** The file of {@code item} was closed for good. */
    void forget(EpollItem item) {
        mutex.lock();
        try {
            drop(item);
        } finally {
            mutex.unlock();
        }
    }

    private EpollItem find(int fd, FileDescription file) {
        EpollItem item = items.get(fd);
        while (item != null && item.file != file) {
            item = item.nextSameFd;
        }
        return item;
    }

    /** Takes an item out of everything. The mutex is held. */
    private void drop(EpollItem item) {
        if (item.removed) {
            return;
        }
        item.removed = true;
        item.interest = 0;
        item.file.removeWaiter(item);
        if (item.file instanceof Epoll inner) {
            synchronized (inner.parents) {
                inner.parents.remove(this);
            }
        }
        EpollItem head = items.get(item.fd);
        if (head == item) {
            if (item.nextSameFd == null) {
                items.remove(item.fd);
            } else {
                items.put(item.fd, item.nextSameFd);
            }
        } else {
            while (head.nextSameFd != item) {
                head = head.nextSameFd;
            }
            head.nextSameFd = item.nextSameFd;
        }
        synchronized (readyLock) {
            unlinkReady(item);
        }
        WATCHES.decrementAndGet();
    }

    /** A wait queue of the file says that something happened; its lock is held. */
    boolean happened(EpollItem item, int events) {
        int wanted = item.wanted();
        if ((wanted & events) == 0) {
            return false;
        }
        boolean somebodyWaits = !waiters.isEmpty();
        makeReady(item);
        return !item.exclusive || somebodyWaits;
    }

    private void makeReady(EpollItem item) {
        synchronized (readyLock) {
            if (item.removed) {
                return;
            }
            if (!item.isReady) {
                appendReady(item);
            }
        }
        waiters.wake(READABLE);
        pollers.wake(READABLE);
    }

    private void appendReady(EpollItem item) {
        item.isReady = true;
        item.previousReady = lastReady;
        item.nextReady = null;
        if (lastReady == null) {
            firstReady = item;
        } else {
            lastReady.nextReady = item;
        }
        lastReady = item;
        readyCount++;
    }

    private void unlinkReady(EpollItem item) {
        if (!item.isReady) {
            return;
        }
        if (item.previousReady == null) {
            firstReady = item.nextReady;
        } else {
            item.previousReady.nextReady = item.nextReady;
        }
        if (item.nextReady == null) {
            lastReady = item.previousReady;
        } else {
            item.nextReady.previousReady = item.previousReady;
        }
        item.previousReady = null;
        item.nextReady = null;
        item.isReady = false;
        readyCount--;
    }

    private EpollItem takeReady() {
        synchronized (readyLock) {
            EpollItem item = firstReady;
            if (item != null) {
                unlinkReady(item);
            }
            return item;
        }
    }

    private void putBackReady(EpollItem item) {
        synchronized (readyLock) {
            if (!item.isReady && !item.removed) {
                appendReady(item);
            }
        }
    }

    private int readyCount() {
        synchronized (readyLock) {
            return readyCount;
        }
    }

    /** How many events {@link #collect} may find: an upper bound for now. */
    public int expected() {
        return readyCount();
    }

    /**
     * Puts what is ready into {@code out} as packed epoll_events.
     *
     * @return how many, at most {@code max}
     */
    public int collect(byte[] out, int max) {
        if (readyCount() == 0) {
            return 0;
        }
        int n = 0;
        mutex.lock();
        try {
            for (int left = readyCount(); left > 0 && n < max; left--) {
                EpollItem item = takeReady();
                if (item == null) {
                    break;
                }
                int bits = item.pollFile();
                if (bits == 0) {
                    continue;
                }
                Bytes.putInt(out, n * EVENT_BYTES, bits);
                Bytes.putLong(out, n * EVENT_BYTES + 4, item.data);
                n++;
                int interest = item.interest;
                if ((interest & Poll.EPOLLONESHOT) != 0) {
                    item.interest = interest & EpollItem.PRIVATE;
                } else if ((interest & Poll.EPOLLET) == 0) {
                    putBackReady(item);
                }
            }
        } finally {
            mutex.unlock();
        }
        passOn();
        return n;
    }

    /** Wakes the next one in epoll_wait if something is left: also for one that stops waiting without looking. */
    public void passOn() {
        if (!waiters.isEmpty() && readyCount() > 0) {
            waiters.wake(READABLE);
        }
    }

    @Override
    public int poll(int mask) {
        if (readyCount() == 0) {
            return 0;
        }
        mutex.lock();
        try {
            for (int left = readyCount(); left > 0; left--) {
                EpollItem item = takeReady();
                if (item == null) {
                    break;
                }
                if (item.pollFile() != 0) {
                    putBackReady(item);
                    return mask & READABLE;
                }
            }
            return 0;
        } finally {
            mutex.unlock();
        }
    }

    @Override
    public boolean isPollable() {
        return true;
    }

    @Override
    public void addWaiter(WaitEntry entry) {
        pollers.add(entry);
    }

    @Override
    public void removeWaiter(WaitEntry entry) {
        pollers.remove(entry);
    }

    @Override
    protected void release() {
        mutex.lock();
        try {
            while (!items.isEmpty()) {
                EpollItem item = items.values().iterator().next();
                item.file.removeReleaseWatch(item);
                drop(item);
            }
        } finally {
            mutex.unlock();
        }
    }

    // ---- epolls that watch epolls ----

    /** Whether this is {@code target} or watches it, directly or not. {@link #NESTING} is held. */
    private boolean reaches(Epoll target, Set<Epoll> seen) {
        if (this == target) {
            return true;
        }
        if (!seen.add(this)) {
            return false;
        }
        for (Epoll child : children()) {
            if (child.reaches(target, seen)) {
                return true;
            }
        }
        return false;
    }

    /** The epolls in the longest chain below this one, or above it, with this one. {@link #NESTING} is held. */
    private int chain(boolean below, Map<Epoll, Integer> known) {
        Integer length = known.get(this);
        if (length == null) {
            int longest = 0;
            for (Epoll next : below ? children() : parents()) {
                longest = Math.max(longest, next.chain(below, known));
            }
            length = longest + 1;
            known.put(this, length);
        }
        return length;
    }

    private List<Epoll> children() {
        List<Epoll> found = new ArrayList<>();
        mutex.lock();
        try {
            for (EpollItem head : items.values()) {
                for (EpollItem item = head; item != null; item = item.nextSameFd) {
                    if (item.file instanceof Epoll child) {
                        found.add(child);
                    }
                }
            }
        } finally {
            mutex.unlock();
        }
        return found;
    }

    private List<Epoll> parents() {
        synchronized (parents) {
            return new ArrayList<>(parents);
        }
    }

    @Override
    public String fdInfo() {
        StringBuilder text = new StringBuilder();
        mutex.lock();
        try {
            for (EpollItem head : items.values()) {
                for (EpollItem item = head; item != null; item = item.nextSameFd) {
                    text.append(FileText.format(
                            "tfd: %8d events: %8x data: %16x  pos:%d ino:%x sdev:%x\n",
                            item.fd,
                            item.interest,
                            item.data,
                            item.file.position(),
                            item.file.inodeNumber(),
                            item.file.device()));
                }
            }
        } finally {
            mutex.unlock();
        }
        return text.toString();
    }

    /** Throws EINVAL unless {@code file} is an epoll instance. */
    public static Epoll of(FileDescription file) {
        if (file instanceof Epoll epoll) {
            return epoll;
        }
        throw ErrnoException.of(Errno.EINVAL);
    }
}
