package gvj.mm;

import gvj.abi.Errno;
import gvj.abi.Mman;
import gvj.kernel.ErrnoException;

/** mremap(2). */
final class Mremap {
    private static final int PAGE = MemoryFile.PAGE;
    private static final int FLAGS = Mman.MREMAP_MAYMOVE | Mman.MREMAP_FIXED | Mman.MREMAP_DONTUNMAP;

    private final MemoryManager mm;
    private final long address;
    private long oldSize;
    private final long newSize;
    private final int flags;
    private final Dropped dropped = new Dropped();
    /** What has to be faulted in afterwards, because the mapping is locked. */
    private long populateFrom;

    private long populateTo;

    private Mremap(MemoryManager mm, long address, long oldSize, long newSize, int flags) {
        this.mm = mm;
        this.address = address;
        this.oldSize = oldSize;
        this.newSize = newSize;
        this.flags = flags;
    }

    /** See {@link MemoryManager#mremap}. */
    static long mremap(MemoryManager mm, long address, long oldLength, long newLength, int flags, long newAddress) {
        boolean fixed = (flags & Mman.MREMAP_FIXED) != 0;
        boolean keep = (flags & Mman.MREMAP_DONTUNMAP) != 0;
        boolean mayMove = (flags & Mman.MREMAP_MAYMOVE) != 0;
        if ((flags & ~FLAGS) != 0
                || fixed && !mayMove
                || keep && (!mayMove || oldLength != newLength)
                || (address & PAGE - 1) != 0) {
            throw Mmap.error(Errno.EINVAL);
        }
        long newSize = Mmap.pageUp(newLength);
        long oldSize = Mmap.pageUp(oldLength);
        if (newSize <= 0 || newSize > mm.limit) {
            throw Mmap.error(Errno.EINVAL);
        }
        Mremap request = new Mremap(mm, address, oldSize, newSize, flags);
        long result;
        long stamp = mm.lock.writeLock();
        try {
            result = fixed || keep ? request.moveTo(newAddress) : request.resize();
        } finally {
            mm.lock.unlockWrite(stamp);
            request.dropped.release();
        }
        if (request.populateFrom < request.populateTo) {
            mm.populate(request.populateFrom, request.populateTo, Mman.PROT_READ);
        }
        return result;
    }

    /** See {@link MemoryManager#remapFilePages}: maps other pages of the object in place of those. */
    static int remapFilePages(MemoryManager mm, long address, long size, long offset, int flags) {
        if (size <= 0 || !Mmap.inUserSpace(mm, address, size)) {
            return -Errno.EINVAL;
        }
        Vma vma;
        long stamp = mm.lock.readLock();
        try {
            Vma found = mm.vmas.find(address);
            if (found == null || !found.shared || address + size > found.end) {
                return -Errno.EINVAL;
            }
            vma = found.part(address, address + size);
            if (vma.file != null) {
                vma.file.incRef();
            }
        } finally {
            mm.lock.unlockRead(stamp);
        }
        int how = flags | Mman.MAP_SHARED | Mman.MAP_FIXED | Mman.MAP_POPULATE;
        try {
            mm.mmap(address, size, vma.protection, vma.maxProtection, how, vma.mappable, vma.file, offset);
            return 0;
        } catch (ErrnoException e) {
            return -e.errno();
        } finally {
            if (vma.file != null) {
                vma.file.decRef();
            }
        }
    }

    private Vma find() {
        Vma vma = mm.vmas.find(address);
        if (vma == null) {
            throw Mmap.error(Errno.EFAULT);
        }
        return vma;
    }

    private long moveTo(long newAddress) {
        find();
        if ((newAddress & PAGE - 1) != 0 || !Mmap.inUserSpace(mm, newAddress, newSize) || oldSize < 0) {
            throw Mmap.error(Errno.EINVAL);
        }
        if (address + oldSize > newAddress && newAddress + newSize > address) {
            throw Mmap.error(Errno.EINVAL);
        }
        mm.vmas.checkRoom(4);
        boolean fixed = (flags & Mman.MREMAP_FIXED) != 0;
        if (fixed && newAddress < MemoryManager.MIN_ADDRESS) {
            throw Mmap.error(Errno.EPERM);
        }
        if (fixed) {
            Mmap.unmapRange(mm, newAddress, newAddress + newSize, dropped);
        }
        if (oldSize > newSize) {
            if (!Mmap.inUserSpace(mm, address, oldSize)) {
                throw Mmap.error(Errno.EINVAL);
            }
            Mmap.unmapRange(mm, address + newSize, address + oldSize, dropped);
            oldSize = newSize;
        }
        Vma vma = checkGrowth();
        if ((flags & Mman.MREMAP_DONTUNMAP) != 0) {
            Mmap.checkLimits(mm, vma, newSize, newSize);
        }
        long target = fixed ? newAddress : Mmap.place(mm, newAddress, newSize, 0);
        return move(vma, target);
    }

