package gvj.mm;

import gvj.abi.Errno;
import gvj.abi.Mman;
import gvj.abi.Signals;
import gvj.kernel.ErrnoException;

/** madvise(2), and the names of anonymous memory. */
final class Madvise {
    private static final int PAGE = MemoryFile.PAGE;

    private final MemoryManager mm;
    private final int advice;
    private final String name;
    private final Dropped dropped = new Dropped();

    private Madvise(MemoryManager mm, int advice, String name) {
        this.mm = mm;
        this.advice = advice;
        this.name = name;
    }

    /** See {@link MemoryManager#madvise}. */
    static int madvise(MemoryManager mm, long address, long length, int advice) {
        if (!isKnown(advice) || (address & PAGE - 1) != 0) {
            return -Errno.EINVAL;
        }
        long size = Mmap.pageUp(length);
        if (length != 0 && size == 0 || address + size < address || length < 0) {
            return -Errno.EINVAL;
        }
        if (size == 0) {
            return 0;
        }
        if (!Mmap.inUserSpace(mm, address, size)) {
            return -Errno.ENOMEM;
        }
        if (advice == Mman.MADV_POPULATE_READ || advice == Mman.MADV_POPULATE_WRITE) {
            return populate(mm, address, address + size, advice == Mman.MADV_POPULATE_WRITE);
        }
        if (advice == Mman.MADV_REMOVE) {
            return remove(mm, address, address + size);
        }
        return new Madvise(mm, advice, "").run(address, address + size);
    }

    /** See {@link MemoryManager#setAnonName}. */
    static int setName(MemoryManager mm, long address, long length, String name) {
        long size = Mmap.pageUp(length);
        if ((address & PAGE - 1) != 0 || length < 0 || size < 0 || address + size < address) {
            return -Errno.EINVAL;
        }
        if (size == 0) {
            return 0;
        }
        if (!Mmap.inUserSpace(mm, address, size)) {
            return -Errno.ENOMEM;
        }
        String shown = name.isEmpty() ? "" : "[anon:" + name + "]";
        return new Madvise(mm, -1, shown).run(address, address + size);
    }

    private static boolean isKnown(int advice) {
        return advice >= Mman.MADV_NORMAL && advice <= Mman.MADV_DONTNEED
                || advice >= Mman.MADV_FREE && advice <= Mman.MADV_DONTNEED_LOCKED;
    }

    /** Goes over all mappings of the range; holes make it ENOMEM, but only behind the work. */
    private int run(long from, long to) {
        long stamp = mm.lock.writeLock();
        try {
            boolean hole = false;
            long at = from;
            while (at < to) {
                Vma vma = mm.vmas.findOrNext(at);
                if (vma == null || vma.start >= to) {
                    hole = true;
                    break;
                }
                hole |= vma.start > at;
                at = Math.max(at, vma.start);
                long end = Math.min(to, vma.end);
                int result = apply(vma, at, end);
                if (result != 0) {
                    return result;
                }
                at = end;
            }
            return hole ? -Errno.ENOMEM : 0;
        } catch (ErrnoException e) {
            return e.errno() == Errno.ENOMEM ? -Errno.EAGAIN : -e.errno();
        } finally {
            Mmap.merge(mm, from, to, dropped);
            mm.lock.unlockWrite(stamp);
            dropped.release();
        }
    }

