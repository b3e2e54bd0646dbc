package gvj.syscalls;

import static gvj.abi.SyscallNumbers.*;

import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Mman;
import gvj.kernel.Task;
import gvj.mm.Mappable;
import gvj.mm.MemoryManager;
import gvj.vfs.FileDescription;
import gvj.vfs.Mount;
import gvj.vfs.Sealable;

/** mmap(2), munmap(2), mprotect(2), brk(2), mremap(2), madvise(2), msync(2), mincore(2), mlock(2). */
final class MemorySyscalls {
    private static final int PAGE = 4096;
    private static final int KNOWN_FLAGS = Mman.MAP_SHARED
            | Mman.MAP_PRIVATE
            | Mman.MAP_FIXED
            | Mman.MAP_ANONYMOUS
            | Mman.MAP_32BIT
            | Mman.MAP_GROWSDOWN
            | Mman.MAP_DENYWRITE
            | Mman.MAP_EXECUTABLE
            | Mman.MAP_LOCKED
            | Mman.MAP_NORESERVE
            | Mman.MAP_POPULATE
            | Mman.MAP_NONBLOCK
            | Mman.MAP_STACK
            | Mman.MAP_HUGETLB
            | Mman.MAP_FIXED_NOREPLACE
            | Mman.MAP_HUGE_MASK << Mman.MAP_HUGE_SHIFT;

    private MemorySyscalls() {}

    static void register(SyscallTable t) {
        t.add(SYS_mmap, "mmap", MemorySyscalls::mmap);
        t.partial(SYS_mmap, "MAP_HUGETLB finds no huge pages (ENOMEM)");
        t.add(SYS_munmap, "munmap", MemorySyscalls::munmap);
        t.add(SYS_mprotect, "mprotect", MemorySyscalls::mprotect);
        t.add(SYS_brk, "brk", MemorySyscalls::brk);
        t.add(SYS_mremap, "mremap", MemorySyscalls::mremap);
        t.add(SYS_remap_file_pages, "remap_file_pages", MemorySyscalls::remapFilePages);
        t.add(SYS_madvise, "madvise", MemorySyscalls::madvise);
        t.partial(SYS_madvise, "advice about huge pages, merging and order changes nothing; MADV_FREE frees at once");
        t.add(SYS_msync, "msync", MemorySyscalls::msync);
        t.add(SYS_mincore, "mincore", MemorySyscalls::mincore);
        t.add(SYS_mlock, "mlock", MemorySyscalls::mlock);
        t.add(SYS_mlock2, "mlock2", MemorySyscalls::mlock2);
        t.add(SYS_munlock, "munlock", MemorySyscalls::munlock);
        t.add(SYS_mlockall, "mlockall", MemorySyscalls::mlockall);
        t.add(SYS_munlockall, "munlockall", MemorySyscalls::munlockall);
        t.none(SYS_pkey_alloc, "pkey_alloc", Errno.ENOSPC, "the processor feature is not offered");
        t.none(SYS_pkey_free, "pkey_free", Errno.EINVAL, "no key can have been allocated");
        t.add(SYS_pkey_mprotect, "pkey_mprotect", MemorySyscalls::pkeyMprotect);
    }

    /** The address space, under the limits and rights that its task has now. */
    static MemoryManager mm(Task task) {
        MemoryManager mm = task.mm();
        mm.setLimits(task.threadGroup().limits(), task.credentials().has(Capability.CAP_IPC_LOCK));
        return mm;
    }

    private static long mmap(Task task, long address, long length, long prot, long flags, long fd, long offset) {
        if ((offset & PAGE - 1) != 0) {
            return -Errno.EINVAL;
        }
        return (flags & Mman.MAP_ANONYMOUS) != 0
                ? mapAnonymous(task, address, length, (int) prot, (int) flags)
                : mapFile(task, address, length, (int) prot, (int) flags, fd, offset);
    }

    private static long mapAnonymous(Task task, long address, long length, int prot, int flags) {
        int type = flags & Mman.MAP_TYPE;
        if (length == 0 || type != Mman.MAP_PRIVATE && type != Mman.MAP_SHARED) {
            return -Errno.EINVAL;
        }
        if ((flags & Mman.MAP_HUGETLB) != 0) {
            return -Errno.ENOMEM;
        }
        return mm(task).mmap(address, length, prot, flags, null, null, 0);
    }

