package gvj.mm;

import gvj.abi.Errno;
import gvj.abi.Mman;
import gvj.abi.Signals;
import gvj.kernel.ErrnoException;

/** mlock(2), mlockall(2), mincore(2), msync(2): memory that stays, is there, or goes to its file. */
final class Mlock {
    private static final int PAGE = MemoryFile.PAGE;

    private Mlock() {}

    /** See {@link MemoryManager#mlock}: nothing is ever paged out, so it is accounting and faulting in. */
    static int mlock(MemoryManager mm, long address, long length, boolean lock, boolean onFault) {
        if (lock && mm.lockLimit() == 0) {
            return -Errno.EPERM;
        }
        long start = address & -PAGE;
        long size = Mmap.pageUp(length + (address - start));
        if (start + size < start || length < 0 && size >= 0 && start >= 0 && start + size < 0) {
            return -Errno.EINVAL;
        }
        if (size == 0) {
            return 0;
        }
        if (!Mmap.inUserSpace(mm, start, size)) {
            return -Errno.ENOMEM;
        }
        Dropped dropped = new Dropped();
        long stamp = mm.lock.writeLock();
        try {
            if (lock && lockedAfter(mm, start, start + size) > mm.lockLimit()) {
                return -Errno.ENOMEM;
            }
            int result = mark(mm, start, start + size, lock, onFault, dropped);
            if (result != 0) {
                return result;
            }
        } catch (ErrnoException e) {
            return -e.errno();
        } finally {
            mm.lock.unlockWrite(stamp);
            dropped.release();
        }
        return lock && !onFault ? populate(mm, start, start + size) : 0;
    }

    private static long lockedAfter(MemoryManager mm, long from, long to) {
        long already = 0;
        for (int i = mm.vmas.firstEndingBehind(from); i < mm.vmas.size() && mm.vmas.get(i).start < to; i++) {
            Vma vma = mm.vmas.get(i);
            already += vma.locked ? Math.min(to, vma.end) - Math.max(from, vma.start) : 0;
        }
        return mm.vmas.locked() + (to - from) - already;
    }

    private static int mark(MemoryManager mm, long from, long to, boolean lock, boolean onFault, Dropped dropped) {
        long at = from;
        while (at < to) {
            Vma vma = mm.vmas.find(at);
            if (vma == null) {
                Mmap.merge(mm, from, at, dropped);
                return -Errno.ENOMEM;
            }
            long end = Math.min(to, vma.end);
            if (!vma.special && (vma.locked != lock || vma.lockOnFault != (lock && onFault))) {
                mm.vmas.checkRoom((vma.start < at ? 1 : 0) + (end < vma.end ? 1 : 0));
                mm.vmas.splitAt(mm, at);
                mm.vmas.splitAt(mm, end);
                Vma part = mm.vmas.find(at);
                mm.vmas.setLocked(part, lock);
                part.lockOnFault = lock && onFault;
            }
            at = end;
        }
        Mmap.merge(mm, from, to, dropped);
        return 0;
    }

    private static int populate(MemoryManager mm, long from, long to) {
        long at = from;
        while (at < to) {
            long end;
            int access;
            long stamp = mm.lock.readLock();
            try {
                Vma vma = mm.vmas.find(at);
                if (vma == null || !vma.isAccessible()) {
                    return -Errno.ENOMEM;
                }
                boolean write = !vma.shared && (vma.protection & Mman.PROT_WRITE) != 0;
                access = write ? Mman.PROT_WRITE : Mman.PROT_READ;
                end = Math.min(to, vma.end);
            } finally {
                mm.lock.unlockRead(stamp);
            }
            int signal = mm.populate(at, end, access);
            if (signal != 0) {
                return signal == Signals.SIGKILL << 8 ? -Errno.EAGAIN : -Errno.ENOMEM;
            }
            at = end;
        }
        return 0;
    }

