package gvj.mm;

import java.util.Arrays;

/**
 * Which group pays for each page of the memory file, and what for: two bytes a page. Guarded by the memory file's monitor,
 * but whoever holds a reference on a page may ask for its group without.
 */
final class PageOwners {
    private static final int KIND_SHIFT = 14;
    private static final int MAX_GROUPS = 1 << KIND_SHIFT;
    private static final MemoryKind[] KINDS = MemoryKind.values();

    private final int chunkBits;
    /** Number of the group and kind of each page that is in use; 0 for those that are not. */
    private final char[][] owners;

    private volatile MemoryGroup[] groups = new MemoryGroup[4];

    PageOwners(int chunks, int chunkBits, MemoryGroup root) {
        this.chunkBits = chunkBits;
        owners = new char[chunks][];
        groups[0] = root;
    }

    private int slot(long page) {
        return (int) page & (1 << chunkBits) - 1;
    }

    /** A page is taken. */
    void set(long page, MemoryGroup group, MemoryKind kind) {
        int chunk = (int) (page >>> chunkBits);
        if (owners[chunk] == null) {
            owners[chunk] = new char[1 << chunkBits];
        }
        owners[chunk][slot(page)] = (char) (kind.ordinal() << KIND_SHIFT | group.index);
    }

    /** A page is free: whose it was, for {@link #group(int)} and {@link #kind}. */
    int clear(long page) {
        char[] chunk = owners[(int) (page >>> chunkBits)];
        int owner = chunk[slot(page)];
        chunk[slot(page)] = 0;
        return owner;
    }

    static MemoryKind kind(int owner) {
        return KINDS[owner >>> KIND_SHIFT];
    }

    MemoryGroup group(int owner) {
        return groups[owner & MAX_GROUPS - 1];
    }

    /** Whose a page is. */
    MemoryGroup of(long page) {
        return group(owners[(int) (page >>> chunkBits)][slot(page)]);
    }

    /** One more group; null if there are too many. */
    MemoryGroup newGroup(MemoryGroup parent) {
        int index = 1;
        while (index < groups.length
                && groups[index] != null
                && !(groups[index].removed && groups[index].used() == 0)) {
            index++;
        }
        if (index == MAX_GROUPS) {
            return null;
        }
        MemoryGroup[] all = index == groups.length ? Arrays.copyOf(groups, index * 2) : groups;
        all[index] = new MemoryGroup(parent, index, MemoryGroup.NO_LIMIT);
        groups = all;
        return all[index];
    }

    int chunks() {
        return owners.length;
    }

    /** Pages of one chunk that are {@code group}'s become its parent's. */
    void handOver(int chunk, MemoryGroup group) {
        char[] part = owners[chunk];
        for (int i = 0; part != null && i < part.length; i++) {
            int owner = part[i];
            if ((owner & MAX_GROUPS - 1) == group.index) {
                part[i] = (char) (owner & -MAX_GROUPS | group.parent.index);
                group.handOver(1, kind(owner));
            }
        }
    }
}
