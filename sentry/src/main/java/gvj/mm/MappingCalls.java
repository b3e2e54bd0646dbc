package gvj.mm;

import gvj.abi.Errno;
import gvj.abi.Mman;
import gvj.kernel.ErrnoException;
import java.util.ArrayList;
import java.util.List;

/**
 * What programs do to mappings they have: mprotect(2), brk(2), mremap(2), madvise(2), msync(2), mincore(2), mlock(2). All
 * take the manager's lock for writing and answer {@code >= 0} or {@code -errno}.
 */
public final class MappingCalls {
    private static final long PAGE = MemoryFile.PAGE;

    private final MemoryManager mm;

    public MappingCalls(MemoryManager mm) {
        this.mm = mm;
    }

    /** What a call does with the lock held; surplus file references go to {@code dropped}. */
    private interface Locked {
        long run(List<MappedFile> dropped);
    }

    private long locked(Locked call) {
        List<MappedFile> dropped = new ArrayList<>();
        long stamp = mm.lock.writeLock();
        try {
            return call.run(dropped);
        } finally {
            mm.lock.unlockWrite(stamp);
            MemoryManager.dropAll(dropped);
        }
    }

    /** Whether [address, address + length) is a page aligned range of user space; {@code length} is rounded up. */
    private boolean isRange(long address, long length) {
        long size = MemoryManager.pageUp(length);
        return (address & PAGE - 1) == 0
                && length >= 0
                && size >= 0
                && address >= 0
                && address <= mm.platform.userAddressLimit() - size;
    }

    // ---- mprotect

    /** mprotect(2). */
    public long protect(long address, long length, int protection) {
        if (length == 0) {
            return (address & PAGE - 1) == 0 ? 0 : -Errno.EINVAL;
        }
        if ((address & PAGE - 1) != 0) {
            return -Errno.EINVAL;
        }
        if (!isRange(address, length)) {
            return -Errno.ENOMEM;
        }
        long end = address + MemoryManager.pageUp(length);
        return locked(dropped -> protectLocked(address, end, protection, dropped));
    }

    private long protectLocked(long start, long end, int protection, List<MappedFile> dropped) {
        long from = start;
        Vma first = mm.vmas.find(start);
        if ((protection & Mman.PROT_GROWSDOWN) != 0) {
            if (first == null || !first.growsDown) {
                return -Errno.EINVAL;
            }
            from = first.start;
        }
        int wanted = protection & (Mman.PROT_READ | Mman.PROT_WRITE | Mman.PROT_EXEC);
        long at = from;
        while (at < end) {
            Vma vma = mm.vmas.find(at);
            if (vma == null) {
                return -Errno.ENOMEM;
            }
            if ((wanted & ~vma.maxProtection) != 0) {
                return -Errno.EACCES;
            }
            long to = Math.min(end, vma.end);
            change(at, to, wanted);
            at = to;
        }
        mm.vmas.mergeAround(from, end, dropped);
        return 0;
    }

    private void change(long from, long to, int wanted) {
        mm.vmas.splitAt(from);
        mm.vmas.splitAt(to);
        Vma vma = mm.vmas.find(from);
        int before = vma.protection;
        vma.protection = wanted;
        if (before == wanted) {
            return;
        }
        if ((before & ~wanted) != 0) {
            mm.space.unmap(from, to - from);
        }
        boolean readable = wanted != 0;
        boolean writable = (wanted & Mman.PROT_WRITE) != 0;
        for (long at = mm.pages.next(from, to); at < to; at = mm.pages.next(at + PAGE, to)) {
            long entry = mm.pages.get(at);
            long flags = entry & ~(PageTable.READ | PageTable.WRITE) | (readable ? PageTable.READ : 0);
            boolean keep = writable && (entry & (PageTable.COW | PageTable.SHARED)) == 0;
            mm.pages.set(at, keep ? flags | PageTable.WRITE : flags);
        }
    }

    // ---- brk

