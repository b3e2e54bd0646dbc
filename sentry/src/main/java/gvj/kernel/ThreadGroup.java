package gvj.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A process: tasks that share signal handlers, limits and a pid. Linux's signal_struct and sighand_struct.
 *
 * <p>Locks: {@link Kernel#taskLock} guards its place in the process tree; {@link #signalLock}, taken after it, guards
 * pending signals, masks, job control and the beginning of its end. The list of threads changes under both.
 */
public final class ThreadGroup {
    public final Kernel kernel;
    /** The process id (tgid) in the root pid namespace. */
    public final int pid;

    /** Guards signals of the process and all its threads. */
    final Object signalLock = new Object();

    final PidEntry id;

    volatile ResourceLimits limits;
    volatile ProcessGroup processGroup;

    /** Live threads. Changed under the task lock and the signal lock, read under either. */
    final List<Task> threads = new ArrayList<>();

    /** The thread whose id is the process's; a zombie if it exited before others. */
    volatile Task leader;

    /** The thread that made it or adopted it; null for the first process. Task lock. */
    volatile Task parentThread;
    /** Task lock. */
    final List<ThreadGroup> children = new ArrayList<>();

    // ---- signals; signal lock ----

    volatile SignalHandlers handlers;
    final PendingSignals pending = new PendingSignals();
    final JobControl jobControl = new JobControl(this);
    /** Woken when a signal arrives for the process or one of its threads: signalfd. */
    public final WaitQueue signalQueue = new WaitQueue();
    /** SIGNAL_UNKILLABLE: process 1 of a pid namespace does not get signals it has no handler for. */
    volatile boolean unkillable;
    /** What the parent gets when it exits: SIGCHLD, another signal of clone(2), or 0. */
    volatile int exitSignal;

    // ---- its end ----

    /** exit_group, a deadly signal: every thread is on its way out with {@link #exitStatus}. Signal lock for writing. */
    volatile boolean exiting;
    /** What wait(2) reports once {@link #exiting} or zombie: {@code code << 8}, or the signal. */
    volatile int exitStatus;
    /** The last thread is gone and the process waits to be waited for, or is gone. Task lock. */
    volatile boolean zombie;
    /** Nobody can wait for it any more. Task lock. */
    volatile boolean reaped;
    /** Threads that exited and that a tracer has not waited for. Task lock. */
    int tracedZombies;
    /** The thread that is in execve and waits for the others to go; signal lock. */
    volatile Task executing;
    /** It called execve since it was born, setpgid(2). */
    volatile boolean executed;

    /** Woken when a child changes state: wait(2). */
    final WaitQueue childEvents = new WaitQueue();
    /** Woken when the process has exited: pidfd. */
    final WaitQueue exitEvents = new WaitQueue();

    // ---- attributes ----

    /** PR_SET_CHILD_SUBREAPER. */
    volatile boolean childSubreaper;
    /** Some ancestor is a subreaper. */
    volatile boolean underSubreaper;
    /** PR_SET_DUMPABLE: 0, 1 or 2. */
    volatile int dumpable = 1;
    /** oom_score_adj of /proc. */
    public volatile int oomScoreAdjustment;
    /** What membarrier(2) was registered for. */
    volatile int membarriers;
    /** PR_SET_THP_DISABLE. */
    volatile boolean thpDisabled;
    /** When it was born, {@link Clock#monotonic}. */
    public final long startMonotonic = Clock.monotonic();

    final ProcessTimes times = new ProcessTimes(this);
    final IntervalTimers intervalTimers = new IntervalTimers(this);
    final PosixTimers posixTimers = new PosixTimers(this);

    ThreadGroup(Kernel kernel, PidEntry id, ResourceLimits limits, SignalHandlers handlers) {
        this.kernel = kernel;
        this.id = id;
        this.pid = id.rootNumber();
        this.limits = limits;
        this.handlers = handlers;
        id.process = this;
    }

    /** The job it belongs to. */
    public ProcessGroup processGroup() {
        return processGroup;
    }

    /** getrlimit(2). */
    public ResourceLimits limits() {
        return limits;
    }

    /** Its id in every pid namespace; means the same when the process is gone. */
    public PidEntry pidEntry() {
        return id;
    }

    /** The thread whose id is the process's; may have exited. */
    public Task leader() {
        return leader;
    }

    /** The live threads, leader first if it lives. Takes the signal lock. */
    public List<Task> threads() {
        synchronized (signalLock) {
            return new ArrayList<>(threads);
        }
    }

    /** A live thread, or null if there is none left. */
    public Task anyThread() {
        synchronized (signalLock) {
            return threads.isEmpty() ? null : threads.get(0);
        }
    }

    /** The parent process; null for the first process. */
    public ThreadGroup parent() {
        Task thread = parentThread;
        return thread == null ? null : thread.threadGroup;
    }

    /** Times of the process and of children it waited for. */
    public ProcessTimes times() {
        return times;
    }

    /** Whether it has exited and was not waited for yet. */
    public boolean isZombie() {
        return zombie;
    }

    /** Whether it has no threads left and was waited for. */
    public boolean isReaped() {
        return reaped;
    }

    /** PR_GET_DUMPABLE. */
    public int dumpable() {
        return dumpable;
    }

    void setDumpable(int value) {
        dumpable = value;
    }

    /** What is waiting for every thread of the process, as a mask: ShdPnd of /proc/PID/status. */
    public long pendingSignals() {
        synchronized (signalLock) {
            return pending.mask();
        }
    }

    /** The action for {@code signo}. */
    public SignalAction signalAction(int signo) {
        return handlers.get(signo);
    }

    /** Whether {@code signo} is ignored by the process or blocked by {@code task}: what terminals ask before SIGTTIN. */
    public boolean ignoresOrBlocks(Task task, int signo) {
        return SignalSets.has(task.blocked, signo) || handlers.get(signo).isIgnore();
    }

    /** Sends a signal to the process, as the kernel does: any thread that does not block it takes it. */
    public void sendSignal(SignalInfo info) {
        SignalSender.toProcess(this, info, true);
    }

    /** For a thread of the Sentry's own: waits until every thread has exited; the status in wait(2)'s format. */
    public int awaitExit() throws InterruptedException {
        awaitExit(Long.MAX_VALUE);
        return exitStatus;
    }

    /** Likewise, at most {@code nanos}; whether that is so. */
    public boolean awaitExit(long nanos) throws InterruptedException {
        CountDownLatch ended = new CountDownLatch(1);
        WaitEntry entry = new WaitEntry() {
            @Override
            protected boolean wake(int happened) {
                ended.countDown();
                return true;
            }
        };
        exitEvents.add(entry);
        try {
            return hasExited() || ended.await(nanos, TimeUnit.NANOSECONDS);
        } finally {
            exitEvents.remove(entry);
        }
    }

    /** Its interval timers and CPU limit. */
    public IntervalTimers intervalTimers() {
        return intervalTimers;
    }

    /** Its POSIX timers. */
    public PosixTimers posixTimers() {
        return posixTimers;
    }

    /** Whether it is process 1 of the pid namespace that {@code member} is in. */
    boolean isInitOf(ThreadGroup member) {
        return member.id.namespace.init == this;
    }

    /** pidfd_open(2) and friends: whether every thread has exited. */
    boolean hasExited() {
        return zombie || reaped;
    }
}
