package gvj.syscalls;

import gvj.abi.Errno;
import gvj.abi.Sched;
import gvj.abi.SyscallNumbers;
import gvj.kernel.ErrnoException;
import gvj.kernel.FutexManager;
import gvj.kernel.Membarrier;
import gvj.kernel.PtraceAccess;
import gvj.kernel.Task;
import gvj.platform.Registers;

/** What a thread says about itself: arch_prctl(2), set_robust_list(2), membarrier(2), rseq(2). */
final class ThreadSyscalls {
    private ThreadSyscalls() {}

    static void register(SyscallTable t) {
        t.add(SyscallNumbers.SYS_arch_prctl, "arch_prctl", ThreadSyscalls::archPrctl);
        t.add(SyscallNumbers.SYS_set_robust_list, "set_robust_list", ThreadSyscalls::setRobustList);
        t.add(SyscallNumbers.SYS_get_robust_list, "get_robust_list", ThreadSyscalls::getRobustList);
        t.add(SyscallNumbers.SYS_membarrier, "membarrier", ThreadSyscalls::membarrier);
        t.none(SyscallNumbers.SYS_rseq, "rseq", Errno.ENOSYS, "restartable sequences are not configured");
    }

    static long archPrctl(Task task, long code, long address) {
        Registers regs = task.regs;
        return switch ((int) code) {
            case Sched.ARCH_SET_FS -> setBase(task, Registers.FS_BASE, address);
            case Sched.ARCH_SET_GS -> setBase(task, Registers.GS_BASE, address);
            case Sched.ARCH_GET_FS -> put(task, address, regs.get(Registers.FS_BASE));
            case Sched.ARCH_GET_GS -> put(task, address, regs.get(Registers.GS_BASE));
            case Sched.ARCH_GET_CPUID -> 1;
            case Sched.ARCH_SET_CPUID -> address == 0 ? -Errno.ENODEV : 0;
            case Sched.ARCH_GET_XCOMP_SUPP, Sched.ARCH_GET_XCOMP_PERM ->
                put(task, address, task.kernel.platform.xcr0());
            default -> -Errno.EINVAL;
        };
    }

    private static long put(Task task, long address, long value) {
        task.mm().writeLong(address, value);
        return 0;
    }

    private static long setBase(Task task, int register, long address) {
        if (Long.compareUnsigned(address, task.kernel.platform.userAddressLimit()) >= 0) {
            return -Errno.EPERM;
        }
        task.regs.set(register, address);
        return 0;
    }

    static long membarrier(Task task, long command, long flags, long cpu) {
        return Membarrier.membarrier(task, (int) command, (int) flags);
    }

    static long setRobustList(Task task, long head, long length) {
        if (length != FutexManager.ROBUST_HEAD_BYTES) {
            return -Errno.EINVAL;
        }
        task.setRobustList(head);
        return 0;
    }

    static long getRobustList(Task task, long pid, long head, long length) {
        Task target = (int) pid == 0 ? task : task.pidNamespace().task((int) pid);
        if (target == null) {
            return -Errno.ESRCH;
        }
        if (!PtraceAccess.mayRead(task, target)) {
            throw ErrnoException.of(Errno.EPERM);
        }
        task.mm().writeLong(length, FutexManager.ROBUST_HEAD_BYTES);
        task.mm().writeLong(head, target.robustList());
        return 0;
    }
}
