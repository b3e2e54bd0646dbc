package gvj.fs.tty;

import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.Ioctl;
import gvj.abi.Signals;
import gvj.kernel.ControllingTerminal;
import gvj.kernel.Kernel;
import gvj.kernel.ProcessGroup;
import gvj.kernel.Session;
import gvj.kernel.SignalInfo;
import gvj.kernel.Task;

/**
 * A terminal as sessions and process groups see it: who may read, who gets ^C, ioctl_tty(2) and credentials(7).
 *
 * <p>{@link Kernel#taskLock} guards session and foreground group; the terminal's own lock is never held here.
 */
final class TtyJobControl implements ControllingTerminal {
    /** {@link #ioctl} answer: the request is not about job control. */
    static final long NOT_MINE = Long.MIN_VALUE;

    private final Tty tty;
    private volatile Session session;

    TtyJobControl(Tty tty) {
        this.tty = tty;
    }

    @Override
    public int deviceNumber() {
        return DevPts.SLAVE_MAJOR << 8 | tty.index & 0xff | (tty.index & ~0xff) << 12;
    }

    @Override
    public String name() {
        return "pts/" + tty.index;
    }

    /** Its slave, for /dev/tty. */
    Tty tty() {
        return tty;
    }

    boolean isControlling(Task task) {
        Session mine = session;
        return mine != null && task.threadGroup().processGroup().session == mine;
    }

    /** Sends {@code signo} to the foreground process group, as a typed ^C does. */
    void signalForeground(int signo) {
        Session mine = session;
        ProcessGroup group = mine == null ? null : mine.foreground;
        if (group != null) {
            group.sendSignal(SignalInfo.kernel(signo));
        }
    }

    /** The master is gone: SIGHUP and SIGCONT to the session leader and the foreground, who lose the terminal. */
    void hangUp() {
        Session mine = session;
        if (mine == null) {
            return;
        }
        ProcessGroup group = mine.foreground;
        if (mine.leader != null) {
            mine.leader.sendSignal(SignalInfo.kernel(Signals.SIGHUP));
            mine.leader.sendSignal(SignalInfo.kernel(Signals.SIGCONT));
        }
        if (group != null) {
            group.sendSignal(SignalInfo.kernel(Signals.SIGHUP));
            group.sendSignal(SignalInfo.kernel(Signals.SIGCONT));
        }
        mine.terminal = null;
        mine.foreground = null;
        session = null;
    }

    /** The session's leader has exited or gave the terminal up: the foreground group gets SIGHUP and SIGCONT. */
    @Override
    public void disassociate(Session leaving) {
        ProcessGroup group = leaving.foreground;
        leaving.terminal = null;
        leaving.foreground = null;
        if (session == leaving) {
            session = null;
        }
        if (group != null) {
            group.sendSignal(SignalInfo.kernel(Signals.SIGHUP));
            group.sendSignal(SignalInfo.kernel(Signals.SIGCONT));
        }
    }

    /** Before a read: 0, -EIO, or a restart code after SIGTTIN was sent to the reader's group. */
    long checkRead(Task task) {
        ProcessGroup group = task.threadGroup().processGroup();
        if (isForegroundOrForeign(task, group)) {
            return 0;
        }
        if (task.threadGroup().ignoresOrBlocks(task, Signals.SIGTTIN) || group.isOrphaned()) {
            return -Errno.EIO;
        }
        group.sendSignal(SignalInfo.kernel(Signals.SIGTTIN));
        return -Errno.ERESTARTSYS;
    }

    /** Before a change of settings (or a write with TOSTOP): as {@link #checkRead}, with SIGTTOU. */
    long checkChange(Task task) {
        ProcessGroup group = task.threadGroup().processGroup();
        if (isForegroundOrForeign(task, group) || task.threadGroup().ignoresOrBlocks(task, Signals.SIGTTOU)) {
            return 0;
        }
        if (group.isOrphaned()) {
            return -Errno.EIO;
        }
        group.sendSignal(SignalInfo.kernel(Signals.SIGTTOU));
        return -Errno.ERESTARTSYS;
    }

    private boolean isForegroundOrForeign(Task task, ProcessGroup group) {
        Session mine = session;
        return mine == null || group.session != mine || mine.foreground == null || mine.foreground == group;
    }

