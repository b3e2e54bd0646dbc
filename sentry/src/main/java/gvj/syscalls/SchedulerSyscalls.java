package gvj.syscalls;

import gvj.abi.Bytes;
import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.Sched;
import gvj.abi.SyscallNumbers;
import gvj.kernel.Credentials;
import gvj.kernel.ErrnoException;
import gvj.kernel.Scheduling;
import gvj.kernel.Task;

/** sched(7): sched_setscheduler(2), sched_setaffinity(2) and their families. Remembered, not enforced. */
final class SchedulerSyscalls {
    private static final int MAX_RT = 99;
    /** struct sched_attr: 0 size, 4 policy, 8 flags, 16 nice, 20 priority, 24 runtime, 32 deadline, 40 period, 48 clamps. */
    private static final int ATTR_V0 = 48, ATTR_V1 = 56;

    private static final long RR_INTERVAL = 100_000_000L, OTHER_INTERVAL = 4_000_000L;

    private SchedulerSyscalls() {}

    static void register(SyscallTable t) {
        t.add(SyscallNumbers.SYS_sched_yield, "sched_yield", SchedulerSyscalls::yield);
        t.add(SyscallNumbers.SYS_sched_getscheduler, "sched_getscheduler", SchedulerSyscalls::getScheduler);
        t.add(SyscallNumbers.SYS_sched_setscheduler, "sched_setscheduler", SchedulerSyscalls::setScheduler);
        t.add(SyscallNumbers.SYS_sched_getparam, "sched_getparam", SchedulerSyscalls::getParam);
        t.add(SyscallNumbers.SYS_sched_setparam, "sched_setparam", SchedulerSyscalls::setParam);
        t.add(SyscallNumbers.SYS_sched_getattr, "sched_getattr", SchedulerSyscalls::getAttr);
        t.add(SyscallNumbers.SYS_sched_setattr, "sched_setattr", SchedulerSyscalls::setAttr);
        t.add(SyscallNumbers.SYS_sched_get_priority_max, "sched_get_priority_max", SchedulerSyscalls::priorityMax);
        t.add(SyscallNumbers.SYS_sched_get_priority_min, "sched_get_priority_min", SchedulerSyscalls::priorityMin);
        t.add(SyscallNumbers.SYS_sched_rr_get_interval, "sched_rr_get_interval", SchedulerSyscalls::rrInterval);
        t.add(SyscallNumbers.SYS_sched_getaffinity, "sched_getaffinity", SchedulerSyscalls::getAffinity);
        t.add(SyscallNumbers.SYS_sched_setaffinity, "sched_setaffinity", SchedulerSyscalls::setAffinity);
        for (int nr : new int[] {
            SyscallNumbers.SYS_sched_setscheduler,
            SyscallNumbers.SYS_sched_setparam,
            SyscallNumbers.SYS_sched_setattr,
            SyscallNumbers.SYS_sched_setaffinity
        }) {
            t.partial(nr, "remembered and answered, but the host decides who runs where");
        }
    }

    static long yield(Task task) {
        gvj.host.HostProcess.schedYield();
        return 0;
    }

    private static Task target(Task task, long pid) {
        if ((int) pid < 0) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        Task target = (int) pid == 0 ? task : task.pidNamespace().task((int) pid);
        if (target == null) {
            throw ErrnoException.of(Errno.ESRCH);
        }
        return target;
    }

    /** As {@link #target}, but the affinity calls find no thread with a negative id instead of refusing it. */
    private static Task affinityTarget(Task task, long pid) {
        if ((int) pid < 0) {
            throw ErrnoException.of(Errno.ESRCH);
        }
        return target(task, pid);
    }

    private static boolean isRealtime(int policy) {
        return policy == Sched.SCHED_FIFO || policy == Sched.SCHED_RR;
    }

    static long getScheduler(Task task, long pid) {
        Scheduling s = target(task, pid).scheduling();
        return s.policy() | (s.resetOnFork() ? Sched.SCHED_RESET_ON_FORK : 0);
    }

