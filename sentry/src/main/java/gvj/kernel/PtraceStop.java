package gvj.kernel;

import gvj.abi.Seccomp;
import gvj.abi.Signals;
import gvj.platform.Registers;

/**
 * The stops of ptrace(2), seen from the thread that is traced: it tells its tracer, sleeps until that lets it go, and
 * goes on as it was told. All methods are for the task's own thread and do nothing for one that is not traced.
 */
final class PtraceStop {
    /** SIGTRAP as PTRACE_O_TRACESYSGOOD marks it. */
    static final int SYSCALL_TRAP = Signals.SIGTRAP | 0x80;

    private PtraceStop() {}

    // ---- system calls

    /**
     * Syscall-enter-stop.
     *
     * @return false if the call is not to be made: the answer is in RAX then
     */
    static boolean syscallEntry(Task task) {
        Tracee t = task.tracee;
        if (t == null || !t.mode.stopsAtEntry()) {
            return true;
        }
        boolean emulated = t.mode.emulates();
        syscallStop(task, t, Seccomp.PTRACE_EVENTMSG_SYSCALL_ENTRY);
        return !emulated && !isEnding(task);
    }

    /** Syscall-exit-stop, or the trap behind a system call that was stepped over. */
    static void syscallExit(Task task) {
        Tracee t = task.tracee;
        if (t == null || task.dying) {
            return;
        }
        if (t.mode.steps()) {
            SignalInfo info = new SignalInfo(Signals.SIGTRAP, Signals.TRAP_BRKPT);
            info.address = task.regs.get(Registers.RIP);
            SignalSender.force(task, info);
        } else if (t.mode == Tracee.Mode.SYSCALL) {
            syscallStop(task, t, Seccomp.PTRACE_EVENTMSG_SYSCALL_EXIT);
        }
    }

    private static void syscallStop(Task task, Tracee t, long message) {
        boolean good = (t.options & Seccomp.PTRACE_O_TRACESYSGOOD) != 0;
        int signo = trap(task, good ? SYSCALL_TRAP : Signals.SIGTRAP, message);
        if (SignalSets.isValid(signo)) {
            SignalSender.toTask(task, SignalInfo.user(signo, Signals.SI_USER, 0, 0), true);
        }
    }

    /** A filter answered SECCOMP_RET_TRACE: whether a tracer was there to be asked. */
    static boolean seccomp(Task task, int data) {
        Tracee t = task.tracee;
        if (t == null || !t.wants(Seccomp.PTRACE_EVENT_SECCOMP)) {
            return false;
        }
        t.seccompData = data;
        trap(task, Signals.SIGTRAP | Seccomp.PTRACE_EVENT_SECCOMP << 8, data);
        return true;
    }

    // ---- events

    /** PTRACE_EVENT_{FORK,VFORK,CLONE,VFORK_DONE}; the message is the child's id as the tracer sees it. */
    static void forked(Task task, int event, PidEntry child) {
        Tracee t = task.tracee;
        if (t != null && t.wants(event)) {
            trap(task, Signals.SIGTRAP | event << 8, child.numberIn(t.tracer.pidNamespace()));
        }
    }

    /** Which event a clone with these flags is to its tracer; 0 for none. */
    static int cloneEvent(Task parent, CloneArgs args) {
        Tracee t = parent.tracee;
        if (t == null || args.has(gvj.abi.Sched.CLONE_UNTRACED)) {
            return 0;
        }
        int event = args.has(gvj.abi.Sched.CLONE_VFORK)
                ? Seccomp.PTRACE_EVENT_VFORK
                : args.exitSignal != Signals.SIGCHLD ? Seccomp.PTRACE_EVENT_CLONE : Seccomp.PTRACE_EVENT_FORK;
        return t.wants(event) ? event : 0;
    }

    /** PTRACE_EVENT_EXEC, or the SIGTRAP that tracers without it get. */
    static void execed(Task task, int formerId) {
        Tracee t = task.tracee;
        if (t == null) {
            return;
        }
        if (t.wants(Seccomp.PTRACE_EVENT_EXEC)) {
            trap(task, Signals.SIGTRAP | Seccomp.PTRACE_EVENT_EXEC << 8, formerId);
        } else if (!t.seized) {
            SignalSender.toTask(task, SignalInfo.user(Signals.SIGTRAP, Signals.SI_USER, 0, 0), true);
        }
    }

    /** PTRACE_EVENT_EXIT: the message is the status it ends with. Only another SIGKILL gets it out of this stop. */
    static void exiting(Task task) {
        Tracee t = task.tracee;
        if (t == null || !t.wants(Seccomp.PTRACE_EVENT_EXIT)) {
            return;
        }
        synchronized (task.threadGroup.signalLock) {
            task.pending.drop(SignalSets.KILL);
            task.threadGroup.pending.drop(SignalSets.KILL);
        }
        stop(
                task,
                Signals.SIGTRAP | Seccomp.PTRACE_EVENT_EXIT << 8,
                Signals.CLD_TRAPPED,
                exitCode(task),
                trapInfo(task, Signals.SIGTRAP, Signals.SIGTRAP | Seccomp.PTRACE_EVENT_EXIT << 8),
                true);
    }

    /** The status wait(2) reports of this very thread. */
    static int exitCode(Task task) {
        return task.threadGroup.exiting ? task.threadGroup.exitStatus : task.exitStatus;
    }

    // ---- signals

