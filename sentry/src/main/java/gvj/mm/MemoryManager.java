package gvj.mm;

import gvj.abi.Errno;
import gvj.abi.Mman;
import gvj.abi.Signals;
import gvj.host.Mem;
import gvj.kernel.ErrnoException;
import gvj.platform.AddressSpace;
import gvj.platform.Platform;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.StampedLock;

/**
 * One application address space: what was asked for (VMAs) and what is there now (frames). Linux's {@code mm_struct}.
 *
 * <p>Lock: {@link #lock} guards everything below; copies to and from the application hold it for reading, so that a frame
 * cannot be freed under them. {@link Mappable#page} is called with it held for writing. File references are dropped after
 * it is released.
 */
public final class MemoryManager {
    static final int PAGE = MemoryFile.PAGE;
    /** vm.mmap_min_addr. */
    static final long MIN_ADDRESS = 0x10000;
    /** Pages that one fault on anonymous memory allocates when the page before is there: sequential touching. */
    private static final int BATCH = 16;

    final MemoryFile memory;
    final Platform platform;
    final AddressSpace space;
    final StampedLock lock = new StampedLock();
    final VmaMap vmas = new VmaMap();
    final PageTable pages = new PageTable();
    private final AtomicInteger users = new AtomicInteger(1);

    /** Layout, set by the loader. */
    private volatile MemoryLayout layout = new MemoryLayout();

    long brk;
    long lockedBytes;
    boolean lockFuture;
    private long peakPages;

    /** An empty address space with one user. */
    public MemoryManager(MemoryFile file, Platform platform) {
        this.memory = file;
        this.platform = platform;
        this.space = platform.newAddressSpace();
    }

    /** One more task uses it (CLONE_VM). */
    public void incUsers() {
        users.incrementAndGet();
    }

    /** How many tasks use it. */
    public int users() {
        return users.get();
    }

    /** A task stops using it; the last one unmaps everything. */
    public void decUsers() {
        if (users.decrementAndGet() == 0) {
            unmapAll();
            space.close();
        }
    }

    /** What contexts run in. */
    public AddressSpace addressSpace() {
        return space;
    }

    public Platform platform() {
        return platform;
    }

    public MemoryFile memoryFile() {
        return memory;
    }

    /** Where the program, its arguments and its heap lie. */
    public MemoryLayout layout() {
        return layout;
    }

    /** Set once by the loader. */
    public void setLayout(MemoryLayout newLayout) {
        layout = newLayout;
        brk = newLayout.startBrk;
    }

    // ---- faults

