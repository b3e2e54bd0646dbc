package gvj.fs.inotify;

import gvj.abi.Bytes;
import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Ioctl;
import gvj.abi.Poll;
import gvj.kernel.ErrnoException;
import gvj.kernel.FileText;
import gvj.kernel.Kernel;
import gvj.kernel.Task;
import gvj.kernel.WaitEntry;
import gvj.kernel.WaitQueue;
import gvj.mm.IoBuffer;
import gvj.vfs.FileDescription;
import gvj.vfs.Inode;
import gvj.vfs.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An inotify(7) instance: watches and the queue of what happened.
 *
 * <p>Lock: the monitor guards both. {@link InodeWatches} may be called under it, the VFS may not.
 */
public final class Inotify extends FileDescription {
    /** fs.inotify.max_queued_events. */
    private static final int MAX_QUEUED = 16384;
    /** fs.inotify.max_user_watches, for each instance. */
    private static final int MAX_WATCHES = 1 << 16;
    /** fs.inotify.max_user_instances. */
    private static final int MAX_INSTANCES = 4096;
    /** Bytes of a struct inotify_event before the name; names are padded to a multiple of it. */
    private static final int HEADER = 16;
    /** Events that a watch may ask for, and that are told without asking. */
    private static final int REPORTED = Poll.IN_ALL_EVENTS | Poll.IN_ISDIR | Poll.IN_UNMOUNT;

    private static final AtomicInteger INSTANCES = new AtomicInteger();

    private record Event(int descriptor, int mask, int cookie, String name) {
        int bytes() {
            return HEADER + (name.isEmpty() ? 0 : (name.length() + HEADER) / HEADER * HEADER);
        }

        boolean merges(Event later) {
            return mask == later.mask && descriptor == later.descriptor && name.equals(later.name);
        }
    }

    private final WaitQueue queue = new WaitQueue();
    private final ArrayDeque<Event> events = new ArrayDeque<>();
    private final Map<Integer, InotifyWatch> watches = new HashMap<>();
    private final Map<Inode, InotifyWatch> byInode = new IdentityHashMap<>();
    private int lastDescriptor;
    private boolean overflowed;

    private Inotify(Kernel kernel, int flags) {
        super(kernel.anonFs.newPath("anon_inode:inotify", 0600, 0, 0), Fcntl.O_RDONLY | flags & Poll.IN_NONBLOCK);
    }

    /** inotify_init1(2); EMFILE if there are too many. */
    public static Inotify create(Kernel kernel, int flags) {
        if (INSTANCES.incrementAndGet() > MAX_INSTANCES) {
            INSTANCES.decrementAndGet();
            throw ErrnoException.of(Errno.EMFILE);
        }
        return new Inotify(kernel, flags);
    }

    /** inotify_add_watch(2) of what was found and may be read: the watch descriptor; EEXIST, ENOSPC. */
    public synchronized int add(Path path, int mask) {
        int wanted = mask & (Poll.IN_ALL_EVENTS | Poll.IN_ONESHOT | Poll.IN_EXCL_UNLINK);
        InotifyWatch known = byInode.get(path.inode());
        if (known != null) {
            if ((mask & Poll.IN_MASK_CREATE) != 0) {
                throw ErrnoException.of(Errno.EEXIST);
            }
            known.mask = (mask & Poll.IN_MASK_ADD) != 0 ? known.mask | wanted : wanted;
            return known.descriptor;
        }
        if (watches.size() >= MAX_WATCHES) {
            throw ErrnoException.of(Errno.ENOSPC);
        }
        do {
            lastDescriptor = lastDescriptor == Integer.MAX_VALUE ? 1 : lastDescriptor + 1;
        } while (watches.containsKey(lastDescriptor));
        InotifyWatch watch = new InotifyWatch(this, lastDescriptor, path, wanted);
        watches.put(watch.descriptor, watch);
        byInode.put(path.inode(), watch);
        InodeWatches.add(path.inode(), watch);
        return watch.descriptor;
    }

    /** inotify_rm_watch(2): EINVAL. */
    public long remove(int descriptor) {
        synchronized (this) {
            InotifyWatch watch = watches.get(descriptor);
            if (watch == null) {
                return -Errno.EINVAL;
            }
            removeAndTell(watch);
        }
        queue.wake(Poll.POLLIN | Poll.POLLRDNORM);
        return 0;
    }

