package gvj.kernel;

import gvj.abi.Errno;
import gvj.abi.Sched;
import gvj.abi.Signals;

/**
 * Putting a signal on a queue and choosing who takes it: the sending half of signal(7). Whether the sender may is decided
 * before, in {@link SignalPermissions}.
 */
public final class SignalSender {
    private SignalSender() {}

    /**
     * Sends to a process.
     *
     * @param fromOutside the kernel or an ancestor pid namespace sends it: SIGKILL and SIGSTOP then work on process 1 too
     * @return 0, or -EAGAIN when a real-time signal cannot be queued
     */
    public static int toProcess(ThreadGroup process, SignalInfo info, boolean fromOutside) {
        synchronized (process.signalLock) {
            if (process.threads.isEmpty()) {
                return 0;
            }
            Task some = process.threads.get(0);
            int result = queue(process, some, null, info, fromOutside);
            if (result != 0) {
                return result < 0 ? result : 0;
            }
        }
        process.signalQueue.wakeAll(~0);
        return 0;
    }

    /** Sends to one thread; as {@link #toProcess}. */
    public static int toTask(Task task, SignalInfo info, boolean fromOutside) {
        ThreadGroup process = task.threadGroup;
        synchronized (process.signalLock) {
            if (task.exited) {
                return 0;
            }
            int result = queue(process, task, task, info, fromOutside);
            if (result != 0) {
                return result < 0 ? result : 0;
            }
        }
        process.signalQueue.wakeAll(~0);
        return 0;
    }

    /**
     * A signal that a thread earned by what it did and cannot escape: if it is blocked or ignored the action becomes the
     * default, which kills. Only for the task's own thread.
     */
    static void force(Task task, SignalInfo info) {
        ThreadGroup process = task.threadGroup;
        synchronized (process.signalLock) {
            SignalAction action = process.handlers.get(info.signo);
            boolean blocked = SignalSets.has(task.blocked, info.signo);
            if (blocked || action.isIgnore()) {
                process.handlers.set(info.signo, SignalAction.DEFAULT);
                task.blocked &= ~SignalSets.bit(info.signo);
            }
            if (process.handlers.get(info.signo).isDefault() && task.tracee == null) {
                process.unkillable = false;
            }
            if (!task.pending.has(info.signo)) {
                task.pending.add(info, null);
            }
            task.interrupted = true;
        }
    }

    /** SIGSEGV for a stack or frame that cannot be used: kills at once if the handler for SIGSEGV itself failed. */
    static void forceSegv(Task task, int failedSignal) {
        if (failedSignal == Signals.SIGSEGV) {
            task.threadGroup.handlers.set(Signals.SIGSEGV, SignalAction.DEFAULT);
        }
        force(task, SignalInfo.kernel(Signals.SIGSEGV));
    }

    /** Returns 0 if it was queued, 1 if it was dropped or is waiting already, or -EAGAIN. */
    private static int queue(ThreadGroup process, Task seenFrom, Task target, SignalInfo info, boolean fromOutside) {
        int signo = info.signo;
        if (process.exiting && signo != Signals.SIGKILL) {
            return 1;
        }
        stopOrContinue(process, signo);
        if (isIgnored(process, seenFrom, signo, fromOutside)) {
            return 1;
        }
        PendingSignals queue = target != null ? target.pending : process.pending;
        if (signo < Signals.SIGRTMIN && queue.has(signo)) {
            return 1;
        }
        UserAccount account = null;
        if (signo >= Signals.SIGRTMIN || (info.code < 0 && info.code != Signals.SI_TKILL)) {
            UserAccount user = process.kernel.account(seenFrom.credentials.uid());
            if (user.chargeSignal(process.limits.soft(Sched.RLIMIT_SIGPENDING))) {
                account = user;
            } else if (signo >= Signals.SIGRTMIN && info.code != Signals.SI_USER) {
                return -Errno.EAGAIN;
            }
        }
        queue.add(info, account);
        choose(process, target, signo);
        return 0;
    }

    /** SIGCONT takes stop signals off the queues and lets the process go on; a stop signal takes SIGCONT off. */
    private static void stopOrContinue(ThreadGroup process, int signo) {
        if (signo == Signals.SIGCONT) {
            dropEverywhere(process, SignalSets.STOPPING);
            process.jobControl.resume(true);
            process.jobControl.tellSeizing();
        } else if (SignalSets.has(SignalSets.STOPPING, signo)) {
            dropEverywhere(process, SignalSets.bit(Signals.SIGCONT));
        }
    }

    static void dropEverywhere(ThreadGroup process, long set) {
        process.pending.drop(set);
        for (Task task : process.threads) {
            task.pending.drop(set);
        }
    }

    private static boolean isIgnored(ThreadGroup process, Task task, int signo, boolean fromOutside) {
        if (SignalSets.has(task.blocked | task.waitingFor, signo)) {
            return false; // it may become unblocked after the action changed
        }
        if (task.tracee != null && signo != Signals.SIGKILL) {
            return false; // its tracer wants to know
        }
        SignalAction action = process.handlers.get(signo);
        boolean kernelOnly = SignalSets.has(SignalSets.UNBLOCKABLE, signo);
        if (process.unkillable && action.isDefault() && !(fromOutside && kernelOnly)) {
            return true;
        }
        return action.isIgnore() || (action.isDefault() && SignalSets.has(SignalSets.IGNORED, signo));
    }

    /** Wakes a thread that will take the signal, and begins the end of the process if it is deadly for sure. */
    private static void choose(ThreadGroup process, Task target, int signo) {
        Task taker = null;
        if (target != null) {
            taker = wants(target, signo) ? target : null;
        } else {
            for (Task task : process.threads) {
                if (wants(task, signo)) {
                    boolean idle = !task.interrupted;
                    if (taker == null || idle) {
                        taker = task;
                    }
                    if (idle) {
                        break;
                    }
                }
            }
        }
        if (taker == null) {
            return;
        }
        if (isDeadly(process, taker, signo)) {
            Exit.beginGroupExit(process, signo);
            return;
        }
        taker.interrupt();
    }

    private static boolean wants(Task task, int signo) {
        // what is stopped takes nothing but its end; the rest waits for SIGCONT
        boolean asleep = signo != Signals.SIGKILL && task.threadGroup.jobControl.isStopped(task);
        return !SignalSets.has(task.blocked, signo) && !task.exited && !asleep;
    }

    /** Deadly without a core dump and without anything that could still catch it. */
    private static boolean isDeadly(ThreadGroup process, Task taker, int signo) {
        if (signo == Signals.SIGKILL) {
            return true;
        }
        if (taker.tracee != null) {
            return false;
        }
        long harmless = SignalSets.IGNORED | SignalSets.STOPPING | SignalSets.CORE;
        return process.handlers.get(signo).isDefault()
                && !SignalSets.has(harmless, signo)
                && !process.unkillable
                && !SignalSets.has(taker.waitingFor, signo);
    }
}
