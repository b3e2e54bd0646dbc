package gvj.syscalls;

import gvj.abi.Bytes;
import gvj.abi.Errno;
import gvj.abi.Ipc;
import gvj.abi.Mman;
import gvj.abi.Sched;
import gvj.abi.SyscallNumbers;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import gvj.kernel.ipc.ShmSegment;
import gvj.kernel.ipc.SysvIpc;
import gvj.mm.MemoryFile;
import gvj.mm.Vma;
import java.util.ArrayList;
import java.util.List;

/** shmget(2), shmat(2), shmdt(2), shmctl(2). */
final class ShmSyscalls {
    /** kernel.shmmax and shmall: no limit but memory. */
    private static final long NO_LIMIT = -1L - (1 << 24);

    private static final int DS_BYTES = 112;

    private ShmSyscalls() {}

    static void register(SyscallTable t) {
        t.add(SyscallNumbers.SYS_shmget, "shmget", ShmSyscalls::shmget);
        t.add(SyscallNumbers.SYS_shmat, "shmat", ShmSyscalls::shmat);
        t.add(SyscallNumbers.SYS_shmdt, "shmdt", ShmSyscalls::shmdt);
        t.add(SyscallNumbers.SYS_shmctl, "shmctl", ShmSyscalls::shmctl);
    }

    static long shmget(Task task, long key, long size, long flagBits) {
        int flags = (int) flagBits;
        SysvIpc ipc = SysvIpc.of(task);
        return ipc.shm
                .get(
                        task.credentials(),
                        (int) key,
                        flags,
                        known -> {
                            if (Long.compareUnsigned(size, known.bytes()) > 0) {
                                throw ErrnoException.of(Errno.EINVAL);
                            }
                        },
                        () -> {
                            if ((flags & Ipc.SHM_HUGETLB) != 0) {
                                throw ErrnoException.of(Errno.ENOMEM); // there are no huge pages to reserve
                            }
                            if (size <= 0) {
                                throw ErrnoException.of(Errno.EINVAL);
                            }
                            if (size > task.kernel.memoryFile.bytes()) {
                                throw ErrnoException.of(Errno.ENOMEM);
                            }
                            return new ShmSegment(
                                    ipc.shm,
                                    task.kernel.memoryFile,
                                    (int) key,
                                    flags,
                                    task.credentials(),
                                    size,
                                    task.threadGroup().pidEntry());
                        })
                .id();
    }

    static long shmat(Task task, long id, long wantedAddress, long flagBits) {
        int flags = (int) flagBits;
        long address = wantedAddress;
        if (address == 0 && (flags & Ipc.SHM_REMAP) != 0) {
            return -Errno.EINVAL;
        }
        if ((address & Ipc.SHMLBA - 1) != 0) {
            if ((flags & Ipc.SHM_RND) == 0) {
                return -Errno.EINVAL;
            }
            address &= -Ipc.SHMLBA;
            if (address == 0 && (flags & Ipc.SHM_REMAP) != 0) {
                return -Errno.EINVAL;
            }
        }
        boolean readOnly = (flags & Ipc.SHM_RDONLY) != 0;
        boolean exec = (flags & Ipc.SHM_EXEC) != 0;
        ShmSegment segment = SysvIpc.of(task).shm.find((int) id);
        segment.checkAccess(task.credentials(), (readOnly ? 0444 : 0666) | (exec ? 0111 : 0));
        int protection = Mman.PROT_READ | (readOnly ? 0 : Mman.PROT_WRITE) | (exec ? Mman.PROT_EXEC : 0);
        int place = address == 0 ? 0 : (flags & Ipc.SHM_REMAP) != 0 ? Mman.MAP_FIXED : Mman.MAP_FIXED_NOREPLACE;
        segment.beginAttach();
        try {
            int mode = Mman.MAP_SHARED | place;
            int most = Mman.PROT_READ | Mman.PROT_EXEC | (readOnly ? 0 : Mman.PROT_WRITE);
            return task.mm().mmap(address, segment.bytes(), protection, most, mode, segment.memory(), segment, 0);
        } catch (ErrnoException e) {
            return e.errno() == Errno.EEXIST ? -Errno.EINVAL : -e.errno();
        } finally {
            segment.endAttach();
        }
    }

