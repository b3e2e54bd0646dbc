package gvj.kernel;

import gvj.abi.Errno;
import gvj.abi.Signals;
import gvj.abi.SyscallNumbers;
import gvj.platform.Registers;

/**
 * What a thread does before it goes back to its program: takes signals off the queues, enters handlers, stops, dies, or
 * restarts the system call that was interrupted. The receiving half of signal(7).
 */
final class SignalDelivery {
    private SignalDelivery() {}

    /** Bytes of the {@code syscall} instruction. */
    private static final int SYSCALL_BYTES = 2;

    /** Does everything that waits; on return the task is dying, or may run. */
    static void work(Task task) {
        boolean entered = false;
        while (true) {
            SignalInfo info = next(task);
            if (task.dying) {
                return;
            }
            if (info == null) {
                break;
            }
            if (task.tracee != null) {
                info = PtraceStop.signal(task, info);
                if (info == null) {
                    continue;
                }
            }
            entered |= handle(task, info);
        }
        if (!entered) {
            restartWithoutHandler(task);
            if (task.restoreMask) {
                task.restoreMask = false;
                SignalMasks.set(task, task.savedMask);
                if (task.interrupted) {
                    work(task);
                    return;
                }
            }
        }
        task.inSyscall = false;
    }

    /** The next signal with something to do; null if there is none. Stops here as long as the process is stopped. */
    private static SignalInfo next(Task task) {
        ThreadGroup process = task.threadGroup;
        while (true) {
            int news;
            Tracee traced;
            boolean stopComplete = false;
            int stopSignal;
            synchronized (process.signalLock) {
                task.interrupted = false;
                if (process.exiting || task.killed) {
                    task.dying = true;
                    return null;
                }
                news = process.jobControl.takeNews();
                stopSignal = process.jobControl.stopSignal();
                traced = task.tracee;
                if (news == 0 && !task.stopCounted && (traced == null || !traced.trapPending())) {
                    SignalInfo info = take(task, ~task.blocked);
                    if (info != null || !SignalMasks.hasWork(task)) {
                        return info;
                    }
                    continue;
                }
                if (news == 0 && traced == null) {
                    stopComplete = process.jobControl.threadStopped(task);
                }
            }
            if (news != 0) {
                ParentNews.tell(
                        process, news, news == Signals.CLD_CONTINUED ? Signals.SIGCONT : stopSignalOr(stopSignal));
                continue;
            }
            if (traced != null) {
                PtraceStop.groupStop(task, traced);
                continue;
            }
            if (stopComplete) {
                ParentNews.tell(process, Signals.CLD_STOPPED, stopSignal);
            }
            stayStopped(task);
        }
    }

    private static int stopSignalOr(int signo) {
        return signo == 0 ? Signals.SIGSTOP : signo;
    }

    /** Sleeps until SIGCONT, SIGKILL, or the end. */
    private static void stayStopped(Task task) {
        ThreadGroup process = task.threadGroup;
        while (true) {
            task.prepareToWait();
            synchronized (process.signalLock) {
                Tracee traced = task.tracee;
                if (!process.jobControl.isStopping()
                        || process.exiting
                        || task.killed
                        || (traced != null && traced.trapPending())) {
                    return;
                }
                task.interrupted = false;
            }
            task.park(Task.FOREVER);
        }
    }

    /** Takes one waiting signal of {@code wanted}: own ones first, what the program did itself before all. */
    static SignalInfo take(Task task, long wanted) {
        PendingSignals shared = task.threadGroup.pending;
        if (((task.pending.mask() | shared.mask()) & wanted) == 0) {
            return null;
        }
        SignalInfo info = task.pending.takeSynchronous(wanted);
        if (info == null) {
            info = task.pending.take(wanted);
        }
        if (info == null) {
            info = shared.take(wanted);
        }
        if (info != null) {
            PosixTimers.delivered(info);
        }
        return info;
    }

