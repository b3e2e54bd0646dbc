package gvj.mm;

/**
 * The sandbox's memory: one sparse memfd, mapped once. Anonymous memory, tmpfs and page cache are pages of it. Pages are
 * refcounted; a page is named by its byte offset, a multiple of 4096.
 */
public final class MemoryFile {
    /** Bytes of a page. */
    public static final int PAGE = 4096;

    /**
     * Makes the memory file.
     *
     * @param bytes size of the sparse file
     * @param limitPages how many pages may be in use at once before {@link #allocate} answers -1
     */
    public MemoryFile(long bytes, long limitPages) {
        throw new UnsupportedOperationException();
    }

    /** The memfd, for the platform. */
    public int fd() {
        throw new UnsupportedOperationException();
    }

    /** The size of the sparse file in bytes. */
    public long bytes() {
        throw new UnsupportedOperationException();
    }

    /** Sentry address of the page (or any byte) at {@code offset}, for {@link gvj.host.Mem}. */
    public long address(long offset) {
        throw new UnsupportedOperationException();
    }

    /** {@code pages} consecutive zeroed pages with one reference each; -1 if the limit is reached. */
    public long allocate(int pages) {
        throw new UnsupportedOperationException();
    }

    /** Takes one more reference on the page at {@code offset}. */
    public void incRef(long offset) {
        throw new UnsupportedOperationException();
    }

    /** Drops a reference; the last one frees the page. */
    public void decRef(long offset) {
        throw new UnsupportedOperationException();
    }

    /** References on the page at {@code offset}. */
    public int refs(long offset) {
        throw new UnsupportedOperationException();
    }

    /** Pages in use. */
    public long usedPages() {
        throw new UnsupportedOperationException();
    }

    /** The limit given at the start. */
    public long limitPages() {
        throw new UnsupportedOperationException();
    }
}
