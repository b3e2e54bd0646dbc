package gvj.mm;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;

/**
 * The address spaces that map an object, with the number of their mappings: Linux's i_mmap. Where in an address space the
 * mappings lie, the memory manager knows best: it looks itself.
 *
 * <p>Lock: the monitor guards the counts; it is innermost and not held while memory managers are called.
 */
public final class Mappings {
    private IdentityHashMap<MemoryManager, int[]> counts;
    private int writable;

    /** For {@link Mappable#addMapping}. */
    public synchronized void add(MemoryManager mm, boolean writableShared) {
        if (counts == null) {
            counts = new IdentityHashMap<>(4);
        }
        counts.computeIfAbsent(mm, key -> new int[1])[0]++;
        writable += writableShared ? 1 : 0;
    }

    /** For {@link Mappable#removeMapping}. */
    public synchronized void remove(MemoryManager mm, boolean writableShared) {
        int[] count = counts.get(mm);
        writable -= writableShared ? 1 : 0;
        if (--count[0] == 0) {
            counts.remove(mm);
        }
    }

    /** Shared mappings through which the object can be written: what F_SEAL_WRITE must not meet. */
    public synchronized int writable() {
        return writable;
    }

    public synchronized boolean isEmpty() {
        return counts == null || counts.isEmpty();
    }

    private synchronized List<MemoryManager> snapshot() {
        return counts == null || counts.isEmpty() ? List.of() : new ArrayList<>(counts.keySet());
    }

    /**
     * Takes pages [{@code first}, {@code behind}) of {@code object}, whose mappings these are, out of every mapping; afterwards nobody reaches their frames.
     *
     * @param privateToo also the private copies of pages: truncation, not hole punching
     */
    public void invalidate(Mappable object, long first, long behind, boolean privateToo) {
        for (MemoryManager mm : snapshot()) {
            mm.invalidate(object, first, behind, privateToo);
        }
    }

    /** Makes the next write through any shared mapping of the pages fault and call {@link Mappable#page} again. */
    public void writeProtect(Mappable object, long first, long behind) {
        if (writable() == 0) {
            return;
        }
        for (MemoryManager mm : snapshot()) {
            mm.writeProtect(object, first, behind);
        }
    }
}
