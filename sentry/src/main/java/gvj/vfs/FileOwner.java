package gvj.vfs;

import gvj.abi.Errno;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;

/**
 * Who gets SIGIO: F_SETOWN, F_SETOWN_EX, F_SETSIG of fcntl(2).
 *
 * @param type F_OWNER_TID 0, F_OWNER_PID 1, F_OWNER_PGRP 2
 * @param id of the thread, process or group; 0 for nobody
 * @param signal 0 for plain SIGIO
 */
public record FileOwner(int type, int id, int signal) {
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
        if (id != 0 && type != PGRP && !task.kernel.tasks.containsKey(id)) {
            throw ErrnoException.of(Errno.ESRCH);
        }
        return new FileOwner(type, id, old == null ? 0 : old.signal);
    }

    /** The same owner with another signal. */
    public static FileOwner withSignal(FileOwner old, int signal) {
        return old == null ? new FileOwner(PID, 0, signal) : new FileOwner(old.type, old.id, signal);
    }

    /** What F_GETOWN answers. */
    public int getOwn() {
        return type == PGRP ? -id : id;
    }
}