    /** See {@link MemoryManager#mlockall}. */
    static int mlockall(MemoryManager mm, int flags) {
        if (flags != 0 && mm.lockLimit() == 0) {
            return -Errno.EPERM;
        }
        boolean onFault = (flags & Mman.MCL_ONFAULT) != 0;
        boolean current = (flags & Mman.MCL_CURRENT) != 0;
        Dropped dropped = new Dropped();
        long stamp = mm.lock.writeLock();
        try {
            if (current && mm.vmas.total() > mm.lockLimit()) {
                return -Errno.ENOMEM;
            }
            mm.lockFuture = (flags & Mman.MCL_FUTURE) != 0;
            mm.lockFutureOnFault = mm.lockFuture && onFault;
            if (flags == 0 || current) {
                for (int i = 0; i < mm.vmas.size(); i++) {
                    Vma vma = mm.vmas.get(i);
                    if (!vma.special) {
                        mm.vmas.setLocked(vma, current);
                        vma.lockOnFault = current && onFault;
                    }
                }
                Mmap.merge(mm, 0, mm.limit, dropped);
            }
        } finally {
            mm.lock.unlockWrite(stamp);
            dropped.release();
        }
        if (current && !onFault) {
            populateAll(mm);
        }
        return 0;
    }

    /** Errors are of no interest to mlockall(2). */
    private static void populateAll(MemoryManager mm) {
        long at = 0;
        while (true) {
            long from;
            long to;
            int access;
            long stamp = mm.lock.readLock();
            try {
                Vma vma = mm.vmas.findOrNext(at);
                if (vma == null) {
                    return;
                }
                from = vma.start;
                to = vma.end;
                boolean write = !vma.shared && (vma.protection & Mman.PROT_WRITE) != 0;
                access = write ? Mman.PROT_WRITE : Mman.PROT_READ;
            } finally {
                mm.lock.unlockRead(stamp);
            }
            mm.populate(from, to, access);
            at = to;
        }
    }

    /** See {@link MemoryManager#mincore}. */
    static int mincore(MemoryManager mm, long address, int count, byte[] vector) {
        long stamp = mm.lock.readLock();
        try {
            for (int i = 0; i < count; i++) {
                long at = address + (long) i * PAGE;
                Vma vma = mm.vmas.find(at);
                if (vma == null) {
                    return -Errno.ENOMEM;
                }
                vector[i] = (byte) (mm.pages.get(at) != 0 || isCached(mm, vma, at) ? 1 : 0);
            }
            return 0;
        } finally {
            mm.lock.unlockRead(stamp);
        }
    }

    private static boolean isCached(MemoryManager mm, Vma vma, long at) {
        if (vma.mappable == null) {
            return false;
        }
        long frame = vma.mappable.cachedPage(vma.pageAt(at));
        if (frame < 0) {
            return false;
        }
        mm.memory.decRef(frame);
        return true;
    }

    /** See {@link MemoryManager#msync}. */
    static int msync(MemoryManager mm, long address, long length, int flags) {
        long size = Mmap.pageUp(length);
        if ((flags & ~(Mman.MS_ASYNC | Mman.MS_INVALIDATE | Mman.MS_SYNC)) != 0
                || (address & PAGE - 1) != 0
                || (flags & (Mman.MS_ASYNC | Mman.MS_SYNC)) == (Mman.MS_ASYNC | Mman.MS_SYNC)) {
            return -Errno.EINVAL;
        }
        long to = address + size;
        if (to < address || length < 0) {
            return -Errno.ENOMEM;
        }
        boolean hole = false;
        long at = address;
        while (at < to) {
            Mappable object = null;
            MappedFile file = null;
            long first = 0;
            long end;
            long stamp = mm.lock.readLock();
            try {
                Vma vma = mm.vmas.findOrNext(at);
                if (vma == null || vma.start >= to) {
                    return -Errno.ENOMEM;
                }
                hole |= vma.start > at;
                at = Math.max(at, vma.start);
                end = Math.min(to, vma.end);
                if ((flags & Mman.MS_INVALIDATE) != 0 && vma.locked) {
                    return -Errno.EBUSY;
                }
                if ((flags & Mman.MS_SYNC) != 0 && vma.shared && vma.file != null) {
                    object = vma.mappable;
                    file = vma.file;
                    first = vma.pageAt(at);
                    file.incRef();
                }
            } finally {
                mm.lock.unlockRead(stamp);
            }
            if (object != null) {
                int result = object.sync(first, (end - at) / PAGE);
                file.decRef();
                if (result != 0) {
                    return result;
                }
            }
            at = end;
        }
        return hole ? -Errno.ENOMEM : 0;
    }
}
