package gvj.mm;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Who pays for pages of the memory file: the memory part of a cgroup, cgroups(7). A page is charged to the group of whoever
 * needs it first, and to all groups above that one, until it is freed.
 *
 * <p>All is atomic; {@link PageOwners} knows whose each page is.
 */
public final class MemoryGroup {
    /** A limit that there is not. */
    public static final long NO_LIMIT = Long.MAX_VALUE;

    /** A thread that works for a group: what it needs is charged there. All other threads' needs are the first group's. */
    public interface Payer {
        /** The group. */
        MemoryGroup memoryGroup();
    }

    /** Null at the top. */
    final MemoryGroup parent;

    /** Its number in {@link PageOwners}. */
    final int index;

    private final AtomicLong used = new AtomicLong();
    private final AtomicLong file = new AtomicLong();
    private final AtomicLong shared = new AtomicLong();
    private final AtomicLong peak = new AtomicLong();
    private volatile long limit;
    /** Whoever works for it still pays from its parent. */
    volatile boolean closed;
    /** What was charged is its parent's, and its number may be another's as soon as nothing is charged any more. */
    volatile boolean removed;

    MemoryGroup(MemoryGroup parent, int index, long limit) {
        this.parent = parent;
        this.index = index;
        this.limit = limit;
    }

    /** Charges pages; null if that is within all limits, else the group whose limit is in the way, and nothing is charged. */
    MemoryGroup charge(int pages, MemoryKind kind) {
        for (MemoryGroup group = this; group != null; group = group.parent) {
            long now = group.used.addAndGet(pages);
            if (now > group.limit) {
                uncharge(group, pages);
                return group;
            }
            if (now > group.peak.get()) {
                group.peak.accumulateAndGet(now, Math::max);
            }
        }
        if (kind != MemoryKind.ANONYMOUS) {
            count(kind, pages);
        }
        return null;
    }

    /** Takes back what this group and those up to {@code last} were charged. */
    private void uncharge(MemoryGroup last, int pages) {
        for (MemoryGroup group = this; group != last; group = group.parent) {
            group.used.addAndGet(-pages);
        }
        last.used.addAndGet(-pages);
    }

    /** Pages are free. */
    void uncharge(int pages, MemoryKind kind) {
        for (MemoryGroup group = this; group != null; group = group.parent) {
            group.used.addAndGet(-pages);
        }
        if (kind != MemoryKind.ANONYMOUS) {
            count(kind, -pages);
        }
    }

    private void count(MemoryKind kind, long change) {
        for (MemoryGroup group = this; group != null; group = group.parent) {
            group.counter(kind).addAndGet(change);
        }
    }

    private AtomicLong counter(MemoryKind kind) {
        return kind == MemoryKind.FILE ? file : shared;
    }

    /** Pages have become the parent's, which pays for them already. */
    void handOver(int pages, MemoryKind kind) {
        used.addAndGet(-pages);
        if (kind != MemoryKind.ANONYMOUS) {
            counter(kind).addAndGet(-pages);
        }
    }

    /** Whether it is {@code other} or below that. */
    public boolean isWithin(MemoryGroup other) {
        for (MemoryGroup group = this; group != null; group = group.parent) {
            if (group == other) {
                return true;
            }
        }
        return false;
    }

    /** Whether little is left, here or above: then nobody should take more than is asked for. */
    boolean isTight() {
        for (MemoryGroup group = this; group != null; group = group.parent) {
            if (group.used.get() > group.limit / 8 * 7) {
                return true;
            }
        }
        return false;
    }

    /** The group, here or above, that has no room for one more page; null if all have. */
    public MemoryGroup firstFull() {
        for (MemoryGroup group = this; group != null; group = group.parent) {
            if (group.used.get() >= group.limit) {
                return group;
            }
        }
        return null;
    }

    /** Pages in use, here and below. */
    public long used() {
        return used.get();
    }

    /** The part of {@link #used} that is for {@code kind}. */
    public long used(MemoryKind kind) {
        return kind == MemoryKind.ANONYMOUS
                ? Math.max(used.get() - file.get() - shared.get(), 0)
                : counter(kind).get();
    }

    /** Most pages that were in use at once. */
    public long peak() {
        return peak.get();
    }

    /** How many pages may be in use; {@link #NO_LIMIT} where only those above count. */
    public long limit() {
        return limit;
    }

    /** The smallest limit, of here and above. */
    public long lowestLimit() {
        return parent == null ? limit : Math.min(limit, parent.lowestLimit());
    }

    void setLimit(long pages) {
        limit = pages;
    }
}
