package gvj.syscalls;

import static gvj.abi.SyscallNumbers.*;

import gvj.abi.Bytes;
import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.Mman;
import gvj.kernel.ErrnoException;
import gvj.kernel.PidFd;
import gvj.kernel.PtraceAccess;
import gvj.kernel.Task;
import gvj.mm.IoBuffer;
import gvj.mm.MemoryManager;
import gvj.vfs.FileDescription;

/** process_vm_readv(2), process_vm_writev(2), process_madvise(2): the memory of other processes. */
final class ProcessVmSyscalls {
    private static final int PAGE = 4096;
    private static final int IOV_MAX = 1024;

    private ProcessVmSyscalls() {}

    static void register(SyscallTable t) {
        t.add(SYS_process_vm_readv, "process_vm_readv", ProcessVmSyscalls::readv);
        t.add(SYS_process_vm_writev, "process_vm_writev", ProcessVmSyscalls::writev);
        t.add(440, "process_madvise", ProcessVmSyscalls::madvise);
    }

    private static long readv(
            Task task, long pid, long local, long localCount, long remote, long remoteCount, long flags) {
        return copy(task, (int) pid, local, localCount, remote, remoteCount, flags, false);
    }

    private static long writev(
            Task task, long pid, long local, long localCount, long remote, long remoteCount, long flags) {
        return copy(task, (int) pid, local, localCount, remote, remoteCount, flags, true);
    }

    private static long copy(
            Task task, int pid, long local, long localCount, long remote, long remoteCount, long flags, boolean write) {
        if (flags != 0 || localCount < 0 || localCount > IOV_MAX) {
            return -Errno.EINVAL;
        }
        IoBuffer buffer = task.mm().iovec(local, (int) localCount);
        if (buffer.remaining() == 0) {
            return 0;
        }
        long[] ranges = ranges(task, remote, remoteCount);
        if (ranges.length == 0) {
            return 0;
        }
        Task target = task.pidNamespace().task(pid);
        if (target == null) {
            return -Errno.ESRCH;
        }
        MemoryManager other = borrow(task, target);
        try {
            return copy(other, buffer, ranges, write);
        } finally {
            other.decUsers();
        }
    }

    /** Bases and lengths in turn. */
    private static long[] ranges(Task task, long address, long count) {
        if (count < 0 || count > IOV_MAX) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        byte[] raw = new byte[(int) count * 16];
        task.mm().copyIn(address, raw, 0, raw.length);
        long[] ranges = new long[(int) count * 2];
        for (int i = 0; i < ranges.length; i++) {
            ranges[i] = Bytes.getLong(raw, i * 8);
            if ((i & 1) != 0 && ranges[i] < 0) {
                throw ErrnoException.of(Errno.EINVAL);
            }
        }
        return ranges;
    }

    /** The address space of {@code target}, with a use that the caller ends. EPERM, ESRCH. */
    private static MemoryManager borrow(Task task, Task target) {
        MemoryManager mm = target.mm();
        if (!PtraceAccess.allows(task, target)) {
            throw ErrnoException.of(Errno.EPERM);
        }
        if (mm == null || !mm.tryIncUsers()) {
            throw ErrnoException.of(Errno.ESRCH);
        }
        return mm;
    }

    private static long copy(MemoryManager other, IoBuffer buffer, long[] ranges, boolean write) {
        for (int i = 0; i < ranges.length; i += 2) {
            for (long done = 0; done < ranges[i + 1] && buffer.remaining() > 0; ) {
                long at = ranges[i] + done;
                long wanted = Math.min(Math.min(ranges[i + 1] - done, PAGE - (at & PAGE - 1)), buffer.remaining());
                long frame = other.pin(at, write);
                if (frame == -1) {
                    return transferred(buffer);
                }
                long n;
                try {
                    long sentry = other.memoryFile().address(frame) + (at & PAGE - 1);
                    n = write ? buffer.copyIn(sentry, wanted) : buffer.copyOut(sentry, wanted);
                } finally {
                    other.memoryFile().decRef(frame);
                }
                if (n < wanted) {
                    return transferred(buffer);
                }
                done += n;
            }
        }
        return buffer.transferred();
    }

    private static long transferred(IoBuffer buffer) {
        return buffer.transferred() > 0 ? buffer.transferred() : -Errno.EFAULT;
    }

    private static long madvise(Task task, long pidfd, long iov, long count, long advice, long flags) {
        if (flags != 0) {
            return -Errno.EINVAL;
        }
        long[] ranges = ranges(task, iov, count);
        FileDescription file = task.file(pidfd);
        try {
            if (!(file instanceof PidFd pid)) {
                return -Errno.EBADF;
            }
            int what = (int) advice;
            if (what != Mman.MADV_COLD && what != Mman.MADV_PAGEOUT && what != Mman.MADV_WILLNEED) {
                return -Errno.EINVAL;
            }
            Task target = pid.process().leader();
            if (target == null) {
                return -Errno.ESRCH;
            }
            MemoryManager other = borrow(task, target);
            try {
                return task.credentials().has(Capability.CAP_SYS_NICE) ? advise(other, ranges, what) : -Errno.EPERM;
            } finally {
                other.decUsers();
            }
        } finally {
            file.decRef();
        }
    }

    private static long advise(MemoryManager other, long[] ranges, int advice) {
        long done = 0;
        for (int i = 0; i < ranges.length; i += 2) {
            int error = other.madvise(ranges[i], ranges[i + 1], advice);
            if (error != 0) {
                return done > 0 ? done : error;
            }
            done += ranges[i + 1];
        }
        return done;
    }
}