    private void removeAndTell(InotifyWatch watch) {
        forget(watch);
        append(new Event(watch.descriptor, Poll.IN_IGNORED, 0, ""));
    }

    private void forget(InotifyWatch watch) {
        if (!watch.removed) {
            watch.removed = true;
            watches.remove(watch.descriptor);
            byInode.remove(watch.inode);
            InodeWatches.remove(watch.inode, watch);
        }
    }

    /** Something happened to what {@code watch} watches. */
    void event(InotifyWatch watch, int mask, int cookie, String name) {
        boolean gone = (mask & (Poll.IN_DELETE_SELF | Poll.IN_UNMOUNT)) != 0;
        boolean asked = (mask & (watch.mask & Poll.IN_ALL_EVENTS | Poll.IN_UNMOUNT)) != 0;
        if (!asked && !gone) {
            return;
        }
        synchronized (this) {
            if (watch.removed) {
                return;
            }
            if (asked) {
                append(new Event(watch.descriptor, mask & REPORTED, cookie, name));
            }
            if (gone || (watch.mask & Poll.IN_ONESHOT) != 0) {
                removeAndTell(watch);
            }
        }
        queue.wake(Poll.POLLIN | Poll.POLLRDNORM);
    }

    private void append(Event event) {
        Event last = events.peekLast();
        if (last != null && last.merges(event)) {
            return;
        }
        if (events.size() >= MAX_QUEUED) {
            if (!overflowed) {
                overflowed = true;
                events.add(new Event(-1, Poll.IN_Q_OVERFLOW, 0, ""));
            }
            return;
        }
        events.add(event);
    }

    @Override
    public synchronized long read(Task task, IoBuffer to) {
        long moved = 0;
        while (!events.isEmpty()) {
            Event event = events.peekFirst();
            int bytes = event.bytes();
            if (bytes > to.remaining()) {
                return moved > 0 ? moved : -Errno.EINVAL;
            }
            byte[] out = new byte[bytes];
            encode(event, out);
            if (to.copyOut(out, 0, bytes) < bytes) {
                return moved > 0 ? moved : -Errno.EFAULT;
            }
            moved += bytes;
            events.removeFirst();
            overflowed &= event.mask != Poll.IN_Q_OVERFLOW;
        }
        return moved > 0 ? moved : -Errno.EAGAIN;
    }

    private static void encode(Event event, byte[] out) {
        Bytes.putInt(out, 0, event.descriptor);
        Bytes.putInt(out, 4, event.mask);
        Bytes.putInt(out, 8, event.cookie);
        Bytes.putInt(out, 12, out.length - HEADER);
        for (int i = 0; i < event.name.length(); i++) {
            out[HEADER + i] = (byte) event.name.charAt(i);
        }
    }

    @Override
    public long ioctl(Task task, int request, long argument) {
        if (request != Ioctl.FIONREAD) {
            return -Errno.ENOTTY;
        }
        int sum = 0;
        synchronized (this) {
            for (Event event : events) {
                sum += event.bytes();
            }
        }
        task.mm().writeInt(argument, sum);
        return 0;
    }

    @Override
    public synchronized int poll(int mask) {
        return events.isEmpty() ? 0 : mask & (Poll.POLLIN | Poll.POLLRDNORM);
    }

    @Override
    public boolean isPollable() {
        return true;
    }

    @Override
    public void addWaiter(WaitEntry entry) {
        queue.add(entry);
    }

    @Override
    public void removeWaiter(WaitEntry entry) {
        queue.remove(entry);
    }

    @Override
    protected void release() {
        synchronized (this) {
            for (InotifyWatch watch : new ArrayList<>(watches.values())) {
                forget(watch);
            }
            events.clear();
        }
        INSTANCES.decrementAndGet();
    }

    @Override
    public String fdInfo() {
        List<InotifyWatch> all;
        synchronized (this) {
            all = new ArrayList<>(watches.values());
        }
        StringBuilder text = new StringBuilder();
        for (InotifyWatch watch : all) {
            text.append(FileText.format(
                    "inotify wd:%x ino:%x sdev:%x mask:%x ignored_mask:0\n",
                    watch.descriptor,
                    watch.inode.ino(),
                    watch.inode.fileSystem().deviceMinor(),
                    watch.mask));
        }
        return text.toString();
    }
}
