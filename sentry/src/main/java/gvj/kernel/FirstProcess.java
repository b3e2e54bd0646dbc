package gvj.kernel;

import gvj.abi.Fcntl;
import gvj.abi.Sched;
import gvj.abi.Signals;
import gvj.loader.LoadRequest;
import gvj.loader.LoadedProgram;
import gvj.loader.Loader;
import gvj.mm.MemoryManager;
import gvj.vfs.FdTable;
import gvj.vfs.FileDescription;
import gvj.vfs.MountNamespace;
import gvj.vfs.Path;
import java.util.Arrays;
import java.util.List;

/** Makes process 1 of a sandbox, in a session of its own, with what the boot message says. */
public final class FirstProcess {
    private final Kernel kernel;
    private final Task task;

    /**
     * A process that does not run yet.
     *
     * @param fds its open files; the table is the process's from now on
     */
    public FirstProcess(Kernel kernel, Credentials creds, MountNamespace mounts, UtsNamespace uts, FdTable fds) {
        this.kernel = kernel;
        kernel.taskLock.lock();
        try {
            long[] cpus = new long[Scheduling.MASK_LONGS];
            for (int cpu = 0; cpu < kernel.cpus(); cpu++) {
                cpus[cpu / 64] |= 1L << cpu % 64;
            }
            task = new Task(kernel, kernel.rootPidNamespace.allocate(new int[0]), new Scheduling(cpus));
            task.namespaces = new Namespaces(
                    uts, kernel.rootIpcNamespace, mounts, kernel.rootNetNamespace, kernel.rootPidNamespace);
            Path root = mounts.rootPath();
            task.fs = new FsContext(root, root, 0022);
            task.fds = fds;
            task.credentials = creds;
            task.mm = new MemoryManager(kernel.memoryFile, kernel.platform);
            enterTree();
        } finally {
            kernel.taskLock.unlock();
        }
    }

    private void enterTree() {
        ThreadGroup process = new ThreadGroup(kernel, task.id, ResourceLimits.initial(), new SignalHandlers());
        process.leader = task;
        process.exitSignal = Signals.SIGCHLD;
        process.unkillable = true;
        task.threadGroup = process;
        process.threads.add(task);
        new ProcessGroup(kernel, task.id, new Session(process)).add(process);
        task.id.task = task;
        kernel.tasks.put(task.tid, task);
        kernel.rootPidNamespace.init = process;
        kernel.init = process;
        kernel.account(task.credentials.uid()).tasks.incrementAndGet();
        kernel.taskBorn();
    }

    /** The task, for setting things up on its behalf before it runs. */
    public Task task() {
        return task;
    }

    /** Signals with the default action kill it, as any other process: the sandbox of one command has no init. */
    public void makeKillable() {
        task.threadGroup.unkillable = false;
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

    /** Lets it run. */
    public void start() {
        new TaskLoop(task).start();
    }

    /** Sorts supplementary groups as {@link Credentials} wants them. */
    public static int[] groups(List<Integer> ids) {
        int[] groups = new int[ids.size()];
        for (int i = 0; i < groups.length; i++) {
            groups[i] = ids.get(i);
        }
        Arrays.sort(groups);
        return groups;
    }
}
