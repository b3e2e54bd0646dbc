package gvj.mm;

import gvj.platform.AddressSpace;
import gvj.platform.Platform;

/**
 * One application address space: what was asked for (VMAs) and what is there now (frames). Linux's {@code mm_struct}.
 */
public final class MemoryManager {
    /** An empty address space with one user. */
    public MemoryManager(MemoryFile file, Platform platform) {
        throw new UnsupportedOperationException();
    }

    /** One more task uses it (CLONE_VM). */
    public void incUsers() {
        throw new UnsupportedOperationException();
    }

    /** A task stops using it; the last one unmaps everything. */
    public void decUsers() {
        throw new UnsupportedOperationException();
    }

    /** What contexts run in. */
    public AddressSpace addressSpace() {
        throw new UnsupportedOperationException();
    }

    /** A copy-on-write copy for fork, with one user. */
    public MemoryManager fork() {
        throw new UnsupportedOperationException();
    }

    /**
     * Makes the access possible if the mappings allow it.
     *
     * @param access PROT_READ, PROT_WRITE or PROT_EXEC
     * @return 0, or the signal to send: {@code signal << 8 | si_code} (SIGSEGV with SEGV_MAPERR/SEGV_ACCERR, SIGBUS with
     *     BUS_ADRERR; SIGKILL when memory ran out and this process must die)
     */
    public int handleFault(long address, int access) {
        throw new UnsupportedOperationException();
    }

    /** Copies from the application; EFAULT unless all bytes can be read. */
    public void copyIn(long address, byte[] to, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    /** Copies to the application; EFAULT unless all bytes can be written. */
    public void copyOut(long address, byte[] from, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    /** Copies from the application to Sentry memory; EFAULT unless all. */
    public void copyIn(long address, long toAddress, long length) {
        throw new UnsupportedOperationException();
    }

    /** Copies from Sentry memory to the application; EFAULT unless all. */
    public void copyOut(long address, long fromAddress, long length) {
        throw new UnsupportedOperationException();
    }

    /** Zeroes application memory; EFAULT unless all. */
    public void zeroOut(long address, long length) {
        throw new UnsupportedOperationException();
    }

    public byte readByte(long address) {
        throw new UnsupportedOperationException();
    }

    public int readInt(long address) {
        throw new UnsupportedOperationException();
    }

    public long readLong(long address) {
        throw new UnsupportedOperationException();
    }

    public void writeInt(long address, int value) {
        throw new UnsupportedOperationException();
    }

    public void writeLong(long address, long value) {
        throw new UnsupportedOperationException();
    }

    /**
     * A NUL-terminated string, one char per byte (Latin-1). Throws EFAULT, or {@code tooLong} as an errno when there is no
     * NUL in the first {@code max} bytes.
     */
    public String readCString(long address, int max, int tooLong) {
        throw new UnsupportedOperationException();
    }

    /** A path argument: EFAULT, ENAMETOOLONG over 4095 bytes. */
    public String readPath(long address) {
        throw new UnsupportedOperationException();
    }

    /** An atomic compare-and-exchange on an aligned int of the application (which makes it present and writable). */
    public int compareAndExchangeInt(long address, int expected, int value) {
        throw new UnsupportedOperationException();
    }

    /** A volatile read of an aligned int, faulting it in. */
    public int readIntVolatile(long address) {
        throw new UnsupportedOperationException();
    }

    /** A buffer over one range; EFAULT at once only if the range leaves user space; EINVAL if length is negative. */
    public IoBuffer buffer(long address, long length) {
        throw new UnsupportedOperationException();
    }

    /** A buffer over an iovec array: EINVAL for count over 1024 or negative lengths, EFAULT; the sum is cut at 0x7ffff000. */
    public IoBuffer iovec(long address, int count) {
        throw new UnsupportedOperationException();
    }

    /**
     * mmap(2) with checked flags; {@code mappable} is null for anonymous memory.
     *
     * @return the address
     */
    public long mmap(long address, long length, int protection, int flags, Mappable mappable, MappedFile file, long offset) {
        throw new UnsupportedOperationException();
    }

    /** munmap(2): 0 or -errno. */
    public int munmap(long address, long length) {
        throw new UnsupportedOperationException();
    }

    /** Drops frames of a range that a {@link Mappable} replaced or cut off (truncate, hole punching). */
    public void invalidate(long address, long length, boolean privateToo) {
        throw new UnsupportedOperationException();
    }

    /** Bytes mapped (statm size). */
    public long virtualBytes() {
        throw new UnsupportedOperationException();
    }

    /** Bytes resident (statm resident). */
    public long residentBytes() {
        throw new UnsupportedOperationException();
    }
}
