package gvj.kernel;

import gvj.abi.Fcntl;
import gvj.abi.Poll;
import gvj.vfs.FileDescription;

/** pidfd_open(2): a process (or with PIDFD_THREAD a thread) as a file; readable once it has exited. */
public final class PidFd extends FileDescription {
    /** pidfd_open flag: the thread, not its process. It is O_EXCL's bit. */
    public static final int PIDFD_THREAD = 0200;

    private final Task task;
    private final ThreadGroup process;
    private final boolean ofThread;

    PidFd(Kernel kernel, Task task, boolean ofThread) {
        super(kernel.anonFs.newPath("anon_inode:[pidfd]", 0600, 0, 0), Fcntl.O_RDWR);
        this.task = task;
        this.process = task.threadGroup;
        this.ofThread = ofThread;
    }

    /** A descriptor of {@code task}, or of the process that it leads. */
    public static PidFd open(Task task, boolean ofThread, int statusFlags) {
        PidFd file = new PidFd(task.kernel, task, ofThread);
        file.setFlags(statusFlags);
        return file;
    }

    /** The process; it may have exited. */
    public ThreadGroup process() {
        return process;
    }

    /** The thread, or the leader of the process. */
    public Task task() {
        return ofThread ? task : process.leader;
    }

    public boolean isOfThread() {
        return ofThread;
    }

    @Override
    public int poll(int mask) {
        int ready = 0;
        if (ofThread ? task.exited : process.hasExited()) {
            ready |= Poll.POLLIN | Poll.POLLRDNORM;
        }
        if (process.reaped) {
            ready |= Poll.POLLHUP;
        }
        return ready & (mask | Poll.POLLHUP);
    }

    @Override
    public boolean isPollable() {
        return true;
    }

    @Override
    public void addWaiter(WaitEntry entry) {
        process.exitEvents.add(entry);
    }

    @Override
    public void removeWaiter(WaitEntry entry) {
        process.exitEvents.remove(entry);
    }

    @Override
    public String fdInfo() {
        PidNamespace root = process.kernel.rootPidNamespace;
        int pid = process.reaped ? -1 : root.idOf(process);
        StringBuilder text =
                new StringBuilder("Pid:\t").append(pid).append("\nNSpid:\t").append(pid);
        return text.append('\n').toString();
    }
}
