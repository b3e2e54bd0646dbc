package gvj.mm;

/**
 * What is there now, page by page: a radix tree of nine bits a level, as the hardware's. An entry is the offset of a frame
 * in the memory file with flags in its low bits; 0 means nothing. Guarded by the memory manager's lock.
 */
final class PageTable {
    /** The entry holds a frame (offset 0 is a valid frame). */
    static final long PRESENT = 1;
    /** The frame may have other owners: a write copies it first. */
    static final long COW = 2;
    /** The application and the Sentry on its behalf may read it. */
    static final long READ = 4;
    /** It may be written as it is. */
    static final long WRITE = 8;
    /** It belongs to a shared mapping. */
    static final long SHARED = 16;

    private static final int LEAF_BITS = 9;
    private static final int FANOUT = 1 << LEAF_BITS;
    private static final int PAGE_SHIFT = 12;

    private final Object[] root = new Object[FANOUT];
    private long present;

    /** The frame of an entry. */
    static long frame(long entry) {
        return entry & -MemoryFile.PAGE;
    }

    /** Pages present. */
    long present() {
        return present;
    }

    /** The entry of the page that holds {@code address}, 0 if there is none. */
    long get(long address) {
        long[] leaf = leaf(address, false);
        return leaf == null ? 0 : leaf[(int) (address >>> PAGE_SHIFT) & FANOUT - 1];
    }

    /** Sets the entry of the page that holds {@code address}. */
    void set(long address, long entry) {
        long[] leaf = leaf(address, entry != 0);
        if (leaf == null) {
            return;
        }
        int index = (int) (address >>> PAGE_SHIFT) & FANOUT - 1;
        present += (entry != 0 ? 1 : 0) - (leaf[index] != 0 ? 1 : 0);
        leaf[index] = entry;
    }

    private long[] leaf(long address, boolean make) {
        Object[] node = root;
        for (int shift = PAGE_SHIFT + 3 * LEAF_BITS; shift > PAGE_SHIFT + LEAF_BITS; shift -= LEAF_BITS) {
            int index = (int) (address >>> shift) & FANOUT - 1;
            Object[] next = (Object[]) node[index];
            if (next == null) {
                if (!make) {
                    return null;
                }
                next = new Object[FANOUT];
                node[index] = next;
            }
            node = next;
        }
        int index = (int) (address >>> PAGE_SHIFT + LEAF_BITS) & FANOUT - 1;
        long[] leaf = (long[]) node[index];
        if (leaf == null && make) {
            leaf = new long[FANOUT];
            node[index] = leaf;
        }
        return leaf;
    }

    /** The first page at or behind {@code from} and before {@code to} that is present, or {@code to}. */
    long next(long from, long to) {
        long address = from;
        while (address < to) {
            long[] leaf = leaf(address, false);
            if (leaf == null) {
                address = skipMissing(address);
                continue;
            }
            int index = (int) (address >>> PAGE_SHIFT) & FANOUT - 1;
            while (index < FANOUT && address < to) {
                if (leaf[index] != 0) {
                    return address;
                }
                index++;
                address += MemoryFile.PAGE;
            }
        }
        return to;
    }

    /** The end of the largest missing subtree around {@code address}. */
    private long skipMissing(long address) {
        Object[] node = root;
        for (int shift = PAGE_SHIFT + 3 * LEAF_BITS; shift > PAGE_SHIFT; shift -= LEAF_BITS) {
            Object next = node[(int) (address >>> shift) & FANOUT - 1];
            if (next == null || shift == PAGE_SHIFT + LEAF_BITS) {
                return (address >>> shift) + 1 << shift;
            }
            node = (Object[]) next;
        }
        return address + MemoryFile.PAGE;
    }
}
