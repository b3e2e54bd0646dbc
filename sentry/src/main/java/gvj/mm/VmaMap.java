package gvj.mm;

import gvj.abi.Errno;
import gvj.abi.Mman;
import gvj.kernel.ErrnoException;
import java.util.Arrays;

/**
 * The mappings of an address space in the order of their addresses, with the cutting, joining and counting. A sorted
 * array: moving 64 K references costs less than a tree's pointers, and a lookup makes no garbage. Guarded by the memory
 * manager's lock.
 */
final class VmaMap {
    /** vm.max_map_count. */
    static final int MAX_MAPPINGS = 65530;
    /** Linux's stack_guard_gap. */
    static final long GUARD_GAP = 256L * MemoryFile.PAGE;

    private Vma[] vmas = new Vma[32];
    private int size;
    private int last;

    private long total;
    private long data;
    private long stack;
    private long exec;
    private long locked;

    /** Bytes mapped. */
    long total() {
        return total;
    }

    /** Bytes of private writable mappings that are no stacks: what RLIMIT_DATA limits. */
    long data() {
        return data;
    }

    /** Bytes of stacks. */
    long stack() {
        return stack;
    }

    /** Bytes of executable mappings that cannot be written. */
    long exec() {
        return exec;
    }

    /** Bytes of locked mappings. */
    long locked() {
        return locked;
    }

    int size() {
        return size;
    }

    Vma get(int index) {
        return vmas[index];
    }

    private void count(Vma vma, int sign) {
        long bytes = sign * (vma.end - vma.start);
        total += bytes;
        boolean writable = (vma.protection & Mman.PROT_WRITE) != 0;
        if (vma.growsDown) {
            stack += bytes;
        } else if (writable && !vma.shared) {
            data += bytes;
        } else if ((vma.protection & Mman.PROT_EXEC) != 0 && !writable) {
            exec += bytes;
        }
        if (vma.locked) {
            locked += bytes;
        }
    }

    /** The index of the first mapping that ends behind {@code address}; {@link #size} if there is none. */
    int firstEndingBehind(long address) {
        int hint = last;
        if (hint < size && vmas[hint].end > address && (hint == 0 || vmas[hint - 1].end <= address)) {
            return hint;
        }
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = low + high >>> 1;
            if (vmas[middle].end > address) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        last = low;
        return low;
    }

    /** The mapping that holds {@code address}, or null. */
    Vma find(long address) {
        Vma vma = findOrNext(address);
        return vma != null && vma.start <= address ? vma : null;
    }

    /** The first mapping that ends behind {@code address}, or null. */
    Vma findOrNext(long address) {
        int index = firstEndingBehind(address);
        return index < size ? vmas[index] : null;
    }

    /** The last mapping that ends at or before {@code address}, or null. */
    Vma previous(long address) {
        int index = firstEndingBehind(address);
        return index > 0 ? vmas[index - 1] : null;
    }

    /** Whether anything is mapped in [from, to). */
    boolean isMapped(long from, long to) {
        Vma vma = findOrNext(from);
        return vma != null && vma.start < to;
    }

    /** Whether every page of [from, to) is mapped. */
    boolean covers(long from, long to) {
        long at = from;
        for (int i = firstEndingBehind(from); i < size && at < to && vmas[i].start <= at; i++) {
            at = vmas[i].end;
        }
        return at >= to;
    }

    /** ENOMEM if {@code more} mappings would be too many. */
    void checkRoom(int more) {
        if (size + more > MAX_MAPPINGS) {
            throw ErrnoException.of(Errno.ENOMEM);
        }
    }

    /** Adds a mapping where nothing is; the caller looked with {@link #checkRoom}. */
    void insert(Vma vma) {
        insertAt(firstEndingBehind(vma.start), vma);
        count(vma, 1);
    }

    private void insertAt(int index, Vma vma) {
        if (size == vmas.length) {
            vmas = Arrays.copyOf(vmas, size * 2);
        }
        System.arraycopy(vmas, index, vmas, index + 1, size - index);
        vmas[index] = vma;
        size++;
    }

    /** Takes mappings [first, behind) by index out. */
    void remove(int first, int behind) {
        for (int i = first; i < behind; i++) {
            count(vmas[i], -1);
        }
        System.arraycopy(vmas, behind, vmas, first, size - behind);
        int newSize = size - (behind - first);
        Arrays.fill(vmas, newSize, size, null);
        size = newSize;
    }

    /** Cuts the mapping around {@code address}, if there is one, into two; the second gets references of its own. */
    void splitAt(MemoryManager mm, long address) {
        int index = firstEndingBehind(address);
        if (index == size || vmas[index].start >= address) {
            return;
        }
        Vma first = vmas[index];
        Vma second = first.part(address, first.end);
        first.end = address;
        insertAt(index + 1, second);
        if (second.file != null) {
            second.file.incRef();
        }
        if (second.mappable != null) {
            second.mappable.addMapping(mm, second.writableShared());
        }
    }

    /** Joins neighbours that are alike in and around [from, to). Surplus file references go to {@code dropped}. */
    void mergeAround(MemoryManager mm, long from, long to, Dropped dropped) {
        int index = Math.max(0, firstEndingBehind(from) - 1);
        while (index + 1 < size && vmas[index].start < to) {
            Vma vma = vmas[index];
            Vma next = vmas[index + 1];
            if (!vma.continuesAs(next)) {
                index++;
                continue;
            }
            vma.end = next.end;
            dropped.add(mm, next);
            System.arraycopy(vmas, index + 2, vmas, index + 1, size - index - 2);
            vmas[--size] = null;
        }
    }

    /** Moves the bounds of a mapping within the gaps around it. */
    void resize(Vma vma, long newStart, long newEnd) {
        count(vma, -1);
        vma.start = newStart;
        vma.end = newEnd;
        count(vma, 1);
    }

    /** Changes the rights of a whole mapping. */
    void setProtection(Vma vma, int protection) {
        count(vma, -1);
        vma.protection = protection;
        count(vma, 1);
    }

    /** Locks or unlocks a whole mapping. */
    void setLocked(Vma vma, boolean lock) {
        count(vma, -1);
        vma.locked = lock;
        count(vma, 1);
    }

    /** The highest free range of {@code length} bytes in [bottom, top), or -1. */
    long gapBelow(long top, long length, long bottom) {
        long end = top;
        for (int i = firstEndingBehind(top); i >= 0; i--) {
            if (i < size) {
                end = Math.min(end, guardedStart(vmas[i]));
            }
            long floor = Math.max(i == 0 ? 0 : vmas[i - 1].end, bottom);
            if (end - length >= floor) {
                return end - length;
            }
        }
        return -1;
    }

    /** The lowest free range of {@code length} bytes in [bottom, top), or -1. */
    long gapAbove(long bottom, long length, long top) {
        long start = bottom;
        for (int i = firstEndingBehind(bottom); i < size; i++) {
            if (guardedStart(vmas[i]) - start >= length) {
                break;
            }
            start = Math.max(start, vmas[i].end);
        }
        return start <= top - length ? start : -1;
    }

    /** Stacks keep a gap below them. */
    private static long guardedStart(Vma vma) {
        return vma.growsDown ? Math.max(0, vma.start - GUARD_GAP) : vma.start;
    }
}
