package gvj.kernel;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.host.Host;
import gvj.host.HostNet;
import gvj.kernel.ipc.SemaphoreUndo;
import gvj.mm.MemoryManager;
import gvj.platform.ExecutionContext;
import gvj.platform.Registers;
import gvj.vfs.FdTable;
import gvj.vfs.FileDescription;
import java.util.concurrent.locks.LockSupport;

/**
 * A thread of the application: Linux's {@code task_struct}. It is run by one Java platform thread of its own.
 *
 * <p>Fields without a word about locking are touched by the task's own thread only, or are volatile.
 */
public final class Task {
    /** {@link #park}: somebody called {@link #wakeUp}. */
    public static final int WOKEN = 0;
    /** {@link #park}: the deadline passed. */
    public static final int TIMED_OUT = 1;
    /** {@link #park}: a signal, stop or exit wants the task; the handler should give up with a restart code. */
    public static final int INTERRUPTED = 2;
    /** A deadline that never comes. */
    public static final long FOREVER = Long.MAX_VALUE;
    /** Bytes of {@link #hostScratch}: struct iovecs for one call, and behind them a message. */
    public static final int HOST_BYTES = HostNet.MAX_VECTORS * 16 + 4096;

    public final Kernel kernel;

    /** Whose limits hold for it, and who accounts for it. */
    public final Cgroup cgroup;
    /** Thread id in the root pid namespace; changes only when execve makes the thread its process's leader. */
    public volatile int tid;

    public final ExecutionContext context;
    public final Registers regs;

    volatile PidEntry id;
    volatile ThreadGroup threadGroup;
    volatile MemoryManager mm;
    volatile FdTable fds;
    volatile FsContext fs;
    volatile Credentials credentials;
    volatile Namespaces namespaces;
    /** The comm name, at most 15 bytes (Latin-1). */
    public volatile String name = "";

    /** When it was born, {@link Clock#monotonic}. */
    public final long startMonotonic = Clock.monotonic();

    // ---- signals ----

    /** Signals sent to this thread; signal lock. */
    final PendingSignals pending = new PendingSignals();
    /** Blocked signals. Written by the task under the signal lock, read under it. */
    volatile long blocked;
    /** What rt_sigtimedwait(2) took out of {@link #blocked} for the wait; signal lock. */
    long waitingFor;
    /** The mask to go back to after sigsuspend, ppoll and the like. */
    long savedMask;

    boolean restoreMask;
    final SignalStack signalStack = new SignalStack();
    /** Counted in {@link JobControl} as one that must still stop; signal lock. */
    boolean stopCounted;
    /** PR_SET_PDEATHSIG. */
    volatile int parentDeathSignal;

    /** The last fault or exception, for sigcontext: vector, error code, address. */
    int trapVector;

    long trapError;
    long trapAddress;

    // ---- the system call being answered ----

    /** RAX holds the answer of a system call, which may be a restart code. */
    boolean inSyscall;
    /** The handler has set all registers (rt_sigreturn, execve): its answer does not go to RAX. */
    boolean keepRegisters;
    /** What restart_syscall(2) goes on with. */
    RestartBlock restart;

    // ---- its end ----

    /** Another thread's execve or exit_group wants this thread gone; signal lock for writing. */
    volatile boolean killed;
    /** The run loop is to end. */
    boolean dying;
    /** Its own exit status, in wait(2)'s format. */
    int exitStatus;
    /** It has left {@link ThreadGroup#threads}. */
    volatile boolean exited;
    /** What a vfork parent waits for; null if nobody does. */
    volatile VforkDone vforkDone;

    /** CLONE_CHILD_CLEARTID, set_tid_address(2): zeroed and woken at exit; 0 for none. */
    long clearChildTid;
    /** set_robust_list(2). */
    volatile long robustList;
    /** Others wait for a PI futex that this thread owns. */
    volatile boolean ownsPiFutexes;

    // ---- attributes ----

    final Scheduling scheduling;
    final TaskTimes times = new TaskTimes();
    /** RLIMIT_NPROC was exceeded by a change of user id; the next execve checks it again. */
    volatile boolean exceededProcessLimit;
    /** seccomp(2): null without a filter. */
    volatile SeccompFilters seccomp;
    /** The mode of set_mempolicy(2), its flags included. */
    public volatile int memoryPolicy;
    /** What it wants undone of semaphore operations when it ends, maybe shared (CLONE_SYSVSEM); null for nothing. */
    public volatile SemaphoreUndo semaphoreUndo;
    /** personality(2). */
    volatile int personality;
    /** PR_SET_TIMERSLACK, nanoseconds. */
    long timerSlack = 50_000;
    /** PR_MCE_KILL. */
    int mceKill = 2;
    /** PR_SET_IO_FLUSHER. */
    boolean ioFlusher;
    /** ioprio_set(2). */
    volatile int ioPriority;
    /** Calls made, by number; merged into the cgroup's at the end. */
    final long[] syscallCounts = new long[SyscallCounters.DENSE];
    /** Calls that failed, by errno; null before there is one. */
    volatile long[] errorCounts;
    /** Its times are in those of the ended; {@link TaskTotals}' monitor. */
    boolean counted;

