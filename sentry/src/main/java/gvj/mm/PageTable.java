package gvj.mm;

import gvj.abi.Errno;
import gvj.kernel.ErrnoException;

/**
 * What is there now, page by page: a radix tree of nine bits a level, as the hardware's. An entry is the offset of a frame
 * in the memory file with flags in its low bits; 0 means nothing.
 *
 * <p>Guarded by the memory manager's lock: changes need it for writing. A reader without it gets something stale, never
 * an exception, and must validate its stamp before it believes what it read.
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
    /** It belongs to the object behind a shared mapping. */
    static final long SHARED = 16;
    /** It is the page of zeros that all share. */
    static final long ZERO = 32;
    /** It is the object's own page, in a private mapping that has not written there. */
    static final long FILE = 64;

    private static final int LEAF_BITS = 9;
    private static final int FANOUT = 1 << LEAF_BITS;
    private static final int PAGE_SHIFT = 12;
    private static final int LEAF_SHIFT = PAGE_SHIFT + LEAF_BITS;
    private static final int MID_SHIFT = LEAF_SHIFT + LEAF_BITS;
    private static final int TOP_SHIFT = MID_SHIFT + LEAF_BITS;

    /** A table of tables, with the number of those that are there. */
    private static final class Node {
        final Object[] children = new Object[FANOUT];
        int used;
    }

    private final MemoryFile memory;
    private final Node root = new Node();
    private int tables;
    private long present;
    private long shared;
    private long fromFile;

    PageTable(MemoryFile memory) {
        this.memory = memory;
    }

    /** The frame of an entry. */
    static long frame(long entry) {
        return entry & -MemoryFile.PAGE;
    }

    /** Pages present, the shared page of zeros not counted. */
    long present() {
        return present;
    }

    /** Pages present that belong to shared mappings. */
    long shared() {
        return shared;
    }

    /** Pages present that are an object's own in private mappings. */
    long fromFile() {
        return fromFile;
    }

    private static int index(long address, int shift) {
        return (int) (address >>> shift) & FANOUT - 1;
    }

    /** The entry of the page that holds {@code address} (of user space), 0 if there is none. */
    long get(long address) {
        long[] leaf = leaf(address);
        return leaf == null ? 0 : leaf[index(address, PAGE_SHIFT)];
    }

    private long[] leaf(long address) {
        Node top = (Node) root.children[index(address, TOP_SHIFT)];
        if (top == null) {
            return null;
        }
        Node mid = (Node) top.children[index(address, MID_SHIFT)];
        return mid == null ? null : (long[]) mid.children[index(address, LEAF_SHIFT)];
    }

    private void charge() {
        if (!memory.chargeTable()) {
            throw ErrnoException.of(Errno.ENOMEM);
        }
        tables++;
    }

    private void uncharge(int count) {
        for (int i = 0; i < count; i++) {
            memory.unchargeTable();
        }
        tables -= count;
    }

    /** The address space is empty and will stay so. */
    void close() {
        uncharge(tables);
    }

    private Node child(Node node, int index) {
        Node child = (Node) node.children[index];
        if (child == null) {
            charge();
            child = new Node();
            node.children[index] = child;
            node.used++;
        }
        return child;
    }

    /**
     * Sets the entry of the page that holds {@code address}; not to 0, see {@link #clear}. ENOMEM if that takes a table more
     * than allowed, which cannot be if the page has an entry already.
     */
    void set(long address, long entry) {
        Node mid = child(child(root, index(address, TOP_SHIFT)), index(address, MID_SHIFT));
        int slot = index(address, LEAF_SHIFT);
        long[] leaf = (long[]) mid.children[slot];
        if (leaf == null) {
            charge();
            // behind the entries is the number of those that are there
            leaf = new long[FANOUT + 1];
            mid.children[slot] = leaf;
            mid.used++;
        }
        int index = index(address, PAGE_SHIFT);
        long old = leaf[index];
        count(old, -1);
        count(entry, 1);
        if (old == 0) {
            leaf[FANOUT]++;
        }
        leaf[index] = entry;
    }

    private void count(long entry, int by) {
        if ((entry & (PRESENT | ZERO)) == PRESENT) {
            present += by;
            if ((entry & SHARED) != 0) {
                shared += by;
            } else if ((entry & FILE) != 0) {
                fromFile += by;
            }
        }
    }

    /** Takes the entry of the page that holds {@code address} out, and tables that become empty; answers what it was. */
    long clear(long address) {
        Node top = (Node) root.children[index(address, TOP_SHIFT)];
        Node mid = top == null ? null : (Node) top.children[index(address, MID_SHIFT)];
        long[] leaf = mid == null ? null : (long[]) mid.children[index(address, LEAF_SHIFT)];
        int index = index(address, PAGE_SHIFT);
        if (leaf == null || leaf[index] == 0) {
            return 0;
        }
        long old = leaf[index];
        count(old, -1);
        leaf[index] = 0;
        if (--leaf[FANOUT] == 0) {
            mid.children[index(address, LEAF_SHIFT)] = null;
            uncharge(1);
            if (--mid.used == 0) {
                top.children[index(address, MID_SHIFT)] = null;
                uncharge(1);
                if (--top.used == 0) {
                    root.children[index(address, TOP_SHIFT)] = null;
                    root.used--;
                    uncharge(1);
                }
            }
        }
        return old;
    }

    /** The first page at or behind {@code from} and before {@code to} that is present, or {@code to}. */
    long next(long from, long to) {
        long address = from & -MemoryFile.PAGE;
        while (address < to) {
            Node top = (Node) root.children[index(address, TOP_SHIFT)];
            if (top == null) {
                address = behind(address, TOP_SHIFT);
                continue;
            }
            Node mid = (Node) top.children[index(address, MID_SHIFT)];
            if (mid == null) {
                address = behind(address, MID_SHIFT);
                continue;
            }
            long[] leaf = (long[]) mid.children[index(address, LEAF_SHIFT)];
            if (leaf == null) {
                address = behind(address, LEAF_SHIFT);
                continue;
            }
            for (int i = index(address, PAGE_SHIFT); i < FANOUT && address < to; i++) {
                if (leaf[i] != 0) {
                    return address;
                }
                address += MemoryFile.PAGE;
            }
        }
        return to;
    }

    private static long behind(long address, int shift) {
        return (address >>> shift) + 1 << shift;
    }
}