    private static long mapFile(Task task, long address, long length, int prot, int flags, long fd, long offset) {
        FileDescription file = task.file(fd);
        try {
            if (length == 0 || (flags & Mman.MAP_HUGETLB) != 0) {
                return -Errno.EINVAL;
            }
            if (offset < 0 || offset + length < 0) {
                return -Errno.EOVERFLOW;
            }
            int type = flags & Mman.MAP_TYPE;
            if (type == Mman.MAP_SHARED_VALIDATE && (flags & ~(KNOWN_FLAGS | Mman.MAP_SHARED_VALIDATE)) != 0) {
                return -Errno.EOPNOTSUPP;
            }
            if (type != Mman.MAP_PRIVATE && type != Mman.MAP_SHARED && type != Mman.MAP_SHARED_VALIDATE) {
                return -Errno.EINVAL;
            }
            boolean shared = type != Mman.MAP_PRIVATE;
            int max = rightsOf(file, shared);
            if ((max & Mman.PROT_READ) == 0 || shared && (prot & ~max & Mman.PROT_WRITE) != 0) {
                return -Errno.EACCES;
            }
            if ((prot & ~max & Mman.PROT_EXEC) != 0) {
                return -Errno.EPERM;
            }
            if (file.mapsZeros()) {
                return mapAnonymous(task, address, length, prot, flags);
            }
            Mappable mappable = file.mappable();
            if (mappable == null) {
                return -Errno.ENODEV;
            }
            if (shared && isSealed(file)) {
                if ((prot & Mman.PROT_WRITE) != 0) {
                    return -Errno.EPERM;
                }
                max &= ~Mman.PROT_WRITE;
            }
            return mm(task).mmap(address, length, prot, max, flags, mappable, file, offset);
        } finally {
            file.decRef();
        }
    }

    /** The most that a mapping of {@code file} may ever be allowed. */
    private static int rightsOf(FileDescription file, boolean shared) {
        boolean noExec = file.path().mount().has(Mount.NOEXEC);
        return (file.isReadable() ? Mman.PROT_READ : 0)
                | (shared && !file.isWritable() ? 0 : Mman.PROT_WRITE)
                | (noExec ? 0 : Mman.PROT_EXEC);
    }

    private static boolean isSealed(FileDescription file) {
        int against = Fcntl.F_SEAL_WRITE | Fcntl.F_SEAL_FUTURE_WRITE;
        return file.inode() instanceof Sealable sealable && (sealable.seals() & against) != 0;
    }

    private static long munmap(Task task, long address, long length) {
        return task.mm().munmap(address, length);
    }

    private static long mprotect(Task task, long address, long length, long prot) {
        if ((prot & ~0xffff_ffffL) != 0) {
            return -Errno.EINVAL;
        }
        return mm(task).mprotect(address, length, (int) prot);
    }

    private static long pkeyMprotect(Task task, long address, long length, long prot, long key) {
        return (int) key == -1 ? mprotect(task, address, length, prot) : -Errno.EINVAL;
    }

    private static long brk(Task task, long wanted) {
        return mm(task).brk(wanted);
    }

    private static long mremap(Task task, long address, long oldLength, long newLength, long flags, long newAddress) {
        if ((flags & ~0xffff_ffffL) != 0) {
            return -Errno.EINVAL;
        }
        return mm(task).mremap(address, oldLength, newLength, (int) flags, newAddress);
    }

    private static long remapFilePages(Task task, long start, long size, long prot, long pageOffset, long flags) {
        if (prot != 0 || pageOffset < 0 || pageOffset > Long.MAX_VALUE / PAGE) {
            return -Errno.EINVAL;
        }
        return mm(task).remapFilePages(start & -PAGE, size & -PAGE, pageOffset * PAGE, (int) flags & Mman.MAP_NONBLOCK);
    }

    private static long madvise(Task task, long address, long length, long advice) {
        return mm(task).madvise(address, length, (int) advice);
    }

    private static long msync(Task task, long address, long length, long flags) {
        return task.mm().msync(address, length, (int) flags);
    }

    private static long mincore(Task task, long address, long length, long vector) {
        if ((address & PAGE - 1) != 0) {
            return -Errno.EINVAL;
        }
        MemoryManager mm = task.mm();
        long limit = mm.platform().userAddressLimit();
        if (address < 0 || length < 0 || length > limit - address) {
            return -Errno.ENOMEM;
        }
        long pages = (length + PAGE - 1) / PAGE;
        if (vector < 0 || pages > limit - vector) {
            return -Errno.EFAULT;
        }
        byte[] resident = new byte[(int) Math.min(pages, PAGE)];
        for (long done = 0; done < pages; ) {
            int n = (int) Math.min(pages - done, resident.length);
            int error = mm.mincore(address + done * PAGE, n, resident);
            if (error != 0) {
                return error;
            }
            mm.copyOut(vector + done, resident, 0, n);
            done += n;
        }
        return 0;
    }

    private static long mlock(Task task, long address, long length) {
        return mm(task).mlock(address, length, false);
    }

    private static long mlock2(Task task, long address, long length, long flags) {
        if (((int) flags & ~Mman.MLOCK_ONFAULT) != 0) {
            return -Errno.EINVAL;
        }
        return mm(task).mlock(address, length, (int) flags != 0);
    }

    private static long munlock(Task task, long address, long length) {
        return task.mm().munlock(address, length);
    }

    private static long mlockall(Task task, long flags) {
        int wanted = (int) flags;
        int known = Mman.MCL_CURRENT | Mman.MCL_FUTURE | Mman.MCL_ONFAULT;
        if (wanted == 0 || (wanted & ~known) != 0 || wanted == Mman.MCL_ONFAULT) {
            return -Errno.EINVAL;
        }
        return mm(task).mlockall(wanted);
    }

    private static long munlockall(Task task) {
        return task.mm().mlockall(0);
    }
}
