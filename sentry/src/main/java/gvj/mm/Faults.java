package gvj.mm;

import gvj.abi.Errno;
import gvj.abi.Mman;
import gvj.abi.Sched;
import gvj.abi.Signals;
import gvj.host.Mem;
import gvj.kernel.ErrnoException;
import gvj.platform.AddressSpace;

/**
 * Page faults of one address space. Takes the memory manager's lock for writing; lets go of it while an object reads a page
 * from disk, and then looks again.
 */
final class Faults {
    /** The application waits for the page: the platform is told. */
    static final int FOR_APPLICATION = 0;
    /** The Sentry wants to copy. */
    static final int FOR_SENTRY = 1;
    /** The Sentry wants to copy, and rights do not count. */
    static final int FORCED = 2;

    private static final int PAGE = MemoryFile.PAGE;
    /** A fault maps what is there within this many aligned bytes. */
    private static final long WINDOW = 64 << 10;
    /** The same around a page of a file: programs jump about in their code. */
    private static final long FILE_WINDOW = 256 << 10;
    /** Pages that one fault allocates at most when memory is touched in order. */
    private static final int MAX_BATCH = 64;
    /** Bytes that one fault gives at once where a mapping is new, and how often it does before it is single pages. */
    private static final long GROUP = 16 << 10;

    private static final int MAX_GROUPS = 8;
    /** Mappings of this size and more are heaps, where memory around what is touched is used soon: as if pages were larger. */
    private static final long LARGE = 1 << 20;

    private static final long LARGE_GROUP = 64 << 10;
    /** In mappings up to this size what is read first is written soon. */
    private static final long SMALL = 256 << 10;

    private static final int MAPERR = Signals.SIGSEGV << 8 | Signals.SEGV_MAPERR;
    private static final int ACCERR = Signals.SIGSEGV << 8 | Signals.SEGV_ACCERR;
    private static final int BUS = Signals.SIGBUS << 8 | Signals.BUS_ADRERR;
    private static final int OUT_OF_MEMORY = Signals.SIGKILL << 8;

    private final MemoryManager mm;
    private final MemoryFile memory;
    private final PageTable pages;

    Faults(MemoryManager mm) {
        this.mm = mm;
        this.memory = mm.memory;
        this.pages = mm.pages;
    }

    /** See {@link MemoryManager#handleFault}. Without memory for it somebody is ended first. */
    int handle(long address, int access, int purpose) {
        int verdict = tryHandle(address, access, purpose);
        for (int attempt = 1; verdict == OUT_OF_MEMORY && memory.relieve(mm.memoryGroup, attempt); attempt++) {
            verdict = tryHandle(address, access, purpose);
        }
        return verdict;
    }

    private int tryHandle(long address, int access, int purpose) {
        if (address < 0 || address >= mm.limit) {
            return MAPERR;
        }
        long page = address & -PAGE;
        boolean write = access == Mman.PROT_WRITE;
        while (true) {
            Mappable object;
            MappedFile file;
            long index;
            long sequence;
            long stamp = mm.lock.writeLock();
            try {
                Vma vma = mm.vmas.findOrNext(page);
                if (vma == null || vma.start > page) {
                    if (vma == null || !growStack(vma, page)) {
                        return MAPERR;
                    }
                }
                if (purpose == FORCED && vma.io) {
                    return ACCERR;
                }
                if (purpose == FORCED ? write && vma.shared && !vma.allows(access) : !vma.allows(access)) {
                    return ACCERR;
                }
                if (resolve(vma, page, write)) {
                    mm.notePeak();
                    if (purpose == FOR_APPLICATION) {
                        mapAround(vma, page, write);
                    }
                    return 0;
                }
                object = vma.mappable;
                file = vma.file;
                index = vma.pageAt(page);
                sequence = mm.sequence;
                write = write || vma.writableShared() && vma.allows(Mman.PROT_WRITE) && !object.tracksWrites();
                if (file != null) {
                    file.incRef();
                }
            } catch (ErrnoException e) {
                return e.errno() == Errno.ENOMEM ? OUT_OF_MEMORY : BUS;
            } finally {
                mm.lock.unlockWrite(stamp);
            }
            int result = fromObject(object, index, page, access, write, sequence, purpose);
            if (file != null) {
                file.decRef();
            }
            if (result >= 0) {
                return result;
            }
            write = access == Mman.PROT_WRITE;
        }
    }

