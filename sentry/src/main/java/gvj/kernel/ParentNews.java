package gvj.kernel;

import gvj.abi.Signals;

/** Telling a parent what became of its child: SIGCHLD and the wake-up of wait(2). */
final class ParentNews {
    private ParentNews() {}

    /** A process stopped or went on: CLD_STOPPED, CLD_CONTINUED or CLD_TRAPPED. Takes the task lock. */
    static void tell(ThreadGroup child, int code, int status) {
        Kernel kernel = child.kernel;
        kernel.taskLock.lock();
        try {
            ThreadGroup parent = child.parent();
            if (parent == null) {
                return;
            }
            SignalAction action = parent.handlers.get(Signals.SIGCHLD);
            if (!action.isIgnore() && !action.has(Signals.SA_NOCLDSTOP)) {
                parent.sendSignal(info(parent, child, Signals.SIGCHLD, code, status));
            }
            parent.childEvents.wakeAll(~0);
        } finally {
            kernel.taskLock.unlock();
        }
    }

    /**
     * A process has exited. The task lock is held.
     *
     * @return whether nobody will wait for it, so that it is to be reaped at once
     */
    static boolean tellExit(ThreadGroup child) {
        ThreadGroup parent = child.parent();
        return parent != null && tellExit(child, parent, child.exitSignal);
    }

    /** As {@link #tellExit(ThreadGroup)}, to whoever is to hear of it, a tracer perhaps. */
    static boolean tellExit(ThreadGroup child, ThreadGroup parent, int exitSignal) {
        int signo = exitSignal;
        boolean reap = false;
        if (signo == Signals.SIGCHLD) {
            SignalAction action = parent.handlers.get(Signals.SIGCHLD);
            reap = action.isIgnore() || action.has(Signals.SA_NOCLDWAIT);
            if (action.isIgnore()) {
                signo = 0;
            }
        }
        if (SignalSets.isValid(signo)) {
            int status = child.exitStatus;
            int value = (status & 0x7f) != 0 ? status & 0x7f : status >> 8 & 0xff;
            parent.sendSignal(info(parent, child, signo, exitCode(status), value));
        }
        parent.childEvents.wakeAll(~0);
        return reap;
    }

    /** A thread stopped for its tracer. The task lock is held. */
    static void tellTracer(Tracee t, int code, int status) {
        ThreadGroup tracer = t.tracer.threadGroup;
        SignalAction action = tracer.handlers.get(Signals.SIGCHLD);
        if (!action.isIgnore() && !action.has(Signals.SA_NOCLDSTOP)) {
            tracer.sendSignal(ofThread(tracer, t.task, code, status));
        }
        tracer.childEvents.wakeAll(~0);
    }

    /** A traced thread that is not its process's leader has exited with {@code status}. The task lock is held. */
    static void tellThreadExit(Tracee t, int status) {
        ThreadGroup tracer = t.tracer.threadGroup;
        if (!tracer.handlers.get(Signals.SIGCHLD).isIgnore()) {
            int value = (status & 0x7f) != 0 ? status & 0x7f : status >> 8 & 0xff;
            tracer.sendSignal(ofThread(tracer, t.task, exitCode(status), value));
        }
        tracer.childEvents.wakeAll(~0);
    }

    static int exitCode(int status) {
        return (status & 0x80) != 0
                ? Signals.CLD_DUMPED
                : (status & 0x7f) != 0 ? Signals.CLD_KILLED : Signals.CLD_EXITED;
    }

    private static SignalInfo ofThread(ThreadGroup tracer, Task thread, int code, int status) {
        SignalInfo info = new SignalInfo(Signals.SIGCHLD, code);
        info.pid = thread.id.numberIn(tracer.id.namespace);
        info.uid = thread.credentials.uid();
        info.status = status;
        info.utime = thread.userNanos();
        info.stime = thread.systemNanos();
        return info;
    }

    private static SignalInfo info(ThreadGroup parent, ThreadGroup child, int signo, int code, int status) {
        SignalInfo info = new SignalInfo(signo, code);
        info.pid = child.id.numberIn(parent.id.namespace);
        info.uid = child.leader.credentials.uid();
        info.fromChild = true;
        info.status = status;
        info.utime = child.times.user();
        info.stime = child.times.system();
        return info;
    }
}