    static long setScheduler(Task task, long pid, long policy, long param) {
        if (param == 0 || (int) policy < 0) {
            return -Errno.EINVAL;
        }
        int priority = task.mm().readInt(param);
        Task target = target(task, pid);
        boolean reset = ((int) policy & Sched.SCHED_RESET_ON_FORK) != 0;
        return set(
                task,
                target,
                (int) policy & ~Sched.SCHED_RESET_ON_FORK,
                priority,
                target.scheduling().nice(),
                reset);
    }

    static long getParam(Task task, long pid, long param) {
        if (param == 0) {
            return -Errno.EINVAL;
        }
        task.mm().writeInt(param, target(task, pid).scheduling().realtimePriority());
        return 0;
    }

    static long setParam(Task task, long pid, long param) {
        if (param == 0) {
            return -Errno.EINVAL;
        }
        int priority = task.mm().readInt(param);
        Task target = target(task, pid);
        Scheduling s = target.scheduling();
        return set(task, target, s.policy(), priority, s.nice(), s.resetOnFork());
    }

    private static long set(Task task, Task target, int policy, int priority, int nice, boolean reset) {
        boolean realtime = isRealtime(policy);
        boolean known =
                realtime || policy == Sched.SCHED_OTHER || policy == Sched.SCHED_BATCH || policy == Sched.SCHED_IDLE;
        if (!known || priority < 0 || priority > MAX_RT || realtime != (priority != 0)) {
            return -Errno.EINVAL;
        }
        Scheduling s = target.scheduling();
        if (!task.credentials().has(Capability.CAP_SYS_NICE)) {
            long limit = target.rlimit(Sched.RLIMIT_RTPRIO);
            boolean more = priority > s.realtimePriority() && Long.compareUnsigned(priority, limit) > 0;
            boolean becomes = realtime && policy != s.policy() && limit == 0;
            boolean nicer = !realtime && nice < s.nice() && !mayNice(target, nice);
            boolean clears = s.resetOnFork() && !reset;
            if (more || becomes || nicer || clears || !owns(task, target)) {
                return -Errno.EPERM;
            }
        }
        s.set(policy, priority, nice, reset);
        return 0;
    }

    private static boolean owns(Task task, Task target) {
        Credentials c = task.credentials();
        Credentials t = target.credentials();
        return c.euid() == t.euid() || c.euid() == t.uid();
    }

    /** RLIMIT_NICE: a value of n allows a nice value down to 20 - n. */
    static boolean mayNice(Task target, int nice) {
        return Long.compareUnsigned(20 - nice, target.rlimit(Sched.RLIMIT_NICE)) <= 0;
    }

    static long getAttr(Task task, long pid, long address, long size, long flags) {
        if (address == 0 || flags != 0 || (int) size < ATTR_V0 || (int) size > 4096) {
            return -Errno.EINVAL;
        }
        Scheduling s = target(task, pid).scheduling();
        int n = Math.min((int) size, ATTR_V1);
        byte[] bytes = task.scratch(ATTR_V1);
        java.util.Arrays.fill(bytes, 0, ATTR_V1, (byte) 0);
        Bytes.putInt(bytes, 0, n);
        Bytes.putInt(bytes, 4, s.policy());
        Bytes.putLong(bytes, 8, s.resetOnFork() ? Sched.SCHED_FLAG_RESET_ON_FORK : 0);
        if (isRealtime(s.policy())) {
            Bytes.putInt(bytes, 20, s.realtimePriority());
        } else {
            Bytes.putInt(bytes, 16, s.nice());
        }
        Bytes.putInt(bytes, 52, 1024);
        task.mm().copyOut(address, bytes, 0, n);
        return 0;
    }

