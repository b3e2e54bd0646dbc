package gvj.fs.cgroup;

import gvj.fs.pseudo.PseudoDirectory;
import gvj.fs.pseudo.PseudoFile;
import gvj.fs.pseudo.PseudoFileSystem;
import gvj.kernel.Cgroup;
import gvj.kernel.CpuBandwidth;
import gvj.kernel.Kernel;
import gvj.kernel.Task;
import gvj.kernel.TaskTotals;
import gvj.kernel.ThreadGroup;
import gvj.mm.MemoryFile;
import gvj.mm.MemoryGroup;
import gvj.mm.MemoryKind;

/**
 * The cgroup of the reader's container, version 2, seen as the root of its cgroup namespace: limits and use of memory,
 * processors and tasks, as the Sentry enforces and counts them. There are no groups to be seen below it, and nothing can be
 * written (EROFS).
 */
public final class CgroupFs extends PseudoFileSystem {
    private static final int MAGIC = 0x63677270;
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

    public CgroupFs() {
        super("cgroup2", MAGIC);
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
            return CgroupFs.content(name, reader);
        }
    }

    private static String content(String name, Task reader) {
        Cgroup cgroup = reader.cgroup;
        return switch (name) {
            case "cgroup.controllers" -> "cpu memory pids\n";
            case "cgroup.events" -> "populated 1\nfrozen " + (cgroup.isPaused() ? "1\n" : "0\n");
            case "cgroup.freeze" -> cgroup.isPaused() ? "1\n" : "0\n";
            case "cgroup.procs" -> processes(reader);
            case "cgroup.stat" -> "nr_descendants 0\nnr_dying_descendants 0\n";
            case "cgroup.subtree_control" -> "";
            case "cgroup.threads" -> threads(reader);
            case "cgroup.type" -> "domain\n";
            case "cpu.max" -> cpuMax(cgroup.bandwidth);
            case "cpu.stat" -> cpuStat(cgroup);
            case "cpu.weight" -> "100\n";
            case "memory.current" -> cgroup.memoryUsed() + "\n";
            case "memory.events" -> memoryEvents(cgroup.oom.shortages(), cgroup.oom.kills());
            case "memory.events.local" -> memoryEvents(cgroup.oom.ownShortages(), cgroup.oom.ownKills());
            case "memory.high" -> "max\n";
            case "memory.max" -> memoryMax(cgroup.memory);
            case "memory.peak" -> cgroup.memoryPeak() + "\n";
            case "memory.stat" -> memoryStat(cgroup);
            case "pids.current" -> cgroup.taskCount() + "\n";
            case "pids.max" -> cgroup.maxTasks() == Kernel.MAX_TASKS ? "max\n" : cgroup.maxTasks() + "\n";
            default -> "0\n";
        };
    }

    private static String memoryEvents(long shortages, long kills) {
        return "low 0\nhigh 0\nmax " + shortages + "\noom " + shortages + "\noom_kill " + kills
                + "\noom_group_kill 0\n";
    }

    private static String memoryMax(MemoryGroup memory) {
        return memory.limit() == MemoryGroup.NO_LIMIT ? "max\n" : memory.limit() * MemoryFile.PAGE + "\n";
    }

    private static String memoryStat(Cgroup cgroup) {
        MemoryGroup memory = cgroup.memory;
        long mapped = 0;
        for (ThreadGroup process : cgroup.everyProcess()) {
            Task some = process.anyThread();
            if (some != null) {
                mapped += some.mm().residentFileBytes() + some.mm().residentSharedBytes();
            }
        }
        long anonymous = memory.used(MemoryKind.ANONYMOUS) * MemoryFile.PAGE;
        long file = memory.used(MemoryKind.FILE) * MemoryFile.PAGE;
        long shared = memory.used(MemoryKind.SHARED) * MemoryFile.PAGE;
        TaskTotals.Sums sums = cgroup.sums();
        StringBuilder text = new StringBuilder();
        line(text, "anon", anonymous);
        line(text, "file", file + shared);
        line(text, "kernel", cgroup.parent == null ? cgroup.kernel().memoryFile.tablePages() * MemoryFile.PAGE : 0);
        line(text, "shmem", shared);
        line(text, "file_mapped", Math.min(mapped, file + shared));
        line(text, "inactive_anon", shared);
        line(text, "active_anon", anonymous);
        line(text, "inactive_file", file);
        line(text, "active_file", 0);
        line(text, "pgfault", sums.faults());
        line(text, "pgmajfault", sums.majorFaults());
        return text.toString();
    }

    private static void line(StringBuilder text, String name, long value) {
        text.append(name).append(' ').append(value).append('\n');
    }

    private static String cpuMax(CpuBandwidth bandwidth) {
        return (bandwidth.quota() == 0 ? "max" : Long.toString(bandwidth.quota())) + " " + bandwidth.period() + "\n";
    }

    private static String cpuStat(Cgroup cgroup) {
        TaskTotals.Sums sums = cgroup.sums();
        StringBuilder text = new StringBuilder();
        line(text, "usage_usec", (sums.user() + sums.system()) / MICRO);
        line(text, "user_usec", sums.user() / MICRO);
        line(text, "system_usec", sums.system() / MICRO);
        line(text, "nr_periods", cgroup.bandwidth.periods());
        line(text, "nr_throttled", cgroup.bandwidth.throttledPeriods());
        line(text, "throttled_usec", cgroup.bandwidth.throttledNanos() / MICRO);
        return text.toString();
    }

    private static String processes(Task reader) {
        StringBuilder text = new StringBuilder();
        for (ThreadGroup process : reader.cgroup.processes()) {
            if (!process.isZombie()) {
                text.append(reader.pidNamespace().idOf(process)).append('\n');
            }
        }
        return text.toString();
    }

    private static String threads(Task reader) {
        StringBuilder text = new StringBuilder();
        for (ThreadGroup process : reader.cgroup.processes()) {
            for (Task thread : process.threads()) {
                text.append(reader.pidNamespace().idOf(thread)).append('\n');
            }
        }
        return text.toString();
    }
}