    static long shmdt(Task task, long address) {
        if ((address & MemoryFile.PAGE - 1) != 0) {
            return -Errno.EINVAL;
        }
        List<Vma> attached = new ArrayList<>();
        task.mm().forEachVma(vma -> {
            if (vma.file() instanceof ShmSegment segment
                    && vma.start() - vma.offset() == address
                    && (attached.isEmpty() || attached.get(0).file() == segment)) {
                attached.add(vma);
            }
        });
        if (attached.isEmpty()) {
            return -Errno.EINVAL;
        }
        for (Vma vma : attached) {
            task.mm().munmap(vma.start(), vma.end() - vma.start());
        }
        return 0;
    }

    static long shmctl(Task task, long id, long command, long buffer) {
        SysvIpc ipc = SysvIpc.of(task);
        int cmd = (int) command;
        switch (cmd) {
            case Ipc.IPC_INFO -> {
                byte[] info = new byte[72];
                Bytes.putLong(info, 0, NO_LIMIT);
                Bytes.putLong(info, 8, 1);
                Bytes.putLong(info, 16, ipc.shm.limit());
                Bytes.putLong(info, 24, ipc.shm.limit());
                Bytes.putLong(info, 32, NO_LIMIT);
                task.mm().copyOut(buffer, info, 0, info.length);
                return ipc.shm.highest();
            }
            case Ipc.SHM_INFO -> {
                return info(task, ipc, buffer);
            }
            case Ipc.IPC_STAT, Ipc.SHM_STAT, Ipc.SHM_STAT_ANY -> {
                ShmSegment segment = cmd == Ipc.IPC_STAT ? ipc.shm.find((int) id) : ipc.shm.at((int) id);
                if (cmd != Ipc.SHM_STAT_ANY) {
                    segment.checkAccess(task.credentials(), 0444);
                }
                byte[] ds = segment.stat(task.pidNamespace());
                task.mm().copyOut(buffer, ds, 0, ds.length);
                return cmd == Ipc.IPC_STAT ? 0 : segment.id();
            }
            case Ipc.IPC_SET -> {
                byte[] ds = new byte[DS_BYTES];
                task.mm().copyIn(buffer, ds, 0, ds.length);
                ShmSegment segment = ipc.shm.find((int) id);
                segment.checkMayChange(task.credentials());
                segment.setPerm(ds);
                return 0;
            }
            case Ipc.IPC_RMID -> {
                ShmSegment segment = ipc.shm.find((int) id);
                segment.checkMayChange(task.credentials());
                segment.remove();
                return 0;
            }
            case Ipc.SHM_LOCK, Ipc.SHM_UNLOCK -> {
                ShmSegment segment = ipc.shm.find((int) id);
                segment.setLocked(task.credentials(), cmd == Ipc.SHM_LOCK, task.rlimit(Sched.RLIMIT_MEMLOCK));
                return 0;
            }
            default -> {
                return -Errno.EINVAL;
            }
        }
    }

    private static long info(Task task, SysvIpc ipc, long buffer) {
        byte[] info = new byte[48];
        long pages = 0;
        long resident = 0;
        List<ShmSegment> all = ipc.shm.all();
        for (ShmSegment segment : all) {
            pages += (segment.bytes() + MemoryFile.PAGE - 1) / MemoryFile.PAGE;
            resident += segment.residentBytes() / MemoryFile.PAGE;
        }
        Bytes.putInt(info, 0, all.size());
        Bytes.putLong(info, 8, pages);
        Bytes.putLong(info, 16, resident);
        task.mm().copyOut(buffer, info, 0, info.length);
        return ipc.shm.highest();
    }
}
