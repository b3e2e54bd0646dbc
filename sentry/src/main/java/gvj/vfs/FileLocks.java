package gvj.vfs;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.kernel.WaitQueue;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Advisory locks on one inode: flock(2), and the record locks of fcntl_locking(2), owned by a process (its descriptor
 * table) or by an open file description. Nothing here sleeps: who must wait registers on {@link #queue} and tries again.
 *
 * <p>Locks: the monitor guards both lists; {@link #BLOCKED} guards who waits for whom and is innermost but for wait queues.
 */
public final class FileLocks {
    /** Which process waits for a lock of which other: what deadlock detection follows. */
    private static final Map<Object, Wait> BLOCKED = new IdentityHashMap<>();

    private record Wait(Object holder, FileLocks on) {}

    /** Woken when a lock goes away or becomes weaker. */
    public final WaitQueue queue = new WaitQueue();

    /** Record locks, no two of one owner overlapping. */
    private final List<Range> ranges = new ArrayList<>();

    private final List<Whole> wholes = new ArrayList<>();

    /**
     * A record lock.
     *
     * @param owner the descriptor table, or the description of an OFD lock
     * @param pid what F_GETLK tells; -1 for OFD locks
     * @param end the last byte, {@link Long#MAX_VALUE} for no end
     */
    public record Range(Object owner, int pid, int type, long start, long end) {
        private boolean overlaps(long otherStart, long otherEnd) {
            return start <= otherEnd && otherStart <= end;
        }
    }

    private record Whole(FileDescription file, boolean exclusive) {}

    /** A lock of somebody else that stands against this one, or null. */
    public synchronized Range conflict(Object owner, int type, long start, long end) {
        for (Range range : ranges) {
            if (range.owner != owner
                    && range.overlaps(start, end)
                    && (type == Fcntl.F_WRLCK || range.type == Fcntl.F_WRLCK)) {
                return range;
            }
        }
        return null;
    }

    /** Sets, changes or (F_UNLCK) removes a record lock: 0, or -EAGAIN if another owner's stands against it. */
    public int set(Object owner, int pid, int type, long start, long end) {
        synchronized (this) {
            if (type != Fcntl.F_UNLCK && conflict(owner, type, start, end) != null) {
                return -Errno.EAGAIN;
            }
            carve(owner, start, end);
            if (type != Fcntl.F_UNLCK) {
                add(owner, pid, type, start, end);
            }
        }
        changed(owner);
        return 0;
    }

    /** Takes a range out of an owner's locks, splitting what sticks out. */
    private void carve(Object owner, long start, long end) {
        for (int i = ranges.size() - 1; i >= 0; i--) {
            Range old = ranges.get(i);
            if (old.owner != owner || !old.overlaps(start, end)) {
                continue;
            }
            ranges.remove(i);
            if (old.start < start) {
                ranges.add(new Range(owner, old.pid, old.type, old.start, start - 1));
            }
            if (old.end > end) {
                ranges.add(new Range(owner, old.pid, old.type, end + 1, old.end));
            }
        }
    }

    /** Adds a lock, merged with neighbours of the same owner and type. */
    private void add(Object owner, int pid, int type, long start, long end) {
        long from = start;
        long to = end;
        for (int i = ranges.size() - 1; i >= 0; i--) {
            Range old = ranges.get(i);
            if (old.owner != owner || old.type != type) {
                continue;
            }
            boolean before = old.end != Long.MAX_VALUE && old.end + 1 == from;
            boolean behind = to != Long.MAX_VALUE && to + 1 == old.start;
            if (before || behind) {
                from = Math.min(from, old.start);
                to = Math.max(to, old.end);
                ranges.remove(i);
            }
        }
        ranges.add(new Range(owner, pid, type, from, to));
    }

    /** Before sleeping for {@code conflict}: -EDEADLK if its owner waits, perhaps over others, for {@code owner}. */
    public int block(Object owner, Range conflict) {
        synchronized (BLOCKED) {
            Object next = conflict.owner;
            for (int steps = 0; next != null && steps <= BLOCKED.size(); steps++) {
                if (next == owner) {
                    return -Errno.EDEADLK;
                }
                Wait wait = BLOCKED.get(next);
                next = wait == null ? null : wait.holder;
            }
            BLOCKED.put(owner, new Wait(conflict.owner, this));
            return 0;
        }
    }

    /** What {@code holder} had here changed: who waited for it looks again, and until then waits for nobody. */
    private void changed(Object holder) {
        synchronized (BLOCKED) {
            if (!BLOCKED.isEmpty()) {
                BLOCKED.values().removeIf(wait -> wait.holder == holder && wait.on == this);
            }
        }
        queue.wakeAll(~0);
    }

    /** The reverse of {@link #block}. */
    public static void unblock(Object owner) {
        synchronized (BLOCKED) {
            BLOCKED.remove(owner);
        }
    }

    /** A process closed some descriptor of the file: all its record locks on it go, fcntl_locking(2). */
    void releaseProcess(Object table) {
        synchronized (this) {
            if (!ranges.removeIf(range -> range.owner == table)) {
                return;
            }
        }
        changed(table);
    }

    /** A description was closed for the last time. */
    void releaseDescription(FileDescription file) {
        synchronized (this) {
            boolean any = ranges.removeIf(range -> range.owner == file);
            if (!wholes.removeIf(whole -> whole.file == file) && !any) {
                return;
            }
        }
        changed(file);
    }

    /**
     * flock(2) without waiting: 0, or -EAGAIN. Changing the kind gives up the old lock first, also if the new one must
     * wait then.
     *
     * @param operation LOCK_SH, LOCK_EX or LOCK_UN
     */
    public int flock(FileDescription file, int operation) {
        int result = 0;
        boolean freed;
        synchronized (this) {
            boolean exclusive = operation == Fcntl.LOCK_EX;
            if (operation != Fcntl.LOCK_UN && wholes.contains(new Whole(file, exclusive))) {
                return 0;
            }
            freed = wholes.removeIf(whole -> whole.file == file);
            if (operation != Fcntl.LOCK_UN) {
                if (wholes.stream().anyMatch(whole -> exclusive || whole.exclusive)) {
                    result = -Errno.EAGAIN;
                } else {
                    wholes.add(new Whole(file, exclusive));
                }
            }
        }
        if (freed) {
            queue.wakeAll(~0);
        }
        return result;
    }

    /** All record locks, for /proc/locks and fdinfo. */
    public synchronized List<Range> ranges() {
        return List.copyOf(ranges);
    }
}
