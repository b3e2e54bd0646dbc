package gvj.kernel;

import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.Seccomp;
import gvj.abi.Signals;
import java.util.ArrayList;

/**
 * ptrace(2), seen from the tracer: becoming one, letting tracees go on, and what happens when either of them ends. What
 * is read and written of a stopped thread is in {@link PtraceState}.
 */
public final class Ptrace {
    private Ptrace() {}

    /** PTRACE_TRACEME: the caller's parent becomes its tracer. EPERM if it has one, or may do more than its parent. */
    public static long traceMe(Task task) {
        task.kernel.taskLock.lock();
        try {
            Task parent = task.threadGroup.parentThread;
            if (task.tracee != null) {
                return -Errno.EPERM;
            }
            if (parent != null && !parent.exited) {
                boolean covered = (task.credentials.permitted() & ~parent.credentials.permitted()) == 0;
                if (!covered && !parent.credentials.has(Capability.CAP_SYS_PTRACE)) {
                    return -Errno.EPERM;
                }
                link(task, parent, false, 0);
            }
            return 0;
        } finally {
            task.kernel.taskLock.unlock();
        }
    }

    /** PTRACE_ATTACH, PTRACE_SEIZE with {@code options}: EPERM if the caller may not, or somebody else traces it. */
    public static long attach(Task tracer, Task target, boolean seize, int options) {
        if (target.threadGroup == tracer.threadGroup || !PtraceAccess.allows(tracer, target)) {
            return -Errno.EPERM;
        }
        tracer.kernel.taskLock.lock();
        try {
            if (target.exited || target.tracee != null) {
                return -Errno.EPERM;
            }
            link(target, tracer, seize, options);
            if (!seize) {
                SignalSender.toTask(target, SignalInfo.kernel(Signals.SIGSTOP), true);
            }
            synchronized (target.threadGroup.signalLock) {
                if (target.threadGroup.jobControl.isStopping() && !target.stopCounted) {
                    target.tracee.trapStop = true; // from a group-stop into a ptrace-stop
                    target.interrupt();
                }
            }
            return 0;
        } finally {
            tracer.kernel.taskLock.unlock();
        }
    }

    /** The task lock is held. */
    private static void link(Task target, Task tracer, boolean seized, int options) {
        target.tracee = new Tracee(target, tracer, seized, options);
        tracer.tracees.add(target);
    }

    /** A child whose parent is traced with PTRACE_O_TRACE{FORK,VFORK,CLONE} begins its life stopped. Task lock. */
    static void inherit(Task parent, Task child) {
        Tracee t = parent.tracee;
        if (t == null) {
            return;
        }
        link(child, t.tracer, t.seized, t.options);
        synchronized (child.threadGroup.signalLock) {
            if (t.seized) {
                child.tracee.trapStop = true;
            } else {
                child.pending.add(SignalInfo.user(Signals.SIGSTOP, Signals.SI_USER, 0, 0), null);
            }
            child.interrupted = true;
        }
    }

    /**
     * Whether {@code target} is stopped for {@code tracer}, who may then look at it and change it. The task lock is
     * held, so that the thread's registers stay.
     */
    static boolean isStopped(Task tracer, Task target) {
        Tracee t = target.tracee;
        if (t == null || t.tracer != tracer) {
            return false;
        }
        synchronized (target.threadGroup.signalLock) {
            return t.stopped && !t.listening;
        }
    }

    /** Lets a stopped tracee go on with {@code signo}, or without a signal for 0: ESRCH, EIO for a bad number. */
    private static long resume(Task tracer, Task target, Tracee.Mode mode, long signo) {
        if (Long.compareUnsigned(signo, Signals.SIGRTMAX) > 0) {
            return -Errno.EIO;
        }
        tracer.kernel.taskLock.lock();
        try {
            if (!isStopped(tracer, target)) {
                return -Errno.ESRCH;
            }
            target.tracee.mode = mode;
            release(target.tracee, (int) signo);
            return 0;
        } finally {
            tracer.kernel.taskLock.unlock();
        }
    }

    public static long cont(Task tracer, Task target, long signo) {
        return resume(tracer, target, Tracee.Mode.CONT, signo);
    }

    public static long syscall(Task tracer, Task target, long signo) {
        return resume(tracer, target, Tracee.Mode.SYSCALL, signo);
    }

