package gvj.kernel;

import gvj.abi.Errno;
import gvj.abi.Sched;

/** The state of tasks and processes that prctl(2) reads and sets. */
public final class Prctl {
    /** PF_MCE_* as PR_MCE_KILL_GET answers: late 0, early 1, default 2. */
    private static final int DEFAULT_MCE = 2;

    private static final long DEFAULT_SLACK = 50_000;

    private Prctl() {}

    public static int parentDeathSignal(Task task) {
        return task.parentDeathSignal;
    }

    public static void setParentDeathSignal(Task task, int signo) {
        task.parentDeathSignal = signo;
    }

    /** PR_SET_DUMPABLE: only 0 and 1 may be set. */
    public static long setDumpable(Task task, long value) {
        if (value != 0 && value != 1) {
            return -Errno.EINVAL;
        }
        task.threadGroup.setDumpable((int) value);
        return 0;
    }

    public static long setNoNewPrivs(Task task) {
        CredentialRules.setNoNewPrivs(task);
        return 0;
    }

    public static boolean isChildSubreaper(Task task) {
        return task.threadGroup.childSubreaper;
    }

    /** Everything born below from now on (and what is there already) looks for a subreaper first. */
    public static long setChildSubreaper(Task task, boolean on) {
        Kernel kernel = task.kernel;
        kernel.taskLock.lock();
        try {
            task.threadGroup.childSubreaper = on;
            if (on) {
                mark(task.threadGroup);
            }
        } finally {
            kernel.taskLock.unlock();
        }
        return 0;
    }

    private static void mark(ThreadGroup process) {
        java.util.ArrayDeque<ThreadGroup> todo = new java.util.ArrayDeque<>(process.children);
        while (!todo.isEmpty()) {
            ThreadGroup next = todo.poll();
            next.underSubreaper = true;
            todo.addAll(next.children);
        }
    }

    public static long setTimerSlack(Task task, long nanos) {
        task.timerSlack = nanos <= 0 ? DEFAULT_SLACK : nanos;
        return 0;
    }

    public static long timerSlack(Task task) {
        return task.timerSlack;
    }

    public static long putTidAddress(Task task, long address) {
        task.mm.writeLong(address, task.clearChildTid);
        return 0;
    }

    public static long setThpDisabled(Task task, boolean off) {
        task.threadGroup.thpDisabled = off;
        return 0;
    }

    public static boolean isThpDisabled(Task task) {
        return task.threadGroup.thpDisabled;
    }

    public static long setMceKill(Task task, long operation, long policy) {
        if (operation == Sched.PR_MCE_KILL_CLEAR) {
            if (policy != 0) {
                return -Errno.EINVAL;
            }
            task.mceKill = DEFAULT_MCE;
            return 0;
        }
        if (operation != Sched.PR_MCE_KILL_SET || policy < 0 || policy > DEFAULT_MCE) {
            return -Errno.EINVAL;
        }
        task.mceKill = (int) policy;
        return 0;
    }

    public static long mceKill(Task task) {
        return task.mceKill;
    }

    /** PR_GET_SECCOMP; in strict mode the call itself would kill. */
    public static long seccomp(Task task) {
        return task.seccompMode();
    }

    public static long ioFlusher(Task task, boolean set, long value) {
        if (!set) {
            return value != 0 ? -Errno.EINVAL : task.ioFlusher ? 1 : 0;
        }
        if (value != 0 && value != 1) {
            return -Errno.EINVAL;
        }
        task.ioFlusher = value == 1;
        return 0;
    }

    /** PR_GET_AUXV: the whole length, copied as far as there is room. */
    public static long auxv(Task task, long address, long room) {
        byte[] auxv = task.mm.layout().auxv;
        int n = (int) Math.min(auxv.length, Math.max(room, 0));
        task.mm.copyOut(address, auxv, 0, n);
        return auxv.length;
    }
}