    /**
     * brk(2).
     *
     * @param dataLimit RLIMIT_DATA, -1 for none
     * @return the break after the call, which is the old one if it cannot be moved
     */
    public long brk(long wanted, long dataLimit) {
        return locked(dropped -> brkLocked(wanted, dataLimit, dropped));
    }

    private long brkLocked(long wanted, long dataLimit, List<MappedFile> dropped) {
        long start = mm.layout().startBrk;
        boolean tooMuch = dataLimit >= 0 && wanted - start > dataLimit;
        if (wanted < start || wanted >= mm.platform.userAddressLimit() || tooMuch) {
            return mm.brk;
        }
        long oldEnd = MemoryManager.pageUp(mm.brk);
        long newEnd = MemoryManager.pageUp(wanted);
        if (newEnd < oldEnd) {
            mm.unmapRange(newEnd, oldEnd, dropped);
        } else if (newEnd > oldEnd) {
            if (!mm.vmas.overlapping(oldEnd, newEnd + PAGE).isEmpty() || tooBig(newEnd - oldEnd)) {
                return mm.brk;
            }
            Vma heap = new Vma(oldEnd, newEnd);
            heap.protection = Mman.PROT_READ | Mman.PROT_WRITE;
            heap.maxProtection = 7;
            heap.name = "[heap]";
            heap.locked = mm.lockFuture;
            mm.vmas.insert(heap);
            mm.vmas.mergeAround(oldEnd, newEnd, dropped);
            if (mm.lockFuture) {
                mm.populateRange(oldEnd, newEnd);
            }
        }
        mm.brk = wanted;
        return wanted;
    }

    /** Overcommit as Linux does by default: refuse what could never fit. */
    private boolean tooBig(long bytes) {
        return bytes / PAGE > mm.memory.limitPages() * 2;
    }

    // ---- mremap

    /** mremap(2); the new address. */
    public long remap(long address, long oldLength, long newLength, int flags, long newAddress) {
        int known = Mman.MREMAP_MAYMOVE | Mman.MREMAP_FIXED | Mman.MREMAP_DONTUNMAP;
        long oldSize = MemoryManager.pageUp(oldLength);
        long newSize = MemoryManager.pageUp(newLength);
        boolean fixed = (flags & Mman.MREMAP_FIXED) != 0;
        boolean keep = (flags & Mman.MREMAP_DONTUNMAP) != 0;
        boolean moves = (flags & Mman.MREMAP_MAYMOVE) != 0;
        if ((flags & ~known) != 0 || newLength <= 0 || newSize <= 0 || oldLength < 0 || !isRange(address, oldLength)) {
            return -Errno.EINVAL;
        }
        if ((fixed || keep) && !moves || keep && oldSize != newSize) {
            return -Errno.EINVAL;
        }
        if (fixed && (!isRange(newAddress, newLength) || newAddress < address + oldSize && address < newAddress + newSize)) {
            return -Errno.EINVAL;
        }
        return locked(dropped -> remapLocked(address, oldSize, newSize, flags, newAddress, dropped));
    }

    private long remapLocked(long at, long oldSize, long newSize, int flags, long newAddress, List<MappedFile> dropped) {
        Vma vma = mm.vmas.find(at);
        if (vma == null) {
            return -Errno.EFAULT;
        }
        boolean fixed = (flags & Mman.MREMAP_FIXED) != 0;
        boolean keep = (flags & Mman.MREMAP_DONTUNMAP) != 0;
        if (!fixed && !keep && newSize <= oldSize) {
            if (newSize < oldSize) {
                mm.unmapRange(at + newSize, at + oldSize, dropped);
            }
            return at;
        }
        if (oldSize == 0 && !vma.shared) {
            return -Errno.EINVAL;
        }
        if (fixed && newSize < oldSize) {
            mm.unmapRange(at + newSize, at + oldSize, dropped);
            oldSize = newSize;
        }
        if (at + oldSize > vma.end) {
            return -Errno.EFAULT;
        }
        if (!fixed && !keep && oldSize > 0 && at + oldSize == vma.end && grow(vma, newSize - oldSize)) {
            mm.vmas.mergeAround(vma.start, vma.end, dropped);
            return at;
        }
        if ((flags & Mman.MREMAP_MAYMOVE) == 0) {
            return -Errno.ENOMEM;
        }
        return move(at, oldSize, newSize, flags, newAddress, dropped);
    }

