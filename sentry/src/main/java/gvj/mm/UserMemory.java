package gvj.mm;

import gvj.abi.Errno;
import gvj.abi.Mman;
import gvj.host.Host;
import gvj.host.Mem;
import gvj.kernel.ErrnoException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.locks.StampedLock;

/**
 * Access to the application's memory on its behalf, with its rights: the copying half of {@link MemoryManager}.
 *
 * <p>Lock: {@link #lock} guards the page table. A copy holds it for reading, so that no frame is freed under it, and lets
 * go now and then; single numbers are read optimistically (the memory file never vanishes, so a stale address reads
 * something that is thrown away). Nothing here allocates unless a number straddles two pages.
 */
public abstract sealed class UserMemory permits MemoryManager {
    static final int PAGE = MemoryFile.PAGE;
    /** So much is copied with the lock held. */
    private static final long HOLD_BYTES = 256 << 10;

    /** No errno: the page is to be faulted in first. */
    private static final long ABSENT = Long.MIN_VALUE;

    private static final int TO_ARRAY = 0;
    private static final int TO_ADDRESS = 1;
    private static final int FROM_ARRAY = 2;
    private static final int FROM_ADDRESS = 3;
    private static final int ZERO = 4;

    final MemoryFile memory;
    /** First address behind user space. */
    final long limit;

    final StampedLock lock = new StampedLock();
    final PageTable pages;

    UserMemory(MemoryFile memory, long limit) {
        this.memory = memory;
        this.limit = limit;
        this.pages = new PageTable(memory);
    }

    /**
     * Makes the access possible for the Sentry, without telling the platform; 0, or the signal the application would get.
     */
    abstract int faultIn(long address, int access);

    /** The Sentry address behind {@code address} if it may be accessed right now, or -1. Needs the lock or a stamp. */
    long translate(long address, long right) {
        if (address < 0 || address >= limit) {
            return -1;
        }
        long entry = pages.get(address);
        if ((entry & right) == 0) {
            return -1;
        }
        return memory.address(PageTable.frame(entry)) + (address & PAGE - 1);
    }

    private void faultOrThrow(long address, boolean write) {
        if (faultIn(address, write ? Mman.PROT_WRITE : Mman.PROT_READ) != 0) {
            throw ErrnoException.of(Errno.EFAULT);
        }
    }

    // ---- ranges

    /** Copies up to {@code length} bytes and stops where memory ends; the bytes done. */
    private long copy(int how, long address, byte[] array, long other, long length) {
        int access = how <= TO_ADDRESS ? Mman.PROT_READ : Mman.PROT_WRITE;
        long done = 0;
        while (done < length) {
            done += copyPresent(how, address + done, array, other + done, length - done);
            if (done < length && faultIn(address + done, access) != 0) {
                break;
            }
        }
        return done;
    }

    /** Copies what is there at the front of the range, and not too much of it at once. */
    private long copyPresent(int how, long address, byte[] array, long other, long length) {
        if (address < 0 || address >= limit) {
            return 0;
        }
        long most = Math.min(Math.min(length, HOLD_BYTES), limit - address);
        long right = how <= TO_ADDRESS ? PageTable.READ : PageTable.WRITE;
        long stamp = lock.readLock();
        try {
            long done = 0;
            while (done < most) {
                long at = address + done;
                long run = present(at, right, most - done);
                if (run == 0) {
                    break;
                }
                piece(how, translate(at, right), array, other + done, run);
                done += run;
            }
            return done;
        } finally {
            lock.unlockRead(stamp);
        }
    }

    /** How many bytes from {@code at} on, at most {@code most}, are there and lie in consecutive frames. Needs the lock. */
    long present(long at, long right, long most) {
        long entry = pages.get(at);
        if ((entry & right) == 0) {
            return 0;
        }
        long from = PageTable.frame(entry) + (at & PAGE - 1);
        long run = PAGE - (at & PAGE - 1);
        while (run < most) {
            long next = pages.get(at + run);
            if ((next & right) == 0 || PageTable.frame(next) != from + run) {
                break;
            }
            run += PAGE;
        }
        return Math.min(run, most);
    }