    /** Gets a page of an object and puts it in, if all is still as it was. -1: look again. No lock is held. */
    private int fromObject(
            Mappable object, long index, long page, int access, boolean write, long sequence, int purpose) {
        long frame;
        try {
            frame = object.page(index, write);
        } catch (ErrnoException e) {
            return e.errno() == Errno.ENOMEM ? OUT_OF_MEMORY : BUS;
        }
        if (frame == Mappable.BEYOND_END) {
            return BUS;
        }
        long stamp = mm.lock.writeLock();
        try {
            Vma vma = mm.vmas.find(page);
            if (mm.sequence != sequence || vma == null || vma.mappable != object || vma.pageAt(page) != index) {
                return -1;
            }
            if (purpose != FORCED && !vma.allows(access)) {
                return -1;
            }
            if (vma.shared) {
                installShared(vma, page, frame, write);
            } else {
                installPrivate(vma, page, frame, access == Mman.PROT_WRITE);
            }
            mm.notePeak();
            if (purpose == FOR_APPLICATION) {
                mapAround(vma, page, access == Mman.PROT_WRITE);
            }
            return 0;
        } catch (ErrnoException e) {
            return OUT_OF_MEMORY;
        } finally {
            mm.lock.unlockWrite(stamp);
            memory.decRef(frame);
        }
    }

    /** A stack that begins above {@code page} grows down to it, if rules and neighbours allow. */
    private boolean growStack(Vma above, long page) {
        if (!above.growsDown || page < MemoryManager.MIN_ADDRESS) {
            return false;
        }
        long growth = above.start - page;
        if (above.end - page > mm.rlimit(Sched.RLIMIT_STACK)) {
            return false;
        }
        Vma below = mm.vmas.previous(above.start);
        boolean near = below != null && page - below.end < VmaMap.GUARD_GAP;
        if (near && (below.end > page || below.isAccessible() && !below.growsDown)) {
            return false;
        }
        if (mm.vmas.total() + growth > mm.rlimit(Sched.RLIMIT_AS)
                || above.locked && mm.vmas.locked() + growth > mm.lockLimit()) {
            return false;
        }
        mm.vmas.resize(above, page, above.end);
        return true;
    }

    /** The rights an entry of its own has here. */
    static long flags(Vma vma) {
        return PageTable.PRESENT
                | (vma.isAccessible() ? PageTable.READ : 0)
                | ((vma.protection & Mman.PROT_WRITE) != 0 ? PageTable.WRITE : 0);
    }

    /** Does what can be done without asking an object; false if it must be asked. ENOMEM. */
    private boolean resolve(Vma vma, long page, boolean write) {
        long entry = pages.get(page);
        if (vma.shared) {
            return entry != 0 && (!write || (entry & PageTable.WRITE) != 0);
        }
        if (entry == 0) {
            if (!vma.isPrivateAnonymous()) {
                return false;
            }
            if (write || vma.end - vma.start <= SMALL && vma.allows(Mman.PROT_WRITE)) {
                allocate(vma, page);
            } else {
                pages.set(page, memory.zeroPage() | flags(vma) & ~PageTable.WRITE | PageTable.COW | PageTable.ZERO);
            }
            return true;
        }
        if (write && (entry & PageTable.COW) != 0) {
            breakCow(vma, page, entry);
            if ((entry & PageTable.FILE) != 0) {
                copyAround(vma, page);
            }
        }
        return true;
    }

    private static long need(long frame) {
        if (frame == -1) {
            throw ErrnoException.of(Errno.ENOMEM);
        }
        return frame;
    }

    /**
     * Zeroed pages for anonymous memory: a few around the first ones that are touched, one elsewhere, and more the longer
     * memory is touched in order.
     */
    private void allocate(Vma vma, long page) {
        long from = page;
        long to = page + PAGE;
        int batch = 1;
        if (!mm.memoryGroup.isTight()) {
            if (page == vma.nextFault) {
                batch = Math.min(vma.batch < 16 ? vma.batch * 4 : vma.batch * 2, MAX_BATCH);
                to = page + (long) batch * PAGE;
            } else if (vma.end - vma.start >= LARGE) {
                from = page & -LARGE_GROUP;
                to = from + LARGE_GROUP;
            } else if (vma.groups < MAX_GROUPS) {
                vma.groups++;
                from = page & -GROUP;
                to = from + GROUP;
            }
        }
        from = Math.max(from, vma.start);
        to = Math.min(to, vma.end);
        long start = page;
        while (start > from && pages.get(start - PAGE) == 0) {
            start -= PAGE;
        }
        long end = page + PAGE;
        while (end < to && pages.get(end) == 0) {
            end += PAGE;
        }
        vma.batch = batch;
        vma.nextFault = end;
        fill(vma, start, end, page);
    }