    /** Signal-delivery-stop: the signal that takes effect, which may be another one; null if the tracer dropped it. */
    static SignalInfo signal(Task task, SignalInfo info) {
        Tracee t = task.tracee;
        if (t == null || info.signo == Signals.SIGKILL) {
            return info;
        }
        int signo = stop(task, info.signo, Signals.CLD_TRAPPED, 0, info, false);
        if (signo == 0 || isEnding(task)) {
            return null;
        }
        if (task.tracee == null && t.info != info) {
            return info; // it let go of the thread before the thread could stop
        }
        SignalInfo now = t.info;
        if (now == null || now.signo != signo) {
            int tracer = t.tracer.threadGroup.id.numberIn(task.pidNamespace());
            now = SignalInfo.user(signo, Signals.SI_USER, tracer, t.tracer.credentials.uid());
        }
        synchronized (task.threadGroup.signalLock) {
            if (SignalSets.has(task.blocked, signo)) {
                if (!task.pending.has(signo)) {
                    task.pending.add(now, null);
                }
                return null;
            }
        }
        return now;
    }

    /** A handler was entered while the tracer single-steps: it sees the first instruction. */
    static void enteredHandler(Task task) {
        Tracee t = task.tracee;
        if (t != null && t.mode.steps()) {
            trap(task, Signals.SIGTRAP, 0);
        }
    }

    /** Group-stop, PTRACE_INTERRUPT and what else {@link Tracee#trapPending} is set for. */
    static void groupStop(Task task, Tracee t) {
        int signo;
        synchronized (task.threadGroup.signalLock) {
            signo = task.threadGroup.jobControl.stopSignal();
        }
        if (t.seized) {
            int reported = signo == 0 ? Signals.SIGTRAP : signo;
            int code = reported | Seccomp.PTRACE_EVENT_STOP << 8;
            stop(task, code, Signals.CLD_STOPPED, 0, trapInfo(task, reported, code), false);
        } else {
            stop(task, signo == 0 ? Signals.SIGSTOP : signo, Signals.CLD_STOPPED, 0, null, false);
        }
    }

    // ---- the stop itself

    private static int trap(Task task, int code, long message) {
        return stop(task, code, Signals.CLD_TRAPPED, message, trapInfo(task, Signals.SIGTRAP, code), false);
    }

    private static SignalInfo trapInfo(Task task, int signo, int code) {
        SignalInfo info = new SignalInfo(signo, code);
        long pid = task.pidNamespace().idOf(task);
        info.address = (long) task.credentials.uid() << 32 | pid; // si_pid and si_uid lie where si_addr does
        return info;
    }

    private static boolean isEnding(Task task) {
        return task.threadGroup.exiting || task.killed;
    }

    /**
     * Stops until the tracer lets the thread go, or it is killed.
     *
     * @param code what wait(2) reports
     * @param cld CLD_TRAPPED or CLD_STOPPED
     * @param atExit the thread is ending already: only a new SIGKILL counts
     * @return the signal to go on with, 0 for none
     */
    private static int stop(Task task, int code, int cld, long message, SignalInfo info, boolean atExit) {
        Tracee t = enter(task, code, cld, message, info, atExit);
        if (t == null) {
            return info != null && code == info.signo ? code : 0;
        }
        ThreadGroup process = task.threadGroup;
        while (true) {
            task.prepareToWait();
            synchronized (process.signalLock) {
                boolean relisten = t.listening && t.trapPending();
                if (!t.stopped || relisten || isKilled(task, atExit)) {
                    return leave(task, t);
                }
            }
            task.parkOnce();
        }
    }

    private static boolean isKilled(Task task, boolean atExit) {
        return atExit
                ? task.pending.has(Signals.SIGKILL) || task.threadGroup.pending.has(Signals.SIGKILL)
                : isEnding(task);
    }

    private static Tracee enter(Task task, int code, int cld, long message, SignalInfo info, boolean atExit) {
        Kernel kernel = task.kernel;
        ThreadGroup process = task.threadGroup;
        kernel.taskLock.lock();
        try {
            Tracee t = task.tracee;
            boolean stopComplete = false;
            synchronized (process.signalLock) {
                if (t == null || isKilled(task, atExit)) {
                    return null;
                }
                if (!task.inSyscall) {
                    task.regs.set(Registers.ORIG_RAX, -1);
                }
                if (cld == Signals.CLD_STOPPED) {
                    stopComplete = process.jobControl.threadStopped(task);
                }
                t.trapStop = false;
                if (code >> 8 == Seccomp.PTRACE_EVENT_STOP) {
                    t.trapNotify = false;
                }
                t.exitCode = code;
                t.resumeSignal = 0;
                t.message = message;
                t.info = info;
                t.listening = false;
                t.stopped = true;
            }
            ParentNews.tellTracer(t, cld, code & 0x7f);
            if (stopComplete && t.tracer.threadGroup != process.parent()) {
                ParentNews.tell(process, Signals.CLD_STOPPED, process.jobControl.stopSignal());
            }
            return t;
        } finally {
            kernel.taskLock.unlock();
        }
    }

    /** The signal lock is held. */
    private static int leave(Task task, Tracee t) {
        t.stopped = false;
        t.listening = false;
        t.exitCode = 0;
        task.interrupted |= SignalMasks.hasWork(task);
        if (!SignalFrame.isCanonical(task.regs.get(Registers.RIP))) {
            task.regs.set(Registers.RIP, 0);
        }
        return isEnding(task) ? 0 : t.resumeSignal;
    }
}
