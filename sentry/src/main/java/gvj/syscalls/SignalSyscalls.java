package gvj.syscalls;

import gvj.abi.Bytes;
import gvj.abi.Errno;
import gvj.abi.Signals;
import gvj.abi.SyscallNumbers;
import gvj.kernel.SignalAction;
import gvj.kernel.SignalInfo;
import gvj.kernel.SignalInfoLayout;
import gvj.kernel.SignalMasks;
import gvj.kernel.SignalReturn;
import gvj.kernel.SignalSets;
import gvj.kernel.SignalStacks;
import gvj.kernel.SignalWait;
import gvj.kernel.Task;

/** rt_sigaction(2), rt_sigprocmask(2) and the other calls with which a task handles its own signals. */
final class SignalSyscalls {
    private static final int SET_BYTES = 8;
    /** struct sigaction of the kernel: 0 handler, 8 flags, 16 restorer, 24 mask. */
    private static final int ACTION_BYTES = 32;

    /** Flags that are kept; others read back as zero, so that programs can find out what is known. */
    private static final int KNOWN_FLAGS = Signals.SA_NOCLDSTOP
            | Signals.SA_NOCLDWAIT
            | Signals.SA_SIGINFO
            | Signals.SA_ONSTACK
            | Signals.SA_RESTART
            | Signals.SA_NODEFER
            | Signals.SA_RESETHAND
            | Signals.SA_RESTORER;

    private static final int SIG_BLOCK = 0, SIG_UNBLOCK = 1, SIG_SETMASK = 2;

    private SignalSyscalls() {}

    static void register(SyscallTable t) {
        t.add(SyscallNumbers.SYS_rt_sigaction, "rt_sigaction", SignalSyscalls::sigaction);
        t.add(SyscallNumbers.SYS_rt_sigprocmask, "rt_sigprocmask", SignalSyscalls::sigprocmask);
        t.add(SyscallNumbers.SYS_rt_sigreturn, "rt_sigreturn", SignalReturn::sigreturn);
        t.add(SyscallNumbers.SYS_rt_sigpending, "rt_sigpending", SignalSyscalls::sigpending);
        t.add(SyscallNumbers.SYS_rt_sigsuspend, "rt_sigsuspend", SignalSyscalls::sigsuspend);
        t.add(SyscallNumbers.SYS_rt_sigtimedwait, "rt_sigtimedwait", SignalSyscalls::sigtimedwait);
        t.add(SyscallNumbers.SYS_sigaltstack, "sigaltstack", SignalStacks::sigaltstack);
        t.add(SyscallNumbers.SYS_pause, "pause", SignalSyscalls::pause);
        t.add(SyscallNumbers.SYS_restart_syscall, "restart_syscall", SignalReturn::restart);
    }

    static long sigaction(Task task, long signal, long newAction, long oldAction, long setSize) {
        int signo = (int) signal;
        if (setSize != SET_BYTES) {
            return -Errno.EINVAL;
        }
        byte[] bytes = task.scratch(ACTION_BYTES);
        if (newAction != 0) {
            task.mm().copyIn(newAction, bytes, 0, ACTION_BYTES);
        }
        if (!SignalSets.isValid(signo) || (newAction != 0 && !SignalWait.isCatchable(signo))) {
            return -Errno.EINVAL;
        }
        SignalAction old = newAction != 0
                ? SignalWait.setAction(task, signo, decode(bytes))
                : task.threadGroup().signalAction(signo);
        if (oldAction != 0) {
            Bytes.putLong(bytes, 0, old.handler());
            Bytes.putLong(bytes, 8, old.flags() & 0xffffffffL);
            Bytes.putLong(bytes, 16, old.restorer());
            Bytes.putLong(bytes, 24, old.mask());
            task.mm().copyOut(oldAction, bytes, 0, ACTION_BYTES);
        }
        return 0;
    }

    private static SignalAction decode(byte[] bytes) {
        return new SignalAction(
                Bytes.getLong(bytes, 0),
                (int) Bytes.getLong(bytes, 8) & KNOWN_FLAGS,
                Bytes.getLong(bytes, 16),
                Bytes.getLong(bytes, 24) & ~SignalSets.UNBLOCKABLE);
    }

    static long sigprocmask(Task task, long how, long newSet, long oldSet, long setSize) {
        if (setSize != SET_BYTES) {
            return -Errno.EINVAL;
        }
        long old = task.signalMask();
        if (newSet != 0) {
            long set = task.mm().readLong(newSet);
            switch ((int) how) {
                case SIG_BLOCK -> SignalMasks.set(task, old | set);
                case SIG_UNBLOCK -> SignalMasks.set(task, old & ~set);
                case SIG_SETMASK -> SignalMasks.set(task, set);
                default -> {
                    return -Errno.EINVAL;
                }
            }
        }
        if (oldSet != 0) {
            task.mm().writeLong(oldSet, old);
        }
        return 0;
    }

    static long sigpending(Task task, long set, long setSize) {
        if (Long.compareUnsigned(setSize, SET_BYTES) > 0) {
            return -Errno.EINVAL;
        }
        byte[] bytes = task.scratch(SET_BYTES);
        Bytes.putLong(bytes, 0, SignalWait.pending(task) & task.signalMask());
        task.mm().copyOut(set, bytes, 0, (int) setSize);
        return 0;
    }

    static long sigsuspend(Task task, long mask, long setSize) {
        if (setSize != SET_BYTES) {
            return -Errno.EINVAL;
        }
        task.setTemporaryMask(task.mm().readLong(mask));
        return pause(task);
    }

    static long pause(Task task) {
        do {
            task.prepareToWait();
        } while (task.park(Task.FOREVER) != Task.INTERRUPTED);
        return -Errno.ERESTARTNOHAND;
    }

    static long sigtimedwait(Task task, long set, long info, long timeout, long setSize) {
        if (setSize != SET_BYTES) {
            return -Errno.EINVAL;
        }
        long wanted = task.mm().readLong(set);
        long deadline = timeout == 0 ? Task.FOREVER : Timeouts.deadline(Timeouts.timespec(task, timeout));
        SignalInfo taken = SignalWait.await(task, wanted, deadline);
        if (info != 0) {
            byte[] bytes = task.scratch(SignalInfoLayout.BYTES);
            SignalInfoLayout.encode(taken, bytes, 0);
            task.mm().copyOut(info, bytes, 0, SignalInfoLayout.BYTES);
        }
        return taken.signo;
    }
}