    public static long singleStep(Task tracer, Task target, long signo) {
        return resume(tracer, target, Tracee.Mode.STEP, signo);
    }

    public static long sysemu(Task tracer, Task target, long signo, boolean step) {
        return resume(tracer, target, step ? Tracee.Mode.SYSEMU_STEP : Tracee.Mode.SYSEMU, signo);
    }

    private static void release(Tracee t, int signo) {
        synchronized (t.task.threadGroup.signalLock) {
            t.resumeSignal = signo;
            t.exitCode = 0;
            t.stopped = false;
            t.listening = false;
        }
        t.task.wakeUp();
    }

    /** PTRACE_DETACH. */
    public static long detach(Task tracer, Task target, long signo) {
        if (Long.compareUnsigned(signo, Signals.SIGRTMAX) > 0) {
            return -Errno.EIO;
        }
        tracer.kernel.taskLock.lock();
        try {
            if (!isStopped(tracer, target)) {
                return -Errno.ESRCH;
            }
            unlink(target, (int) signo);
            return 0;
        } finally {
            tracer.kernel.taskLock.unlock();
        }
    }

    /** PTRACE_INTERRUPT: EIO for a thread that was not seized. */
    public static long interrupt(Task tracer, Task target) {
        Tracee t = mine(tracer, target);
        if (t == null) {
            return -Errno.ESRCH;
        }
        if (!t.seized) {
            return -Errno.EIO;
        }
        synchronized (target.threadGroup.signalLock) {
            if (!target.exited) {
                t.trapStop = true;
                target.interrupt();
            }
        }
        return 0;
    }

    /** PTRACE_LISTEN: the group-stop goes on, and the tracer hears of its end. EIO for other stops. */
    public static long listen(Task tracer, Task target) {
        Tracee t = mine(tracer, target);
        if (t == null) {
            return -Errno.ESRCH;
        }
        synchronized (target.threadGroup.signalLock) {
            if (!t.stopped || t.listening) {
                return -Errno.ESRCH;
            }
            if (!t.seized || t.info == null || t.info.code >> 8 != Seccomp.PTRACE_EVENT_STOP) {
                return -Errno.EIO;
            }
            t.listening = true;
        }
        target.wakeUp();
        return 0;
    }

    /** PTRACE_KILL. */
    public static long kill(Task tracer, Task target) {
        if (mine(tracer, target) == null) {
            return -Errno.ESRCH;
        }
        SignalSender.toTask(target, SignalInfo.user(Signals.SIGKILL, Signals.SI_USER, 0, 0), true);
        return 0;
    }

    private static Tracee mine(Task tracer, Task target) {
        Tracee t = target.tracee;
        return t != null && t.tracer == tracer ? t : null;
    }

    // ---- the ends

    /**
     * {@code target} is not traced any more; if it is stopped it goes on with {@code signo}, into the group-stop its
     * process may be in. The task lock is held.
     */
    static void unlink(Task target, int signo) {
        Tracee t = target.tracee;
        if (t == null) {
            return;
        }
        t.tracer.tracees.remove(target);
        target.tracee = null;
        synchronized (target.threadGroup.signalLock) {
            t.trapStop = false;
            t.trapNotify = false;
            if (!target.exited) {
                target.threadGroup.jobControl.rejoin(target);
            }
            if (t.stopped) {
                t.resumeSignal = signo;
                t.stopped = false;
                target.interrupted = true;
            }
        }
        target.wakeUp();
        t.tracer.threadGroup.childEvents.wakeAll(~0);
    }

    /** A tracer ends: its tracees go on without it, or die with PTRACE_O_EXITKILL. The task lock is held. */
    static void tracerExits(Task tracer) {
        for (Task target : new ArrayList<>(tracer.tracees)) {
            Tracee t = target.tracee;
            if (t == null) {
                continue; // went with another thread of its process
            }
            if (t.killsWithTracer()) {
                SignalSender.toTask(target, SignalInfo.kernel(Signals.SIGKILL), true);
            }
            int signo = t.info != null && t.exitCode == t.info.signo ? t.exitCode : 0;
            boolean zombieProcess = target.threadGroup.zombie && target == target.threadGroup.leader;
            unlink(target, signo);
            if (t.zombieThread) {
                Exit.releaseTracedThread(target);
            } else if (zombieProcess) {
                Exit.passOn(target.threadGroup, tracer.threadGroup);
            }
        }
    }
}