    /** Puts zeroed pages into [start, end), at least into the one at {@code page}. */
    private void fill(Vma vma, long start, long end, long page) {
        long flags = flags(vma);
        long at = start;
        while (at < end) {
            int count = (int) Math.min((end - at) / PAGE, FrameBlocks.PAGES);
            long frame = memory.allocate(count, mm.memoryGroup);
            if (frame == -1) {
                break;
            }
            for (int i = 0; i < count; i++, at += PAGE) {
                try {
                    pages.set(at, frame + (long) i * PAGE | flags);
                } catch (ErrnoException e) {
                    memory.decRef(frame + (long) i * PAGE, count - i);
                    throw e;
                }
            }
        }
        if (pages.get(page) == 0) {
            long frame = need(memory.allocate(1, mm.memoryGroup));
            try {
                pages.set(page, frame | flags);
            } catch (ErrnoException e) {
                memory.decRef(frame);
                throw e;
            }
        }
    }

    /** A file's page was written in a private mapping: its neighbours, most likely data too, get their copies as well. */
    private void copyAround(Vma vma, long page) {
        if (vma.groups >= MAX_GROUPS || mm.memoryGroup.isTight() || vma.mappable.mayChange()) {
            return;
        }
        vma.groups++;
        long from = Math.max(vma.start, page & -GROUP);
        long to = Math.min(vma.end, (page & -GROUP) + GROUP);
        boolean unmapped = false;
        for (long at = from; at < to; at += PAGE) {
            long entry = pages.get(at);
            long frame = PageTable.frame(entry);
            if (entry == 0) {
                frame = vma.mappable.cachedPage(vma.pageAt(at));
            }
            if (frame < 0 || entry != 0 && (entry & PageTable.FILE) == 0) {
                continue;
            }
            long own = memory.allocate(1, mm.memoryGroup);
            if (own != -1) {
                Mem.copy(memory.address(frame), memory.address(own), PAGE);
                if (entry != 0 && !unmapped) {
                    mm.space.unmap(from, to - from); // all at once: what stays comes back with this fault
                    unmapped = true;
                }
                // the table is there: the group lies within one
                pages.set(at, own | flags(vma));
            }
            if (own != -1 || entry == 0) {
                memory.decRef(frame);
            }
        }
    }

    /** Gives a page that others may use a frame of its own, or this one if nobody else is left. */
    private void breakCow(Vma vma, long page, long entry) {
        long frame = PageTable.frame(entry);
        if ((entry & PageTable.ZERO) == 0 && memory.refs(frame) == 1) {
            pages.set(page, frame | flags(vma));
            return;
        }
        long own = need(memory.allocate(1, mm.memoryGroup));
        if ((entry & PageTable.ZERO) == 0) {
            Mem.copy(memory.address(frame), memory.address(own), PAGE);
        }
        replace(vma, page, own | flags(vma));
        if ((entry & PageTable.ZERO) == 0) {
            memory.decRef(frame);
        }
    }

    /** Another frame where there is one already. The platform gets it at once, which takes the old one away from it. */
    private void replace(Vma vma, long page, long entry) {
        pages.set(page, entry);
        int protection = platformProtection(vma, entry);
        if (protection != 0) {
            mm.space.map(page, PAGE, PageTable.frame(entry), protection);
        } else {
            mm.space.unmap(page, PAGE);
        }
    }

    /** Puts a page of an object into a shared mapping; the caller's reference stays the caller's. */
    private void installShared(Vma vma, long page, long frame, boolean write) {
        long entry = pages.get(page);
        long flags = flags(vma) | PageTable.SHARED;
        if (!write) {
            flags &= ~PageTable.WRITE;
        }
        if (entry != 0 && PageTable.frame(entry) == frame) {
            pages.set(page, entry | flags);
            return;
        }
        if (entry != 0) {
            mm.space.unmap(page, PAGE);
            memory.decRef(PageTable.frame(entry));
        }
        pages.set(page, frame | flags);
        memory.incRef(frame);
    }

