package gvj.kernel;

import gvj.abi.Errno;
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

    public final Kernel kernel;
    /** Thread id in the root pid namespace. */
    public final int tid;

    public final ExecutionContext context;
    public final Registers regs;

    volatile ThreadGroup threadGroup;
    volatile MemoryManager mm;
    volatile FdTable fds;
    volatile FsContext fs;
    volatile Credentials credentials;
    /** The comm name, at most 15 bytes (Latin-1). */
    public volatile String name = "";

    /** Set when pending work (signals, stop, exit) must be looked at before going on. */
    volatile boolean interrupted;

    private volatile boolean wakePending;
    /** For {@link Blocking}: what this task waits with when it waits for one thing. */
    final TaskWaitEntry waitEntry = new TaskWaitEntry(this);

    private byte[] scratch = new byte[512];
    volatile Thread thread;

    Task(Kernel kernel, int tid) {
        this.kernel = kernel;
        this.tid = tid;
        this.context = kernel.platform.newContext();
        this.regs = context.registers();
    }

    /** The pid namespace the task is in. */
    public PidNamespace pidNamespace() {
        throw new UnsupportedOperationException();
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

    public FsContext fs() {
        return fs;
    }

    public Credentials credentials() {
        return credentials;
    }

    /** The open file behind a descriptor argument, with a reference the caller drops; EBADF, also for O_PATH ones. */
    public FileDescription file(long fd) {
        FileDescription file = fds.get((int) fd);
        if ((file.flags() & gvj.abi.Fcntl.O_PATH) != 0) {
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
    }

    /** Lets {@link #park} return; any thread may call it. */
    public void wakeUp() {
        wakePending = true;
        LockSupport.unpark(thread);
    }

    /** Makes the task leave application code, or a sleep, and look at its signals. */
    public void interrupt() {
        interrupted = true;
        context.interrupt();
        LockSupport.unpark(thread);
    }

    /** A soft or hard resource limit's current soft value (RLIMIT_*). */
    public long rlimit(int resource) {
        return threadGroup.limits.soft(resource);
    }

    /** Sends a signal to this very thread. */
    public void sendSignal(SignalInfo info) {
        throw new UnsupportedOperationException();
    }

    /**
     * Blocks {@code mask} until the system call ends; the old mask comes back then, or when a handler that interrupted the
     * call returns: ppoll(2), sigsuspend(2). Only for the task's own thread, once per call.
     */
    public void setTemporaryMask(long mask) {
        throw new UnsupportedOperationException();
    }

    /** What restart_syscall(2) is to go on with; the handler answers ERESTART_RESTARTBLOCK. */
    public void setRestart(RestartBlock block) {
        throw new UnsupportedOperationException();
    }
}
