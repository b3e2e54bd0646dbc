package gvj.syscalls;

import gvj.abi.SyscallNumbers;
import gvj.kernel.Task;
import gvj.kernel.Unshare;

/** unshare(2). */
final class NamespaceSyscalls {
    private NamespaceSyscalls() {}

    static void register(SyscallTable t) {
        t.add(SyscallNumbers.SYS_unshare, "unshare", NamespaceSyscalls::unshare);
        t.partial(SyscallNumbers.SYS_unshare, "no CLONE_NEWUSER, no CLONE_NEWTIME; CLONE_NEWNET gives an empty namespace");
    }

    static long unshare(Task task, long flags) {
        return Unshare.unshare(task, flags);
    }
}
