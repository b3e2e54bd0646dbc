package gvj.mm;

import gvj.abi.Errno;

/**
 * What can stand behind a mapping: a file's page cache, a device, shared memory. The memory manager asks it for pages of
 * the memory file.
 *
 * <p>Lock order: a memory manager's lock may be held when {@link #cachedPage}, {@link #tracksWrites} and
 * {@link #addMapping} are called, and for none of the others. An object that takes pages away (truncation, hole punching) first takes them out of its own tables, then tells
 * {@link Mappings#invalidate} without holding any lock that these methods need.
 */
public interface Mappable {
    /** {@link #page} answer for a page behind the end of the object: the access gets SIGBUS. */
    long BEYOND_END = -1;
    /** {@link #cachedPage} answer for a page that is not at hand. */
    long NOT_CACHED = -2;

    /**
     * The offset in the memory file of the page that holds page {@code index} of the object, filled. A reference on the
     * frame is taken for the caller, who drops it with {@link MemoryFile#decRef}. May read from disk: no lock of a memory
     * manager is held.
     *
     * @param index page number in the object
     * @param write whether it will be written through a shared mapping (the object must treat it as dirty from now on)
     * @return a multiple of 4096, or {@link #BEYOND_END}
     * @throws gvj.kernel.ErrnoException ENOMEM, EIO
     */
    long page(long index, boolean write);

    /** Whether its bytes may well change soon: somebody has it open for writing. */
    default boolean mayChange() {
        return false;
    }

    /** As {@link #page} for reading, but only what is at hand without delay; else {@link #NOT_CACHED}. */
    default long cachedPage(long index) {
        return NOT_CACHED;
    }

    /** Whether it must hear of the first write to a page, because it writes dirty pages back. */
    default boolean tracksWrites() {
        return true;
    }

    /** One more mapping of it in {@code mm}; keep it in a {@link Mappings}. Splitting a mapping makes two of one. */
    void addMapping(MemoryManager mm, boolean writableShared);

    /** The reverse of {@link #addMapping}; may come a little late, when nothing is mapped any more. */
    void removeMapping(MemoryManager mm, boolean writableShared);

    /** Writes dirty pages of the range back (msync MS_SYNC); 0 or -errno. */
    default int sync(long firstPage, long pages) {
        return 0;
    }

    /** Punches a hole for MADV_REMOVE; 0 or -errno. */
    default int punch(long offset, long length) {
        return -Errno.EOPNOTSUPP;
    }
}
