package gvj.fs.tmpfs;

import gvj.abi.Errno;
import gvj.host.Mem;
import gvj.kernel.ErrnoException;
import gvj.mm.IoBuffer;
import gvj.mm.Mappable;
import gvj.mm.MemoryFile;
import gvj.mm.MemoryManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The sparse pages of a tmpfs file: where holes are is nothing, and reads as zeros.
 *
 * <p>Lock: the monitor guards the page table, the size and the mappings. It is held for moments only, never while user
 * memory is touched: a page in use is pinned by a reference instead. A page fault may take it.
 */
final class TmpfsPages implements Mappable {
    static final int PAGE = MemoryFile.PAGE;
    private static final int CHUNK = 512;
    private static final long NONE = -1;

    private final MemoryFile memory;
    private final TmpFs fs;
    /** Page offsets in the memory file by index / CHUNK; NONE where there is no page. */
    private final TreeMap<Long, Chunk> chunks = new TreeMap<>();

    private final List<Mapping> mappings = new ArrayList<>();
    private long lastNumber = -1;
    private Chunk last;
    private volatile long size;
    private long pages;
    private int writableMappings;

    private static final class Chunk {
        final long[] offsets = new long[CHUNK];
        int used;

        Chunk() {
            java.util.Arrays.fill(offsets, NONE);
        }
    }

    private record Mapping(MemoryManager mm, long address, long firstPage, long pages, boolean writableShared) {}

    TmpfsPages(MemoryFile memory, TmpFs fs) {
        this.memory = memory;
        this.fs = fs;
    }

    long size() {
        return size;
    }

