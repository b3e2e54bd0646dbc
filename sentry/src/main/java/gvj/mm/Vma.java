package gvj.mm;

import gvj.abi.Mman;

/**
 * A mapping: a range of addresses with one set of rules. Linux's vm_area_struct. Guarded by the memory manager's lock;
 * {@link MemoryManager#forEachVma} shows copies.
 */
public final class Vma {
    long start;
    long end;
    /** PROT_*. */
    int protection;
    /** Rights mprotect may add: a shared mapping of a file that is not open for writing lacks PROT_WRITE. */
    int maxProtection = Mman.PROT_READ | Mman.PROT_WRITE | Mman.PROT_EXEC;

    boolean shared;
    boolean growsDown;
    boolean locked;
    boolean lockOnFault;
    boolean dontFork;
    boolean wipeOnFork;
    boolean dontDump;
    boolean noReserve;
    /** Whether it is {@link KernelPages}: it does not grow, is not joined to its neighbours, not locked, not renamed. */
    boolean special;
    /** Linux's VM_IO: special, and neither debuggers nor madvise(2) get at it. */
    boolean io;
    /** Null for private anonymous memory. */
    Mappable mappable;
    /** What stays open; null for anonymous memory. */
    MappedFile file;
    /** Byte offset in the mappable of {@link #start}. */
    long offset;
    /** [heap], [stack], or a name given by prctl; empty for none. */
    String name = "";

    /** Where the next fault falls if memory is touched in order, and how many pages that one gets. */
    long nextFault;

    int batch = 1;
    /** How often a fault gave more than it was asked for. */
    int groups;

    Vma(long start, long end) {
        this.start = start;
        this.end = end;
    }

    /** A part of this mapping; the caller takes the references. */
    Vma part(long from, long to) {
        Vma part = new Vma(from, to);
        part.protection = protection;
        part.maxProtection = maxProtection;
        part.shared = shared;
        part.growsDown = growsDown;
        part.locked = locked;
        part.lockOnFault = lockOnFault;
        part.dontFork = dontFork;
        part.wipeOnFork = wipeOnFork;
        part.dontDump = dontDump;
        part.noReserve = noReserve;
        part.special = special;
        part.io = io;
        part.mappable = mappable;
        part.file = file;
        part.offset = mappable == null ? 0 : offset + (from - start);
        part.name = name;
        return part;
    }

    /** Whether PROT_READ, PROT_WRITE or PROT_EXEC is allowed; on amd64 whatever may be written or executed may be read. */
    boolean allows(int access) {
        return access == Mman.PROT_READ ? isAccessible() : (protection & access) == access;
    }

    boolean isAccessible() {
        return (protection & (Mman.PROT_READ | Mman.PROT_WRITE | Mman.PROT_EXEC)) != 0;
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
                && lockOnFault == next.lockOnFault
                && dontFork == next.dontFork
                && wipeOnFork == next.wipeOnFork
                && dontDump == next.dontDump
                && noReserve == next.noReserve
                && !special
                && !next.special
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

    /** The number of the object's page that lies at {@code address}. */
    long pageAt(long address) {
        return (offset + (address - start)) / MemoryFile.PAGE;
    }

    boolean writableShared() {
        return shared && (maxProtection & Mman.PROT_WRITE) != 0;
    }

    /** Whether it counts against what can be promised: private and writable, not MAP_NORESERVE. */
    boolean isAccountable() {
        return !shared && !noReserve && (protection & Mman.PROT_WRITE) != 0;
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

    public int maxProtection() {
        return maxProtection;
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

    /** What /proc/PID/maps shows instead of a path: [heap], [stack], [anon:NAME]; empty for nothing. */
    public String name() {
        return name;
    }

    public boolean growsDown() {
        return growsDown;
    }

    public boolean dontFork() {
        return dontFork;
    }

    public boolean wipeOnFork() {
        return wipeOnFork;
    }

    public boolean dontDump() {
        return dontDump;
    }

    /** [vdso] and the like. */
    public boolean isSpecial() {
        return special;
    }

    public boolean isIo() {
        return io;
    }

    public boolean noReserve() {
        return noReserve;
    }
}