    // ---- ptrace(2) ----

    /** Its tracer and the stop it is in; null if nobody traces it. Task lock for writing. */
    volatile Tracee tracee;
    /** Threads it traces. Task lock. */
    final java.util.ArrayList<Task> tracees = new java.util.ArrayList<>(0);

    // ---- waiting ----

    /** Set when pending work (signals, stop, exit) must be looked at before going on. */
    volatile boolean interrupted;

    private volatile boolean wakePending;
    /** In application code: {@link #interrupt} must kick the platform. */
    volatile boolean inApplication;
    /** Counts the times it went there. */
    volatile int applicationEpoch;
    /** Sleeping: what the S and R of ps are about. */
    private volatile boolean parked;
    /** For {@link Blocking}: what this task waits with when it waits for one thing. */
    final TaskWaitEntry waitEntry = new TaskWaitEntry(this);

    private byte[] scratch = new byte[512];
    private long fpuScratch;
    private long hostScratch;
    /** Sleeping in the host's poll: {@link #interrupt} must write to {@link #hostKick}. */
    private volatile boolean inHost;
    /** An eventfd, -1 until the task first sleeps in the host; {@link #waitEntry}'s monitor guards its life. */
    private int hostKick = -1;

    volatile Thread thread;

    Task(Cgroup cgroup, PidEntry id, Scheduling scheduling) {
        this.kernel = cgroup.kernel;
        this.cgroup = cgroup;
        this.id = id;
        this.tid = id.rootNumber();
        this.scheduling = scheduling;
        this.context = kernel.platform.newContext();
        this.regs = context.registers();
    }

    /** The pid namespace the task is in. */
    public PidNamespace pidNamespace() {
        return id.namespace;
    }

    /** What gettid(2) answers. */
    public int ownTid() {
        return id.ownNumber();
    }

    /** What getpid(2) answers. */
    public int ownPid() {
        return threadGroup.id.ownNumber();
    }

    public UtsNamespace utsNamespace() {
        return namespaces.uts();
    }

    /** All namespaces but the pid and user ones. */
    public Namespaces namespaces() {
        return namespaces;
    }

    /** Replaces the namespaces; only for the task's own thread. */
    public void setNamespaces(Namespaces changed) {
        namespaces = changed;
    }

    public ThreadGroup threadGroup() {
        return threadGroup;
    }

    /** The address space. */
    public MemoryManager mm() {
        return mm;
    }

    public FdTable fds() {
        return fds;
    }

    /** Replaces the descriptor table (close_range, unshare): the task's use of the old one ends. */
    public void setFds(FdTable table) {
        FdTable old = fds;
        fds = table;
        old.decUsers(this);
    }

    public FsContext fs() {
        return fs;
    }

    public Credentials credentials() {
        return credentials;
    }

    /** Replaces the credentials; only for the task's own thread. RLIMIT_NPROC follows the real user id. */
    public void setCredentials(Credentials changed) {
        Credentials old = credentials;
        if (old != null && old.uid() != changed.uid()) {
            kernel.account(old.uid()).tasks.decrementAndGet();
            kernel.account(changed.uid()).tasks.incrementAndGet();
        }
        credentials = changed;
    }

    /** Times this thread has used. */
    public TaskTimes times() {
        return times;
    }

    public long userNanos() {
        return times.user();
    }

    public long systemNanos() {
        return times.system();
    }

    /** Priority, policy and affinity. */
    public Scheduling scheduling() {
        return scheduling;
    }

    /** Blocked signals as a mask. */
    public long signalMask() {
        return blocked;
    }

    /** What is waiting for this very thread, as a mask: SigPnd of /proc/PID/status. */
    public long pendingSignals() {
        synchronized (threadGroup.signalLock) {
            return pending.mask();
        }
    }

    /** The personality(2) bits. */
    public int personality() {
        return personality;
    }

    /** How many seccomp filters it runs under, and the mode for /proc/PID/status: 0, 1 strict, 2 filter. */
    public int seccompMode() {
        SeccompFilters filters = seccomp;
        return filters == null ? 0 : filters.mode();
    }

