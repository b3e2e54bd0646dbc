package gvj.kernel;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Sched;
import gvj.abi.Signals;
import gvj.loader.LoadRequest;
import gvj.loader.LoadedProgram;
import gvj.loader.Loader;
import gvj.mm.MemoryManager;
import gvj.vfs.FdTable;
import gvj.vfs.FileDescription;
import gvj.vfs.Path;
import java.util.List;

/**
 * A process that the Sentry makes and nobody forks: the first one of a container, and those that join it later (exec). It has
 * no parent and a session of its own, and does not run before {@link #start}.
 */
public final class NewProcess {
    private final Kernel kernel;
    private final Task task;
    private boolean started;

    private NewProcess(Cgroup cgroup, Credentials creds, Namespaces namespaces, FdTable fds) {
        this.kernel = cgroup.kernel;
        long[] cpus = new long[Scheduling.MASK_LONGS];
        for (int cpu = 0; cpu < cgroup.cpus(); cpu++) {
            cpus[cpu / 64] |= 1L << cpu % 64;
        }
        MemoryManager mm = new MemoryManager(kernel.memoryFile, cgroup.memory, kernel.platform);
        try {
            task = new Task(cgroup, namespaces.pidForChildren().allocate(new int[0]), new Scheduling(cpus));
        } catch (ErrnoException e) {
            mm.decUsers();
            throw e;
        }
        task.mm = mm;
        task.namespaces = namespaces;
        Path root = namespaces.mount().rootPath();
        task.fs = new FsContext(root, root, 0022);
        task.fds = fds;
        task.credentials = creds;
        enterTree();
    }

    /**
     * The first process of a container: process 1 of its pid namespace, if there is none yet. The first of all is the
     * sandbox's.
     *
     * @param namespaces whose {@code pidForChildren} is the one that it is to be in
     * @param fds its open files; the table is the process's from now on
     * @throws ErrnoException ENOMEM if the host has no room or the pid namespace's process 1 is gone, EAGAIN for too many tasks
     */
    public static NewProcess first(Cgroup cgroup, Credentials creds, Namespaces namespaces, FdTable fds) {
        Kernel kernel = cgroup.kernel;
        kernel.taskLock.lock();
        try {
            checkRoom(cgroup);
            NewProcess first = new NewProcess(cgroup, creds, namespaces, fds);
            ThreadGroup process = first.task.threadGroup;
            PidNamespace pids = namespaces.pidForChildren();
            if (pids.init == null) {
                process.unkillable = true;
                pids.init = process;
            }
            if (kernel.init == null) {
                kernel.init = process;
            }
            return first;
        } finally {
            kernel.taskLock.unlock();
        }
    }

    private static void checkRoom(Cgroup cgroup) {
        if (!cgroup.hasRoom()) {
            throw ErrnoException.of(Errno.EAGAIN);
        }
    }

    /**
     * One more process, in the namespaces that {@code first}, a container's first process, is in.
     *
     * @throws ErrnoException ESRCH if that is gone, EAGAIN if there are too many tasks, ENOMEM
     */
    public static NewProcess joining(ThreadGroup first, Credentials creds, FdTable fds) {
        Kernel kernel = first.kernel;
        kernel.taskLock.lock();
        try {
            Task inside = first.exiting ? null : first.anyThread();
            if (inside == null) {
                throw ErrnoException.of(Errno.ESRCH);
            }
            checkRoom(inside.cgroup);
            return new NewProcess(inside.cgroup, creds, inside.namespaces.withPid(PidNamespace.of(first)), fds);
        } finally {
            kernel.taskLock.unlock();
        }
    }

    private void enterTree() {
        ThreadGroup process = new ThreadGroup(kernel, task.id, ResourceLimits.initial(), new SignalHandlers());
        process.leader = task;
        process.exitSignal = Signals.SIGCHLD;
        task.threadGroup = process;
        process.threads.add(task);
        new ProcessGroup(kernel, task.id, new Session(process)).add(process);
        task.id.task = task;
        kernel.tasks.put(task.tid, task);
        kernel.account(task.credentials.uid()).tasks.incrementAndGet();
        task.cgroup.taskBorn();
    }

    /** The task, for setting things up on its behalf before it runs. */
    public Task task() {
        return task;
    }

    /** The process. */
    public ThreadGroup process() {
        return task.threadGroup;
    }

    /** Signals with the default action kill it, as any other process: the sandbox of one command has no init. */
    public void makeKillable() {
        task.threadGroup.unkillable = false;
    }

    /** setrlimit(2) by somebody who may do everything. */
    public void setLimit(int resource, long soft, long hard) {
        task.threadGroup.limits.set(resource, soft, hard);
    }

    /** A seccomp(2) filter to begin with: {@code program} is an array of {@code struct sock_filter}. EINVAL. */
    public void filter(byte[] program) {
        task.seccomp = new SeccompFilters(new BpfProgram(program), null);
    }

    /**
     * Loads the program; throws what execve(2) answers.
     *
     * @param path absolute, or relative to the working directory
     */
    public void load(String path, List<String> args, List<String> env) {
        FileDescription file = kernel.vfs.openForExec(task, Fcntl.AT_FDCWD, path, 0);
        try {
            ExecCredentials change = ExecCredentials.of(task, file);
            LoadRequest request = new LoadRequest(
                    file,
                    path,
                    args,
                    env,
                    change.credentials(),
                    change.secure(),
                    task.rlimit(Sched.RLIMIT_STACK),
                    true,
                    kernel.vdso);
            LoadedProgram program =
                    Loader.load(task.mm, request, name -> kernel.vfs.openForExec(task, Fcntl.AT_FDCWD, name, 0));
            change.apply(task);
            task.name = program.name();
            Exec.start(task, program);
            task.keepRegisters = false;
        } finally {
            file.decRef();
        }
    }

    /** Lets it run, if it does not yet. */
    public synchronized void start() {
        if (!started) {
            started = true;
            task.threadGroup.intervalTimers.watchCpuLimit(task);
            new TaskLoop(task).start();
        }
    }

    /** Sends a signal from outside of its pid namespace. A process that does not run yet runs to die of it. */
    public void signal(SignalInfo info) {
        task.threadGroup.sendSignal(info);
        if (task.threadGroup.exiting) {
            start();
        }
    }

    /** Ends a process that could not be loaded, and everything it holds, before it ran. */
    public void abandon() {
        signal(SignalInfo.kernel(Signals.SIGKILL));
    }

    /** Waits for its end: its status in wait(2)'s format. */
    public int awaitExit() throws InterruptedException {
        return task.threadGroup.awaitExit();
    }

    /** Likewise, at most {@code nanos}; whether that is so. */
    public boolean awaitExit(long nanos) throws InterruptedException {
        return task.threadGroup.awaitExit(nanos);
    }
}
