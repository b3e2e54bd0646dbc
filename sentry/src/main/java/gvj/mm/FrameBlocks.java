package gvj.mm;

/**
 * Which pages of the memory file are free, in blocks of 16 pages: a mask of free pages for each block, another of those
 * that are known to be zero, and lists of the blocks that are free as a whole and in part. Free pages are given out again
 * last in, first out: they are warm, and the file stays compact.
 *
 * <p>Guarded by the memory file's monitor.
 */
final class FrameBlocks {
    /** Pages of a block. */
    static final int PAGES = 16;

    private static final int ALL = 0xffff;
    private static final int CHUNK_BITS = 12;
    private static final int CHUNK = 1 << CHUNK_BITS;
    private static final int NONE = -1;
    /** Blocks a search for free ones in a row looks at. */
    private static final int LOOK = 8192;

    /** Free and zero masks, and the neighbours in the list, of {@link #CHUNK} blocks. */
    private static final class Chunk {
        final char[] free = new char[CHUNK];
        final char[] zero = new char[CHUNK];
        final int[] next = new int[CHUNK];
        final int[] previous = new int[CHUNK];
    }

    private final Chunk[] chunks;
    private final int blocks;
    private int neverUsed;
    private int whole = NONE;
    private int partial = NONE;
    private int wholeBlocks;
    private int runHint;
    /** Free pages that hold something. */
    private long dirty;

    /** All pages of a file of {@code pages} pages are free and zero. */
    FrameBlocks(long pages) {
        blocks = (int) Math.min(Integer.MAX_VALUE, pages / PAGES);
        chunks = new Chunk[(blocks + CHUNK - 1) >>> CHUNK_BITS];
    }

    /** Free pages that the host still has memory for. */
    long dirty() {
        return dirty;
    }

    private Chunk chunk(int block) {
        return chunks[block >>> CHUNK_BITS];
    }

    private static int slot(int block) {
        return block & CHUNK - 1;
    }

    private void push(boolean toWhole, int block) {
        int head = toWhole ? whole : partial;
        chunk(block).next[slot(block)] = head;
        chunk(block).previous[slot(block)] = NONE;
        if (head != NONE) {
            chunk(head).previous[slot(head)] = block;
        }
        if (toWhole) {
            whole = block;
            wholeBlocks++;
        } else {
            partial = block;
        }
    }

    private void unlink(boolean fromWhole, int block) {
        int next = chunk(block).next[slot(block)];
        int previous = chunk(block).previous[slot(block)];
        wholeBlocks -= fromWhole ? 1 : 0;
        if (next != NONE) {
            chunk(next).previous[slot(next)] = previous;
        }
        if (previous != NONE) {
            chunk(previous).next[slot(previous)] = next;
        } else if (fromWhole) {
            whole = next;
        } else {
            partial = next;
        }
    }

    /** A block nobody has used, or {@link #NONE}. */
    private int newBlock() {
        if (neverUsed == blocks) {
            return NONE;
        }
        int block = neverUsed++;
        if (chunks[block >>> CHUNK_BITS] == null) {
            chunks[block >>> CHUNK_BITS] = new Chunk();
        }
        return block;
    }

    /**
     * Takes {@code count} consecutive pages, at most a block.
     *
     * @return the first page's number, with the mask of those that must be zeroed above bit 48; -1 if there are none
     */
    long take(int count) {
        int block = count == 1 && partial != NONE ? partial : whole;
        if (block == NONE) {
            block = newBlock();
            if (block == NONE) {
                block = count == 1 ? partial : NONE;
                if (block == NONE) {
                    return -1;
                }
            } else {
                chunk(block).free[slot(block)] = ALL;
                chunk(block).zero[slot(block)] = ALL;
                push(true, block);
            }
        }
        Chunk chunk = chunk(block);
        int free = chunk.free[slot(block)];
        int first = Integer.numberOfTrailingZeros(free);
        int taken = (1 << count) - 1 << first;
        int toZero = taken & ~chunk.zero[slot(block)];
        setFree(block, free & ~taken);
        chunk.zero[slot(block)] &= (char) ~taken;
        dirty -= Integer.bitCount(toZero);
        return (long) block * PAGES + first | (long) (toZero >>> first) << 48;
    }

