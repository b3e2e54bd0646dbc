package gvj.kernel;

import gvj.mm.MemoryFile;
import gvj.platform.Platform;
import gvj.syscalls.SyscallTable;
import gvj.vfs.AnonFs;
import gvj.vfs.DeviceRegistry;
import gvj.vfs.Vfs;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One sandbox: everything that its tasks share.
 *
 * <p>Lock order: {@link #taskLock} (process tree, groups, sessions) before any {@link ThreadGroup} signal lock before
 * wait queues. Nothing on the plain system call path takes it.
 */
public final class Kernel {
    /** Guards the process tree: parents, children, process groups, sessions, exit and wait states. */
    public final ReentrantLock taskLock = new ReentrantLock();

    /** Every live task by thread id of the root pid namespace. */
    public final ConcurrentHashMap<Integer, Task> tasks = new ConcurrentHashMap<>();

    /** The last thread id given out. */
    final AtomicInteger lastTid = new AtomicInteger();

    public final MemoryFile memoryFile;
    public final Platform platform;
    public final SyscallTable syscalls;
    public final Timers timers = new Timers();
    public final UserNamespace rootUserNamespace = new UserNamespace(null, 0);
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

    public Kernel(MemoryFile memoryFile, Platform platform, SyscallTable syscalls) {
        this.memoryFile = memoryFile;
        this.platform = platform;
        this.syscalls = syscalls;
    }
}
