package gvj.mm;

import gvj.abi.Errno;
import gvj.abi.Mman;
import gvj.abi.Sched;
import gvj.kernel.ErrnoException;

/** mmap(2), munmap(2), brk(2): where mappings go, come into being and end. */
final class Mmap {
    private static final int PAGE = MemoryFile.PAGE;
    private static final int RIGHTS = Mman.PROT_READ | Mman.PROT_WRITE | Mman.PROT_EXEC;
    private static final long LOW_START = 0x4000_0000L;
    private static final long LOW_END = 0x8000_0000L;

    private Mmap() {}

    /** Rounds up to whole pages; not to be called with what may overflow. */
    static long pageUp(long bytes) {
        return bytes + PAGE - 1 & -PAGE;
    }

    static ErrnoException error(int errno) {
        return ErrnoException.of(errno);
    }

    /** Whether [address, address + size) lies in user space; {@code size} in whole pages. */
    static boolean inUserSpace(MemoryManager mm, long address, long size) {
        return address >= 0 && size >= 0 && size <= mm.limit && address <= mm.limit - size;
    }

    /** See {@link MemoryManager#mmap}. */
    static long mmap(
            MemoryManager mm,
            long address,
            long length,
            int protection,
            int maxProtection,
            int flags,
            Mappable mappable,
            MappedFile file,
            long offset) {
        long size = pageUp(length);
        if (length <= 0 || size <= 0 || size > mm.limit) {
            throw error(length == 0 ? Errno.EINVAL : Errno.ENOMEM);
        }
        boolean shared = (flags & Mman.MAP_TYPE) != Mman.MAP_PRIVATE;
        if ((flags & Mman.MAP_GROWSDOWN) != 0 && (shared || mappable != null)) {
            throw error(Errno.EINVAL);
        }
        if (mappable != null && offset + size < offset) {
            throw error(Errno.EOVERFLOW);
        }
        Vma vma = new Vma(0, 0);
        vma.protection = protection & RIGHTS;
        vma.maxProtection = maxProtection;
        vma.shared = shared;
        vma.growsDown = (flags & Mman.MAP_GROWSDOWN) != 0;
        vma.noReserve = (flags & Mman.MAP_NORESERVE) != 0;
        vma.mappable = mappable;
        vma.file = file;
        vma.offset = mappable == null ? 0 : offset;
        if (shared && mappable == null) {
            checkPromise(mm, vma.noReserve ? 0 : size);
            SharedMemory object = new SharedMemory(mm.memory, size, "/dev/zero (deleted)");
            vma.mappable = object;
            vma.file = object;
        }
        if ((flags & Mman.MAP_LOCKED) != 0 && mm.lockLimit() == 0) {
            throw error(Errno.EPERM);
        }
        Dropped dropped = new Dropped();
        boolean populate;
        long start;
        long stamp = mm.lock.writeLock();
        try {
            start = place(mm, address, size, flags);
            vma.locked = mm.lockFuture || (flags & Mman.MAP_LOCKED) != 0;
            vma.lockOnFault = mm.lockFutureOnFault && (flags & Mman.MAP_LOCKED) == 0;
            populate = vma.locked && !vma.lockOnFault
                    || (flags & (Mman.MAP_POPULATE | Mman.MAP_NONBLOCK)) == Mman.MAP_POPULATE;
            vma.start = start;
            vma.end = start + size;
            insert(mm, vma, (flags & Mman.MAP_FIXED) != 0, dropped);
        } finally {
            mm.lock.unlockWrite(stamp);
            dropped.release();
        }
        if (populate && vma.isAccessible()) {
            boolean write = (protection & Mman.PROT_WRITE) != 0 && !shared;
            mm.populate(start, start + size, write ? Mman.PROT_WRITE : Mman.PROT_READ);
        }
        return start;
    }

