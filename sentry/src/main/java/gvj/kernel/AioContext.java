package gvj.kernel;

import gvj.abi.Bytes;
import gvj.abi.Errno;
import gvj.mm.MemoryManager;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * A context of io_setup(2): operations are carried out when they are submitted, so that it only keeps what they answered
 * until it is asked for. The monitor guards the answers; that of the class guards which contexts there are.
 */
public final class AioContext {
    /** Bytes of a struct io_event. */
    public static final int EVENT_BYTES = 32;
    /** fs.aio-max-nr. */
    private static final int MAX_EVENTS = 65536;

    private static final Map<MemoryManager, Map<Long, AioContext>> ALL = new WeakHashMap<>();

    private record Event(long data, long iocb, long result) {}

    private final WaitQueue queue = new WaitQueue();
    private final ArrayDeque<Event> done = new ArrayDeque<>();
    private final int capacity;
    private int reserved;
    private boolean destroyed;

    private AioContext(int capacity) {
        this.capacity = capacity;
    }

    /** Adds a context named by {@code id} to an address space: 0, or EAGAIN. */
    public static synchronized long create(MemoryManager mm, long id, long events) {
        Map<Long, AioContext> own = ALL.computeIfAbsent(mm, m -> new HashMap<>());
        long sum = events;
        for (AioContext context : own.values()) {
            sum += context.capacity;
        }
        if (sum > MAX_EVENTS) {
            return -Errno.EAGAIN;
        }
        own.put(id, new AioContext((int) events));
        return 0;
    }

    /** The context named by {@code id}; throws EINVAL. */
    public static synchronized AioContext find(MemoryManager mm, long id) {
        Map<Long, AioContext> own = ALL.get(mm);
        AioContext found = own == null ? null : own.get(id);
        if (found == null) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        return found;
    }

    /** io_destroy(2); throws EINVAL. */
    public static void destroy(MemoryManager mm, long id) {
        AioContext found = find(mm, id);
        synchronized (AioContext.class) {
            if (ALL.get(mm).remove(id) == null) {
                throw ErrnoException.of(Errno.EINVAL);
            }
        }
        synchronized (found) {
            found.destroyed = true;
        }
        found.queue.wakeAll(~0);
    }

    /** Makes sure that there is room for one more answer. */
    public synchronized boolean reserve() {
        if (destroyed || done.size() + reserved >= capacity) {
            return false;
        }
        reserved++;
        return true;
    }

    /** An operation was not carried out after all. */
    public synchronized void unreserve() {
        reserved--;
    }

    /** Keeps an answer that room was reserved for. */
    public void complete(long data, long iocb, long result) {
        synchronized (this) {
            reserved--;
            done.add(new Event(data, iocb, result));
        }
        queue.wakeAll(~0);
    }

    public WaitQueue queue() {
        return queue;
    }

    /** Takes at most {@code max} answers, encoded as struct io_event into {@code out} from {@code offset}; how many. */
    public synchronized int take(byte[] out, int offset, int max) {
        int n = 0;
        while (n < max && !done.isEmpty()) {
            Event event = done.poll();
            int at = offset + n * EVENT_BYTES;
            Bytes.putLong(out, at, event.data);
            Bytes.putLong(out, at + 8, event.iocb);
            Bytes.putLong(out, at + 16, event.result);
            Bytes.putLong(out, at + 24, 0);
            n++;
        }
        return n;
    }

    /** How many answers it may hold. */
    public int capacity() {
        return capacity;
    }

    public synchronized boolean isDestroyed() {
        return destroyed;
    }
}
