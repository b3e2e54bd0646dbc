package gvj.mm;

import gvj.abi.Mman;

/**
 * A mapping: a range of addresses with one set of rules. Linux's vm_area_struct. Guarded by the memory manager's lock.
 */
public final class Vma {
    long start;
    long end;
    /** PROT_*. */
    int protection;
    /** Rights mprotect may add: a shared mapping of a file that is not open for writing lacks PROT_WRITE. */
    int maxProtection;

    boolean shared;
    boolean growsDown;
    boolean locked;
    boolean dontFork;
    boolean wipeOnFork;
    boolean dontDump;
    boolean noReserve;
    /** Null for private anonymous memory. */
    Mappable mappable;
    /** What stays open; null for anonymous memory. */
    MappedFile file;
    /** Byte offset in the mappable of {@link #start}. */
    long offset;
    /** [heap], [stack], or a name given by prctl; empty for none. */
    String name = "";

    Vma(long start, long end) {
        this.start = start;
        this.end = end;
    }

    /** A part of this mapping, with references on what it maps. */
    Vma part(long from, long to) {
        Vma part = new Vma(from, to);
        part.protection = protection;
        part.maxProtection = maxProtection;
        part.shared = shared;
        part.growsDown = growsDown;
        part.locked = locked;
        part.dontFork = dontFork;
        part.wipeOnFork = wipeOnFork;
        part.dontDump = dontDump;
        part.noReserve = noReserve;
        part.mappable = mappable;
        part.file = file;
        part.offset = offset + (from - start);
        part.name = name;
        return part;
    }

    boolean allows(int access) {
        return (protection & access) == access || access == Mman.PROT_READ && (protection & 7) != 0 && canReadAnyway();
    }

    /** On amd64 whatever may be written or executed may be read. */
    private boolean canReadAnyway() {
        return (protection & (Mman.PROT_WRITE | Mman.PROT_EXEC)) != 0;
    }

    boolean isPrivateAnonymous() {
        return mappable == null;
    }

    /** Whether {@code next}, which begins where this ends, continues it. */
    boolean continuesAs(Vma next) {
        return end == next.start
                && protection == next.protection
                && maxProtection == next.maxProtection
                && shared == next.shared
                && growsDown == next.growsDown
                && locked == next.locked
                && dontFork == next.dontFork
                && wipeOnFork == next.wipeOnFork
                && dontDump == next.dontDump
                && noReserve == next.noReserve
                && mappable == next.mappable
                && file == next.file
                && (mappable == null || offset + (end - start) == next.offset)
                && name.equals(next.name);
    }

    long pages() {
        return (end - start) / MemoryFile.PAGE;
    }

    long firstPage() {
        return offset / MemoryFile.PAGE;
    }

    boolean writableShared() {
        return shared && (maxProtection & Mman.PROT_WRITE) != 0;
    }

    public long start() {
        return start;
    }

    public long end() {
        return end;
    }

    public int protection() {
        return protection;
    }

    public boolean isShared() {
        return shared;
    }

    public boolean isLocked() {
        return locked;
    }

    /** The file mapped, or null. */
    public MappedFile file() {
        return file;
    }

    public long offset() {
        return offset;
    }

    public String name() {
        return name;
    }

    public boolean growsDown() {
        return growsDown;
    }
}