    /** The thread that traces it, or null: TracerPid of /proc/PID/status. */
    public Task tracer() {
        Tracee traced = tracee;
        return traced == null ? null : traced.tracer;
    }

    /** R, S, D, T, t, Z or X, as /proc/PID/stat shows it. */
    public char stateChar() {
        if (exited) {
            return threadGroup.reaped ? 'X' : 'Z';
        }
        Tracee traced = tracee;
        if (traced != null && traced.stopped) {
            return 't';
        }
        if (traced == null && threadGroup.jobControl.isStopped()) {
            return 'T';
        }
        return parked ? (vforkWait ? 'D' : 'S') : 'R';
    }

    /** In a wait that only SIGKILL ends. */
    volatile boolean vforkWait;

    /** The open file behind a descriptor argument, with a reference the caller drops; EBADF, also for O_PATH ones. */
    public FileDescription file(long fd) {
        FileDescription file = fds.get((int) fd);
        if ((file.flags() & Fcntl.O_PATH) != 0) {
            file.decRef();
            throw ErrnoException.of(Errno.EBADF);
        }
        return file;
    }

    /**
     * At least {@code size} bytes to take structures of the ABI apart in. Only for the task's own thread, and only until the
     * next call of this method.
     */
    public byte[] scratch(int size) {
        if (scratch.length < size) {
            scratch = new byte[Math.max(size, scratch.length * 2)];
        }
        return scratch;
    }

    /**
     * {@link #HOST_BYTES} of native memory, not cleared, for the arguments of host calls. Only for the task's own thread, and
     * only until the next call of this method.
     */
    public long hostScratch() {
        if (hostScratch == 0) {
            long at = Host.malloc(HOST_BYTES);
            if (at < 0) {
                throw ErrnoException.of(Errno.ENOMEM);
            }
            hostScratch = at;
        }
        return hostScratch;
    }

    /** Native memory for one XSAVE area, aligned to 64 bytes. Only for the task's own thread. */
    long fpuArea() {
        if (fpuScratch == 0) {
            long at = Host.malloc(kernel.platform.fpuBytes() + 128L);
            if (at < 0) {
                throw ErrnoException.of(Errno.ENOMEM);
            }
            fpuScratch = at;
        }
        return fpuScratch + 63 & ~63L;
    }

    /** Frees native memory at the end. */
    void close() {
        if (fpuScratch != 0) {
            Host.free(fpuScratch);
            fpuScratch = 0;
        }
        if (hostScratch != 0) {
            Host.free(hostScratch);
            hostScratch = 0;
        }
        synchronized (waitEntry) {
            if (hostKick >= 0) {
                Host.close(hostKick);
                hostKick = -1;
            }
        }
        context.close();
    }

    /** The task that the calling Java thread runs; null for threads of the Sentry's own. */
    public static Task current() {
        return Thread.currentThread() instanceof TaskLoop loop ? loop.task : null;
    }

    /** Before looking at the condition to wait for: wake-ups from here on are remembered. */
    public void prepareToWait() {
        wakePending = false;
    }

    /**
     * Sleeps until {@link #wakeUp} (at once if that came since {@link #prepareToWait}), the deadline, or an interruption.
     *
     * @param deadline {@link Clock#monotonic} nanoseconds, or {@link #FOREVER}
     * @return {@link #WOKEN}, {@link #TIMED_OUT} or {@link #INTERRUPTED}
     */
    public int park(long deadline) {
        if (wakePending) {
            return WOKEN;
        }
        times.voluntarySwitches++;
        parked = true;
        try {
            while (!wakePending) {
                if (interrupted) {
                    return INTERRUPTED;
                }
                if (deadline == FOREVER) {
                    LockSupport.park(this);
                } else {
                    long left = deadline - Clock.monotonic();
                    if (left <= 0) {
                        return TIMED_OUT;
                    }
                    LockSupport.parkNanos(this, left);
                }
            }
            return WOKEN;
        } finally {
            parked = false;
        }
    }

    /**
     * As {@link #park}, until a descriptor of the host is ready: in the host's poll and in this thread, so that nobody else
     * must be woken first. {@link #wakeUp} does not end it.
     *
     * @param events POLL* bits to wait for
     */
    public int parkInHost(int fd, int events, long deadline) {
        times.voluntarySwitches++;
        int kick = hostKick();
        inHost = true;
        parked = true;
        try {
            while (!interrupted) {
                long left = deadline == FOREVER ? -1 : Math.max(0, deadline - Clock.monotonic());
                int what = HostNet.await(fd, events, kick, left);
                if (what > 0 && (what & HostNet.KICKED) != 0) {
                    Host.eventfdRead(kick);
                } else if (what != -Errno.EINTR) {
                    return what == 0 ? TIMED_OUT : WOKEN;
                }
            }
            return INTERRUPTED;
        } finally {
            parked = false;
            inHost = false;
        }
    }

