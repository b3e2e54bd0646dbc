package gvj.mm;

/**
 * What can stand behind a mapping: a file's page cache, a device, shared memory. The memory manager asks it for pages of
 * the memory file.
 */
public interface Mappable {
    /** {@link #page} answer for a page behind the end of the object: the access gets SIGBUS. */
    long BEYOND_END = -1;

    /**
     * The offset in the memory file of the page that holds page {@code index} of the object, filled. A reference on the
     * frame is taken for the caller, who drops it with {@link MemoryFile#decRef}.
     *
     * @param index page number in the object
     * @param write whether it will be written through a shared mapping (the object must treat it as dirty from now on)
     * @return a multiple of 4096, or {@link #BEYOND_END}
     * @throws gvj.kernel.ErrnoException ENOMEM, EIO
     */
    long page(long index, boolean write);

    /**
     * Told when a mapping of pages [{@code firstPage}, {@code firstPage + pages}) at {@code address} of {@code mm} comes
     * into being, so that truncation can call {@link MemoryManager#invalidate}. Also called for parts when a mapping is
     * split, moved or copied by fork.
     */
    void addMapping(MemoryManager mm, long address, long firstPage, long pages, boolean writableShared);

    /** The reverse of {@link #addMapping} with the same numbers. */
    void removeMapping(MemoryManager mm, long address, long firstPage, long pages, boolean writableShared);

    /** Writes dirty pages of the range back (msync MS_SYNC); 0 or -errno. */
    default int sync(long firstPage, long pages) {
        return 0;
    }
}