    /**
     * Makes the access possible if the mappings allow it.
     *
     * @param access PROT_READ, PROT_WRITE or PROT_EXEC
     * @return 0, or the signal to send: {@code signal << 8 | si_code} (SIGSEGV with SEGV_MAPERR/SEGV_ACCERR, SIGBUS with
     *     BUS_ADRERR; SIGKILL when memory ran out and this process must die)
     */
    public int handleFault(long address, int access) {
        long stamp = lock.writeLock();
        try {
            return fault(address, access, true);
        } catch (ErrnoException e) {
            return e.errno() == Errno.ENOMEM ? Signals.SIGKILL << 8 : Signals.SIGBUS << 8 | Signals.BUS_ADRERR;
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    /** As {@link #handleFault}, with the lock held for writing; may throw ENOMEM. */
    int fault(long address, int access, boolean map) {
        if (address < 0 || address >= platform.userAddressLimit()) {
            return Signals.SIGSEGV << 8 | Signals.SEGV_MAPERR;
        }
        long page = address & -PAGE;
        Vma vma = vmas.find(page);
        if (vma == null) {
            vma = growStack(page);
            if (vma == null) {
                return Signals.SIGSEGV << 8 | Signals.SEGV_MAPERR;
            }
        }
        if (!vma.allows(access)) {
            return Signals.SIGSEGV << 8 | Signals.SEGV_ACCERR;
        }
        long entry = pages.get(page);
        boolean write = access == Mman.PROT_WRITE;
        if (entry == 0) {
            if (!populate(vma, page, write)) {
                return Signals.SIGBUS << 8 | Signals.BUS_ADRERR;
            }
        } else if (write && (entry & PageTable.WRITE) == 0) {
            makeWritable(vma, page, entry);
        }
        if (map) {
            mapAround(vma, page);
        }
        return 0;
    }

    private Vma growStack(long page) {
        Vma above = vmas.findOrNext(page);
        if (above == null || !above.growsDown) {
            return null;
        }
        long limit = layout.stackLimit;
        if (limit >= 0 && above.end - page > limit) {
            return null;
        }
        Vma below = vmas.previous(above.start);
        if (below != null && page - below.end < (256L << 12) && (below.protection & 7) != 0 && !below.growsDown) {
            return null;
        }
        if (page < MIN_ADDRESS) {
            return null;
        }
        vmas.growDown(above, page);
        return above;
    }

    private boolean populate(Vma vma, long page, boolean write) {
        if (vma.isPrivateAnonymous()) {
            populateAnonymous(vma, page);
            return true;
        }
        return vma.shared ? populateShared(vma, page, write) : populatePrivateFile(vma, page, write);
    }

    private long flags(Vma vma) {
        return PageTable.PRESENT
                | ((vma.protection & 7) != 0 ? PageTable.READ : 0)
                | ((vma.protection & Mman.PROT_WRITE) != 0 ? PageTable.WRITE : 0);
    }

    private void populateAnonymous(Vma vma, long page) {
        int count = 1;
        if (page > vma.start && pages.get(page - PAGE) != 0) {
            while (count < BATCH && page + (long) count * PAGE < vma.end && pages.get(page + (long) count * PAGE) == 0) {
                count++;
            }
        }
        long frame = memory.allocate(count);
        if (frame == -1 && count > 1) {
            count = 1;
            frame = memory.allocate(1);
        }
        if (frame == -1) {
            throw ErrnoException.of(Errno.ENOMEM);
        }
        long flags = flags(vma);
        for (int i = 0; i < count; i++) {
            pages.set(page + (long) i * PAGE, frame + (long) i * PAGE | flags);
        }
        peakPages = Math.max(peakPages, pages.present());
    }

    private boolean populateShared(Vma vma, long page, boolean write) {
        long frame = vma.mappable.page((vma.offset + (page - vma.start)) / PAGE, write);
        if (frame == Mappable.BEYOND_END) {
            return false;
        }
        long flags = flags(vma) | PageTable.SHARED;
        pages.set(page, frame | (write ? flags : flags & ~PageTable.WRITE));
        return true;
    }

    private boolean populatePrivateFile(Vma vma, long page, boolean write) {
        long frame = vma.mappable.page((vma.offset + (page - vma.start)) / PAGE, false);
        if (frame == Mappable.BEYOND_END) {
            return false;
        }
        long flags = flags(vma);
        if (!write) {
            pages.set(page, frame | flags & ~PageTable.WRITE | PageTable.COW);
            readAhead(vma, page);
            return true;
        }
        long own = memory.allocate(1);
        if (own == -1) {
            memory.decRef(frame);
            throw ErrnoException.of(Errno.ENOMEM);
        }
        Mem.copy(memory.address(frame), memory.address(own), PAGE);
        memory.decRef(frame);
        pages.set(page, own | flags);
        return true;
    }

    /** Takes the pages behind a read fault of a file mapping too: a fault costs more than a page that is there. */
    private void readAhead(Vma vma, long page) {
        long flags = flags(vma) & ~PageTable.WRITE | PageTable.COW;
        for (int i = 1; i < BATCH; i++) {
            long next = page + (long) i * PAGE;
            if (next >= vma.end || pages.get(next) != 0) {
                return;
            }
            long frame = vma.mappable.page((vma.offset + (next - vma.start)) / PAGE, false);
            if (frame == Mappable.BEYOND_END) {
                return;
            }
            pages.set(next, frame | flags);
        }
    }

    private void makeWritable(Vma vma, long page, long entry) {
        long frame = PageTable.frame(entry);
        if ((entry & PageTable.SHARED) != 0) {
            long again = vma.mappable.page((vma.offset + (page - vma.start)) / PAGE, true);
            if (again == Mappable.BEYOND_END) {
                throw ErrnoException.of(Errno.EIO);
            }
            if (again != frame) {
                space.unmap(page, PAGE);
            }
            memory.decRef(frame);
            pages.set(page, again | flags(vma) | PageTable.SHARED);
            return;
        }
        if (memory.refs(frame) == 1 && (entry & PageTable.COW) != 0) {
            pages.set(page, frame | flags(vma));
            return;
        }
        long own = memory.allocate(1);
        if (own == -1) {
            throw ErrnoException.of(Errno.ENOMEM);
        }
        Mem.copy(memory.address(frame), memory.address(own), PAGE);
        space.unmap(page, PAGE);
        pages.set(page, own | flags(vma));
        memory.decRef(frame);
    }

    /** Gives the platform the page and what is there around it, up to 64 KiB, in runs of consecutive frames. */
    private void mapAround(Vma vma, long page) {
        long window = page & -(long) (BATCH * PAGE);
        long from = Math.max(vma.start, window);
        long to = Math.min(vma.end, window + (long) BATCH * PAGE);
        long at = from;
        while (at < to) {
            long entry = pages.get(at);
            if (entry == 0) {
                at += PAGE;
                continue;
            }
            long run = at + PAGE;
            while (run < to && pages.get(run) == entry + (run - at)) {
                run += PAGE;
            }
            int protection = platformProtection(vma, entry);
            if (protection != 0) {
                space.map(at, run - at, PageTable.frame(entry), protection);
            }
            at = run;
        }
    }

    private static int platformProtection(Vma vma, long entry) {
        int protection = vma.protection & (Mman.PROT_READ | Mman.PROT_EXEC | Mman.PROT_WRITE);
        return (entry & PageTable.WRITE) != 0 ? protection : protection & ~Mman.PROT_WRITE | readIfWritable(protection);
    }

    /** A writable page that must be copied first is at least readable. */
    private static int readIfWritable(int protection) {
        return (protection & Mman.PROT_WRITE) != 0 ? Mman.PROT_READ : 0;
    }

    // ---- copies

    /** The Sentry address behind {@code address} if it may be accessed right now, or -1. Lock held for reading. */
    private long translate(long address, boolean write) {
        if (address < 0 || address >= platform.userAddressLimit()) {
            return -1;
        }
        long entry = pages.get(address);
        if ((entry & (write ? PageTable.WRITE : PageTable.READ)) == 0) {
            return -1;
        }
        return memory.address(PageTable.frame(entry)) + (address & PAGE - 1);
    }

    /** Makes one page accessible; throws EFAULT if it cannot be. */
    private void faultIn(long address, boolean write) {
        int signal = handleFault(address, write ? Mman.PROT_WRITE : Mman.PROT_READ);
        if (signal != 0) {
            throw ErrnoException.of(signal == Signals.SIGKILL << 8 ? Errno.ENOMEM : Errno.EFAULT);
        }
    }

    /** One step of a copy: what to do with a piece that lies within one page. */
    private interface Piece {
        void copy(long sentryAddress, long done, int length);
    }

    /** Copies up to {@code length} bytes; stops where memory ends. Returns the bytes done. */
    private long walk(long address, long length, boolean write, Piece piece) {
        long done = 0;
        while (done < length) {
            long at = address + done;
            int n = (int) Math.min(length - done, PAGE - (at & PAGE - 1));
            long stamp = lock.readLock();
            boolean copied = false;
            try {
                long sentry = translate(at, write);
                if (sentry != -1) {
                    piece.copy(sentry, done, n);
                    copied = true;
                }
            } finally {
                lock.unlockRead(stamp);
            }
            if (copied) {
                done += n;
                continue;
            }
            int signal = handleFault(at, write ? Mman.PROT_WRITE : Mman.PROT_READ);
            if (signal != 0) {
                return done;
            }
        }
        return done;
    }

    private static void all(long done, long length) {
        if (done != length) {
            throw ErrnoException.of(Errno.EFAULT);
        }
    }

    /** Copies as much as can be read; bytes done. */
    public int copyInSome(long address, byte[] to, int offset, int length) {
        return (int) walk(address, length, false, (sentry, done, n) -> Mem.copy(sentry, to, offset + (int) done, n));
    }

    /** Copies as much as can be written; bytes done. */
    public int copyOutSome(long address, byte[] from, int offset, int length) {
        return (int) walk(address, length, true, (sentry, done, n) -> Mem.copy(from, offset + (int) done, sentry, n));
    }

    /** Copies as much as can be read; bytes done. */
    public long copyInSome(long address, long toAddress, long length) {
        return walk(address, length, false, (sentry, done, n) -> Mem.copy(sentry, toAddress + done, n));
    }

    /** Copies as much as can be written; bytes done. */
    public long copyOutSome(long address, long fromAddress, long length) {
        return walk(address, length, true, (sentry, done, n) -> Mem.copy(fromAddress + done, sentry, n));
    }

    /** Zeroes as much as can be written; bytes done. */
    public long zeroOutSome(long address, long length) {
        return walk(address, length, true, (sentry, done, n) -> Mem.zero(sentry, n));
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

    public byte readByte(long address) {
        while (true) {
            long stamp = lock.readLock();
            try {
                long sentry = translate(address, false);
                if (sentry != -1) {
                    return Mem.getByte(sentry);
                }
            } finally {
                lock.unlockRead(stamp);
            }
            faultIn(address, false);
        }
    }

    public int readInt(long address) {
        if ((address & PAGE - 1) > PAGE - 4) {
            byte[] bytes = new byte[4];
            copyIn(address, bytes, 0, 4);
            return bytes[0] & 0xff | (bytes[1] & 0xff) << 8 | (bytes[2] & 0xff) << 16 | bytes[3] << 24;
        }
        while (true) {
            long stamp = lock.readLock();
            try {
                long sentry = translate(address, false);
                if (sentry != -1) {
                    return Mem.getInt(sentry);
                }
            } finally {
                lock.unlockRead(stamp);
            }
            faultIn(address, false);
        }
    }

    public long readLong(long address) {
        if ((address & PAGE - 1) > PAGE - 8) {
            return readInt(address) & 0xffffffffL | (long) readInt(address + 4) << 32;
        }
        while (true) {
            long stamp = lock.readLock();
            try {
                long sentry = translate(address, false);
                if (sentry != -1) {
                    return Mem.getLong(sentry);
                }
            } finally {
                lock.unlockRead(stamp);
            }
            faultIn(address, false);
        }
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
                long sentry = translate(address, true);
                if (sentry != -1) {
                    Mem.putInt(sentry, value);
                    return;
                }
            } finally {
                lock.unlockRead(stamp);
            }
            faultIn(address, true);
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
                long sentry = translate(address, true);
                if (sentry != -1) {
                    Mem.putLong(sentry, value);
                    return;
                }
            } finally {
                lock.unlockRead(stamp);
            }
            faultIn(address, true);
        }
    }