    private boolean grow(Vma vma, long more) {
        if (vma.end + more > mm.platform.userAddressLimit()
                || !mm.vmas.overlapping(vma.end, vma.end + more).isEmpty()
                || tooBig(more)) {
            return false;
        }
        if (vma.mappable != null) {
            long pages = vma.pages();
            vma.mappable.addMapping(
                    mm, vma.end, vma.firstPage() + pages, more / PAGE, vma.writableShared());
        }
        mm.vmas.growUp(vma, vma.end + more);
        if (vma.locked) {
            mm.lockedBytes += more;
            mm.populateRange(vma.end - more, vma.end);
        }
        return true;
    }

    private long move(long at, long oldSize, long newSize, int flags, long newAddress, List<MappedFile> dropped) {
        if (tooBig(newSize)) {
            return -Errno.ENOMEM;
        }
        boolean keep = (flags & Mman.MREMAP_DONTUNMAP) != 0;
        boolean fixed = (flags & Mman.MREMAP_FIXED) != 0;
        long target = mm.place(fixed || keep ? newAddress : 0, newSize, fixed ? Mman.MAP_FIXED : 0, dropped);
        mm.vmas.splitAt(at);
        if (oldSize > 0) {
            mm.vmas.splitAt(at + oldSize);
        }
        Vma old = mm.vmas.find(at);
        Vma moved = old.part(at, at + (oldSize > 0 ? oldSize : newSize));
        moved.start = target;
        moved.end = target + newSize;
        if (moved.file != null) {
            moved.file.incRef();
        }
        mm.vmas.insert(moved);
        if (moved.mappable != null) {
            moved.mappable.addMapping(mm, target, moved.firstPage(), moved.pages(), moved.writableShared());
        }
        if (oldSize > 0) {
            moveFrames(at, target, oldSize);
            if (!keep) {
                mm.unmapRange(at, at + oldSize, dropped);
            }
        }
        mm.vmas.mergeAround(target, target + newSize, dropped);
        return target;
    }

    private void moveFrames(long from, long to, long size) {
        long end = from + size;
        long first = mm.pages.next(from, end);
        if (first >= end) {
            return;
        }
        mm.space.unmap(from, size);
        for (long at = first; at < end; at = mm.pages.next(at + PAGE, end)) {
            long entry = mm.pages.get(at);
            mm.pages.set(at, 0);
            mm.pages.set(to + (at - from), entry);
        }
    }

    // ---- madvise

    /** madvise(2). */
    public long advise(long address, long length, int advice) {
        if (!isKnown(advice) || !isRange(address, length)) {
            return -Errno.EINVAL;
        }
        long end = address + MemoryManager.pageUp(length);
        if (end == address) {
            return 0;
        }
        return locked(dropped -> adviseLocked(address, end, advice, dropped));
    }

    private static boolean isKnown(int advice) {
        return switch (advice) {
            case Mman.MADV_NORMAL,
                    Mman.MADV_RANDOM,
                    Mman.MADV_SEQUENTIAL,
                    Mman.MADV_WILLNEED,
                    Mman.MADV_DONTNEED,
                    Mman.MADV_FREE,
                    Mman.MADV_REMOVE,
                    Mman.MADV_DONTFORK,
                    Mman.MADV_DOFORK,
                    Mman.MADV_HUGEPAGE,
                    Mman.MADV_NOHUGEPAGE,
                    Mman.MADV_MERGEABLE,
                    Mman.MADV_UNMERGEABLE,
                    Mman.MADV_DONTDUMP,
                    Mman.MADV_DODUMP,
                    Mman.MADV_WIPEONFORK,
                    Mman.MADV_KEEPONFORK,
                    Mman.MADV_COLD,
                    Mman.MADV_PAGEOUT,
                    Mman.MADV_POPULATE_READ,
                    Mman.MADV_POPULATE_WRITE -> true;
            default -> false;
        };
    }

