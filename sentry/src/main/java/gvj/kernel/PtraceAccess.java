package gvj.kernel;

import gvj.abi.Capability;

/** Who may look into whom: the access check of ptrace(2), also for /proc/PID/mem and process_vm_readv(2). */
public final class PtraceAccess {
    private PtraceAccess() {}

    /** PTRACE_MODE_ATTACH_REALCREDS. */
    public static boolean allows(Task tracer, Task target) {
        if (tracer.threadGroup() == target.threadGroup()) {
            return true;
        }
        Credentials mine = tracer.credentials();
        Credentials theirs = target.credentials();
        if (mine.has(Capability.CAP_SYS_PTRACE)) {
            return true;
        }
        boolean sameUser = mine.uid() == theirs.uid() && mine.uid() == theirs.euid() && mine.uid() == theirs.suid();
        boolean sameGroup = mine.gid() == theirs.gid() && mine.gid() == theirs.egid() && mine.gid() == theirs.sgid();
        boolean noMore = (theirs.permitted() & ~mine.permitted()) == 0;
        return sameUser && sameGroup && noMore && target.threadGroup().dumpable() == 1;
    }
}
