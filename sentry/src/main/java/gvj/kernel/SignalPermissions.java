package gvj.kernel;

import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.Signals;

/** Sending signals on behalf of a task: kill(2)'s permissions, and what the receiver is told of the sender. */
public final class SignalPermissions {
    private SignalPermissions() {}

    /** Whether {@code sender} may send {@code signo} (0 to ask) to {@code target}. */
    public static boolean maySend(Task sender, Task target, int signo) {
        ThreadGroup mine = sender.threadGroup;
        ThreadGroup theirs = target.threadGroup;
        if (mine == theirs) {
            return true;
        }
        Credentials c = sender.credentials;
        Credentials t = target.credentials;
        if (c.euid() == t.suid() || c.euid() == t.uid() || c.uid() == t.suid() || c.uid() == t.uid()) {
            return true;
        }
        if (c.has(Capability.CAP_KILL)) {
            return true;
        }
        return signo == Signals.SIGCONT && mine.processGroup().session == theirs.processGroup().session;
    }

    /** The siginfo of kill(2) and tkill(2) as {@code target} sees its sender. */
    public static SignalInfo info(Task sender, ThreadGroup target, int signo, int code) {
        int pid = sender.threadGroup.id.numberIn(target.id.namespace);
        return SignalInfo.user(signo, code, pid, sender.credentials.uid());
    }

    /** Sends to a process: 0, EPERM, EAGAIN; signal 0 only asks. A zombie takes everything and does nothing. */
    public static int toProcess(Task sender, ThreadGroup target, SignalInfo info) {
        Task some = target.leader;
        if (!maySend(sender, some, info.signo)) {
            return -Errno.EPERM;
        }
        return info.signo == 0 ? 0 : SignalSender.toProcess(target, info, isOutside(sender, target));
    }

    /** Sends to one thread, as {@link #toProcess}. */
    public static int toTask(Task sender, Task target, SignalInfo info) {
        if (!maySend(sender, target, info.signo)) {
            return -Errno.EPERM;
        }
        return info.signo == 0 ? 0 : SignalSender.toTask(target, info, isOutside(sender, target.threadGroup));
    }

    /** Sends to every member of a group: 0 if one got it, else the last error, ESRCH for an empty group. */
    public static int toGroup(Task sender, ProcessGroup group, int signo) {
        sender.kernel.taskLock.lock();
        try {
            int result = -Errno.ESRCH;
            boolean success = false;
            for (ThreadGroup member : group.members) {
                result = toProcess(sender, member, info(sender, member, signo, Signals.SI_USER));
                success |= result == 0;
            }
            return success ? 0 : result;
        } finally {
            sender.kernel.taskLock.unlock();
        }
    }

    /** kill(-1): everything the sender may signal but itself and process 1. */
    public static int toAll(Task sender, int signo) {
        PidNamespace ns = sender.pidNamespace();
        int result = 0;
        boolean any = false;
        for (ThreadGroup process : ns.processes()) {
            if (ns.idOf(process) <= 1 || process == sender.threadGroup) {
                continue;
            }
            any = true;
            int error = toProcess(sender, process, info(sender, process, signo, Signals.SI_USER));
            result = error == -Errno.EPERM ? result : error;
        }
        return any ? result : -Errno.ESRCH;
    }

    private static boolean isOutside(Task sender, ThreadGroup target) {
        return sender.id.numberIn(target.id.namespace) == 0;
    }
}
