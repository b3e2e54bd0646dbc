package gvj.syscalls;

import gvj.abi.Errno;
import gvj.abi.Sched;
import gvj.abi.Signals;
import gvj.abi.SyscallNumbers;
import gvj.kernel.Clone;
import gvj.kernel.CloneArgs;
import gvj.kernel.Exit;
import gvj.kernel.Task;

/** fork(2), vfork(2), clone(2), clone3(2), exit(2), exit_group(2), set_tid_address(2). */
final class ProcessSyscalls {
    private static final int CSIGNAL = 0xff;
    private static final int MAX_SET_TID = 32;
    private static final long CLONE3_FLAGS = 0xffffffffL | Sched.CLONE_CLEAR_SIGHAND | Sched.CLONE_INTO_CGROUP;

    private ProcessSyscalls() {}

    static void register(SyscallTable t) {
        t.add(SyscallNumbers.SYS_fork, "fork", ProcessSyscalls::fork);
        t.add(SyscallNumbers.SYS_vfork, "vfork", ProcessSyscalls::vfork);
        t.add(SyscallNumbers.SYS_clone, "clone", ProcessSyscalls::cloneLegacy);
        t.add(SyscallNumbers.SYS_clone3, "clone3", ProcessSyscalls::clone3);
        t.partial(
                SyscallNumbers.SYS_clone, "no CLONE_NEWUSER, no CLONE_NEWTIME; CLONE_NEWNET gives an empty namespace");
        t.partial(SyscallNumbers.SYS_clone3, "as clone; no CLONE_INTO_CGROUP");
        t.add(SyscallNumbers.SYS_exit, "exit", ProcessSyscalls::exit);
        t.add(SyscallNumbers.SYS_exit_group, "exit_group", ProcessSyscalls::exitGroup);
        t.add(SyscallNumbers.SYS_set_tid_address, "set_tid_address", ProcessSyscalls::setTidAddress);
    }

    static long fork(Task task) {
        CloneArgs args = new CloneArgs();
        args.exitSignal = Signals.SIGCHLD;
        return Clone.clone(task, args);
    }

    static long vfork(Task task) {
        CloneArgs args = new CloneArgs();
        args.flags = Sched.CLONE_VM | Sched.CLONE_VFORK;
        args.exitSignal = Signals.SIGCHLD;
        return Clone.clone(task, args);
    }

    static long cloneLegacy(Task task, long flags, long stack, long parentTid, long childTid, long tls) {
        CloneArgs args = new CloneArgs();
        args.flags = flags & 0xffffffffL & ~CSIGNAL;
        args.exitSignal = (int) flags & CSIGNAL;
        args.stackPointer = stack;
        args.parentTid = parentTid;
        args.pidfd = parentTid;
        args.childTid = childTid;
        args.tls = tls;
        return Clone.clone(task, args);
    }

    /**
     * struct clone_args: 0 flags, 8 pidfd, 16 child_tid, 24 parent_tid, 32 exit_signal, 40 stack, 48 stack_size, 56 tls,
     * 64 set_tid, 72 set_tid_size, 80 cgroup.
     */
    static long clone3(Task task, long address, long size) {
        byte[] bytes = Structs.copyIn(task, address, size, Sched.CLONE_ARGS_SIZE_VER0, Sched.CLONE_ARGS_SIZE_VER2);
        CloneArgs args = new CloneArgs();
        args.flags = gvj.abi.Bytes.getLong(bytes, 0);
        args.pidfd = gvj.abi.Bytes.getLong(bytes, 8);
        args.childTid = gvj.abi.Bytes.getLong(bytes, 16);
        args.parentTid = gvj.abi.Bytes.getLong(bytes, 24);
        long exitSignal = gvj.abi.Bytes.getLong(bytes, 32);
        long stack = gvj.abi.Bytes.getLong(bytes, 40);
        long stackSize = gvj.abi.Bytes.getLong(bytes, 48);
        args.tls = gvj.abi.Bytes.getLong(bytes, 56);
        long setTid = gvj.abi.Bytes.getLong(bytes, 64);
        long setTidSize = gvj.abi.Bytes.getLong(bytes, 72);
        if (Long.compareUnsigned(setTidSize, MAX_SET_TID) > 0 || (setTid == 0) != (setTidSize == 0)) {
            return -Errno.EINVAL;
        }
        if (Long.compareUnsigned(exitSignal, Signals.SIGRTMAX) > 0) {
            return -Errno.EINVAL;
        }
        args.exitSignal = (int) exitSignal;
        if (!flagsAreValid(args, exitSignal) || (stack == 0) != (stackSize == 0)) {
            return -Errno.EINVAL;
        }
        if ((args.flags & Sched.CLONE_INTO_CGROUP) != 0) {
            return -Errno.EBADF;
        }
        if (stack != 0) {
            args.stackPointer = stack + stackSize;
            if (stack < 0 || args.stackPointer < stack || args.stackPointer > task.kernel.platform.userAddressLimit()) {
                return -Errno.EINVAL;
            }
        }
        long privilege = setTids(task, args, setTid, (int) setTidSize);
        return privilege != 0 ? privilege : Clone.clone(task, args);
    }

    private static boolean flagsAreValid(CloneArgs args, long exitSignal) {
        if ((args.flags & ~CLONE3_FLAGS) != 0 || (args.flags & (Sched.CLONE_DETACHED | CSIGNAL)) != 0) {
            return false; // CLONE_NEWTIME, the one bit of CSIGNAL that clone3 knows, is not configured
        }
        return (args.flags & (Sched.CLONE_THREAD | Sched.CLONE_PARENT)) == 0 || exitSignal == 0;
    }

    private static long setTids(Task task, CloneArgs args, long address, int count) {
        if (count == 0) {
            return 0;
        }
        args.setTid = new int[count];
        for (int i = 0; i < count; i++) {
            args.setTid[i] = task.mm().readInt(address + 4L * i);
            if (args.setTid[i] <= 0) {
                return -Errno.EINVAL;
            }
        }
        return Clone.maySetTid(task, args) ? 0 : -Errno.EPERM;
    }

    static long exit(Task task, long status) {
        Exit.exitThread(task, ((int) status & 0xff) << 8);
        return 0;
    }

    static long exitGroup(Task task, long status) {
        Exit.exitProcess(task, ((int) status & 0xff) << 8);
        return 0;
    }

    static long setTidAddress(Task task, long address) {
        task.setClearChildTid(address);
        return task.pidNamespace().idOf(task);
    }
}