    /** Acts on one signal; whether a handler was entered. */
    private static boolean handle(Task task, SignalInfo info) {
        ThreadGroup process = task.threadGroup;
        int signo = info.signo;
        SignalAction action;
        synchronized (process.signalLock) {
            action = process.handlers.get(signo);
            if (action.has(Signals.SA_RESETHAND) && !action.isDefault() && !action.isIgnore()) {
                process.handlers.set(signo, action.reset());
            }
        }
        SyscallTracer tracer = task.kernel.tracer;
        if (tracer != null) {
            tracer.signal(task, signo, info.code);
        }
        if (action.isIgnore()) {
            return false;
        }
        if (!action.isDefault()) {
            enterHandler(task, info, action);
            return true;
        }
        defaultAction(task, info);
        return false;
    }

    private static void defaultAction(Task task, SignalInfo info) {
        ThreadGroup process = task.threadGroup;
        int signo = info.signo;
        if (SignalSets.has(SignalSets.IGNORED, signo)) {
            return;
        }
        if (process.unkillable && !SignalSets.has(SignalSets.UNBLOCKABLE, signo)) {
            return;
        }
        if (SignalSets.has(SignalSets.STOPPING, signo)) {
            if (signo != Signals.SIGSTOP && process.processGroup.isOrphaned()) {
                return;
            }
            synchronized (process.signalLock) {
                // A SIGCONT that came while nobody held the lock has made this stop void.
                if (!process.pending.has(Signals.SIGCONT) && !task.pending.has(Signals.SIGCONT)) {
                    process.jobControl.stop(signo);
                }
            }
            return;
        }
        if (SignalSets.has(SignalSets.CORE, signo)) {
            task.kernel.logFatalSignal(task, info);
        }
        synchronized (process.signalLock) {
            Exit.beginGroupExit(process, signo);
        }
    }

    private static void enterHandler(Task task, SignalInfo info, SignalAction action) {
        if (task.inSyscall) {
            restartForHandler(task, action);
            task.inSyscall = false;
        }
        long maskToSave = task.restoreMask ? task.savedMask : task.blocked;
        task.restoreMask = false;
        if (!SignalFrame.push(task, info, action, maskToSave)) {
            SignalSender.forceSegv(task, info.signo);
            return;
        }
        long mask = task.blocked | action.mask();
        if (!action.has(Signals.SA_NODEFER)) {
            mask |= SignalSets.bit(info.signo);
        }
        SignalMasks.set(task, mask);
        PtraceStop.enteredHandler(task);
    }

    /** A handler runs now: what the interrupted call answers once it returns, signal(7). */
    private static void restartForHandler(Task task, SignalAction action) {
        switch (restartCode(task)) {
            case Errno.ERESTARTNOHAND, Errno.ERESTART_RESTARTBLOCK -> task.regs.set(Registers.RAX, -Errno.EINTR);
            case Errno.ERESTARTSYS -> {
                if (action.has(Signals.SA_RESTART)) {
                    again(task, task.regs.get(Registers.ORIG_RAX));
                } else {
                    task.regs.set(Registers.RAX, -Errno.EINTR);
                }
            }
            case Errno.ERESTARTNOINTR -> again(task, task.regs.get(Registers.ORIG_RAX));
            default -> {}
        }
    }

    private static void restartWithoutHandler(Task task) {
        if (!task.inSyscall) {
            return;
        }
        switch (restartCode(task)) {
            case Errno.ERESTARTNOHAND, Errno.ERESTARTSYS, Errno.ERESTARTNOINTR ->
                again(task, task.regs.get(Registers.ORIG_RAX));
            case Errno.ERESTART_RESTARTBLOCK -> again(task, SyscallNumbers.SYS_restart_syscall);
            default -> {}
        }
    }

    /** The restart code in RAX as a positive number, 0 if there is none; a tracer may have put the call aside. */
    private static int restartCode(Task task) {
        if ((int) task.regs.get(Registers.ORIG_RAX) == -1) {
            return 0;
        }
        long result = task.regs.get(Registers.RAX);
        return isRestart(result) ? (int) -result : 0;
    }

    /** Whether a handler's answer asks for a restart. */
    static boolean isRestart(long result) {
        return result <= -Errno.ERESTARTSYS && result >= -Errno.ERESTART_RESTARTBLOCK;
    }

    /** Puts the program back in front of its {@code syscall} instruction. */
    private static void again(Task task, long number) {
        task.regs.set(Registers.RAX, number);
        task.regs.set(Registers.RIP, task.regs.get(Registers.RIP) - SYSCALL_BYTES);
    }
}