    /** See {@link MemoryManager#mapKernelPages}. */
    static long mapKernelPages(MemoryManager mm, KernelPages... pages) {
        Dropped dropped = new Dropped();
        long stamp = mm.lock.writeLock();
        try {
            long start = place(mm, 0, (long) pages.length * PAGE, 0);
            for (int i = 0; i < pages.length; i++) {
                long at = start + (long) i * PAGE;
                Vma vma = new Vma(at, at + PAGE);
                vma.protection = pages[i].protection;
                vma.maxProtection = pages[i].maxProtection;
                vma.mappable = pages[i];
                vma.name = pages[i].name;
                vma.special = true;
                vma.io = pages[i].io;
                vma.dontDump = pages[i].io;
                insert(mm, vma, false, dropped);
            }
            return start;
        } finally {
            mm.lock.unlockWrite(stamp);
            dropped.release();
        }
    }

    private static void insert(MemoryManager mm, Vma vma, boolean replace, Dropped dropped) {
        VmaMap vmas = mm.vmas;
        long size = vma.end - vma.start;
        long replaced = replace ? mappedBytes(mm, vma.start, vma.end) : 0;
        vmas.checkRoom(replaced > 0 ? 3 : 1);
        if (vma.locked && vmas.locked() + size > mm.lockLimit()) {
            throw error(Errno.EAGAIN);
        }
        checkLimits(mm, vma, size, size - replaced);
        checkPromise(mm, vma.isAccountable() ? size : 0);
        if (replaced > 0) {
            unmapRange(mm, vma.start, vma.end, dropped);
        }
        if (vma.file != null) {
            vma.file.incRef();
        }
        if (vma.mappable != null) {
            vma.mappable.addMapping(mm, vma.writableShared());
        }
        vmas.insert(vma);
        merge(mm, vma.start, vma.end, dropped);
        mm.notePeak();
    }

    /** Joins what is alike around [from, to). */
    static void merge(MemoryManager mm, long from, long to, Dropped dropped) {
        mm.vmas.mergeAround(mm, from, to, dropped);
    }

    private static long mappedBytes(MemoryManager mm, long from, long to) {
        long bytes = 0;
        for (int i = mm.vmas.firstEndingBehind(from); i < mm.vmas.size() && mm.vmas.get(i).start < to; i++) {
            Vma vma = mm.vmas.get(i);
            bytes += Math.min(vma.end, to) - Math.max(vma.start, from);
        }
        return bytes;
    }

    /** RLIMIT_AS and RLIMIT_DATA. Lock held. */
    static void checkLimits(MemoryManager mm, Vma like, long size, long more) {
        if (mm.vmas.total() + more > mm.rlimit(Sched.RLIMIT_AS)) {
            throw error(Errno.ENOMEM);
        }
        boolean data = !like.shared && !like.growsDown && (like.protection & Mman.PROT_WRITE) != 0;
        if (data && mm.vmas.data() + size > mm.rlimit(Sched.RLIMIT_DATA)) {
            throw error(Errno.ENOMEM);
        }
    }

    /** The heuristic overcommit of Linux: only what can never be there is refused. */
    static void checkPromise(MemoryManager mm, long bytes) {
        if (bytes / PAGE > mm.memory.promisePages()) {
            throw error(Errno.ENOMEM);
        }
    }

    /** Where a new mapping goes. Lock held. */
    static long place(MemoryManager mm, long address, long size, int flags) {
        if ((flags & (Mman.MAP_FIXED | Mman.MAP_FIXED_NOREPLACE)) != 0) {
            checkFixed(mm, address, size);
            if ((flags & Mman.MAP_FIXED_NOREPLACE) != 0 && mm.vmas.isMapped(address, address + size)) {
                throw error(Errno.EEXIST);
            }
            return address;
        }
        boolean low = (flags & Mman.MAP_32BIT) != 0;
        if (address > 0 && address <= mm.limit - size) {
            long hint = Math.max(pageUp(address), MemoryManager.MIN_ADDRESS);
            if (hint <= (low ? LOW_END : mm.limit) - size && isFree(mm, hint, size)) {
                return hint;
            }
        }
        long found = low
                ? mm.vmas.gapAbove(LOW_START, size, LOW_END)
                : mm.vmas.gapBelow(mm.layout().mmapBase, size, MemoryManager.MIN_ADDRESS);
        if (found == -1 && !low) {
            found = mm.vmas.gapAbove(pageUp(mm.limit / 3), size, mm.limit);
        }
        if (found == -1) {
            throw error(Errno.ENOMEM);
        }
        return found;
    }

