package gvj.mm;

/**
 * A page of the Sentry's that programs may see, and that never goes: [vdso] and [vvar]. A page is mapped as a whole and
 * cannot grow; written in private, it is a copy like that of any file's.
 */
public final class KernelPages implements Mappable {
    private final MemoryFile memory;
    private final long frame;
    final String name;
    final int protection;
    final int maxProtection;
    final boolean io;

    /**
     * Shows the page at {@code frame}.
     *
     * @param name what /proc/PID/maps shows
     * @param protection PROT_*
     * @param maxProtection what mprotect(2) may make of it
     * @param io Linux's VM_IO and VM_PFNMAP: debuggers do not see it, and it is not to be dropped
     */
    public KernelPages(MemoryFile memory, String name, long frame, int protection, int maxProtection, boolean io) {
        this.memory = memory;
        this.name = name;
        this.frame = frame;
        this.protection = protection;
        this.maxProtection = maxProtection;
        this.io = io;
    }

    @Override
    public long page(long index, boolean write) {
        return index == 0 ? cachedPage(index) : BEYOND_END;
    }

    @Override
    public long cachedPage(long index) {
        if (index != 0) {
            return NOT_CACHED;
        }
        memory.incRef(frame);
        return frame;
    }

    @Override
    public void addMapping(MemoryManager mm, boolean writableShared) {
        // nothing is ever taken away from where it is mapped
    }

    @Override
    public void removeMapping(MemoryManager mm, boolean writableShared) {
        // as above
    }
}