    /**
     * Reads from a host file straight into the application's memory, as much as the host has at hand; bytes done, 0 also
     * for an error or the file's end. The lock is held meanwhile, so that a fork cannot make a page under it a shared one:
     * therefore nothing here may wait for a disk.
     */
    public long readCachedSome(long address, int fd, long offset, long length) {
        long done = 0;
        while (done < length) {
            long n = readCachedPresent(address + done, fd, offset + done, length - done);
            if (n <= 0 && (n != ABSENT || faultIn(address + done, Mman.PROT_WRITE) != 0)) {
                break;
            }
            done += Math.max(n, 0);
        }
        return done;
    }

    private long readCachedPresent(long address, int fd, long offset, long length) {
        if (address < 0 || address >= limit) {
            return 0;
        }
        long most = Math.min(Math.min(length, HOLD_BYTES), limit - address);
        long stamp = lock.readLock();
        try {
            long run = present(address, PageTable.WRITE, most);
            return run == 0 ? ABSENT : Host.preadCached(fd, translate(address, PageTable.WRITE), run, offset);
        } finally {
            lock.unlockRead(stamp);
        }
    }

    private static void piece(int how, long sentry, byte[] array, long other, long bytes) {
        switch (how) {
            case TO_ARRAY -> Mem.copy(sentry, array, (int) other, (int) bytes);
            case TO_ADDRESS -> Mem.copy(sentry, other, bytes);
            case FROM_ARRAY -> Mem.copy(array, (int) other, sentry, (int) bytes);
            case FROM_ADDRESS -> Mem.copy(other, sentry, bytes);
            default -> Mem.zero(sentry, bytes);
        }
    }

    private static void all(long done, long length) {
        if (done != length) {
            throw ErrnoException.of(Errno.EFAULT);
        }
    }

    /** Copies as much as can be read; bytes done. */
    public int copyInSome(long address, byte[] to, int offset, int length) {
        return (int) copy(TO_ARRAY, address, to, offset, length);
    }

    /** Copies as much as can be written; bytes done. */
    public int copyOutSome(long address, byte[] from, int offset, int length) {
        return (int) copy(FROM_ARRAY, address, from, offset, length);
    }

    /** Copies as much as can be read; bytes done. */
    public long copyInSome(long address, long toAddress, long length) {
        return copy(TO_ADDRESS, address, null, toAddress, length);
    }

    /** Copies as much as can be written; bytes done. */
    public long copyOutSome(long address, long fromAddress, long length) {
        return copy(FROM_ADDRESS, address, null, fromAddress, length);
    }

    /** Zeroes as much as can be written; bytes done. */
    public long zeroOutSome(long address, long length) {
        return copy(ZERO, address, null, 0, length);
    }

    /** Copies from the application; EFAULT unless all bytes can be read. */
    public void copyIn(long address, byte[] to, int offset, int length) {
        all(copyInSome(address, to, offset, length), length);
    }

    /** Copies to the application; EFAULT unless all bytes can be written. */
    public void copyOut(long address, byte[] from, int offset, int length) {
        all(copyOutSome(address, from, offset, length), length);
    }

    /** Copies from the application to Sentry memory; EFAULT unless all. */
    public void copyIn(long address, long toAddress, long length) {
        all(copyInSome(address, toAddress, length), length);
    }

    /** Copies from Sentry memory to the application; EFAULT unless all. */
    public void copyOut(long address, long fromAddress, long length) {
        all(copyOutSome(address, fromAddress, length), length);
    }

    /** Zeroes application memory; EFAULT unless all. */
    public void zeroOut(long address, long length) {
        all(zeroOutSome(address, length), length);
    }

    // ---- numbers

    public byte readByte(long address) {
        while (true) {
            long stamp = lock.tryOptimisticRead();
            long sentry = translate(address, PageTable.READ);
            if (sentry != -1) {
                byte value = Mem.getByte(sentry);
                if (lock.validate(stamp)) {
                    return value;
                }
                waitForWriter();
            } else {
                faultOrThrow(address, false);
            }
        }
    }

    public int readInt(long address) {
        if ((address & PAGE - 1) > PAGE - 4) {
            int value = 0;
            for (int i = 3; i >= 0; i--) {
                value = value << 8 | readByte(address + i) & 0xff;
            }
            return value;
        }
        while (true) {
            long stamp = lock.tryOptimisticRead();
            long sentry = translate(address, PageTable.READ);
            if (sentry != -1) {
                int value = Mem.getInt(sentry);
                if (lock.validate(stamp)) {
                    return value;
                }
                waitForWriter();
            } else {
                faultOrThrow(address, false);
            }
        }
    }