    static long setAttr(Task task, long pid, long address, long flags) {
        if (address == 0 || (int) pid < 0 || flags != 0) {
            return -Errno.EINVAL;
        }
        int size = task.mm().readInt(address);
        byte[] bytes;
        try {
            bytes = Structs.copyIn(task, address, (size == 0 ? ATTR_V0 : size) & 0xffffffffL, ATTR_V0, ATTR_V1);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EFAULT) {
                task.mm().writeInt(address, ATTR_V1);
                return -Errno.E2BIG;
            }
            throw e;
        }
        Task target = target(task, pid);
        long f = Bytes.getLong(bytes, 8);
        if ((f & ~Sched.SCHED_FLAG_ALL) != 0 || (f & Sched.SCHED_FLAG_UTIL_CLAMP) != 0) {
            return -Errno.EINVAL;
        }
        Scheduling s = target.scheduling();
        int policy = (f & Sched.SCHED_FLAG_KEEP_POLICY) != 0 ? s.policy() : Bytes.getInt(bytes, 4);
        boolean keep = (f & Sched.SCHED_FLAG_KEEP_PARAMS) != 0;
        int nice = keep ? s.nice() : Math.min(Math.max(Bytes.getInt(bytes, 16), -20), 19);
        int priority = keep ? s.realtimePriority() : Bytes.getInt(bytes, 20);
        if (isRealtime(policy)) {
            nice = s.nice();
        }
        return set(task, target, policy, priority, nice, (f & Sched.SCHED_FLAG_RESET_ON_FORK) != 0);
    }

    static long priorityMax(Task task, long policy) {
        return bounds((int) policy, MAX_RT);
    }

    static long priorityMin(Task task, long policy) {
        return bounds((int) policy, 1);
    }

    private static long bounds(int policy, int realtime) {
        return switch (policy) {
            case Sched.SCHED_FIFO, Sched.SCHED_RR -> realtime;
            case Sched.SCHED_OTHER, Sched.SCHED_BATCH, Sched.SCHED_IDLE, Sched.SCHED_DEADLINE -> 0;
            default -> -Errno.EINVAL;
        };
    }

    static long rrInterval(Task task, long pid, long address) {
        int policy = target(task, pid).scheduling().policy();
        long nanos = policy == Sched.SCHED_RR ? RR_INTERVAL : policy == Sched.SCHED_FIFO ? 0 : OTHER_INTERVAL;
        Timeouts.putTimespec(task, address, nanos);
        return 0;
    }

    static long getAffinity(Task task, long pid, long length, long address) {
        int bytes = (int) length;
        if ((bytes & 7) != 0 || (length & 0xffffffffL) * 8 < task.cgroup.cpus()) {
            return -Errno.EINVAL;
        }
        long[] mask = affinityTarget(task, pid).scheduling().affinity();
        int n = Math.min(bytes & 0x7fffffff, 8 * ((task.cgroup.cpus() + 63) / 64));
        byte[] out = task.scratch(8 * mask.length);
        for (int i = 0; i < mask.length; i++) {
            Bytes.putLong(out, 8 * i, mask[i]);
        }
        task.mm().copyOut(address, out, 0, n);
        return n;
    }

    static long setAffinity(Task task, long pid, long length, long address) {
        int n = (int) Math.min(length & 0xffffffffL, 128);
        byte[] in = task.scratch(128);
        java.util.Arrays.fill(in, 0, 128, (byte) 0);
        task.mm().copyIn(address, in, 0, n);
        Task target = affinityTarget(task, pid);
        if (!owns(task, target) && !task.credentials().has(Capability.CAP_SYS_NICE)) {
            return -Errno.EPERM;
        }
        long[] mask = new long[16];
        boolean any = false;
        for (int cpu = 0; cpu < Math.min(task.cgroup.cpus(), 1024); cpu++) {
            if ((in[cpu / 8] >> cpu % 8 & 1) != 0) {
                mask[cpu / 64] |= 1L << cpu % 64;
                any = true;
            }
        }
        if (!any) {
            return -Errno.EINVAL;
        }
        if ((mask[0] & 1) == 0 && task.kernel.vdso != null) {
            task.kernel.vdso.vvar().setCpusDiffer();
        }
        target.scheduling().setAffinity(mask);
        return 0;
    }
}