    private long resize() {
        Vma found = find();
        if (oldSize >= newSize && oldSize > 0) {
            if (oldSize > newSize) {
                if (!Mmap.inUserSpace(mm, address, oldSize)) {
                    throw Mmap.error(Errno.EINVAL);
                }
                Mmap.checkSplit(mm, address + newSize, address + oldSize);
                Mmap.unmapRange(mm, address + newSize, address + oldSize, dropped);
            }
            return address;
        }
        Vma vma = checkGrowth();
        if (oldSize > 0 && address + oldSize == found.end && growInPlace(found)) {
            return address;
        }
        if ((flags & Mman.MREMAP_MAYMOVE) == 0) {
            throw Mmap.error(Errno.ENOMEM);
        }
        mm.vmas.checkRoom(4);
        return move(vma, Mmap.place(mm, 0, newSize, 0));
    }

    /** The rules of growing from {@link #oldSize} to {@link #newSize}. */
    private Vma checkGrowth() {
        Vma vma = find();
        if (oldSize == 0 && !vma.shared) {
            throw Mmap.error(Errno.EINVAL);
        }
        if (oldSize < 0 || oldSize > vma.end - address) {
            throw Mmap.error(Errno.EFAULT);
        }
        if (vma.io && (flags & Mman.MREMAP_DONTUNMAP) != 0) {
            throw Mmap.error(Errno.EINVAL);
        }
        if (newSize == oldSize) {
            return vma;
        }
        if (vma.special) {
            throw Mmap.error(Errno.EFAULT);
        }
        if (vma.mappable != null && vma.offset + (address - vma.start) + newSize < 0) {
            throw Mmap.error(Errno.EINVAL);
        }
        long growth = newSize - oldSize;
        if (vma.locked && mm.vmas.locked() + growth > mm.lockLimit()) {
            throw Mmap.error(Errno.EAGAIN);
        }
        Mmap.checkLimits(mm, vma, growth, growth);
        Mmap.checkPromise(mm, vma.isAccountable() ? growth : 0);
        return vma;
    }

    private boolean growInPlace(Vma vma) {
        long end = address + newSize;
        if (end > mm.limit || end < 0) {
            return false;
        }
        Vma next = mm.vmas.findOrNext(vma.end);
        if (next != null && end > next.start - (next.growsDown ? VmaMap.GUARD_GAP : 0)) {
            return false;
        }
        long oldEnd = vma.end;
        mm.vmas.resize(vma, vma.start, end);
        notePopulate(vma, oldEnd, end);
        Mmap.merge(mm, vma.start, vma.end, dropped);
        mm.notePeak();
        return true;
    }

    private void notePopulate(Vma vma, long from, long to) {
        if (vma.locked && !vma.lockOnFault) {
            populateFrom = from;
            populateTo = to;
        }
    }

    private long move(Vma vma, long target) {
        movePages(target);
        Vma moved = vma.part(address, vma.end);
        moved.start = target;
        moved.end = target + newSize;
        if (moved.file != null) {
            moved.file.incRef();
        }
        if (moved.mappable != null) {
            moved.mappable.addMapping(mm, moved.writableShared());
        }
        mm.vmas.insert(moved);
        boolean keep = (flags & Mman.MREMAP_DONTUNMAP) != 0;
        if (keep) {
            unlockOld();
        } else if (oldSize > 0) {
            Mmap.unmapRange(mm, address, address + oldSize, dropped);
        }
        notePopulate(moved, target + oldSize, target + newSize);
        Mmap.merge(mm, target, target + newSize, dropped);
        mm.notePeak();
        return target;
    }

    private void unlockOld() {
        mm.vmas.splitAt(mm, address);
        mm.vmas.splitAt(mm, address + oldSize);
        Vma old = mm.vmas.find(address);
        mm.vmas.setLocked(old, false);
        old.lockOnFault = false;
        Mmap.merge(mm, address, address + oldSize, dropped);
    }

    private void movePages(long target) {
        long end = address + oldSize;
        long first = mm.pages.next(address, end);
        if (first >= end) {
            return;
        }
        mm.space.unmap(first, end - first);
        long at = first;
        try {
            for (; at < end; at = mm.pages.next(at + PAGE, end)) {
                mm.pages.set(target + (at - address), mm.pages.get(at));
            }
        } catch (ErrnoException e) {
            for (long back = first; back < at; back = mm.pages.next(back + PAGE, at)) {
                mm.pages.clear(target + (back - address));
            }
            throw e;
        }
        for (at = first; at < end; at = mm.pages.next(at + PAGE, end)) {
            mm.pages.clear(at);
        }
    }
}
