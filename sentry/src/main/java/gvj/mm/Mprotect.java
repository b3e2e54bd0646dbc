package gvj.mm;

import gvj.abi.Errno;
import gvj.abi.Mman;
import gvj.abi.Sched;
import gvj.kernel.ErrnoException;

/** mprotect(2). */
final class Mprotect {
    private static final int PAGE = MemoryFile.PAGE;
    private static final int RIGHTS = Mman.PROT_READ | Mman.PROT_WRITE | Mman.PROT_EXEC;
    private static final int GROWS = Mman.PROT_GROWSDOWN | Mman.PROT_GROWSUP;

    private Mprotect() {}

    /** See {@link MemoryManager#mprotect}. */
    static int mprotect(MemoryManager mm, long address, long length, int protection) {
        if ((protection & GROWS) == GROWS || (address & PAGE - 1) != 0) {
            return -Errno.EINVAL;
        }
        if (length == 0) {
            return 0;
        }
        long size = Mmap.pageUp(length);
        if (size <= 0 || address + size < address) {
            return -Errno.ENOMEM;
        }
        if ((protection & ~(RIGHTS | GROWS | Mman.PROT_SEM)) != 0) {
            return -Errno.EINVAL;
        }
        if (!Mmap.inUserSpace(mm, address, size)) {
            return -Errno.ENOMEM;
        }
        Dropped dropped = new Dropped();
        long stamp = mm.lock.writeLock();
        try {
            return protectRange(mm, address, address + size, protection, dropped);
        } catch (ErrnoException e) {
            return -e.errno();
        } finally {
            mm.lock.unlockWrite(stamp);
            dropped.release();
        }
    }

    private static int protectRange(MemoryManager mm, long from, long to, int protection, Dropped dropped) {
        Vma first = mm.vmas.findOrNext(from);
        if (first == null || first.start >= to) {
            return -Errno.ENOMEM;
        }
        long start = from;
        if ((protection & Mman.PROT_GROWSDOWN) != 0) {
            if (!first.growsDown) {
                return -Errno.EINVAL;
            }
            start = first.start;
        } else if (first.start > from) {
            return -Errno.ENOMEM;
        } else if ((protection & Mman.PROT_GROWSUP) != 0) {
            return -Errno.EINVAL;
        }
        int rights = protection & RIGHTS;
        int result = 0;
        long at = start;
        while (at < to) {
            Vma vma = mm.vmas.find(at);
            result = vma == null ? -Errno.ENOMEM : check(mm, vma, at, Math.min(to, vma.end), rights);
            if (result != 0) {
                break;
            }
            long end = Math.min(to, vma.end);
            if (vma.protection != rights) {
                change(mm, vma, at, end, rights);
            }
            at = end;
        }
        Mmap.merge(mm, start, at, dropped);
        return result;
    }

    private static int check(MemoryManager mm, Vma vma, long from, long to, int rights) {
        if ((rights & ~vma.maxProtection) != 0) {
            return -Errno.EACCES;
        }
        boolean newData = (rights & ~vma.protection & Mman.PROT_WRITE) != 0 && !vma.shared && !vma.growsDown;
        if (newData) {
            if (mm.vmas.data() + (to - from) > mm.rlimit(Sched.RLIMIT_DATA)) {
                return -Errno.ENOMEM;
            }
            Mmap.checkPromise(mm, vma.noReserve ? 0 : to - from);
        }
        mm.vmas.checkRoom((vma.start < from ? 1 : 0) + (to < vma.end ? 1 : 0));
        return 0;
    }

    private static void change(MemoryManager mm, Vma whole, long from, long to, int rights) {
        int old = whole.protection;
        mm.vmas.splitAt(mm, from);
        mm.vmas.splitAt(mm, to);
        Vma vma = mm.vmas.find(from);
        mm.vmas.setProtection(vma, rights);
        long first = mm.pages.next(from, to);
        if (first >= to) {
            return;
        }
        long flags = Faults.flags(vma);
        for (long at = first; at < to; at = mm.pages.next(at + PAGE, to)) {
            mm.pages.set(at, reflagged(mm.pages.get(at), flags, vma));
        }
        int lost = readable(old) & ~readable(rights);
        if ((lost & ~Mman.PROT_WRITE) != 0) {
            mm.space.unmap(first, to - first);
        } else if (lost != 0) {
            mm.space.writeProtect(first, to - first);
        }
    }

    /** What may be written or executed may be read. */
    private static int readable(int rights) {
        return rights == 0 ? 0 : rights | Mman.PROT_READ;
    }

    /** The entry with the rights of its mapping; one that waits for a first write keeps waiting. */
    private static long reflagged(long entry, long flags, Vma vma) {
        long kept = entry & ~(PageTable.READ | PageTable.WRITE);
        boolean writeWaits = (entry & PageTable.COW) != 0
                || (entry & PageTable.SHARED) != 0 && (entry & PageTable.WRITE) == 0 && vma.mappable.tracksWrites();
        return kept | (writeWaits ? flags & ~PageTable.WRITE : flags);
    }
}
