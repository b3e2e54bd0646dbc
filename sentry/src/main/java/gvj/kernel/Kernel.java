package gvj.kernel;

import gvj.loader.Vdso;
import gvj.mm.MemoryFile;
import gvj.platform.Platform;
import gvj.syscalls.SyscallTable;
import gvj.vfs.AnonFs;
import gvj.vfs.DeviceRegistry;
import gvj.vfs.Vfs;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One sandbox: everything that its tasks share.
 *
 * <p>Lock order: {@link #taskLock} (process tree, groups, sessions) before any {@link ThreadGroup} signal lock before
 * wait queues. Nothing on the plain system call path takes it.
 */
public final class Kernel {
    /** What uname(2) answers: a Linux whose interfaces we follow, and our name. */
    public static final String RELEASE = "6.12.0-gvj";

    /** Our own version. */
    public static final String PRODUCT_VERSION = "0.1.0";

    public static final String VERSION = "#1 SMP gvisor-java";

    /** As many tasks as the Sentry has threads for. */
    public static final int MAX_TASKS = 4096;

    /** Guards the process tree: parents, children, process groups, sessions, exit and wait states. */
    public final ReentrantLock taskLock = new ReentrantLock();

    /** Every task, zombie leaders included, by thread id of the root pid namespace. */
    public final ConcurrentHashMap<Integer, Task> tasks = new ConcurrentHashMap<>();

    public final MemoryFile memoryFile;
    public final Platform platform;
    public final SyscallTable syscalls;
    public final Timers timers = new Timers();
    public final FutexManager futexes = new FutexManager();
    public final UserNamespace rootUserNamespace = new UserNamespace(null, 0);
    /** Of the first process, and of mounts made before there is one. */
    public final IpcNamespace rootIpcNamespace = new IpcNamespace(rootUserNamespace);

    public final NetNamespace rootNetNamespace = new NetNamespace(rootUserNamespace, true);

    public final PidNamespace rootPidNamespace = new PidNamespace(null, rootUserNamespace);

    /** Of everybody together, and of the first container. */
    public final Cgroup rootCgroup;

    /** pipefs, sockfs and anon_inodefs. */
    public final AnonFs pipeFs = new AnonFs("pipefs", 0x50495045L);

    public final AnonFs sockFs = new AnonFs("sockfs", 0x534F434BL);
    public final AnonFs anonFs = new AnonFs("anon_inodefs", 0x09041934L);

    /** Types of file systems, and what belongs to none. */
    public final Vfs vfs = new Vfs(this);

    /** Character devices by number. */
    public final DeviceRegistry devices = new DeviceRegistry();

    /** {@link Clock#monotonic} when the sandbox booted. */
    public final long bootMonotonic = Clock.monotonic();

    /** What programs can ask without a system call; null for nothing. Set before there is one. */
    public volatile Vdso vdso;

    /** Sees every system call, or null: strace, as long as anybody looks on. */
    public volatile SyscallTracer tracer;

    /** The first process. */
    volatile ThreadGroup init;

    /** What was written to files of /proc/sys that only keep it, by path below that. */
    public final ConcurrentHashMap<String, String> settings = new ConcurrentHashMap<>();

    /** What happens when the Java heap is full. */
    final HeapReserve heap = new HeapReserve();

    private final KernelLog log;
    private final ConcurrentHashMap<Integer, UserAccount> accounts = new ConcurrentHashMap<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private final ConcurrentHashMap<String, Boolean> loggedOnce = new ConcurrentHashMap<>();
    private volatile int exitStatus = -1;
    /** Whoever waits for the last task to end. */
    private volatile Thread quietWaiter;

    public Kernel(MemoryFile memoryFile, Platform platform, SyscallTable syscalls, KernelLog log) {
        this.memoryFile = memoryFile;
        this.platform = platform;
        this.syscalls = syscalls;
        this.log = log;
        this.rootCgroup = Cgroup.root(this);
        memoryFile.setReliever(rootCgroup.oom);
    }

    /** /proc/version. */
    public String version() {
        return "Linux version " + RELEASE + " (gvisor-java) " + VERSION;
    }

    /** The id given out last in the root pid namespace. */
    public int lastPid() {
        return rootPidNamespace.lastPid();
    }

    /** The first process; null before it runs. */
    public ThreadGroup init() {
        return init;
    }

    /** Live threads. */
    public int taskCount() {
        return rootCgroup.taskCount();
    }

    void taskEnded(Task task) {
        task.cgroup.taskEnded();
        if (taskCount() == 0) {
            LockSupport.unpark(quietWaiter); // null is nobody
        }
    }

    UserAccount account(int uid) {
        UserAccount account = accounts.get(uid);
        return account != null ? account : accounts.computeIfAbsent(uid, id -> new UserAccount());
    }

    /** Queued signals of a user, for SigQ of /proc/PID/status. */
    public int queuedSignals(int uid) {
        return account(uid).queuedSignals.get();
    }

    /** Writes one line to the sandbox's log. */
    public void log(String line) {
        log.line(line);
    }

    /** Writes a line the first time {@code key} comes up. */
    public void logOnce(String key, String line) {
        if (loggedOnce.putIfAbsent(key, true) == null) {
            log.line(line);
        }
    }

    /** As {@link #logOnce}, for what a program should not find in its own error stream. */
    public void noticeOnce(String key, String line) {
        if (loggedOnce.putIfAbsent(key, true) == null) {
            log.notice(line);
        }
    }

    void logFatalSignal(Task task, SignalInfo info) {
        log.debug(task.name + "[" + task.tid + "]: fatal signal " + info.signo + " code " + info.code + " address 0x"
                + Long.toHexString(info.address) + " ip 0x"
                + Long.toHexString(task.regs.get(gvj.platform.Registers.RIP)) + " sp 0x"
                + Long.toHexString(task.regs.get(gvj.platform.Registers.RSP)));
    }

    /** The first process has ended; the rest is being killed. */
    void initEnded(int status) {
        exitStatus = status;
        over.countDown();
    }

    /** How the first process ended, in wait(2)'s format; -1 while it lives. */
    public int exitStatus() {
        return exitStatus;
    }

    /** Waits for the end of the first process: its status in wait(2)'s format. */
    public int awaitExit() throws InterruptedException {
        over.await();
        return exitStatus;
    }

    /** As {@link #awaitExit()}, at most {@code nanos}; whether the first process has ended. */
    public boolean awaitExit(long nanos) throws InterruptedException {
        return over.await(nanos, TimeUnit.NANOSECONDS);
    }

    /** Waits until no task is left, at most {@code nanos}; whether that is so. */
    public boolean awaitQuiet(long nanos) throws InterruptedException {
        long deadline = Clock.monotonic() + nanos;
        quietWaiter = Thread.currentThread();
        long left = nanos;
        while (taskCount() > 0 && left > 0) {
            LockSupport.parkNanos(this, left);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            left = deadline - Clock.monotonic();
        }
        return taskCount() == 0;
    }
}
