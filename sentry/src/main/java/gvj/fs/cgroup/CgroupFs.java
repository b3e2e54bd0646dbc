package gvj.fs.cgroup;

import gvj.fs.pseudo.PseudoDirectory;
import gvj.fs.pseudo.PseudoFile;
import gvj.fs.pseudo.PseudoFileSystem;
import gvj.kernel.Kernel;
import gvj.kernel.Task;
import gvj.kernel.ThreadGroup;
import gvj.mm.MemoryFile;

/**
 * The sandbox's own cgroup, version 2, seen as the root of its cgroup namespace: limits and use of memory, processors and
 * tasks, as the Sentry enforces and counts them. There are no groups below it, and nothing can be written (EROFS).
 */
public final class CgroupFs extends PseudoFileSystem {
    private static final int MAGIC = 0x63677270;
    private static final long PERIOD = 100_000;
    private static final long MICRO = 1000;

    /** In the order of ls(1); those without a case in {@link #content} read 0. */
    private static final String[] FILES = {
        "cgroup.controllers",
        "cgroup.events",
        "cgroup.freeze",
        "cgroup.max.depth",
        "cgroup.max.descendants",
        "cgroup.procs",
        "cgroup.stat",
        "cgroup.subtree_control",
        "cgroup.threads",
        "cgroup.type",
        "cpu.max",
        "cpu.stat",
        "cpu.weight",
        "memory.current",
        "memory.events",
        "memory.events.local",
        "memory.high",
        "memory.low",
        "memory.max",
        "memory.min",
        "memory.oom.group",
        "memory.peak",
        "memory.stat",
        "memory.swap.current",
        "memory.swap.max",
        "pids.current",
        "pids.max",
    };

    private final Kernel kernel;

    public CgroupFs(Kernel kernel) {
        super("cgroup2", MAGIC);
        this.kernel = kernel;
        PseudoDirectory root = new PseudoDirectory(this, 0555);
        setRoot(root);
        setReadOnly(true);
        for (String name : FILES) {
            root.add(name, new GroupFile(name));
        }
    }

    /** One of {@link #FILES}. */
    private final class GroupFile extends PseudoFile {
        private final String name;

        GroupFile(String name) {
            super(CgroupFs.this, 0444);
            this.name = name;
        }

        @Override
        protected String content(Task reader) {
            return CgroupFs.this.content(name, reader);
        }
    }

    private String content(String name, Task reader) {
        MemoryFile memory = kernel.memoryFile;
        return switch (name) {
            case "cgroup.controllers" -> "cpu memory pids\n";
            case "cgroup.events" -> "populated 1\nfrozen 0\n";
            case "cgroup.procs" -> processes(reader);
            case "cgroup.stat" -> "nr_descendants 0\nnr_dying_descendants 0\n";
            case "cgroup.subtree_control" -> "";
            case "cgroup.threads" -> threads(reader);
            case "cgroup.type" -> "domain\n";
            case "cpu.max" -> cpuMax();
            case "cpu.stat" -> cpuStat();
            case "cpu.weight" -> "100\n";
            case "memory.current" -> memory.usedPages() * MemoryFile.PAGE + "\n";
            case "memory.events", "memory.events.local" -> memoryEvents();
            case "memory.high" -> "max\n";
            case "memory.max" -> memory.limitPages() * MemoryFile.PAGE + "\n";
            case "memory.peak" -> memory.peakPages() * MemoryFile.PAGE + "\n";
            case "memory.stat" -> memoryStat();
            case "pids.current" -> kernel.taskCount() + "\n";
            case "pids.max" -> kernel.maxTasks == Kernel.MAX_TASKS ? "max\n" : kernel.maxTasks + "\n";
            default -> "0\n";
        };
    }

    private String memoryEvents() {
        long shortages = kernel.oom.shortages();
        return "low 0\nhigh 0\nmax " + shortages + "\noom " + shortages + "\noom_kill " + kernel.oom.kills()
                + "\noom_group_kill 0\n";
    }

    private String memoryStat() {
        long used = kernel.memoryFile.usedPages() * MemoryFile.PAGE;
        long anonymous = 0;
        long mapped = 0;
        for (ThreadGroup process : kernel.rootPidNamespace.processes()) {
            Task some = process.anyThread();
            if (some != null) {
                long files = some.mm().residentFileBytes() + some.mm().residentSharedBytes();
                mapped += files;
                anonymous += Math.max(some.mm().residentBytes() - files, 0);
            }
        }
        anonymous = Math.min(anonymous, used);
        return "anon " + anonymous + "\nfile " + (used - anonymous) + "\nkernel "
                + kernel.memoryFile.tablePages() * MemoryFile.PAGE + "\nfile_mapped "
                + Math.min(mapped, used - anonymous) + "\ninactive_file 0\nactive_file 0\n";
    }

    private String cpuMax() {
        int cpus = kernel.cpuLimit;
        return (cpus == 0 ? "max" : Long.toString(cpus * PERIOD)) + " " + PERIOD + "\n";
    }

    private String cpuStat() {
        long user = kernel.userNanos() / MICRO;
        long system = kernel.systemNanos() / MICRO;
        return "usage_usec " + (user + system) + "\nuser_usec " + user + "\nsystem_usec " + system
                + "\nnr_periods 0\nnr_throttled 0\nthrottled_usec 0\n";
    }

    private String processes(Task reader) {
        StringBuilder text = new StringBuilder();
        for (ThreadGroup process : kernel.rootPidNamespace.processes()) {
            if (!process.isZombie()) {
                text.append(reader.pidNamespace().idOf(process)).append('\n');
            }
        }
        return text.toString();
    }

    private String threads(Task reader) {
        StringBuilder text = new StringBuilder();
        for (ThreadGroup process : kernel.rootPidNamespace.processes()) {
            for (Task thread : process.threads()) {
                text.append(reader.pidNamespace().idOf(thread)).append('\n');
            }
        }
        return text.toString();
    }
}
