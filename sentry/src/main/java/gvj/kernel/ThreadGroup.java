package gvj.kernel;

import java.util.ArrayList;
import java.util.List;

/** A process: tasks that share signals handlers, limits and a pid. Linux's signal_struct and sighand_struct. */
public final class ThreadGroup {
    public final Kernel kernel;
    /** The process id (tgid) in the root pid namespace. */
    public final int pid;

    volatile ResourceLimits limits;
    volatile ProcessGroup processGroup;
    /** Guarded by {@link Kernel#taskLock}. */
    final List<Task> threads = new ArrayList<>();

    ThreadGroup(Kernel kernel, int pid, ResourceLimits limits) {
        this.kernel = kernel;
        this.pid = pid;
        this.limits = limits;
    }

    /** The job it belongs to. */
    public ProcessGroup processGroup() {
        return processGroup;
    }

    /** Whether {@code signo} is ignored by the process or blocked by {@code task}: what terminals ask before SIGTTIN. */
    public boolean ignoresOrBlocks(Task task, int signo) {
        throw new UnsupportedOperationException();
    }

    /** Sends a signal to the process: any thread that does not block it takes it. */
    public void sendSignal(SignalInfo info) {
        throw new UnsupportedOperationException();
    }
}