    static boolean changesTerminal(int request) {
        return switch (request) {
            case Ioctl.TCSETS,
                    Ioctl.TCSETSW,
                    Ioctl.TCSETSF,
                    Ioctl.TCSETS2,
                    Ioctl.TCSETSW2,
                    Ioctl.TCSETSF2,
                    Ioctl.TCFLSH,
                    Ioctl.TCXONC,
                    Ioctl.TCSBRK,
                    Ioctl.TCSBRKP -> true;
            default -> false;
        };
    }

    /** The requests of the slave that concern sessions. */
    long ioctl(Task task, int request, long argument, boolean writeOnly) {
        return switch (request) {
            case Ioctl.TIOCSCTTY -> acquire(task, argument == 1, writeOnly);
            case Ioctl.TIOCNOTTY -> giveUp(task);
            case Ioctl.TIOCGPGRP -> isControlling(task) ? foregroundForMaster(task, argument) : -Errno.ENOTTY;
            case Ioctl.TIOCSPGRP -> setForeground(task, argument);
            case Ioctl.TIOCGSID -> sessionId(task, argument);
            default -> NOT_MINE;
        };
    }

    /** open(2) without O_NOCTTY: a session leader without a terminal gets this one if nobody has it. */
    void acquireOnOpen(Task task) {
        Kernel kernel = task.kernel;
        kernel.taskLock.lock();
        try {
            Session wanted = task.threadGroup().processGroup().session;
            if (wanted.leader == task.threadGroup() && wanted.terminal == null && session == null) {
                take(task, wanted);
            }
        } finally {
            kernel.taskLock.unlock();
        }
    }

    private long acquire(Task task, boolean force, boolean writeOnly) {
        Kernel kernel = task.kernel;
        kernel.taskLock.lock();
        try {
            Session wanted = task.threadGroup().processGroup().session;
            if (wanted.leader == task.threadGroup() && session == wanted) {
                return 0;
            }
            if (wanted.leader != task.threadGroup() || wanted.terminal != null) {
                return -Errno.EPERM;
            }
            boolean admin = task.credentials().has(Capability.CAP_SYS_ADMIN);
            if (session != null) {
                if (!force || !admin) {
                    return -Errno.EPERM;
                }
                session.terminal = null;
                session.foreground = null;
            }
            if (writeOnly && !admin) {
                return -Errno.EPERM;
            }
            take(task, wanted);
            return 0;
        } finally {
            kernel.taskLock.unlock();
        }
    }

    private void take(Task task, Session wanted) {
        session = wanted;
        wanted.terminal = this;
        wanted.foreground = task.threadGroup().processGroup();
    }

    private long giveUp(Task task) {
        Session mine = task.threadGroup().processGroup().session;
        if (session != mine || mine.terminal != this) {
            return -Errno.ENOTTY;
        }
        if (mine.leader == task.threadGroup()) {
            disassociate(mine);
        }
        return 0;
    }

    /** TIOCGPGRP, as the master may ask it too. */
    long foregroundForMaster(Task task, long argument) {
        Session mine = session;
        ProcessGroup group = mine == null ? null : mine.foreground;
        task.mm().writeInt(argument, group == null ? 0 : task.pidNamespace().idOf(group));
        return 0;
    }

    private long setForeground(Task task, long argument) {
        long verdict = checkChange(task);
        if (verdict != 0) {
            return verdict;
        }
        if (!isControlling(task)) {
            return -Errno.ENOTTY;
        }
        int wanted = task.mm().readInt(argument);
        if (wanted < 0) {
            return -Errno.EINVAL;
        }
        Kernel kernel = task.kernel;
        kernel.taskLock.lock();
        try {
            ProcessGroup group = task.pidNamespace().processGroup(wanted);
            if (group == null) {
                return -Errno.ESRCH;
            }
            if (group.session != session) {
                return -Errno.EPERM;
            }
            session.foreground = group;
            return 0;
        } finally {
            kernel.taskLock.unlock();
        }
    }

    private long sessionId(Task task, long argument) {
        Session mine = session;
        if (mine == null || !isControlling(task)) {
            return -Errno.ENOTTY;
        }
        task.mm().writeInt(argument, task.pidNamespace().idOf(mine));
        return 0;
    }
}
