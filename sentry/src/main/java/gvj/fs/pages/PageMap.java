package gvj.fs.pages;

import gvj.host.Mem;
import gvj.kernel.ErrnoException;
import gvj.mm.IoBuffer;
import gvj.mm.Mappable;
import gvj.mm.Mappings;
import gvj.mm.MemoryFile;
import gvj.mm.MemoryGroup;
import gvj.mm.MemoryManager;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The pages of one file, sparse: its size, its page table and who maps it. Subclasses say what a missing page means.
 *
 * <p>Lock: {@link #lock} guards all of it. It is held for moments only, never while user memory is touched or a host file
 * is read: a page in use is pinned by a reference instead. A page fault may take it. Nothing but the memory file's own
 * lock is taken under it.
 */
public abstract class PageMap implements Mappable {
    public static final int PAGE = MemoryFile.PAGE;
    /** No page there. */
    protected static final long NONE = -1;

    static final int CHUNK = 64;
    /** The longest run that is pinned at once: its length must fit into the low bits of a frame's offset. */
    private static final int MAX_RUN = 1024;

    private static final long[] EMPTY = {};

    protected final MemoryFile memory;
    protected final ReentrantLock lock = new ReentrantLock();
    private final TreeMap<Long, Chunk> chunks = new TreeMap<>();
    private final Mappings mappings = new Mappings();
    private long lastNumber = -1;
    private Chunk last;
    private volatile long size;
    private long pages;

    /** 64 pages; bit sets for those that were written by mappings, and used since eviction looked. */
    private static final class Chunk {
        private long[] offsets = EMPTY;
        long dirty;
        long used;
        int count;

        long get(int slot) {
            return slot < offsets.length ? offsets[slot] : NONE;
        }

        /** Small files have short arrays. */
        void set(int slot, long offset) {
            int old = offsets.length;
            if (slot >= old) {
                offsets = Arrays.copyOf(offsets, Math.min(CHUNK, Integer.highestOneBit(slot | 1) * 2));
                Arrays.fill(offsets, old, offsets.length, NONE);
            }
            offsets[slot] = offset;
        }
    }

    protected PageMap(MemoryFile memory) {
        this.memory = memory;
    }

    public final long size() {
        return size;
    }

    /** Pages that exist. */
    public final long pages() {
        lock.lock();
        try {
            return pages;
        } finally {
            lock.unlock();
        }
    }

    /** The size grows to {@code end} if it is smaller. */
    protected final void grow(long end) {
        lock.lock();
        try {
            if (end > size) {
                size = end;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Sets the size without touching pages. */
    protected final void setSize(long newSize) {
        size = newSize;
    }

    /** How many pages a file of the present size has. */
    protected final long pageCount() {
        return (size >>> 12) + ((size & PAGE - 1) != 0 ? 1 : 0);
    }

    private Chunk chunk(long index, boolean make) {
        long number = index / CHUNK;
        if (number == lastNumber && last != null) {
            return last;
        }
        Chunk chunk = chunks.get(number);
        if (chunk == null && make) {
            chunk = new Chunk();
            chunks.put(number, chunk);
        }
        if (chunk != null) {
            lastNumber = number;
            last = chunk;
        }
        return chunk;
    }

    /** The page without a reference, or NONE. The lock is held. */
    protected final long peek(long index) {
        Chunk chunk = chunk(index, false);
        return chunk == null ? NONE : chunk.get((int) (index % CHUNK));
    }

    /** The page with a reference for the caller, or NONE. The lock is held. */
    protected final long pin(long index) {
        Chunk chunk = chunk(index, false);
        if (chunk == null) {
            return NONE;
        }
        int slot = (int) (index % CHUNK);
        long offset = chunk.get(slot);
        if (offset != NONE) {
            memory.incRef(offset);
            chunk.used |= 1L << slot;
        }
        return offset;
    }

    /** As {@link #pin}, taking the lock. */
    protected final long pinned(long index) {
        lock.lock();
        try {
            return pin(index);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Pins pages from {@code index} on, at most {@code most}, as long as their frames lie side by side: to be copied in one
     * piece. The first frame with their number in its low bits, see {@link #frameOf} and {@link #countOf}; NONE if there is
     * no page at {@code index}.
     */
    protected final long pinnedRun(long index, long most) {
        lock.lock();
        try {
            long first = pin(index);
            if (first == NONE) {
                return NONE;
            }
            int limit = (int) Math.min(most, MAX_RUN);
            int count = 1;
            while (count < limit && peek(index + count) == first + (long) count * PAGE) {
                pin(index + count);
                count++;
            }
            return first | count;
        } finally {
            lock.unlock();
        }
    }

    protected static long frameOf(long run) {
        return run & -PAGE;
    }

    protected static int countOf(long run) {
        return (int) (run & PAGE - 1);
    }

    /** How many pages from {@code index} on, at most {@code most}, are missing. */
    protected final long missing(long index, long most) {
        lock.lock();
        try {
            if (pages == 0) {
                return most;
            }
            long count = 0;
            while (count < most && peek(index + count) == NONE) {
                count++;
            }
            return count;
        } finally {
            lock.unlock();
        }
    }

    /** Puts a page where none is; its reference becomes the map's. The lock is held. */
    protected final void insert(long index, long offset) {
        Chunk chunk = chunk(index, true);
        chunk.set((int) (index % CHUNK), offset);
        chunk.count++;
        pages++;
    }

    protected final void markDirty(long index) {
        Chunk chunk = chunk(index, false);
        int slot = (int) (index % CHUNK);
        chunk.dirty |= 1L << slot;
    }

    /** The first dirty page at or behind {@code index}, which is clean then; NONE. The lock is held. */
    protected final long takeDirty(long index) {
        for (Map.Entry<Long, Chunk> entry : chunks.tailMap(index / CHUNK, true).entrySet()) {
            long base = entry.getKey() * CHUNK;
            Chunk chunk = entry.getValue();
            long left = chunk.dirty & -1L << Math.max(0, index - base);
            if (left != 0) {
                int slot = Long.numberOfTrailingZeros(left);
                chunk.dirty &= ~(1L << slot);
                return base + slot;
            }
        }
        return NONE;
    }

    /** The first index at or behind {@code index} in a chunk that exists, or -1. The lock is held. */
    protected final long nextChunk(long index) {
        Long next = chunks.ceilingKey(index / CHUNK);
        return next == null ? -1 : Math.max(index, next * CHUNK);
    }

    protected final boolean hasChunk(long index) {
        return chunk(index, false) != null;
    }

    /** Takes pages [first, behind) out; answers how many. The lock is held. */
    protected final long drop(long first, long behind) {
        if (first >= behind) {
            return 0;
        }
        long freed = 0;
        var part = chunks.subMap(first / CHUNK, true, (behind - 1) / CHUNK, true)
                .entrySet()
                .iterator();
        while (part.hasNext()) {
            Map.Entry<Long, Chunk> entry = part.next();
            Chunk chunk = entry.getValue();
            long base = entry.getKey() * CHUNK;
            int to = (int) Math.min(CHUNK, behind - base);
            for (int slot = (int) Math.max(0, first - base); slot < to; slot++) {
                freed += remove(chunk, slot);
            }
            if (chunk.count == 0) {
                part.remove();
                last = null;
            }
        }
        pages -= freed;
        return freed;
    }

    private int remove(Chunk chunk, int slot) {
        long offset = chunk.get(slot);
        if (offset == NONE) {
            return 0;
        }
        memory.decRef(offset);
        chunk.set(slot, NONE);
        chunk.dirty &= ~(1L << slot);
        chunk.count--;
        return 1;
    }

    /**
     * Drops up to {@code most} clean pages that {@code group} pays for, that nobody else holds, and that were not used
     * lately. The lock is held.
     */
    protected final long evict(long most, MemoryGroup group) {
        long freed = 0;
        var all = chunks.entrySet().iterator();
        while (all.hasNext() && freed < most) {
            Chunk chunk = all.next().getValue();
            for (int slot = 0; slot < CHUNK && freed < most; slot++) {
                long bit = 1L << slot;
                long page = chunk.get(slot);
                if (page == NONE || !memory.isChargedTo(page, group)) {
                    continue;
                }
                if ((chunk.used & bit) != 0) {
                    chunk.used &= ~bit;
                } else if ((chunk.dirty & bit) == 0 && memory.refs(page) == 1) {
                    freed += remove(chunk, slot);
                }
            }
            if (chunk.count == 0) {
                all.remove();
                last = null;
            }
        }
        pages -= freed;
        return freed;
    }

    /** Zeroes inside one page, if it exists. The lock is held. */
    protected final void zeroPart(long offset, long length) {
        if (length <= 0 || offset % PAGE == 0 && length == PAGE) {
            return;
        }
        long page = peek(offset / PAGE);
        if (page != NONE) {
            Mem.zero(memory.address(page) + offset % PAGE, length);
        }
    }

    /** Copies out of a run that the caller has pinned, or zeros for NONE, and lets go of it; 0 for a late fault. */
    protected final long copyOut(long run, IoBuffer to, int in, long wanted, boolean first) {
        try {
            return run == NONE ? to.zeroOut(wanted) : to.copyOut(memory.address(frameOf(run)) + in, wanted);
        } catch (ErrnoException e) {
            if (!first) {
                return 0;
            }
            throw e;
        } finally {
            unpin(run);
        }
    }

    /** Lets go of what {@link #pinnedRun} gave. */
    protected final void unpin(long run) {
        if (run != NONE) {
            memory.decRef(frameOf(run), countOf(run));
        }
    }

    /** Bytes from byte {@code in} of the first page of a run on, at most {@code wanted}; of one page for NONE, a hole. */
    protected static long bytesOf(long run, int in, long wanted) {
        long pages = run == NONE ? 1 : countOf(run);
        return Math.min(pages * PAGE - in, wanted);
    }

    /** Drops all pages that are not dirty; answers how many. The lock is held; {@link #invalidateAll} has to follow without it. */
    protected final long dropClean() {
        long freed = 0;
        var all = chunks.entrySet().iterator();
        while (all.hasNext()) {
            Chunk chunk = all.next().getValue();
            for (int slot = 0; slot < CHUNK; slot++) {
                if ((chunk.dirty & 1L << slot) == 0) {
                    freed += remove(chunk, slot);
                }
            }
            if (chunk.count == 0) {
                all.remove();
                last = null;
            }
        }
        pages -= freed;
        return freed;
    }

    /** Makes mappings ask {@link #page} again. */
    protected final void invalidateAll() {
        mappings.invalidate(this, 0, Long.MAX_VALUE, false);
    }

    /** The number of pages that {@code bytes} bytes from byte {@code in} of one touch. */
    protected static long pagesOf(int in, long bytes) {
        return (in + bytes + PAGE - 1) / PAGE;
    }

    /** Sets the size; what was behind a new end is gone, also from mappings. Answers how many pages went. */
    protected final long cut(long newSize) {
        long freed = 0;
        boolean shrunk = false;
        long firstGone = (newSize >>> 12) + ((newSize & PAGE - 1) != 0 ? 1 : 0);
        lock.lock();
        try {
            long old = size;
            size = newSize;
            if (newSize < old) {
                shrunk = true;
                freed = drop(firstGone, Long.MAX_VALUE);
                zeroPart(newSize, PAGE - newSize % PAGE);
            }
        } finally {
            lock.unlock();
        }
        if (shrunk) {
            mappings.invalidate(this, firstGone, Long.MAX_VALUE, true);
        }
        return freed;
    }

    /** Makes a range read as zeros and gives its whole pages back; the size stays. Answers how many pages went. */
    protected final long clear(long offset, long length) {
        long end = offset + length;
        long first = (offset >>> 12) + ((offset & PAGE - 1) != 0 ? 1 : 0);
        long behind = end / PAGE;
        long freed = 0;
        lock.lock();
        try {
            if (first > behind) {
                zeroPart(offset, length);
            } else {
                zeroPart(offset, first * PAGE - offset);
                zeroPart(behind * PAGE, end - behind * PAGE);
                freed = drop(first, behind);
            }
        } finally {
            lock.unlock();
        }
        if (first < behind) {
            mappings.invalidate(this, first, behind, false);
        }
        return freed;
    }

    @Override
    public long cachedPage(long index) {
        if (index < 0 || index >= pageCount()) {
            return NOT_CACHED;
        }
        long page = pinned(index);
        return page == NONE ? NOT_CACHED : page;
    }

    @Override
    public void addMapping(MemoryManager mm, boolean writable) {
        mappings.add(mm, writable);
    }

    @Override
    public void removeMapping(MemoryManager mm, boolean writable) {
        mappings.remove(mm, writable);
    }

    /** Shared mappings through which it can be written: what F_SEAL_WRITE must not meet. */
    public final int writableMappings() {
        return mappings.writable();
    }

    /** Makes the next write through a mapping to pages [first, behind) ask {@link #page} again. The lock is not held. */
    protected final void writeProtect(long first, long behind) {
        mappings.writeProtect(this, first, behind);
    }
}
