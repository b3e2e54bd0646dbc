package gvj.vfs;

import gvj.abi.Errno;
import gvj.kernel.Credentials;
import gvj.kernel.ErrnoException;
import gvj.kernel.ProcessGroup;
import gvj.kernel.SignalInfo;
import gvj.kernel.Task;
import gvj.kernel.ThreadGroup;

/**
 * Who gets SIGIO: F_SETOWN, F_SETOWN_EX, F_SETSIG of fcntl(2).
 *
 * @param type F_OWNER_TID 0, F_OWNER_PID 1, F_OWNER_PGRP 2
 * @param id of the thread, process or group as the caller's pid namespace has it; 0 for nobody
 * @param signal 0 for plain SIGIO
 * @param target the {@link Task}, {@link ThreadGroup} or {@link ProcessGroup}; null for nobody
 */
public record FileOwner(int type, int id, int signal, Object target) {
    private static final int TID = 0;
    private static final int PID = 1;
    private static final int PGRP = 2;

    /** F_SETOWN's argument: a process, or negated a process group. ESRCH, EINVAL. */
    public static FileOwner ofSetOwn(Task task, int argument, FileOwner old) {
        if (argument == Integer.MIN_VALUE) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        return of(task, argument < 0 ? PGRP : PID, Math.abs(argument), old);
    }

    /** F_SETOWN_EX's argument. EINVAL for an unknown type, ESRCH for who does not exist. */
    public static FileOwner of(Task task, int type, int id, FileOwner old) {
        if (type < TID || type > PGRP || id < 0) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        int signal = old == null ? 0 : old.signal;
        if (id == 0) {
            return new FileOwner(type, 0, signal, null);
        }
        Object found = switch (type) {
            case TID -> task.pidNamespace().task(id);
            case PID -> task.pidNamespace().threadGroup(id);
            default -> task.pidNamespace().processGroup(id);
        };
        if (found == null) {
            throw ErrnoException.of(Errno.ESRCH);
        }
        return new FileOwner(type, id, signal, mayTell(task, type, id, found) ? found : null);
    }

    /** The rule of SIGIO: root, or one of the ids fits; a group only of the own session. */
    private static boolean mayTell(Task task, int type, int id, Object found) {
        Credentials mine = task.credentials();
        if (mine.euid() == 0) {
            return true;
        }
        if (found instanceof ProcessGroup group) {
            return group.session == task.threadGroup().processGroup().session;
        }
        Task other = type == TID ? (Task) found : task.pidNamespace().task(id);
        if (other == null) {
            return false;
        }
        Credentials theirs = other.credentials();
        return mine.euid() == theirs.suid()
                || mine.euid() == theirs.uid()
                || mine.uid() == theirs.suid()
                || mine.uid() == theirs.uid();
    }

    /** The same owner with another signal. */
    public static FileOwner withSignal(FileOwner old, int signal) {
        return old == null ? new FileOwner(PID, 0, signal, null) : new FileOwner(old.type, old.id, signal, old.target);
    }

    /** What F_GETOWN answers. */
    public int getOwn() {
        return type == PGRP ? -id : id;
    }

    /** Sends a signal to whoever it is. */
    public void send(SignalInfo info) {
        switch (target) {
            case Task task -> task.sendSignal(info);
            case ThreadGroup process -> process.sendSignal(info);
            case ProcessGroup group -> group.sendSignal(info);
            case null, default -> {
                // nobody, or one who must not be told
            }
        }
    }
}