    private long adviseLocked(long start, long end, int advice, List<MappedFile> dropped) {
        boolean holes = false;
        long at = start;
        while (at < end) {
            Vma vma = mm.vmas.findOrNext(at);
            if (vma == null || vma.start >= end) {
                holes = true;
                break;
            }
            holes |= vma.start > at;
            long from = Math.max(at, vma.start);
            long to = Math.min(end, vma.end);
            long error = adviseOne(vma, from, to, advice);
            if (error != 0) {
                return error;
            }
            at = to;
        }
        mm.vmas.mergeAround(start, end, dropped);
        return holes ? -Errno.ENOMEM : 0;
    }

    private long adviseOne(Vma vma, long from, long to, int advice) {
        switch (advice) {
            case Mman.MADV_DONTNEED, Mman.MADV_FREE -> {
                if (vma.locked || advice == Mman.MADV_FREE && !vma.isPrivateAnonymous()) {
                    return -Errno.EINVAL;
                }
                mm.dropFrames(from, to);
            }
            case Mman.MADV_REMOVE -> {
                return vma.shared && vma.mappable != null && !vma.locked ? -Errno.EOPNOTSUPP : -Errno.EINVAL;
            }
            case Mman.MADV_WIPEONFORK, Mman.MADV_KEEPONFORK -> {
                if (advice == Mman.MADV_WIPEONFORK && (vma.shared || !vma.isPrivateAnonymous())) {
                    return -Errno.EINVAL;
                }
                part(from, to).wipeOnFork = advice == Mman.MADV_WIPEONFORK;
            }
            case Mman.MADV_DONTFORK, Mman.MADV_DOFORK -> part(from, to).dontFork = advice == Mman.MADV_DONTFORK;
            case Mman.MADV_DONTDUMP, Mman.MADV_DODUMP -> part(from, to).dontDump = advice == Mman.MADV_DONTDUMP;
            case Mman.MADV_POPULATE_READ -> {
                return populate(from, to, Mman.PROT_READ);
            }
            case Mman.MADV_POPULATE_WRITE -> {
                return populate(from, to, Mman.PROT_WRITE);
            }
            default -> {
                // the rest are hints about speed
            }
        }
        return 0;
    }

    private Vma part(long from, long to) {
        mm.vmas.splitAt(from);
        mm.vmas.splitAt(to);
        return mm.vmas.find(from);
    }

    private long populate(long from, long to, int access) {
        for (long at = from; at < to; at += PAGE) {
            int signal = mm.fault(at, access, false);
            if (signal != 0) {
                return (signal & 0xff) == gvj.abi.Signals.SEGV_ACCERR ? -Errno.EINVAL : -Errno.EFAULT;
            }
        }
        return 0;
    }

    // ---- msync, mincore, mlock

    /** msync(2). */
    public long sync(long address, long length, int flags) {
        int known = Mman.MS_ASYNC | Mman.MS_INVALIDATE | Mman.MS_SYNC;
        int both = Mman.MS_ASYNC | Mman.MS_SYNC;
        if ((flags & ~known) != 0 || (flags & both) == both || (address & PAGE - 1) != 0) {
            return -Errno.EINVAL;
        }
        if (!isRange(address, length)) {
            return -Errno.ENOMEM;
        }
        long end = address + MemoryManager.pageUp(length);
        List<Vma> parts = new ArrayList<>();
        long covered = locked(dropped -> {
            for (Vma vma : mm.vmas.overlapping(address, end)) {
                if ((flags & Mman.MS_INVALIDATE) != 0 && vma.locked) {
                    return -Errno.EBUSY;
                }
                if (vma.shared && vma.mappable != null) {
                    parts.add(vma.part(Math.max(address, vma.start), Math.min(end, vma.end)));
                }
            }
            return mm.vmas.covers(address, end) ? 0 : -Errno.ENOMEM;
        });
        if (covered == -Errno.EBUSY) {
            return covered;
        }
        if ((flags & Mman.MS_SYNC) != 0) {
            for (Vma part : parts) {
                int error = part.mappable.sync(part.firstPage(), part.pages());
                if (error != 0) {
                    return error;
                }
            }
        }
        return covered;
    }

