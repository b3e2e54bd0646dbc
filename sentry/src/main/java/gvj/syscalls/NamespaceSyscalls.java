package gvj.syscalls;

import gvj.abi.SyscallNumbers;
import gvj.kernel.SetNs;
import gvj.kernel.Task;
import gvj.kernel.Unshare;
import gvj.vfs.FileDescription;

/** unshare(2), setns(2). */
final class NamespaceSyscalls {
    private NamespaceSyscalls() {}

    static void register(SyscallTable t) {
        t.add(SyscallNumbers.SYS_unshare, "unshare", NamespaceSyscalls::unshare);
        t.add(SyscallNumbers.SYS_setns, "setns", NamespaceSyscalls::setns);
        t.partial(SyscallNumbers.SYS_setns, "no user, time and cgroup namespaces");
        t.partial(
                SyscallNumbers.SYS_unshare,
                "no CLONE_NEWUSER, no CLONE_NEWTIME; CLONE_NEWNET gives an empty namespace");
    }

    static long setns(Task task, long fd, long kinds) {
        FileDescription file = task.file(fd);
        try {
            return SetNs.setns(task, file, (int) kinds);
        } finally {
            file.decRef();
        }
    }

    static long unshare(Task task, long flags) {
        return Unshare.unshare(task, flags);
    }
}
