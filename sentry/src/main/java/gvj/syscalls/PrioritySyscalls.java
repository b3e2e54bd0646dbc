package gvj.syscalls;

import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.Sched;
import gvj.abi.SyscallNumbers;
import gvj.kernel.Credentials;
import gvj.kernel.ProcessGroup;
import gvj.kernel.Task;
import gvj.kernel.ThreadGroup;
import java.util.ArrayList;
import java.util.List;

/** getpriority(2), setpriority(2), ioprio_set(2), ioprio_get(2). */
final class PrioritySyscalls {
    private static final int IOPRIO_WHO_PROCESS = 1, IOPRIO_WHO_USER = 3;
    private static final int CLASS_RT = 1, CLASS_IDLE = 3;

    private PrioritySyscalls() {}

    static void register(SyscallTable t) {
        t.add(SyscallNumbers.SYS_getpriority, "getpriority", PrioritySyscalls::getpriority);
        t.add(SyscallNumbers.SYS_setpriority, "setpriority", PrioritySyscalls::setpriority);
        t.add(SyscallNumbers.SYS_ioprio_get, "ioprio_get", PrioritySyscalls::ioprioGet);
        t.add(SyscallNumbers.SYS_ioprio_set, "ioprio_set", PrioritySyscalls::ioprioSet);
        t.partial(SyscallNumbers.SYS_setpriority, "remembered and answered, but the host decides who runs");
        t.partial(SyscallNumbers.SYS_ioprio_set, "remembered and answered, without effect");
    }

    /** The tasks that {@code which} (PRIO_*) and {@code who} name. */
    private static List<Task> targets(Task task, int which, int who) {
        List<Task> found = new ArrayList<>();
        switch (which) {
            case Sched.PRIO_PROCESS -> {
                Task one = who == 0 ? task : task.pidNamespace().task(who);
                if (one != null) {
                    found.add(one);
                }
            }
            case Sched.PRIO_PGRP -> {
                ProcessGroup group = who == 0
                        ? task.threadGroup().processGroup()
                        : task.pidNamespace().processGroup(who);
                for (ThreadGroup process : task.pidNamespace().processes()) {
                    if (group != null && process.processGroup() == group) {
                        found.addAll(process.threads());
                    }
                }
            }
            default -> {
                int uid = who == 0 ? task.credentials().uid() : who;
                for (ThreadGroup process : task.pidNamespace().processes()) {
                    for (Task thread : process.threads()) {
                        if (thread.credentials().uid() == uid) {
                            found.add(thread);
                        }
                    }
                }
            }
        }
        return found;
    }

    static long getpriority(Task task, long which, long who) {
        if (which < Sched.PRIO_PROCESS || which > Sched.PRIO_USER) {
            return -Errno.EINVAL;
        }
        int best = Integer.MIN_VALUE;
        for (Task target : targets(task, (int) which, (int) who)) {
            best = Math.max(best, 20 - target.scheduling().nice());
        }
        return best == Integer.MIN_VALUE ? -Errno.ESRCH : best;
    }

    static long setpriority(Task task, long which, long who, long value) {
        if (which < Sched.PRIO_PROCESS || which > Sched.PRIO_USER) {
            return -Errno.EINVAL;
        }
        int nice = Math.min(Math.max((int) value, -20), 19);
        int result = -Errno.ESRCH;
        for (Task target : targets(task, (int) which, (int) who)) {
            int error = setOne(task, target, nice);
            result = error != 0 ? error : result == -Errno.ESRCH ? 0 : result;
        }
        return result;
    }

    private static int setOne(Task task, Task target, int nice) {
        Credentials c = task.credentials();
        Credentials t = target.credentials();
        boolean powerful = c.has(Capability.CAP_SYS_NICE);
        if (t.uid() != c.euid() && t.euid() != c.euid() && !powerful) {
            return -Errno.EPERM;
        }
        if (nice < target.scheduling().nice() && !powerful && !SchedulerSyscalls.mayNice(target, nice)) {
            return -Errno.EACCES;
        }
        target.scheduling().setNice(nice);
        return 0;
    }

    static long ioprioGet(Task task, long which, long who) {
        if (which < IOPRIO_WHO_PROCESS || which > IOPRIO_WHO_USER) {
            return -Errno.EINVAL;
        }
        int best = -1;
        for (Task target : targets(task, (int) which - 1, (int) who)) {
            int mine = target.ioPriority();
            best = best < 0 ? mine : Math.min(best, mine);
        }
        return best < 0 ? -Errno.ESRCH : best;
    }

    static long ioprioSet(Task task, long which, long who, long value) {
        int priority = (int) value;
        int type = priority >>> Sched.IOPRIO_CLASS_SHIFT & Sched.IOPRIO_CLASS_MASK;
        int level = priority & 7;
        if (type > CLASS_IDLE || (type == 0 && level != 0)) {
            return -Errno.EINVAL;
        }
        if (type == CLASS_RT && !task.credentials().has(Capability.CAP_SYS_NICE)) {
            return -Errno.EPERM;
        }
        if (which < IOPRIO_WHO_PROCESS || which > IOPRIO_WHO_USER) {
            return -Errno.EINVAL;
        }
        List<Task> targets = targets(task, (int) which - 1, (int) who);
        for (Task target : targets) {
            if (target.credentials().uid() != task.credentials().euid()
                    && target.credentials().uid() != task.credentials().uid()
                    && !task.credentials().has(Capability.CAP_SYS_NICE)) {
                return -Errno.EPERM;
            }
            target.setIoPriority(priority & 0xffff);
        }
        return targets.isEmpty() ? -Errno.ESRCH : 0;
    }
}