    /** An atomic compare-and-exchange on an aligned int of the application; answers what was there. */
    public int compareAndExchangeInt(long address, int expected, int value) {
        aligned(address);
        while (true) {
            long stamp = lock.readLock();
            try {
                long sentry = translate(address, true);
                if (sentry != -1) {
                    return Mem.compareAndExchangeInt(sentry, expected, value);
                }
            } finally {
                lock.unlockRead(stamp);
            }
            faultIn(address, true);
        }
    }

    /** A volatile read of an aligned int, faulting it in. */
    public int readIntVolatile(long address) {
        aligned(address);
        while (true) {
            long stamp = lock.readLock();
            try {
                long sentry = translate(address, false);
                if (sentry != -1) {
                    return Mem.getIntVolatile(sentry);
                }
            } finally {
                lock.unlockRead(stamp);
            }
            faultIn(address, false);
        }
    }

    private static void aligned(long address) {
        if ((address & 3) != 0) {
            throw ErrnoException.of(Errno.EINVAL);
        }
    }

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
                bytes = java.util.Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + n));
            }
            copyIn(at, bytes, length, n);
            for (int i = length; i < length + n; i++) {
                if (bytes[i] == 0) {
                    return new String(bytes, 0, i, java.nio.charset.StandardCharsets.ISO_8859_1);
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
        return new UserIoBuffer(this, address, length);
    }

    /** A buffer over an iovec array: EINVAL for count over 1024 or negative lengths, EFAULT; the sum is cut at 0x7ffff000. */
    public IoBuffer iovec(long address, int count) {
        return UserIoBuffer.iovec(this, address, count);
    }

    // ---- mappings

    /**
     * mmap(2) with checked flags; {@code mappable} is null for private anonymous memory.
     *
     * @return the address
     */
    public long mmap(
            long address, long length, int protection, int flags, Mappable mappable, MappedFile file, long offset) {
        return mmap(address, length, protection, 7, flags, mappable, file, offset, "");
    }

    /** As above, with the rights mprotect may give later and a name for /proc/PID/maps. */
    public long mmap(
            long address,
            long length,
            int protection,
            int maxProtection,
            int flags,
            Mappable mappable,
            MappedFile file,
            long offset,
            String name) {
        long size = pageUp(length);
        if (length == 0 || size <= 0 || size > platform.userAddressLimit()) {
            throw ErrnoException.of(length == 0 ? Errno.EINVAL : Errno.ENOMEM);
        }
        List<MappedFile> dropped = new ArrayList<>();
        long stamp = lock.writeLock();
        long start;
        try {
            start = place(address, size, flags, dropped);
            Vma vma = new Vma(start, start + size);
            vma.protection = protection & 7;
            vma.maxProtection = maxProtection;
            vma.shared = (flags & Mman.MAP_TYPE) != Mman.MAP_PRIVATE;
            vma.growsDown = (flags & Mman.MAP_GROWSDOWN) != 0;
            vma.noReserve = (flags & Mman.MAP_NORESERVE) != 0;
            vma.locked = lockFuture || (flags & Mman.MAP_LOCKED) != 0;
            vma.mappable = mappable;
            vma.file = file;
            vma.offset = offset;
            vma.name = name;
            if (file != null) {
                file.incRef();
            }
            vmas.insert(vma);
            if (mappable != null) {
                mappable.addMapping(this, start, vma.firstPage(), vma.pages(), vma.writableShared());
            }
            vmas.mergeAround(start, start + size, dropped);
            boolean now = (flags & (Mman.MAP_POPULATE | Mman.MAP_LOCKED)) != 0 && (flags & Mman.MAP_NONBLOCK) == 0;
            if (now || lockFuture) {
                populateRange(start, start + size);
            }
        } finally {
            lock.unlockWrite(stamp);
        }
        dropAll(dropped);
        return start;
    }

    /** Faults in whatever it can, without complaint. */
    void populateRange(long from, long to) {
        for (long at = from; at < to; at += PAGE) {
            Vma vma = vmas.find(at);
            if (vma == null || (vma.protection & 7) == 0) {
                continue;
            }
            boolean write = (vma.protection & Mman.PROT_WRITE) != 0 && !vma.shared;
            try {
                if (fault(at, write ? Mman.PROT_WRITE : Mman.PROT_READ, false) != 0) {
                    return;
                }
            } catch (ErrnoException e) {
                return;
            }
        }
    }

    long place(long address, long size, int flags, List<MappedFile> dropped) {
        long limit = platform.userAddressLimit();
        if ((flags & (Mman.MAP_FIXED | Mman.MAP_FIXED_NOREPLACE)) != 0) {
            if ((address & PAGE - 1) != 0) {
                throw ErrnoException.of(Errno.EINVAL);
            }
            if (address < 0 || address > limit - size) {
                throw ErrnoException.of(Errno.ENOMEM);
            }
            if (address < MIN_ADDRESS) {
                throw ErrnoException.of(Errno.EPERM);
            }
            boolean taken = !vmas.overlapping(address, address + size).isEmpty();
            if ((flags & Mman.MAP_FIXED_NOREPLACE) != 0 && taken) {
                throw ErrnoException.of(Errno.EEXIST);
            }
            if (taken) {
                unmapRange(address, address + size, dropped);
            }
            return address;
        }
        long hint = pageUp(address);
        if (hint >= MIN_ADDRESS
                && hint <= limit - size
                && vmas.overlapping(hint, hint + size).isEmpty()
                && ((flags & Mman.MAP_32BIT) == 0 || hint + size <= 1L << 31)) {
            return hint;
        }
        long found = (flags & Mman.MAP_32BIT) != 0
                ? vmas.gapAbove(0x40000000L, size, 1L << 31)
                : vmas.gapBelow(layout.mmapBase, size, MIN_ADDRESS);
        if (found == -1 && (flags & Mman.MAP_32BIT) == 0) {
            found = vmas.gapAbove(layout.mmapBase, size, limit);
        }
        if (found == -1) {
            throw ErrnoException.of(Errno.ENOMEM);
        }
        return found;
    }

    static long pageUp(long bytes) {
        return bytes + PAGE - 1 & -PAGE;
    }

    static void dropAll(List<MappedFile> dropped) {
        for (MappedFile file : dropped) {
            file.decRef();
        }
    }

    /** munmap(2): 0 or -errno. */
    public int munmap(long address, long length) {
        long size = pageUp(length);
        long limit = platform.userAddressLimit();
        if ((address & PAGE - 1) != 0 || length <= 0 || size <= 0 || address < 0 || address > limit - size) {
            return -Errno.EINVAL;
        }
        List<MappedFile> dropped = new ArrayList<>();
        long stamp = lock.writeLock();
        try {
            unmapRange(address, address + size, dropped);
        } finally {
            lock.unlockWrite(stamp);
        }
        dropAll(dropped);
        return 0;
    }

    /** Takes mappings and frames of [from, to) away. Lock held for writing. */
    void unmapRange(long from, long to, List<MappedFile> dropped) {
        vmas.splitAt(from);
        vmas.splitAt(to);
        List<Vma> gone = vmas.overlapping(from, to);
        if (gone.isEmpty()) {
            return;
        }
        dropFrames(from, to);
        for (Vma vma : gone) {
            vmas.remove(vma);
            if (vma.locked) {
                lockedBytes -= vma.end - vma.start;
            }
            forgetMapping(vma, dropped);
        }
    }

    private void forgetMapping(Vma vma, List<MappedFile> dropped) {
        if (vma.mappable != null) {
            vma.mappable.removeMapping(this, vma.start, vma.firstPage(), vma.pages(), vma.writableShared());
        }
        if (vma.file != null) {
            dropped.add(vma.file);
        }
    }

    /** Takes the frames of [from, to) out of the tables, then gives them up. */
    void dropFrames(long from, long to) {
        long first = pages.next(from, to);
        if (first >= to) {
            return;
        }
        space.unmap(from, to - from);
        for (long at = first; at < to; at = pages.next(at + PAGE, to)) {
            long frame = PageTable.frame(pages.get(at));
            pages.set(at, 0);
            memory.decRef(frame);
        }
    }

    private void unmapAll() {
        List<MappedFile> dropped = new ArrayList<>();
        long stamp = lock.writeLock();
        try {
            unmapRange(0, platform.userAddressLimit(), dropped);
        } finally {
            lock.unlockWrite(stamp);
        }
        dropAll(dropped);
    }

    /** Drops frames of a range that a {@link Mappable} replaced or cut off (truncate, hole punching). */
    public void invalidate(long address, long length, boolean privateToo) {
        long stamp = lock.writeLock();
        try {
            long end = address + length;
            for (long at = pages.next(address, end); at < end; at = pages.next(at + PAGE, end)) {
                long entry = pages.get(at);
                if (privateToo || (entry & (PageTable.SHARED | PageTable.COW)) != 0) {
                    space.unmap(at, PAGE);
                    pages.set(at, 0);
                    memory.decRef(PageTable.frame(entry));
                }
            }
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    /** A copy-on-write copy for fork, with one user. */
    public MemoryManager fork() {
        MemoryManager child = new MemoryManager(memory, platform);
        long stamp = lock.writeLock();
        try {
            child.layout = layout;
            child.brk = brk;
            for (Vma vma : vmas.all()) {
                if (!vma.dontFork) {
                    copyForFork(vma, child);
                }
            }
            child.peakPages = child.pages.present();
        } finally {
            lock.unlockWrite(stamp);
        }
        return child;
    }

    private void copyForFork(Vma vma, MemoryManager child) {
        Vma copy = vma.part(vma.start, vma.end);
        copy.locked = false;
        child.vmas.insert(copy);
        if (copy.file != null) {
            copy.file.incRef();
        }
        if (copy.mappable != null) {
            copy.mappable.addMapping(child, copy.start, copy.firstPage(), copy.pages(), copy.writableShared());
        }
        if (vma.wipeOnFork) {
            return;
        }
        boolean protect = false;
        for (long at = pages.next(vma.start, vma.end); at < vma.end; at = pages.next(at + PAGE, vma.end)) {
            long entry = pages.get(at);
            memory.incRef(PageTable.frame(entry));
            if ((entry & PageTable.SHARED) == 0) {
                protect |= (entry & PageTable.WRITE) != 0;
                entry = entry & ~PageTable.WRITE | PageTable.COW;
                pages.set(at, entry);
            }
            child.pages.set(at, entry);
        }
        if (protect) {
            space.writeProtect(vma.start, vma.end - vma.start);
        }
    }

    /** A futex's identity: private ones by address space, shared ones by frame. */
    public FutexKey futexKey(long address, boolean shared) {
        if ((address & 3) != 0) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        if (!shared) {
            if (address < 0 || address >= platform.userAddressLimit()) {
                throw ErrnoException.of(Errno.EFAULT);
            }
            return new FutexKey(this, address);
        }
        while (true) {
            long stamp = lock.readLock();
            try {
                Vma vma = findForKey(address);
                if (vma != null && !vma.shared) {
                    return new FutexKey(this, address);
                }
                if (vma != null) {
                    return new FutexKey(vma.mappable, vma.offset + (address - vma.start));
                }
            } finally {
                lock.unlockRead(stamp);
            }
            faultIn(address, false);
        }
    }

    private Vma findForKey(long address) {
        for (Vma vma : vmas.overlapping(address & -PAGE, (address & -PAGE) + PAGE)) {
            if (vma.start <= address && address < vma.end && pages.get(address) != 0) {
                return vma;
            }
        }
        return null;
    }

    /** Identity of a futex word; equal keys are the same word. */
    public record FutexKey(Object owner, long offset) {
        @Override
        public boolean equals(Object other) {
            return other instanceof FutexKey key && key.owner == owner && key.offset == offset;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(owner) * 31 + Long.hashCode(offset);
        }
    }

    /** Bytes mapped (statm size). */
    public long virtualBytes() {
        return vmas.virtualBytes();
    }

    /** Bytes resident (statm resident). */
    public long residentBytes() {
        return pages.present() * PAGE;
    }

    /** The most that was resident at once. */
    public long peakResidentBytes() {
        return Math.max(peakPages, pages.present()) * PAGE;
    }

    /** Locked bytes. */
    public long lockedBytes() {
        return lockedBytes;
    }

    /** Shows a snapshot of every mapping to {@code visitor}, in order. */
    public void forEachVma(java.util.function.Consumer<Vma> visitor) {
        List<Vma> copy = new ArrayList<>();
        long stamp = lock.writeLock();
        try {
            for (Vma vma : vmas.all()) {
                copy.add(vma.part(vma.start, vma.end));
            }
        } finally {
            lock.unlockWrite(stamp);
        }
        copy.forEach(visitor);
    }

    /** Bytes resident in [from, to). */
    public long residentBytes(long from, long to) {
        long count = 0;
        long stamp = lock.readLock();
        try {
            for (long at = pages.next(from, to); at < to; at = pages.next(at + PAGE, to)) {
                count++;
            }
        } finally {
            lock.unlockRead(stamp);
        }
        return count * PAGE;
    }

    /**
     * Access for debuggers: protections do not count, and a write to a private read-only page copies it first.
     *
     * @return bytes done; fewer where nothing is mapped
     */
    public int accessForced(long address, byte[] bytes, int offset, int length, boolean write) {
        int done = 0;
        while (done < length) {
            long at = address + done;
            int n = (int) Math.min(length - done, PAGE - (at & PAGE - 1));
            long stamp = lock.writeLock();
            try {
                long sentry = forced(at, write);
                if (sentry == -1) {
                    return done;
                }
                if (write) {
                    Mem.copy(bytes, offset + done, sentry, n);
                } else {
                    Mem.copy(sentry, bytes, offset + done, n);
                }
            } catch (ErrnoException e) {
                return done;
            } finally {
                lock.unlockWrite(stamp);
            }
            done += n;
        }
        return done;
    }

    /** The Sentry address behind {@code address} whatever its protection, or -1. Lock held for writing. */
    private long forced(long address, boolean write) {
        Vma vma = address < 0 ? null : vmas.find(address);
        if (vma == null || write && vma.shared && !vma.allows(Mman.PROT_WRITE)) {
            return -1;
        }
        long page = address & -PAGE;
        if (pages.get(page) == 0 && !populate(vma, page, false)) {
            return -1;
        }
        if (write && (pages.get(page) & PageTable.WRITE) == 0) {
            makeWritable(vma, page, pages.get(page) | (vma.shared ? 0 : PageTable.COW));
        }
        return memory.address(PageTable.frame(pages.get(page))) + (address & PAGE - 1);
    }
}
