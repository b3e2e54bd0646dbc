package gvj.kernel;

import gvj.abi.Errno;
import gvj.abi.Signals;

/** Taking signals by asking for them: rt_sigtimedwait(2), signalfd(2); and rt_sigaction(2). */
public final class SignalWait {
    private SignalWait() {}

    /**
     * Takes one signal of {@code wanted} that waits for the calling task or its process; null if none does. What
     * signalfd(2) reads.
     */
    public static SignalInfo take(Task task, long wanted) {
        synchronized (task.threadGroup.signalLock) {
            return SignalDelivery.take(task, wanted & ~SignalSets.UNBLOCKABLE);
        }
    }

    /** Signals that wait for the calling task or its process. */
    public static long pending(Task task) {
        synchronized (task.threadGroup.signalLock) {
            return task.pending.mask() | task.threadGroup.pending.mask();
        }
    }

    /**
     * Waits for one of {@code wanted}: the signal, or null with the reason in the answer of {@link Task#park}.
     *
     * @param deadline as {@link Task#park}; a past one only looks
     * @throws ErrnoException EAGAIN when time is up, EINTR for another signal
     */
    public static SignalInfo await(Task task, long wanted, long deadline) {
        long these = wanted & ~SignalSets.UNBLOCKABLE;
        Object lock = task.threadGroup.signalLock;
        synchronized (lock) {
            SignalInfo info = SignalDelivery.take(task, these);
            if (info != null) {
                return info;
            }
            task.prepareToWait();
            task.waitingFor = task.blocked;
            task.blocked &= ~these;
            task.interrupted |= SignalMasks.hasWork(task);
        }
        int how = task.park(deadline);
        synchronized (lock) {
            long before = task.waitingFor;
            task.waitingFor = 0;
            SignalInfo info = SignalDelivery.take(task, these);
            SignalMasks.setLocked(task, before);
            if (info != null) {
                return info;
            }
        }
        throw ErrnoException.of(how == Task.TIMED_OUT ? Errno.EAGAIN : Errno.EINTR);
    }

    /** Sets the action for {@code signo}; waiting signals that are ignored from now on are dropped. Answers the old one. */
    public static SignalAction setAction(Task task, int signo, SignalAction action) {
        ThreadGroup process = task.threadGroup;
        synchronized (process.signalLock) {
            SignalAction old = process.handlers.get(signo);
            process.handlers.set(signo, action);
            boolean ignored = action.isIgnore() || (action.isDefault() && SignalSets.has(SignalSets.IGNORED, signo));
            if (ignored) {
                SignalSender.dropEverywhere(process, SignalSets.bit(signo));
            }
            return old;
        }
    }

    /** Whether {@code signo} can have a handler at all. */
    public static boolean isCatchable(int signo) {
        return signo != Signals.SIGKILL && signo != Signals.SIGSTOP;
    }
}
