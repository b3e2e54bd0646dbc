package gvj.kernel;

import gvj.abi.Signals;
import gvj.mm.MemoryFile;
import gvj.mm.MemoryGroup;
import gvj.syscalls.SyscallTable;
import gvj.vfs.FdTable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * What the tasks of one container share for accounting and limits, cgroups(7). A task is born into its parent's; nobody
 * moves. There is one at the top, {@link Kernel#rootCgroup}: of a container that is alone in its sandbox, or of a pod, whose
 * containers have one each below it. Figures are of a cgroup and all below it, and never go back when one of those goes.
 *
 * <p>Lock: {@link #tree} guards which cgroups there are and who is paused; behind the task lock, before what counts.
 */
public final class Cgroup {
    /** The container's id; empty at the top. */
    public final String name;

    /** Null at the top. */
    public final Cgroup parent;

    /** Pages of the memory file. */
    public final MemoryGroup memory;

    /** What happens when {@link #memory} is used up. */
    public final OomKiller oom = new OomKiller(this);

    /** The share of the processors. */
    public final CpuBandwidth bandwidth = new CpuBandwidth(this);

    final Kernel kernel;
    /** One for all cgroups of a kernel. */
    final Object tree;

    final CopyOnWriteArrayList<Cgroup> children = new CopyOnWriteArrayList<>();
    final Pause pause;
    final SyscallCounters syscalls;
    final TaskTotals totals;
    private final AtomicInteger liveTasks = new AtomicInteger();
    private volatile int maxTasks = Kernel.MAX_TASKS;
    private volatile int cpus;
    private boolean removed;

    private Cgroup(Kernel kernel, Cgroup parent, String name, MemoryGroup memory, Object tree) {
        this.kernel = kernel;
        this.parent = parent;
        this.name = name;
        this.memory = memory;
        this.tree = tree;
        this.syscalls = new SyscallCounters(kernel, this);
        this.totals = new TaskTotals(kernel, this);
        this.pause = new Pause(this);
        this.cpus = parent == null ? Math.max(1, Runtime.getRuntime().availableProcessors()) : parent.cpus();
    }

    /** The one at the top. */
    static Cgroup root(Kernel kernel) {
        return new Cgroup(kernel, null, "", kernel.memoryFile.root(), new Object());
    }

    /**
     * One more container's, without limits of its own.
     *
     * @throws ErrnoException ENOMEM if there are too many
     */
    public Cgroup newChild(String childName) {
        MemoryGroup itsMemory = kernel.memoryFile.newGroup(memory);
        if (itsMemory == null) {
            throw ErrnoException.of(gvj.abi.Errno.ENOMEM);
        }
        synchronized (tree) {
            Cgroup child = new Cgroup(kernel, this, childName, itsMemory, tree);
            children.add(child);
            return child;
        }
    }

    /**
     * The container is gone, and all its tasks: its parent goes on counting what it used, and memory that is still charged
     * to it becomes its parent's.
     */
    public void remove() {
        synchronized (tree) {
            if (parent == null || removed) {
                return;
            }
            removed = true;
            parent.syscalls.add(syscallCounts(), errorCounts());
            parent.totals.add(sums());
            parent.children.remove(this);
        }
        bandwidth.close();
        kernel.memoryFile.remove(memory);
    }

    /** Whose part a group of the memory file is; this one's if it is gone. */
    Cgroup of(MemoryGroup group) {
        for (Cgroup child : children) {
            if (group.isWithin(child.memory)) {
                return child.of(group);
            }
        }
        return this;
    }

    /** Whether it is {@code other} or below that. */
    public boolean isWithin(Cgroup other) {
        for (Cgroup group = this; group != null; group = group.parent) {
            if (group == other) {
                return true;
            }
        }
        return false;
    }

    public Kernel kernel() {
        return kernel;
    }

    // ---- memory

    /**
     * Sets how many bytes may be in use at once; {@link MemoryGroup#NO_LIMIT} for those above only.
     *
     * @return whether the limit holds: not if more is in use that cannot be had again
     */
    public boolean setMemoryLimit(long bytes) {
        long pages = bytes == MemoryGroup.NO_LIMIT ? bytes : bytes / MemoryFile.PAGE;
        return kernel.memoryFile.setLimit(memory, pages);
    }

    /** Bytes that may be in use here: the smallest limit of this cgroup and those above. */
    public long memoryTotal() {
        return memory.lowestLimit() * MemoryFile.PAGE;
    }

    /** Bytes in use. */
    public long memoryUsed() {
        return memory.used() * MemoryFile.PAGE;
    }

    /** Most bytes that were in use at once. */
    public long memoryPeak() {
        return memory.peak() * MemoryFile.PAGE;
    }

    /** Who is to hear of each process that dies for want of memory, here and below where nobody is nearer. */
    public void listenOom(Consumer<ThreadGroup> listener) {
        oom.listen(listener);
    }

    // ---- tasks

    /** Sets how many tasks there may be at once; 0 for as many as the Sentry has threads for. */
    public void setMaxTasks(int count) {
        maxTasks = count > 0 ? Math.min(count, Kernel.MAX_TASKS) : Kernel.MAX_TASKS;
    }

    /** Tasks that there may be at once; {@link Kernel#MAX_TASKS} without a limit. */
    public int maxTasks() {
        return maxTasks;
    }

    /** Live threads. */
    public int taskCount() {
        return liveTasks.get();
    }

    /** Whether one more may be born. The task lock is held where that must be sure. */
    boolean hasRoom() {
        for (Cgroup group = this; group != null; group = group.parent) {
            if (group.liveTasks.get() >= group.maxTasks) {
                return false;
            }
        }
        return true;
    }

    void taskBorn() {
        totals.taskBorn();
        for (Cgroup group = this; group != null; group = group.parent) {
            group.liveTasks.incrementAndGet();
        }
    }

    void taskEnded() {
        for (Cgroup group = this; group != null; group = group.parent) {
            group.liveTasks.decrementAndGet();
        }
    }

    /** Every process of this very cgroup, zombies included, by rising pid. */
    public List<ThreadGroup> processes() {
        return processes(false);
    }

    /** As {@link #processes}, with those of the cgroups below. */
    public List<ThreadGroup> everyProcess() {
        return processes(true);
    }

    private List<ThreadGroup> processes(boolean below) {
        List<ThreadGroup> all = new ArrayList<>();
        for (ThreadGroup process : kernel.rootPidNamespace.processes()) {
            Cgroup its = process.leader.cgroup;
            if (its == this || below && its.isWithin(this)) {
                all.add(process);
            }
        }
        return all;
    }

    /** Whether anything of it lives. */
    public boolean isPopulated() {
        return taskCount() > 0;
    }

    /** Kills every process of it and of those below, as cgroup.kill does; one that is just being made may escape. */
    public void kill() {
        for (ThreadGroup process : everyProcess()) {
            process.sendSignal(SignalInfo.kernel(Signals.SIGKILL));
        }
    }

    /** Open descriptors, each table once. */
    public int openFiles() {
        Set<FdTable> tables = Collections.newSetFromMap(new IdentityHashMap<>());
        int open = 0;
        for (Task task : kernel.tasks.values()) {
            FdTable table = task.fds;
            if (!task.exited && task.cgroup.isWithin(this) && table != null && tables.add(table)) {
                open += table.open();
            }
        }
        return open;
    }

    // ---- processors

    /** Sets how many processors programs are told to have; those above count too. Before there is a task. */
    public void setCpus(int count) {
        cpus = Math.max(1, parent == null ? count : Math.min(count, parent.cpus));
    }

    /** What programs are told to have. */
    public int cpus() {
        return cpus;
    }

    /**
     * Sets the share of the processors: {@code quota} microseconds in each {@code period}; a quota of 0 for no limit. At the
     * top it is for information only: the host sees to it.
     */
    public void setCpuQuota(long quota, long period) {
        bandwidth.set(quota, period);
    }

    // ---- pause

    /** Stops all tasks; when this returns, none runs application code. */
    public void pause() {
        pause.begin();
    }

    /** Lets them go on, but for those whose own or other cgroup is paused. */
    public void resume() {
        pause.end();
    }

    /** Whether it is paused itself. */
    public boolean isPaused() {
        return pause.isPaused();
    }

    // ---- figures

    /** Times and counts of all tasks that there ever were. */
    public TaskTotals.Sums sums() {
        synchronized (tree) {
            TaskTotals.Sums sums = totals.sums();
            for (Cgroup child : children) {
                sums = sums.plus(child.sums());
            }
            return sums;
        }
    }

    /** System calls made, by number. */
    public long[] syscallCounts() {
        long[] counts = new long[SyscallTable.SIZE];
        synchronized (tree) {
            addCalls(counts);
        }
        return counts;
    }

    private void addCalls(long[] counts) {
        syscalls.addCalls(counts);
        for (Cgroup child : children) {
            child.addCalls(counts);
        }
    }

    /** System calls that failed, by errno. */
    public long[] errorCounts() {
        long[] counts = new long[SyscallCounters.ERRORS];
        synchronized (tree) {
            addErrors(counts);
        }
        return counts;
    }

    private void addErrors(long[] counts) {
        syscalls.addErrors(counts);
        for (Cgroup child : children) {
            child.addErrors(counts);
        }
    }

    // ---- what tasks that end leave

    /** The calls of {@code task}, which makes no more. */
    void callsEnded(Task task) {
        synchronized (tree) {
            living().syscalls.merge(task);
        }
    }

    /** The times of {@code task}, which runs no more. */
    void timesEnded(Task task) {
        synchronized (tree) {
            living().totals.ended(task);
        }
    }

    /** This one, or who has taken over. The tree is locked. */
    private Cgroup living() {
        Cgroup group = this;
        while (group.removed) {
            group = group.parent;
        }
        return group;
    }
}