    synchronized long pages() {
        return pages;
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

    /** The page with a reference for the caller; NONE for a hole, unless {@code make}. The monitor is held. */
    private long pin(long index, boolean make) {
        Chunk chunk = chunk(index, make);
        if (chunk == null) {
            return NONE;
        }
        int slot = (int) (index % CHUNK);
        long offset = chunk.offsets[slot];
        if (offset == NONE) {
            if (!make) {
                return NONE;
            }
            if (!fs.charge(1)) {
                throw ErrnoException.of(Errno.ENOSPC);
            }
            offset = memory.allocate(1);
            if (offset < 0) {
                fs.uncharge(1);
                throw ErrnoException.of(Errno.ENOMEM);
            }
            chunk.offsets[slot] = offset;
            chunk.used++;
            pages++;
        }
        memory.incRef(offset);
        return offset;
    }

    private synchronized long pinned(long index, boolean make) {
        return pin(index, make);
    }

    /** Reads from {@code offset}; 0 at or behind the end. */
    long read(IoBuffer to, long offset) {
        long total = 0;
        while (to.remaining() > 0) {
            long at = offset + total;
            long left = size - at;
            if (left <= 0) {
                break;
            }
            int in = (int) (at % PAGE);
            long wanted = Math.min(Math.min(PAGE - in, left), to.remaining());
            long moved = readPage(to, at / PAGE, in, wanted, total);
            total += moved;
            if (moved < wanted) {
                break;
            }
        }
        return total;
    }

    private long readPage(IoBuffer to, long index, int in, long wanted, long before) {
        long page = pinned(index, false);
        try {
            return page == NONE ? to.zeroOut(wanted) : to.copyOut(memory.address(page) + in, wanted);
        } catch (ErrnoException e) {
            if (before > 0) {
                return 0;
            }
            throw e;
        } finally {
            if (page != NONE) {
                memory.decRef(page);
            }
        }
    }

    /** Writes at {@code offset} and grows the file. Callers are one at a time. */
    long write(IoBuffer from, long offset) {
        long total = 0;
        while (from.remaining() > 0) {
            long at = offset + total;
            int in = (int) (at % PAGE);
            long wanted = Math.min(PAGE - in, from.remaining());
            long moved = 0;
            long page = NONE;
            try {
                page = pinned(at / PAGE, true);
                moved = from.copyIn(memory.address(page) + in, wanted);
            } catch (ErrnoException e) {
                if (total == 0) {
                    throw e;
                }
            } finally {
                if (page != NONE) {
                    memory.decRef(page);
                }
            }
            total += moved;
            grow(offset + total);
            if (moved < wanted) {
                break;
            }
        }
        return total;
    }

    private synchronized void grow(long end) {
        if (end > size) {
            size = end;
        }
    }

    /** Sets the size; what was behind a new end is gone. */
    void truncate(long newSize) {
        List<Mapping> affected = List.of();
        synchronized (this) {
            long old = size;
            size = newSize;
            if (newSize < old) {
                long firstGone = (newSize + PAGE - 1) / PAGE;
                affected = overlapping(firstGone, Long.MAX_VALUE);
                drop(firstGone, Long.MAX_VALUE);
                zeroPart(newSize, PAGE - newSize % PAGE);
            }
        }
        invalidate(affected, (newSize + PAGE - 1) / PAGE, Long.MAX_VALUE, true);
    }

    /** Makes a range read as zeros and gives its whole pages back; the size stays. */
    void punch(long offset, long length) {
        long end = offset + length;
        long first = (offset + PAGE - 1) / PAGE;
        long behind = end / PAGE;
        List<Mapping> affected = List.of();
        synchronized (this) {
            if (first > behind) {
                zeroPart(offset, length);
            } else {
                zeroPart(offset, first * PAGE - offset);
                zeroPart(behind * PAGE, end - behind * PAGE);
                affected = overlapping(first, behind);
                drop(first, behind);
            }
        }
        invalidate(affected, first, behind, false);
    }

    /** Makes all pages of a range exist: ENOSPC leaves what was made. */
    void allocate(long offset, long length) {
        for (long index = offset / PAGE; index * PAGE < offset + length; index++) {
            memory.decRef(pinned(index, true));
        }
    }

    /** Zeroes inside one page, if it exists. */
    private void zeroPart(long offset, long length) {
        if (length <= 0 || offset % PAGE == 0 && length == PAGE) {
            return;
        }
        long page = pin(offset / PAGE, false);
        if (page != NONE) {
            Mem.zero(memory.address(page) + offset % PAGE, length);
            memory.decRef(page);
        }
    }

    /** Takes pages [first, behind) out. */
    private void drop(long first, long behind) {
        if (first >= behind) {
            return;
        }
        long freed = 0;
        var part = chunks.subMap(first / CHUNK, true, (behind - 1) / CHUNK, true).entrySet().iterator();
        while (part.hasNext()) {
            Map.Entry<Long, Chunk> entry = part.next();
            Chunk chunk = entry.getValue();
            long base = entry.getKey() * CHUNK;
            int from = (int) Math.max(0, first - base);
            int to = (int) Math.min(CHUNK, behind - base);
            for (int slot = from; slot < to; slot++) {
                if (chunk.offsets[slot] != NONE) {
                    memory.decRef(chunk.offsets[slot]);
                    chunk.offsets[slot] = NONE;
                    chunk.used--;
                    freed++;
                }
            }
            if (chunk.used == 0) {
                part.remove();
                last = null;
            }
        }
        pages -= freed;
        fs.uncharge(freed);
    }

    /** The file is gone: gives every page back. */
    synchronized void free() {
        drop(0, Long.MAX_VALUE);
    }

    /** SEEK_DATA or SEEK_HOLE from an offset inside the file. */
    synchronized long seek(long offset, boolean hole) {
        long end = (size + PAGE - 1) / PAGE;
        long index = offset / PAGE;
        while (index < end) {
            Chunk chunk = chunk(index, false);
            if (chunk == null) {
                if (hole) {
                    break;
                }
                Long next = chunks.ceilingKey(index / CHUNK);
                if (next == null) {
                    return -Errno.ENXIO;
                }
                index = next * CHUNK;
                continue;
            }
            if (chunk.offsets[(int) (index % CHUNK)] == NONE == hole) {
                break;
            }
            index++;
        }
        if (index >= end) {
            return hole ? size : -Errno.ENXIO;
        }
        return Math.min(Math.max(offset, index * PAGE), size);
    }

    @Override
    public synchronized long page(long index, boolean write) {
        if (index < 0 || index >= (size + PAGE - 1) / PAGE) {
            return BEYOND_END;
        }
        return pin(index, true);
    }

    @Override
    public synchronized void addMapping(MemoryManager mm, long address, long firstPage, long count, boolean writable) {
        mappings.add(new Mapping(mm, address, firstPage, count, writable));
        writableMappings += writable ? 1 : 0;
    }

    @Override
    public synchronized void removeMapping(
            MemoryManager mm, long address, long firstPage, long count, boolean writable) {
        if (mappings.remove(new Mapping(mm, address, firstPage, count, writable))) {
            writableMappings -= writable ? 1 : 0;
        }
    }

    /** Shared mappings through which it can be written: what F_SEAL_WRITE must not meet. */
    synchronized int writableMappings() {
        return writableMappings;
    }

    private List<Mapping> overlapping(long first, long behind) {
        List<Mapping> found = new ArrayList<>();
        for (Mapping mapping : mappings) {
            if (mapping.firstPage < behind && first < mapping.firstPage + mapping.pages) {
                found.add(mapping);
            }
        }
        return found;
    }

    private static void invalidate(List<Mapping> affected, long first, long behind, boolean privateToo) {
        for (Mapping mapping : affected) {
            long from = Math.max(first, mapping.firstPage);
            long to = Math.min(behind, mapping.firstPage + mapping.pages);
            if (from < to) {
                long address = mapping.address + (from - mapping.firstPage) * PAGE;
                mapping.mm.invalidate(address, (to - from) * PAGE, privateToo);
            }
        }
    }
}