    private int apply(Vma vma, long from, long to) {
        if (vma.special && isForOthers(vma)) {
            return advice == -1 ? 0 : -Errno.EINVAL;
        }
        switch (advice) {
            case Mman.MADV_DONTNEED, Mman.MADV_DONTNEED_LOCKED -> {
                if (vma.locked && advice == Mman.MADV_DONTNEED) {
                    return -Errno.EINVAL;
                }
                mm.dropFrames(from, to);
                vma.batch = 1;
            }
            case Mman.MADV_FREE -> {
                if (!vma.isPrivateAnonymous()) {
                    return -Errno.EINVAL;
                }
                mm.dropFrames(from, to);
            }
            case Mman.MADV_DONTFORK -> part(vma, from, to).dontFork = true;
            case Mman.MADV_DOFORK -> part(vma, from, to).dontFork = false;
            case Mman.MADV_WIPEONFORK -> {
                if (!vma.isPrivateAnonymous()) {
                    return -Errno.EINVAL;
                }
                part(vma, from, to).wipeOnFork = true;
            }
            case Mman.MADV_KEEPONFORK -> part(vma, from, to).wipeOnFork = false;
            case Mman.MADV_DONTDUMP -> part(vma, from, to).dontDump = true;
            case Mman.MADV_DODUMP -> part(vma, from, to).dontDump = false;
            case -1 -> {
                if (vma.file != null) {
                    return -Errno.EBADF;
                }
                part(vma, from, to).name = name;
            }
            case Mman.MADV_COLD, Mman.MADV_PAGEOUT -> {
                if (vma.locked) {
                    return -Errno.EINVAL;
                }
            }
            case Mman.MADV_COLLAPSE -> {
                return -Errno.EINVAL;
            }
            default -> {
                // hints about order and page size: nothing here would do better for them
            }
        }
        return 0;
    }

    /** Whether pages of the kernel's do not take the advice. */
    private boolean isForOthers(Vma vma) {
        return switch (advice) {
            case Mman.MADV_DONTNEED, Mman.MADV_DONTNEED_LOCKED, Mman.MADV_DOFORK, Mman.MADV_COLD, Mman.MADV_PAGEOUT ->
                vma.io;
            case Mman.MADV_DODUMP, -1 -> true;
            default -> false;
        };
    }

    private Vma part(Vma vma, long from, long to) {
        mm.vmas.checkRoom((vma.start < from ? 1 : 0) + (to < vma.end ? 1 : 0));
        mm.vmas.splitAt(mm, from);
        mm.vmas.splitAt(mm, to);
        return mm.vmas.find(from);
    }

    private static int populate(MemoryManager mm, long from, long to, boolean write) {
        long at = from;
        while (at < to) {
            long end;
            long stamp = mm.lock.readLock();
            try {
                Vma vma = mm.vmas.find(at);
                if (vma == null) {
                    return -Errno.ENOMEM;
                }
                if (!vma.allows(write ? Mman.PROT_WRITE : Mman.PROT_READ)) {
                    return -Errno.EINVAL;
                }
                end = Math.min(to, vma.end);
            } finally {
                mm.lock.unlockRead(stamp);
            }
            int signal = mm.populate(at, end, write ? Mman.PROT_WRITE : Mman.PROT_READ);
            if (signal != 0) {
                return switch (signal >> 8) {
                    case Signals.SIGBUS -> -Errno.EFAULT;
                    case Signals.SIGSEGV -> -Errno.EINVAL;
                    default -> -Errno.ENOMEM;
                };
            }
            at = end;
        }
        return 0;
    }

    /** MADV_REMOVE: holes in the objects behind shared mappings. */
    private static int remove(MemoryManager mm, long from, long to) {
        boolean hole = false;
        long at = from;
        while (at < to) {
            Mappable object;
            MappedFile file;
            long offset;
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
                if (vma.locked || vma.mappable == null) {
                    return -Errno.EINVAL;
                }
                if (!vma.writableShared()) {
                    return -Errno.EACCES;
                }
                object = vma.mappable;
                file = vma.file;
                offset = vma.offset + (at - vma.start);
                if (file != null) {
                    file.incRef();
                }
            } finally {
                mm.lock.unlockRead(stamp);
            }
            int result = object.punch(offset, end - at);
            if (file != null) {
                file.decRef();
            }
            if (result != 0) {
                return result;
            }
            at = end;
        }
        return hole ? -Errno.ENOMEM : 0;
    }
}