    private static void checkFixed(MemoryManager mm, long address, long size) {
        if ((address & PAGE - 1) != 0) {
            throw error(Errno.EINVAL);
        }
        if (!inUserSpace(mm, address, size)) {
            throw error(Errno.ENOMEM);
        }
        if (address < MemoryManager.MIN_ADDRESS) {
            throw error(Errno.EPERM);
        }
    }

    private static boolean isFree(MemoryManager mm, long address, long size) {
        Vma next = mm.vmas.findOrNext(address);
        return next == null || address + size <= next.start - (next.growsDown ? VmaMap.GUARD_GAP : 0);
    }

    /** See {@link MemoryManager#munmap}. */
    static int munmap(MemoryManager mm, long address, long length) {
        long size = pageUp(length);
        if ((address & PAGE - 1) != 0 || length <= 0 || size <= 0 || !inUserSpace(mm, address, size)) {
            return -Errno.EINVAL;
        }
        Dropped dropped = new Dropped();
        long stamp = mm.lock.writeLock();
        try {
            checkSplit(mm, address, address + size);
            unmapRange(mm, address, address + size, dropped);
        } catch (ErrnoException e) {
            return -e.errno();
        } finally {
            mm.lock.unlockWrite(stamp);
            dropped.release();
        }
        return 0;
    }

    /** ENOMEM if cutting a hole of [from, to) into one mapping makes too many. */
    static void checkSplit(MemoryManager mm, long from, long to) {
        Vma vma = mm.vmas.find(from);
        if (vma != null && vma.start < from && vma.end > to) {
            mm.vmas.checkRoom(1);
        }
    }

    /** Takes mappings and frames of [from, to) away. Lock held for writing. */
    static void unmapRange(MemoryManager mm, long from, long to, Dropped dropped) {
        VmaMap vmas = mm.vmas;
        if (!vmas.isMapped(from, to)) {
            return;
        }
        vmas.splitAt(mm, from);
        vmas.splitAt(mm, to);
        mm.dropFrames(from, to);
        int first = vmas.firstEndingBehind(from);
        int behind = first;
        while (behind < vmas.size() && vmas.get(behind).start < to) {
            dropped.add(mm, vmas.get(behind));
            behind++;
        }
        vmas.remove(first, behind);
    }

    /** The end of an address space whose platform half is closed already. */
    static void unmapAll(MemoryManager mm, Dropped dropped) {
        unmapRange(mm, 0, mm.limit, dropped);
        MappedFile executable = mm.layout().executable;
        if (executable != null) {
            dropped.add(executable);
        }
    }

    /** See {@link MemoryManager#brk}. */
    static long brk(MemoryManager mm, long wanted) {
        Dropped dropped = new Dropped();
        long from;
        long to;
        long stamp = mm.lock.writeLock();
        try {
            MemoryLayout layout = mm.layout();
            if (wanted < layout.startBrk || wanted > mm.limit - PAGE) {
                return mm.brk;
            }
            long data = Math.max(0, layout.endData - layout.startData);
            if (wanted - layout.startBrk > mm.rlimit(Sched.RLIMIT_DATA) - data) {
                return mm.brk;
            }
            from = pageUp(mm.brk);
            to = pageUp(wanted);
            if (to < from) {
                unmapRange(mm, to, from, dropped);
            } else if (to > from && !growHeap(mm, from, to, dropped)) {
                return mm.brk;
            }
            mm.brk = wanted;
        } catch (ErrnoException e) {
            return mm.brk;
        } finally {
            mm.lock.unlockWrite(stamp);
            dropped.release();
        }
        if (to > from && mm.lockFuture && !mm.lockFutureOnFault) {
            mm.populate(from, to, Mman.PROT_WRITE);
        }
        return wanted;
    }

    private static boolean growHeap(MemoryManager mm, long from, long to, Dropped dropped) {
        Vma next = mm.vmas.findOrNext(from);
        if (next != null && to + PAGE > next.start - (next.growsDown ? VmaMap.GUARD_GAP : 0)) {
            return false;
        }
        Vma heap = new Vma(from, to);
        heap.protection = Mman.PROT_READ | Mman.PROT_WRITE;
        heap.locked = mm.lockFuture;
        heap.lockOnFault = mm.lockFutureOnFault;
        insert(mm, heap, false, dropped);
        return true;
    }
}