    /**
     * Takes {@code wanted} blocks in a row.
     *
     * @param dirtyMasks gets for each block the mask of pages that are not known to be zero
     * @return the first block, or -1
     */
    int takeRun(int wanted, char[] dirtyMasks) {
        int first = wanted <= wholeBlocks ? findRun(wanted, LOOK) : NONE;
        if (first == NONE && wanted <= blocks - neverUsed) {
            first = neverUsed;
            for (int i = 0; i < wanted; i++) {
                newBlock();
                chunk(first + i).zero[slot(first + i)] = ALL;
            }
        } else if (first == NONE && wanted <= wholeBlocks) {
            first = findRun(wanted, neverUsed);
        }
        if (first == NONE) {
            return NONE;
        }
        for (int block = first; block < first + wanted; block++) {
            Chunk chunk = chunk(block);
            char toZero = (char) ~chunk.zero[slot(block)];
            dirtyMasks[block - first] = toZero;
            dirty -= Integer.bitCount(toZero);
            chunk.zero[slot(block)] = 0;
            setFree(block, 0);
        }
        runHint = first + wanted;
        return first;
    }

    /** Looks at up to {@code most} blocks from where the last run ended for {@code wanted} free ones in a row. */
    private int findRun(int wanted, int most) {
        int block = runHint < neverUsed ? runHint : 0;
        int length = 0;
        for (int looked = 0; looked < most + wanted && looked < neverUsed + wanted; looked++) {
            if (block == neverUsed) {
                block = 0;
                length = 0;
            }
            length = chunk(block).free[slot(block)] == ALL ? length + 1 : 0;
            block++;
            if (length == wanted) {
                return block - wanted;
            }
        }
        runHint = block;
        return NONE;
    }

    private void setFree(int block, int mask) {
        Chunk chunk = chunk(block);
        int old = chunk.free[slot(block)];
        chunk.free[slot(block)] = (char) mask;
        if (old == mask) {
            return;
        }
        boolean wasWhole = old == ALL;
        boolean isWhole = mask == ALL;
        if (old != 0) {
            if (wasWhole == isWhole && mask != 0) {
                return;
            }
            unlink(wasWhole, block);
        }
        if (mask != 0) {
            push(isWhole, block);
        }
    }

    /** Gives a page back. */
    void free(long page, boolean isZero) {
        int block = (int) (page / PAGES);
        int bit = 1 << (int) (page % PAGES);
        if (isZero) {
            chunk(block).zero[slot(block)] |= (char) bit;
        } else {
            dirty++;
        }
        setFree(block, chunk(block).free[slot(block)] | bit);
    }

    /**
     * Takes up to {@code into.length} whole blocks with dirty pages off the list, as if they were in use; how many. Give
     * them back with {@link #giveBackZero}.
     */
    int takeDirtyBlocks(int[] into) {
        int count = 0;
        int looked = 0;
        int block = whole;
        while (block != NONE && count < into.length && looked++ < 4 * into.length) {
            int next = chunk(block).next[slot(block)];
            int dirtyPages = PAGES - Integer.bitCount(chunk(block).zero[slot(block)]);
            if (dirtyPages > 0) {
                dirty -= dirtyPages;
                setFree(block, 0);
                into[count++] = block;
            }
            block = next;
        }
        return count;
    }

    /** The reverse of {@link #takeDirtyBlocks}: the block's memory is zero now. It goes where it is used last. */
    void giveBackZero(int block) {
        chunk(block).zero[slot(block)] = ALL;
        setFree(block, ALL);
    }
}
