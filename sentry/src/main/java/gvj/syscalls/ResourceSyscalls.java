package gvj.syscalls;

import gvj.abi.Bytes;
import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.Sched;
import gvj.abi.SyscallNumbers;
import gvj.kernel.Credentials;
import gvj.kernel.ErrnoException;
import gvj.kernel.ResourceLimits;
import gvj.kernel.Rusage;
import gvj.kernel.Task;
import gvj.vfs.FdTable;

/** getrlimit(2), prlimit(2), getrusage(2). */
final class ResourceSyscalls {
    private ResourceSyscalls() {}

    static void register(SyscallTable t) {
        t.add(SyscallNumbers.SYS_getrlimit, "getrlimit", ResourceSyscalls::getrlimit);
        t.add(SyscallNumbers.SYS_setrlimit, "setrlimit", ResourceSyscalls::setrlimit);
        t.add(SyscallNumbers.SYS_prlimit64, "prlimit64", ResourceSyscalls::prlimit);
        t.add(SyscallNumbers.SYS_getrusage, "getrusage", ResourceSyscalls::getrusage);
    }

    static long getrlimit(Task task, long resource, long address) {
        check((int) resource);
        put(task, address, task.threadGroup().limits(), (int) resource);
        return 0;
    }

    static long setrlimit(Task task, long resource, long address) {
        byte[] bytes = task.scratch(16);
        task.mm().copyIn(address, bytes, 0, 16);
        return set(task, task, (int) resource, Bytes.getLong(bytes, 0), Bytes.getLong(bytes, 8));
    }

    static long prlimit(Task task, long pid, long resource, long newLimit, long oldLimit) {
        long soft = 0;
        long hard = 0;
        if (newLimit != 0) {
            byte[] bytes = task.scratch(16);
            task.mm().copyIn(newLimit, bytes, 0, 16);
            soft = Bytes.getLong(bytes, 0);
            hard = Bytes.getLong(bytes, 8);
        }
        Task target = (int) pid == 0 ? task : task.pidNamespace().task((int) pid);
        if (target == null) {
            return -Errno.ESRCH;
        }
        if (target.threadGroup() != task.threadGroup() && !mayChange(task, target)) {
            return -Errno.EPERM;
        }
        check((int) resource);
        byte[] old = encode(task, target.threadGroup().limits(), (int) resource).clone();
        if (newLimit != 0) {
            long result = set(task, target, (int) resource, soft, hard);
            if (result != 0) {
                return result;
            }
        }
        if (oldLimit != 0) {
            task.mm().copyOut(oldLimit, old, 0, 16);
        }
        return 0;
    }

    private static boolean mayChange(Task task, Task target) {
        Credentials c = task.credentials();
        Credentials t = target.credentials();
        boolean same = c.uid() == t.euid()
                && c.uid() == t.suid()
                && c.uid() == t.uid()
                && c.gid() == t.egid()
                && c.gid() == t.sgid()
                && c.gid() == t.gid();
        return same || c.has(Capability.CAP_SYS_RESOURCE);
    }

    private static void check(int resource) {
        if (resource < 0 || resource >= Sched.RLIM_NLIMITS) {
            throw ErrnoException.of(Errno.EINVAL);
        }
    }

    private static long set(Task task, Task target, int resource, long soft, long hard) {
        check(resource);
        if (Long.compareUnsigned(soft, hard) > 0) {
            return -Errno.EINVAL;
        }
        if (resource == Sched.RLIMIT_NOFILE && Long.compareUnsigned(hard, FdTable.NR_OPEN) > 0) {
            return -Errno.EPERM;
        }
        ResourceLimits limits = target.threadGroup().limits();
        if (Long.compareUnsigned(hard, limits.hard(resource)) > 0
                && !task.credentials().has(Capability.CAP_SYS_RESOURCE)) {
            return -Errno.EPERM;
        }
        limits.set(resource, soft, hard);
        if (resource == Sched.RLIMIT_CPU) {
            target.threadGroup().intervalTimers().watchCpuLimit(target);
        }
        return 0;
    }

    private static byte[] encode(Task task, ResourceLimits limits, int resource) {
        byte[] bytes = task.scratch(16);
        Bytes.putLong(bytes, 0, limits.soft(resource));
        Bytes.putLong(bytes, 8, limits.hard(resource));
        return bytes;
    }

    private static void put(Task task, long address, ResourceLimits limits, int resource) {
        task.mm().copyOut(address, encode(task, limits, resource), 0, 16);
    }

    static long getrusage(Task task, long who, long address) {
        byte[] bytes = task.scratch(Rusage.BYTES);
        switch ((int) who) {
            case Sched.RUSAGE_SELF -> Rusage.self(task.threadGroup(), bytes);
            case Sched.RUSAGE_CHILDREN -> Rusage.children(task.threadGroup(), bytes);
            case Sched.RUSAGE_THREAD -> Rusage.thread(task, bytes);
            default -> {
                return -Errno.EINVAL;
            }
        }
        task.mm().copyOut(address, bytes, 0, Rusage.BYTES);
        return 0;
    }
}
