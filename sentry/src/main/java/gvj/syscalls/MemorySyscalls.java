package gvj.syscalls;

import static gvj.abi.SyscallNumbers.*;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Mman;
import gvj.abi.Sched;
import gvj.kernel.Task;
import gvj.mm.AnonymousShared;
import gvj.mm.Mappable;
import gvj.mm.MappingCalls;
import gvj.mm.MemoryManager;
import gvj.vfs.FileDescription;

/** mmap(2), munmap(2), mprotect(2), brk(2), mremap(2), madvise(2), msync(2), mincore(2), mlock(2). */
final class MemorySyscalls {
    private static final int PAGE_MASK = 4095;
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
            | Mman.MAP_FIXED_NOREPLACE;

    private MemorySyscalls() {}

    static void register(SyscallTable t) {
        t.add(SYS_mmap, "mmap", MemorySyscalls::mmap);
        t.add(SYS_munmap, "munmap", MemorySyscalls::munmap);
        t.add(SYS_mprotect, "mprotect", MemorySyscalls::mprotect);
        t.add(SYS_brk, "brk", MemorySyscalls::brk);
        t.add(SYS_mremap, "mremap", MemorySyscalls::mremap);
        t.add(SYS_madvise, "madvise", MemorySyscalls::madvise);
        t.partial(SYS_madvise, "MADV_REMOVE answers EOPNOTSUPP; huge page and merging advice changes nothing");
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

    private static MappingCalls calls(Task task) {
        return new MappingCalls(task.mm());
    }

    private static long mmap(Task task, long address, long length, long prot, long flags, long fd, long offset) {
        if ((offset & PAGE_MASK) != 0 || length == 0) {
            return -Errno.EINVAL;
        }
        int type = (int) flags & Mman.MAP_TYPE;
        if (type != Mman.MAP_PRIVATE && type != Mman.MAP_SHARED && type != Mman.MAP_SHARED_VALIDATE) {
            return -Errno.EINVAL;
        }
        if (type == Mman.MAP_SHARED_VALIDATE && (flags & ~(KNOWN_FLAGS | Mman.MAP_SHARED_VALIDATE)) != 0) {
            return -Errno.EOPNOTSUPP;
        }
        if ((flags & Mman.MAP_HUGETLB) != 0) {
            return -Errno.ENOMEM;
        }
        long error = limits(task, length, (int) flags);
        if (error != 0) {
            return error;
        }
        return (flags & Mman.MAP_ANONYMOUS) != 0
                ? mapAnonymous(task, address, length, (int) prot, (int) flags)
                : mapFile(task, address, length, (int) prot, (int) flags, fd, offset);
    }

    private static long limits(Task task, long length, int flags) {
        long limit = task.rlimit(Sched.RLIMIT_AS);
        long size = length + PAGE_MASK & ~PAGE_MASK;
        if (size <= 0 || limit >= 0 && task.mm().virtualBytes() + size > limit) {
            return -Errno.ENOMEM;
        }
        boolean counted = (flags & Mman.MAP_NORESERVE) == 0;
        return counted && size / 4096 > task.mm().memoryFile().limitPages() * 4 ? -Errno.ENOMEM : 0;
    }

    private static long mapAnonymous(Task task, long address, long length, int prot, int flags) {
        MemoryManager mm = task.mm();
        if ((flags & Mman.MAP_TYPE) == Mman.MAP_PRIVATE) {
            return mm.mmap(address, length, prot, flags, null, null, 0);
        }
        if ((flags & Mman.MAP_GROWSDOWN) != 0) {
            return -Errno.EINVAL;
        }
        AnonymousShared shared = new AnonymousShared(mm.memoryFile(), length, "/dev/zero (deleted)");
        return mm.mmap(address, length, prot, flags, shared, shared, 0);
    }

    private static long mapFile(Task task, long address, long length, int prot, int flags, long fd, long offset) {
        if (offset < 0 || offset + length < 0) {
            return -Errno.EOVERFLOW;
        }
        FileDescription file = task.file(fd);
        try {
            boolean shared = (flags & Mman.MAP_TYPE) != Mman.MAP_PRIVATE;
            boolean writable = (file.flags() & Fcntl.O_ACCMODE) == Fcntl.O_RDWR;
            if (!file.isReadable() || shared && (prot & Mman.PROT_WRITE) != 0 && !writable) {
                return -Errno.EACCES;
            }
            boolean noExec = file.path().mount().has(gvj.vfs.Mount.NOEXEC);
            if (noExec && (prot & Mman.PROT_EXEC) != 0) {
                return -Errno.EPERM;
            }
            Mappable mappable = file.mappable();
            if (mappable == null) {
                return -Errno.ENODEV;
            }
            int max = Mman.PROT_READ
                    | (shared && !writable ? 0 : Mman.PROT_WRITE)
                    | (noExec ? 0 : Mman.PROT_EXEC);
            return task.mm().mmap(address, length, prot, max, flags, mappable, file, offset, "");
        } finally {
            file.decRef();
        }
    }

    private static long munmap(Task task, long address, long length) {
        return task.mm().munmap(address, length);
    }

    private static long mprotect(Task task, long address, long length, long prot) {
        int known = Mman.PROT_READ | Mman.PROT_WRITE | Mman.PROT_EXEC | Mman.PROT_GROWSDOWN | Mman.PROT_GROWSUP | 8;
        if ((prot & ~known) != 0 || (prot & Mman.PROT_GROWSUP) != 0) {
            return -Errno.EINVAL;
        }
        return calls(task).protect(address, length, (int) prot);
    }

    private static long pkeyMprotect(Task task, long address, long length, long prot, long key) {
        return (int) key == -1 ? mprotect(task, address, length, prot) : -Errno.EINVAL;
    }

    private static long brk(Task task, long wanted) {
        long limit = task.rlimit(Sched.RLIMIT_AS);
        MemoryManager mm = task.mm();
        if (limit >= 0 && wanted > mm.layout().startBrk && mm.virtualBytes() + (wanted - mm.layout().startBrk) > limit) {
            return calls(task).brk(0, -1);
        }
        return calls(task).brk(wanted, task.rlimit(Sched.RLIMIT_DATA));
    }

    private static long mremap(Task task, long address, long oldLength, long newLength, long flags, long newAddress) {
        long limit = task.rlimit(Sched.RLIMIT_AS);
        if (limit >= 0 && newLength > oldLength && task.mm().virtualBytes() + (newLength - oldLength) > limit) {
            return -Errno.ENOMEM;
        }
        return calls(task).remap(address, oldLength, newLength, (int) flags, newAddress);
    }

    private static long madvise(Task task, long address, long length, long advice) {
        return calls(task).advise(address, length, (int) advice);
    }

    private static long msync(Task task, long address, long length, long flags) {
        return calls(task).sync(address, length, (int) flags);
    }

    private static long mincore(Task task, long address, long length, long vector) {
        if ((address & PAGE_MASK) != 0) {
            return -Errno.EINVAL;
        }
        long size = length + PAGE_MASK & ~PAGE_MASK;
        if (size < 0 || address < 0 || address > task.mm().platform().userAddressLimit() - size) {
            return -Errno.ENOMEM;
        }
        long at = address;
        long to = vector;
        for (long left = size / 4096; left > 0; ) {
            int pages = (int) Math.min(left, 4096);
            byte[] resident = calls(task).inCore(at, pages);
            task.mm().copyOut(to, resident, 0, pages);
            at += pages * 4096L;
            to += pages;
            left -= pages;
        }
        return 0;
    }

    private static long lockLimit(Task task) {
        return task.credentials().has(gvj.abi.Capability.CAP_IPC_LOCK) ? -1 : task.rlimit(Sched.RLIMIT_MEMLOCK);
    }

    private static long mlock(Task task, long address, long length) {
        return calls(task).setLocked(address, length, true, false, lockLimit(task));
    }

    private static long mlock2(Task task, long address, long length, long flags) {
        if ((flags & ~(long) Mman.MLOCK_ONFAULT) != 0) {
            return -Errno.EINVAL;
        }
        return calls(task).setLocked(address, length, true, flags != 0, lockLimit(task));
    }

    private static long munlock(Task task, long address, long length) {
        return calls(task).setLocked(address, length, false, false, -1);
    }

    private static long mlockall(Task task, long flags) {
        int known = Mman.MCL_CURRENT | Mman.MCL_FUTURE | Mman.MCL_ONFAULT;
        if (flags == 0 || (flags & ~known) != 0 || flags == Mman.MCL_ONFAULT) {
            return -Errno.EINVAL;
        }
        return calls(task).setAllLocked((int) flags, lockLimit(task));
    }

    private static long munlockall(Task task) {
        return calls(task).setAllLocked(0, -1);
    }
}
