package gvj.mm;

import gvj.abi.Errno;
import gvj.kernel.ErrnoException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The mappings of an address space by start address, with the cutting and joining. Guarded by the manager's lock. */
final class VmaMap {
    /** vm.max_map_count. */
    static final int MAX_MAPPINGS = 65530;

    private final TreeMap<Long, Vma> byStart = new TreeMap<>();
    private long virtualBytes;
    private Vma last;

    long virtualBytes() {
        return virtualBytes;
    }

    int size() {
        return byStart.size();
    }

    Iterable<Vma> all() {
        return byStart.values();
    }

    /** The mapping that holds {@code address}, or null. */
    Vma find(long address) {
        Vma recent = last;
        if (recent != null && recent.start <= address && address < recent.end) {
            return recent;
        }
        Map.Entry<Long, Vma> entry = byStart.floorEntry(address);
        if (entry == null || entry.getValue().end <= address) {
            return null;
        }
        last = entry.getValue();
        return last;
    }

    /** The first mapping that ends behind {@code address}, or null. */
    Vma findOrNext(long address) {
        Vma vma = find(address);
        if (vma != null) {
            return vma;
        }
        Map.Entry<Long, Vma> entry = byStart.ceilingEntry(address);
        return entry == null ? null : entry.getValue();
    }

    /** The last mapping that begins before {@code address}, or null. */
    Vma previous(long address) {
        Map.Entry<Long, Vma> entry = byStart.lowerEntry(address);
        return entry == null ? null : entry.getValue();
    }

    /** The mappings that overlap [from, to), in order. */
    List<Vma> overlapping(long from, long to) {
        List<Vma> list = new ArrayList<>();
        for (Vma vma = findOrNext(from); vma != null && vma.start < to; vma = findOrNext(vma.end)) {
            list.add(vma);
        }
        return list;
    }

    /** Whether every page of [from, to) is mapped. */
    boolean covers(long from, long to) {
        long at = from;
        while (at < to) {
            Vma vma = find(at);
            if (vma == null) {
                return false;
            }
            at = vma.end;
        }
        return true;
    }

    /** Adds a mapping where nothing is, joining it with its neighbours if they are alike; answers what holds it now. */
    Vma insert(Vma vma) {
        if (byStart.size() >= MAX_MAPPINGS) {
            throw ErrnoException.of(Errno.ENOMEM);
        }
        byStart.put(vma.start, vma);
        virtualBytes += vma.end - vma.start;
        return vma;
    }

    void remove(Vma vma) {
        byStart.remove(vma.start);
        virtualBytes -= vma.end - vma.start;
        last = null;
    }

    /** Cuts the mapping around {@code address}, if there is one, into two; the second part gets its own file reference. */
    void splitAt(long address) {
        Vma vma = find(address);
        if (vma == null || vma.start == address) {
            return;
        }
        if (byStart.size() >= MAX_MAPPINGS) {
            throw ErrnoException.of(Errno.ENOMEM);
        }
        Vma second = vma.part(address, vma.end);
        vma.end = address;
        byStart.put(address, second);
        if (second.file != null) {
            second.file.incRef();
        }
    }

    /** Joins neighbours that are alike in and around [from, to). References that become surplus go to {@code dropped}. */
    void mergeAround(long from, long to, List<MappedFile> dropped) {
        Vma before = previous(from);
        Vma vma = before != null ? before : findOrNext(from);
        while (vma != null && vma.start < to) {
            Map.Entry<Long, Vma> entry = byStart.higherEntry(vma.start);
            if (entry == null) {
                return;
            }
            Vma next = entry.getValue();
            if (vma.continuesAs(next)) {
                byStart.remove(next.start);
                vma.end = next.end;
                last = null;
                if (next.file != null) {
                    dropped.add(next.file);
                }
            } else {
                vma = next;
            }
        }
    }

    /** Moves the start of a mapping that grows down. */
    void growDown(Vma vma, long newStart) {
        byStart.remove(vma.start);
        virtualBytes += vma.start - newStart;
        vma.start = newStart;
        byStart.put(newStart, vma);
    }

    /** Moves the end of a mapping whose neighbourhood is free. */
    void growUp(Vma vma, long newEnd) {
        virtualBytes += newEnd - vma.end;
        vma.end = newEnd;
    }

    /** The highest free range of {@code length} bytes that ends at or below {@code top}, or -1. */
    long gapBelow(long top, long length, long bottom) {
        long end = top;
        Map.Entry<Long, Vma> entry = byStart.lowerEntry(top);
        while (true) {
            long floor = entry == null ? bottom : guardedEnd(entry.getValue());
            if (end - Math.max(floor, bottom) >= length && end >= length) {
                return end - length >= bottom ? end - length : -1;
            }
            if (entry == null) {
                return -1;
            }
            end = Math.min(end, guardedStart(entry.getValue()));
            entry = byStart.lowerEntry(entry.getKey());
        }
    }

    /** The lowest free range of {@code length} bytes in [bottom, top), or -1. */
    long gapAbove(long bottom, long length, long top) {
        long start = bottom;
        for (Vma vma = findOrNext(bottom); vma != null; vma = findOrNext(vma.end)) {
            if (guardedStart(vma) - start >= length) {
                break;
            }
            start = Math.max(start, vma.end);
        }
        return start + length <= top && start + length > start ? start : -1;
    }

    /** Stacks keep a gap of 256 pages below them. */
    private static long guardedStart(Vma vma) {
        return vma.growsDown ? Math.max(0, vma.start - (256L << 12)) : vma.start;
    }

    private static long guardedEnd(Vma vma) {
        return vma.end;
    }
}