    private int hostKick() {
        if (hostKick < 0) {
            int made = Host.eventfd(0, Fcntl.O_NONBLOCK | Fcntl.O_CLOEXEC);
            if (made < 0) {
                throw ErrnoException.of(-made);
            }
            synchronized (waitEntry) {
                hostKick = made;
            }
        }
        return hostKick;
    }

    private void kickOutOfHost() {
        synchronized (waitEntry) {
            if (hostKick >= 0) {
                Host.eventfdWrite(hostKick, 1);
            }
        }
    }

    /** As {@link #park} for ever, but only the end of the task interrupts it: answers false then. */
    boolean parkKillable() {
        parked = true;
        try {
            while (!wakePending) {
                if (killed || threadGroup.exiting) {
                    return false;
                }
                LockSupport.park(this);
            }
            return true;
        } finally {
            parked = false;
        }
    }

    /** Sleeps until {@link #wakeUp}, {@link #interrupt}, or for no reason at all: the caller looks again. */
    void parkOnce() {
        parked = true;
        if (!wakePending) {
            LockSupport.park(this);
        }
        parked = false;
    }

    /** Lets {@link #park} return; any thread may call it. */
    public void wakeUp() {
        wakePending = true;
        LockSupport.unpark(thread);
    }

    /** Makes the task leave application code, or a sleep, and look at its signals. */
    public void interrupt() {
        interrupted = true;
        if (inApplication) {
            context.interrupt();
        }
        if (inHost) {
            kickOutOfHost();
        }
        LockSupport.unpark(thread);
    }

    /** Whether a signal, a stop or the end waits for the task: long loops in handlers ask it. */
    public boolean isInterrupted() {
        return interrupted;
    }

    /** A soft or hard resource limit's current soft value (RLIMIT_*). */
    public long rlimit(int resource) {
        return threadGroup.limits.soft(resource);
    }

    /** Sends a signal to this very thread, as the kernel does. */
    public void sendSignal(SignalInfo info) {
        SignalSender.toTask(this, info, true);
    }

    /**
     * Blocks {@code mask} until the system call ends; the old mask comes back then, or when a handler that interrupted the
     * call returns: ppoll(2), sigsuspend(2). Only for the task's own thread, once per call.
     */
    public void setTemporaryMask(long mask) {
        savedMask = blocked;
        restoreMask = true;
        SignalMasks.set(this, mask & ~SignalSets.UNBLOCKABLE);
    }

    /** What restart_syscall(2) is to go on with; the handler answers ERESTART_RESTARTBLOCK. */
    public void setRestart(RestartBlock block) {
        restart = block;
    }

    /** set_tid_address(2). */
    public void setClearChildTid(long address) {
        clearChildTid = address;
    }

    /** set_robust_list(2). */
    public void setRobustList(long head) {
        robustList = head;
    }

    public long robustList() {
        return robustList;
    }

    public void setPersonality(int bits) {
        personality = bits;
    }

    /** ioprio_get(2). */
    public int ioPriority() {
        return ioPriority;
    }

    public void setIoPriority(int priority) {
        ioPriority = priority;
    }

    /** Whether it has not ended. */
    public boolean isAlive() {
        return !exited;
    }

    /** The thread that runs it; null before it runs. */
    public Thread thread() {
        return thread;
    }

    /** The number of the system call that it is in, -1 if it is in none: a guess, unless its own thread asks. */
    public long currentSyscall() {
        return inSyscall ? (int) regs.get(gvj.platform.Registers.ORIG_RAX) : -1;
    }

    /** PR_SET_NAME: the comm name, at most 15 bytes. */
    public void setName(String comm) {
        name = comm;
        Thread runner = thread;
        if (runner != null) {
            runner.setName(comm + " " + tid);
        }
    }

    /** A CPU the task may run on: the host does not say where it runs. {@link Vvar#setCpusDiffer} before it is not 0. */
    public int currentCpu() {
        long[] mask = scheduling.affinity();
        for (int i = 0; i < mask.length; i++) {
            if (mask[i] != 0) {
                return 64 * i + Long.numberOfTrailingZeros(mask[i]);
            }
        }
        return 0;
    }

    /** Marks the answer of the running system call as not for RAX: the handler has set every register. */
    void keepRegisters() {
        keepRegisters = true;
    }
}
