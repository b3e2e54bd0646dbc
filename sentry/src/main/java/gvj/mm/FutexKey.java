package gvj.mm;

import gvj.abi.Errno;
import gvj.abi.Mman;
import gvj.kernel.ErrnoException;

/**
 * Identity of a futex word, futex(2): equal keys are the same word.
 *
 * @param owner the address space, or the object that a shared mapping shows
 * @param offset the address, or the byte offset in the object
 */
public record FutexKey(Object owner, long offset) {
    /** A word used with FUTEX_PRIVATE_FLAG and without it are two words, even at one address. */
    private static final int PRIVATE = 1;

    static FutexKey of(MemoryManager mm, long address, boolean shared) {
        if ((address & 3) != 0) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        if (address < 0 || address >= mm.limit) {
            throw ErrnoException.of(Errno.EFAULT);
        }
        if (!shared) {
            return new FutexKey(mm, address | PRIVATE);
        }
        while (true) {
            long stamp = mm.lock.readLock();
            try {
                Vma vma = mm.vmas.find(address);
                if (vma != null && mm.pages.get(address) != 0) {
                    return vma.shared
                            ? new FutexKey(vma.mappable, vma.offset + (address - vma.start))
                            : new FutexKey(mm, address);
                }
            } finally {
                mm.lock.unlockRead(stamp);
            }
            if (mm.faultIn(address, Mman.PROT_READ) != 0) {
                throw ErrnoException.of(Errno.EFAULT);
            }
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FutexKey key && key.owner == owner && key.offset == offset;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(owner) * 31 + Long.hashCode(offset);
    }
}