    /** Puts a page of a file, or a copy of it, into a private mapping; the caller's reference stays the caller's. */
    private void installPrivate(Vma vma, long page, long frame, boolean write) {
        long entry = pages.get(page);
        if (entry != 0) {
            if (write && (entry & PageTable.COW) != 0) {
                breakCow(vma, page, entry);
            }
            return;
        }
        if (!write) {
            pages.set(page, frame | flags(vma) & ~PageTable.WRITE | PageTable.COW | PageTable.FILE);
            memory.incRef(frame);
            return;
        }
        long own = need(memory.allocate(1, mm.memoryGroup));
        Mem.copy(memory.address(frame), memory.address(own), PAGE);
        try {
            pages.set(page, own | flags(vma));
        } catch (ErrnoException e) {
            memory.decRef(own);
            throw e;
        }
        copyAround(vma, page);
    }

    /** Gives the platform the page and what is there around it, also in neighbouring mappings. */
    private void mapAround(Vma vma, long page, boolean write) {
        long window = vma.mappable == null ? WINDOW : FILE_WINDOW;
        long from = page & -window;
        long to = Math.max(from + window, Math.min(vma.nextFault, page + (long) MAX_BATCH * PAGE));
        if (write && !vma.shared) {
            takeOver(vma, Math.max(from, vma.start), Math.min(to, vma.end));
        }
        VmaMap vmas = mm.vmas;
        for (int i = vmas.firstEndingBehind(from); i < vmas.size() && vmas.get(i).start < to; i++) {
            Vma part = vmas.get(i);
            if (part.isAccessible()) {
                long end = part.mappable == null ? to : from + window;
                mapPart(part, Math.max(from, part.start), Math.min(end, part.end));
            }
        }
    }

    /** Gives the platform what is there of a range in one mapping, in runs of consecutive frames. */
    private void mapPart(Vma vma, long from, long to) {
        if (vma.mappable != null) {
            takeCached(vma, from, to);
        }
        long at = pages.next(from, to);
        while (at < to) {
            long entry = pages.get(at);
            long run = at + PAGE;
            while (run < to && continues(entry, pages.get(run), run - at)) {
                run += PAGE;
            }
            int protection = platformProtection(vma, entry);
            if (protection != 0) {
                mm.space.map(at, run - at, PageTable.frame(entry), protection);
            }
            at = pages.next(run, to);
        }
    }

    private static boolean continues(long entry, long next, long distance) {
        return next != 0
                && PageTable.frame(next) == PageTable.frame(entry) + distance
                && ((next ^ entry) & PageTable.WRITE) == 0;
    }

    /** Pages of the object that are at hand go into the empty places of the window. */
    private void takeCached(Vma vma, long from, long to) {
        long flags = flags(vma) & ~PageTable.WRITE | (vma.shared ? PageTable.SHARED : PageTable.COW | PageTable.FILE);
        for (long at = from; at < to; at += PAGE) {
            if (pages.get(at) != 0) {
                continue;
            }
            long frame = vma.mappable.cachedPage(vma.pageAt(at));
            if (frame >= 0) {
                // the table is there: the window lies within one, and the page that faulted too
                pages.set(at, frame | flags);
            }
        }
    }

    /** Copy-on-write pages of which nobody else is left a user, after fork and exec, become writable with the first. */
    private void takeOver(Vma vma, long from, long to) {
        for (long at = pages.next(from, to); at < to; at = pages.next(at + PAGE, to)) {
            long entry = pages.get(at);
            boolean candidate = (entry & (PageTable.COW | PageTable.ZERO | PageTable.FILE)) == PageTable.COW;
            if (candidate && memory.refs(PageTable.frame(entry)) == 1) {
                pages.set(at, PageTable.frame(entry) | flags(vma));
            }
        }
    }

    /** What the platform may allow; a writable page that must be copied first is at least readable. */
    private static int platformProtection(Vma vma, long entry) {
        int protection = vma.protection & (Mman.PROT_READ | Mman.PROT_EXEC);
        if ((vma.protection & Mman.PROT_WRITE) != 0) {
            protection |= Mman.PROT_READ | ((entry & PageTable.WRITE) != 0 ? Mman.PROT_WRITE : 0);
        } else if (!vma.shared && (protection & Mman.PROT_EXEC) != 0) {
            protection |= AddressSpace.STABLE; // a private page changes only by way of a write fault
        }
        return protection;
    }
}
