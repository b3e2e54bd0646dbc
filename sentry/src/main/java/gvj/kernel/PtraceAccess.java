package gvj.kernel;

import gvj.abi.Capability;

/** ptrace(2)'s access checks, which /proc, pidfd_getfd(2), process_vm_readv(2) and others share. */
public final class PtraceAccess {
    private PtraceAccess() {}

    /** PTRACE_MODE_ATTACH_REALCREDS, and PTRACE_MODE_READ_REALCREDS, which asks the same. */
    public static boolean allows(Task task, Task target) {
        Credentials c = task.credentials;
        return may(task, target, c.uid(), c.gid());
    }

    /** PTRACE_MODE_READ_FSCREDS. */
    public static boolean mayRead(Task task, Task target) {
        Credentials c = task.credentials;
        return may(task, target, c.fsuid(), c.fsgid());
    }

    private static boolean may(Task task, Task target, int uid, int gid) {
        if (task.threadGroup == target.threadGroup) {
            return true;
        }
        Credentials c = task.credentials;
        Credentials t = target.credentials;
        boolean trace = c.has(Capability.CAP_SYS_PTRACE);
        boolean same = uid == t.euid()
                && uid == t.suid()
                && uid == t.uid()
                && gid == t.egid()
                && gid == t.sgid()
                && gid == t.gid();
        if (!same && !trace) {
            return false;
        }
        if (target.threadGroup.dumpable != 1 && !trace) {
            return false;
        }
        return trace || (t.permitted() & ~c.permitted()) == 0;
    }
}
