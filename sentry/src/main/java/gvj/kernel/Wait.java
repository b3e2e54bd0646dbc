package gvj.kernel;

import gvj.abi.Errno;
import gvj.abi.Sched;
import gvj.abi.Signals;

/** Waiting for children: wait4(2), waitid(2). One object per call. */
public final class Wait {
    /** idtype_t. */
    public static final int P_ALL = 0, P_PID = 1, P_PGID = 2, P_PIDFD = 3;

    /** WUNTRACED is the same bit. */
    private static final int WSTOPPED = Sched.WSTOPPED;

    private final Task task;
    private final int idType;
    private final ThreadGroup process;
    private final ProcessGroup group;
    private final int options;
    /** For P_PID: the id that was asked for, which may be a traced thread's. */
    private final int number;

    /** The child found: its id as the caller sees it, 0 if there was none to report. */
    public int pid;
    /** Its real user id. */
    public int uid;
    /** wait(2)'s status word. */
    public int status;
    /** CLD_*. */
    public int code;
    /** struct rusage of the child. */
    public final byte[] rusage = new byte[Rusage.BYTES];

    /**
     * A wait.
     *
     * @param process for P_PID and P_PIDFD; null if there is no such process
     * @param group for P_PGID; null if there is no such group
     * @param options W* flags
     */
    public Wait(Task task, int idType, ThreadGroup process, ProcessGroup group, int options) {
        this(task, idType, 0, process, group, options);
    }

    /** As the other one; {@code number} is the id for P_PID. */
    public Wait(Task task, int idType, int number, ThreadGroup process, ProcessGroup group, int options) {
        this.number = number;
        this.task = task;
        this.idType = idType;
        this.process = process;
        this.group = group;
        this.options = options;
    }

    /** Waits: 0 with the fields filled in ({@link #pid} 0 for WNOHANG without news), ECHILD, or ERESTARTSYS. */
    public long run() {
        WaitQueue queue = task.threadGroup.childEvents;
        TaskWaitEntry entry = Blocking.entry(task, ~0);
        queue.add(entry);
        try {
            while (true) {
                task.prepareToWait();
                long result = scan();
                if (result != -Errno.EAGAIN) {
                    return result;
                }
                if (task.park(Task.FOREVER) == Task.INTERRUPTED) {
                    result = scan(); // the SIGCHLD that woke us came with news
                    return result == -Errno.EAGAIN ? -Errno.ERESTARTSYS : result;
                }
            }
        } finally {
            queue.remove(entry);
        }
    }

    /** 0 if something was found or WNOHANG was asked for, ECHILD, or EAGAIN to wait. */
    private long scan() {
        task.kernel.taskLock.lock();
        try {
            boolean any = false;
            boolean sibling = (options & Sched.__WNOTHREAD) == 0;
            for (ThreadGroup child : task.threadGroup.children) {
                if (!isEligible(child)) {
                    continue;
                }
                any = true;
                if (report(child)) {
                    return 0;
                }
            }
            for (Task thread : sibling ? task.threadGroup.threads() : java.util.List.of(task)) {
                for (Task traced : thread.tracees) {
                    if (!isEligible(traced)) {
                        continue;
                    }
                    any = true;
                    if (report(traced)) {
                        return 0;
                    }
                }
            }
            if (!any) {
                return -Errno.ECHILD;
            }
            return (options & Sched.WNOHANG) != 0 ? 0 : -Errno.EAGAIN;
        } finally {
            task.kernel.taskLock.unlock();
        }
    }

    private boolean isEligible(ThreadGroup child) {
        if ((options & Sched.__WNOTHREAD) != 0 && child.parentThread != task) {
            return false;
        }
        boolean matches = switch (idType) {
            case P_ALL -> true;
            case P_PGID -> group != null && child.processGroup == group;
            default -> child == process;
        };
        if (!matches) {
            return false;
        }
        boolean clone = child.exitSignal != Signals.SIGCHLD;
        return (options & Sched.__WALL) != 0 || clone == ((options & Sched.__WCLONE) != 0);
    }