    public long readLong(long address) {
        if ((address & PAGE - 1) > PAGE - 8) {
            return readInt(address) & 0xffffffffL | (long) readInt(address + 4) << 32;
        }
        while (true) {
            long stamp = lock.tryOptimisticRead();
            long sentry = translate(address, PageTable.READ);
            if (sentry != -1) {
                long value = Mem.getLong(sentry);
                if (lock.validate(stamp)) {
                    return value;
                }
                waitForWriter();
            } else {
                faultOrThrow(address, false);
            }
        }
    }

    /** An optimistic read met a change: queue up behind it instead of spinning. */
    private void waitForWriter() {
        lock.unlockRead(lock.readLock());
    }

    public void writeInt(long address, int value) {
        if ((address & PAGE - 1) > PAGE - 4) {
            byte[] bytes = {(byte) value, (byte) (value >> 8), (byte) (value >> 16), (byte) (value >> 24)};
            copyOut(address, bytes, 0, 4);
            return;
        }
        while (true) {
            long stamp = lock.readLock();
            try {
                long sentry = translate(address, PageTable.WRITE);
                if (sentry != -1) {
                    Mem.putInt(sentry, value);
                    return;
                }
            } finally {
                lock.unlockRead(stamp);
            }
            faultOrThrow(address, true);
        }
    }

    public void writeLong(long address, long value) {
        if ((address & PAGE - 1) > PAGE - 8) {
            writeInt(address, (int) value);
            writeInt(address + 4, (int) (value >>> 32));
            return;
        }
        while (true) {
            long stamp = lock.readLock();
            try {
                long sentry = translate(address, PageTable.WRITE);
                if (sentry != -1) {
                    Mem.putLong(sentry, value);
                    return;
                }
            } finally {
                lock.unlockRead(stamp);
            }
            faultOrThrow(address, true);
        }
    }

    /** An atomic compare-and-exchange on an aligned int of the application; answers what was there. */
    public int compareAndExchangeInt(long address, int expected, int value) {
        aligned(address);
        while (true) {
            long stamp = lock.readLock();
            try {
                long sentry = translate(address, PageTable.WRITE);
                if (sentry != -1) {
                    return Mem.compareAndExchangeInt(sentry, expected, value);
                }
            } finally {
                lock.unlockRead(stamp);
            }
            faultOrThrow(address, true);
        }
    }

    /** A volatile read of an aligned int, faulting it in. */
    public int readIntVolatile(long address) {
        aligned(address);
        while (true) {
            long stamp = lock.readLock();
            try {
                long sentry = translate(address, PageTable.READ);
                if (sentry != -1) {
                    return Mem.getIntVolatile(sentry);
                }
            } finally {
                lock.unlockRead(stamp);
            }
            faultOrThrow(address, false);
        }
    }

    private static void aligned(long address) {
        if ((address & 3) != 0) {
            throw ErrnoException.of(Errno.EINVAL);
        }
    }

    // ---- strings and buffers

    /**
     * A NUL-terminated string, one char per byte (Latin-1). Throws EFAULT, or {@code tooLong} as an errno when there is no
     * NUL in the first {@code max} bytes.
     */
    public String readCString(long address, int max, int tooLong) {
        byte[] bytes = new byte[Math.min(max, 256)];
        int length = 0;
        while (length < max) {
            long at = address + length;
            int n = (int) Math.min(Math.min(max - length, 256), PAGE - (at & PAGE - 1));
            if (bytes.length < length + n) {
                bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + n));
            }
            copyIn(at, bytes, length, n);
            for (int i = length; i < length + n; i++) {
                if (bytes[i] == 0) {
                    return new String(bytes, 0, i, StandardCharsets.ISO_8859_1);
                }
            }
            length += n;
        }
        throw ErrnoException.of(tooLong);
    }

    /** A path argument: EFAULT, ENAMETOOLONG over 4095 bytes. */
    public String readPath(long address) {
        return readCString(address, 4096, Errno.ENAMETOOLONG);
    }

    /** A buffer over one range; EFAULT at once only if the range leaves user space; EINVAL if length is negative. */
    public IoBuffer buffer(long address, long length) {
        return UserIoBuffer.range(this, address, length);
    }

    /** A buffer over an iovec array: EINVAL for count over 1024 or negative lengths, EFAULT; the sum is cut at 0x7ffff000. */
    public IoBuffer iovec(long address, int count) {
        return UserIoBuffer.iovec(this, address, count);
    }
}
