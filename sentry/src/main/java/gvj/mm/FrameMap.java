package gvj.mm;

import java.util.Map;
import java.util.TreeMap;

/**
 * The frames of a sparse object by page number, with a dirty mark for each. Holds one reference on every frame in it.
 * Guarded by its owner's lock.
 */
public final class FrameMap {
    /** {@link #get} answer for a hole. */
    public static final long NONE = -1;

    private static final int CHUNK = 64;

    private static final class Chunk {
        final long[] frames = new long[CHUNK];
        long present;
        long dirty;
    }

    private final MemoryFile memory;
    private final TreeMap<Long, Chunk> chunks = new TreeMap<>();
    private long lastNumber = -1;
    private Chunk last;
    private long pages;
    private long dirtyPages;

    public FrameMap(MemoryFile memory) {
        this.memory = memory;
    }

    /** Pages in it. */
    public long pages() {
        return pages;
    }

    /** Dirty pages in it. */
    public long dirtyPages() {
        return dirtyPages;
    }

    private Chunk chunk(long index) {
        long number = index / CHUNK;
        if (number == lastNumber) {
            return last;
        }
        Chunk chunk = chunks.get(number);
        if (chunk != null) {
            lastNumber = number;
            last = chunk;
        }
        return chunk;
    }

    private static long bit(long index) {
        return 1L << (index % CHUNK);
    }

    /** The frame of page {@code index}, or {@link #NONE}. */
    public long get(long index) {
        Chunk chunk = chunk(index);
        return chunk == null || (chunk.present & bit(index)) == 0 ? NONE : chunk.frames[(int) (index % CHUNK)];
    }

    /** As {@link #get}, with a reference on the frame. */
    public long pin(long index) {
        long frame = get(index);
        if (frame != NONE) {
            memory.incRef(frame);
        }
        return frame;
    }

    /** Puts a frame where none is; its reference moves here. */
    public void put(long index, long frame) {
        Chunk chunk = chunk(index);
        if (chunk == null) {
            chunk = new Chunk();
            chunks.put(index / CHUNK, chunk);
            lastNumber = index / CHUNK;
            last = chunk;
        }
        chunk.frames[(int) (index % CHUNK)] = frame;
        chunk.present |= bit(index);
        pages++;
    }

    public boolean isDirty(long index) {
        Chunk chunk = chunk(index);
        return chunk != null && (chunk.dirty & bit(index)) != 0;
    }

    /** Marks a page that is there. */
    public void setDirty(long index, boolean dirty) {
        Chunk chunk = chunk(index);
        long bit = bit(index);
        if (chunk == null || (chunk.present & bit) == 0 || (chunk.dirty & bit) != 0 == dirty) {
            return;
        }
        chunk.dirty ^= bit;
        dirtyPages += dirty ? 1 : -1;
    }

    /** Takes pages [first, behind) out and drops their references; how many there were. */
    public long remove(long first, long behind) {
        long before = pages;
        if (first >= behind || pages == 0) {
            return 0;
        }
        var part = chunks.subMap(first / CHUNK, true, (behind - 1) / CHUNK, true)
                .entrySet()
                .iterator();
        while (part.hasNext()) {
            Map.Entry<Long, Chunk> entry = part.next();
            Chunk chunk = entry.getValue();
            long base = entry.getKey() * CHUNK;
            int from = (int) Math.max(0, first - base);
            int to = (int) Math.min(CHUNK, behind - base);
            for (int i = from; i < to; i++) {
                if ((chunk.present & 1L << i) != 0) {
                    take(chunk, i);
                }
            }
            if (chunk.present == 0) {
                part.remove();
                lastNumber = -1;
            }
        }
        return before - pages;
    }

    private void take(Chunk chunk, int slot) {
        chunk.present &= ~(1L << slot);
        pages--;
        if ((chunk.dirty & 1L << slot) != 0) {
            chunk.dirty &= ~(1L << slot);
            dirtyPages--;
        }
        memory.decRef(chunk.frames[slot]);
    }

    /** Drops up to {@code most} clean pages, from {@code start} on and around, that nobody else uses; how many. */
    public long evictClean(long start, long most) {
        long evicted = evictClean(start, Long.MAX_VALUE, most);
        return evicted < most && start > 0 ? evicted + evictClean(0, start, most - evicted) : evicted;
    }

    private long evictClean(long first, long behind, long most) {
        long evicted = 0;
        var part = chunks.subMap(first / CHUNK, true, (behind - 1) / CHUNK, true)
                .values()
                .iterator();
        while (part.hasNext() && evicted < most) {
            Chunk chunk = part.next();
            for (int i = 0; i < CHUNK && evicted < most; i++) {
                boolean clean = (chunk.present & ~chunk.dirty & 1L << i) != 0;
                if (clean && memory.refs(chunk.frames[i]) == 1) {
                    take(chunk, i);
                    evicted++;
                }
            }
            if (chunk.present == 0) {
                part.remove();
                lastNumber = -1;
            }
        }
        return evicted;
    }

    /** The first page at or behind {@code from} and before {@code to} that is there ({@code to} if none). */
    public long next(long from, long to) {
        return next(from, to, false);
    }

    /** The first dirty page at or behind {@code from} and before {@code to}. */
    public long nextDirty(long from, long to) {
        return next(from, to, true);
    }

    private long next(long from, long to, boolean dirty) {
        if (from >= to) {
            return to;
        }
        for (Map.Entry<Long, Chunk> entry : chunks.tailMap(from / CHUNK, true).entrySet()) {
            long base = entry.getKey() * CHUNK;
            if (base >= to) {
                return to;
            }
            long bits = dirty ? entry.getValue().dirty : entry.getValue().present;
            if (base < from) {
                bits &= -1L << (from - base);
            }
            if (bits != 0) {
                return Math.min(to, base + Long.numberOfTrailingZeros(bits));
            }
        }
        return to;
    }

    /** The first hole at or behind {@code from} and before {@code to} ({@code to} if none). */
    public long nextHole(long from, long to) {
        long at = from;
        while (at < to) {
            Chunk chunk = chunk(at);
            if (chunk == null) {
                return at;
            }
            long holes = ~chunk.present & -1L << (at % CHUNK);
            if (holes != 0) {
                return Math.min(to, at - at % CHUNK + Long.numberOfTrailingZeros(holes));
            }
            at += CHUNK - at % CHUNK;
        }
        return to;
    }
}