    /** Threads are traced one by one, and waited for by their own ids, whatever they tell their parents. */
    private boolean isEligible(Task traced) {
        return switch (idType) {
            case P_ALL -> true;
            case P_PGID -> group != null && traced.threadGroup.processGroup == group;
            case P_PID -> number != 0 && task.pidNamespace().idOf(traced) == number;
            default -> traced.threadGroup == process && traced == process.leader;
        };
    }

    private boolean report(Task traced) {
        Tracee t = traced.tracee;
        ThreadGroup its = traced.threadGroup;
        boolean consume = (options & Sched.WNOWAIT) == 0;
        if (t.zombieThread || (its.zombie && traced == its.leader)) {
            boolean mine = its.zombie && its.parent() == task.threadGroup;
            if ((options & Sched.WEXITED) == 0 || mine) {
                return false; // an own child is found among the children
            }
            int how = t.zombieThread ? PtraceStop.exitCode(traced) : its.exitStatus;
            describe(traced, ParentNews.exitCode(how), how);
            if (consume) {
                Ptrace.unlink(traced, 0);
                if (t.zombieThread) {
                    Exit.releaseTracedThread(traced);
                } else {
                    Exit.passOn(its, task.threadGroup);
                }
            }
            return true;
        }
        synchronized (its.signalLock) {
            if (!t.stopped || t.listening || t.exitCode == 0) {
                return false;
            }
            int how = t.exitCode;
            describe(traced, Signals.CLD_TRAPPED, how << 8 | 0x7f);
            if (consume) {
                t.exitCode = 0;
            }
            return true;
        }
    }

    private void describe(Task traced, int cld, int how) {
        pid = task.pidNamespace().idOf(traced);
        uid = traced.credentials.uid();
        code = cld;
        status = how;
        Rusage.both(traced.threadGroup, rusage);
    }

    private boolean report(ThreadGroup child) {
        Tracee traced = child.leader.tracee;
        boolean ours = traced != null && traced.tracer.threadGroup == task.threadGroup;
        if (child.zombie) {
            if (traced != null && !ours) {
                return false; // its tracer waits for it first
            }
            if ((options & Sched.WEXITED) == 0) {
                return false;
            }
            exited(child);
            return true;
        }
        boolean consume = (options & Sched.WNOWAIT) == 0;
        synchronized (child.signalLock) {
            int signo = (options & WSTOPPED) != 0 && !ours ? child.jobControl.takeStop(consume) : 0;
            if (signo != 0) {
                describe(child, Signals.CLD_STOPPED, signo << 8 | 0x7f);
                return true;
            }
            if ((options & Sched.WCONTINUED) != 0 && child.jobControl.takeContinue(consume)) {
                describe(child, Signals.CLD_CONTINUED, Sched.__W_CONTINUED);
                return true;
            }
        }
        return false;
    }

    private void exited(ThreadGroup child) {
        int how = child.exitStatus;
        int cld = (how & 0x80) != 0 ? Signals.CLD_DUMPED : (how & 0x7f) != 0 ? Signals.CLD_KILLED : Signals.CLD_EXITED;
        describe(child, cld, how);
        if ((options & Sched.WNOWAIT) == 0) {
            task.threadGroup.times.addChild(child);
            Exit.reap(child);
        }
    }

    private void describe(ThreadGroup child, int cld, int how) {
        pid = task.pidNamespace().idOf(child);
        uid = child.leader.credentials.uid();
        code = cld;
        status = how;
        Rusage.both(child, rusage);
    }

    /** si_status: the exit code, or the signal. */
    public int siStatus() {
        return switch (code) {
            case Signals.CLD_EXITED, Signals.CLD_STOPPED -> status >> 8 & 0xff;
            case Signals.CLD_TRAPPED -> status >> 8;
            case Signals.CLD_CONTINUED -> Signals.SIGCONT;
            default -> status & 0x7f;
        };
    }
}