    /** mincore(2): one byte a page, 1 for resident; null if the range has a hole. */
    public byte[] inCore(long address, int pages) {
        byte[] resident = new byte[pages];
        long covered = locked(dropped -> {
            long end = address + pages * PAGE;
            if (!mm.vmas.covers(address, end)) {
                return -Errno.ENOMEM;
            }
            for (long at = mm.pages.next(address, end); at < end; at = mm.pages.next(at + PAGE, end)) {
                resident[(int) ((at - address) / PAGE)] = 1;
            }
            return 0;
        });
        if (covered != 0) {
            throw ErrnoException.of((int) -covered);
        }
        return resident;
    }

    /**
     * mlock2(2), munlock(2).
     *
     * @param limit RLIMIT_MEMLOCK in bytes, -1 for none
     */
    public long setLocked(long start, long length, boolean lock, boolean onFault, long limit) {
        long address = start & -PAGE;
        long size = MemoryManager.pageUp(length + (start - address));
        if (size < 0 || address < 0 || address > mm.platform.userAddressLimit() - size) {
            return -Errno.EINVAL;
        }
        return locked(dropped -> setLockedLocked(address, address + size, lock, onFault, limit, dropped));
    }

    private long setLockedLocked(
            long from, long to, boolean lock, boolean onFault, long limit, List<MappedFile> dropped) {
        if (lock && limit >= 0 && mm.lockedBytes + (to - from) > limit) {
            return limit == 0 ? -Errno.EPERM : -Errno.ENOMEM;
        }
        boolean covered = mm.vmas.covers(from, to);
        for (Vma vma : mm.vmas.overlapping(from, to)) {
            Vma part = part(Math.max(from, vma.start), Math.min(to, vma.end));
            if (part.locked != lock) {
                part.locked = lock;
                mm.lockedBytes += lock ? part.end - part.start : part.start - part.end;
            }
        }
        if (lock && !onFault) {
            mm.populateRange(from, to);
        }
        mm.vmas.mergeAround(from, to, dropped);
        return covered ? 0 : -Errno.ENOMEM;
    }

    /** mlockall(2), munlockall(2): {@code flags} is 0 to unlock. */
    public long setAllLocked(int flags, long limit) {
        boolean current = (flags & Mman.MCL_CURRENT) != 0;
        return locked(dropped -> {
            if (current && limit >= 0 && mm.vmas.virtualBytes() > limit) {
                return limit == 0 ? -Errno.EPERM : -Errno.ENOMEM;
            }
            mm.lockFuture = (flags & Mman.MCL_FUTURE) != 0;
            if (current || flags == 0) {
                mm.lockedBytes = current ? mm.vmas.virtualBytes() : 0;
                for (Vma vma : mm.vmas.all()) {
                    vma.locked = current;
                }
            }
            return 0;
        });
    }

    /** prctl(PR_SET_VMA_ANON_NAME): names private anonymous mappings. */
    public long setName(long address, long length, String name) {
        if (!isRange(address, length)) {
            return -Errno.EINVAL;
        }
        long end = address + MemoryManager.pageUp(length);
        return locked(dropped -> {
            for (Vma vma : mm.vmas.overlapping(address, end)) {
                if (!vma.isPrivateAnonymous()) {
                    return -Errno.EBADF;
                }
                part(Math.max(address, vma.start), Math.min(end, vma.end)).name =
                        name.isEmpty() ? "" : "[anon:" + name + "]";
            }
            mm.vmas.mergeAround(address, end, dropped);
            return mm.vmas.covers(address, end) ? 0 : -Errno.ENOMEM;
        });
    }
}
