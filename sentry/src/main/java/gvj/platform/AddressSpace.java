package gvj.platform;

/**
 * The translations of one application address space. It is only a cache of what the memory manager knows: any
 * translation may be missing and faults back in.
 *
 * <p>Addresses and lengths are multiples of 4096. Calls for one address space are serialised by the caller (the memory
 * manager's lock); contexts may be running in it meanwhile.
 */
public interface AddressSpace extends AutoCloseable {
    /**
     * With the protection of {@link #map}: nobody writes to these frames while they are mapped here, as it is with the
     * pages of a program. A platform may map a copy then, in which system calls reach it faster.
     */
    int STABLE = 0x100;

    /**
     * Maps {@code length} bytes of the memory file from {@code fileOffset} at {@code address}, replacing what was there.
     * Where nothing was mapped, or the same frame with fewer rights, this is cheap; where it takes rights away it
     * behaves like {@link #unmap} first.
     *
     * @param protection {@link gvj.abi.Mman#PROT_READ}, {@code PROT_WRITE}, {@code PROT_EXEC} in any combination,
     *     and {@link #STABLE}
     */
    void map(long address, long length, long fileOffset, int protection);

    /** Removes translations. When it returns, no context can still reach the frames through this range. */
    void unmap(long address, long length);

    /** Takes the write right from every translation in the range. When it returns, no context can still write there. */
    void writeProtect(long address, long length);

    /** From now on application code runs as it is, {@link #STABLE} or not: somebody steps through it. */
    default void keepCode() {}

    /** Drops the address space; no context may be running in it. */
    @Override
    void close();
}
