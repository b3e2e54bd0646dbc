package gvj.boot;

import gvj.kernel.Cgroup;
import gvj.kernel.TaskTotals;
import gvj.kernel.ThreadGroup;
import gvj.metrics.JsonText;
import gvj.mm.MemoryFile;
import gvj.mm.MemoryGroup;
import gvj.mm.MemoryKind;
import java.util.function.Supplier;

/** What a container uses, as {@link Control#STATS} answers it. */
final class Usage {
    private final Supplier<long[]> goferRequests;

    /** {@code goferRequests} counts requests to the gofer by operation, of the whole sandbox. */
    Usage(Supplier<long[]> goferRequests) {
        this.goferRequests = goferRequests;
    }

    /**
     * An object: memory {usage, peak, limit, oom, oom_kill, anon, cache, shmem, inactive_file, pgfault, pgmajfault} in bytes
     * and counts (cache contains shmem; without a limit of its own a container has that of the sandbox), cpu {user, system,
     * periods, throttled_periods, throttled_time, processes [{pid, user, system}]} in nanoseconds, pids {current, limit} in
     * tasks, open_files, syscalls, page_faults, gofer_requests.
     */
    String json(Cgroup cgroup) {
        TaskTotals.Sums sums = cgroup.sums();
        JsonText json = new JsonText().begin('{');
        memory(json, cgroup, sums);
        cpu(json, cgroup, sums);
        json.name("pids")
                .begin('{')
                .put("current", cgroup.taskCount())
                .put("limit", cgroup.maxTasks())
                .end('}')
                .put("open_files", cgroup.openFiles())
                .put("syscalls", sum(cgroup.syscallCounts()))
                .put("page_faults", sums.faults())
                .put("gofer_requests", sum(goferRequests.get()));
        return json.end('}').toString();
    }

    private static void memory(JsonText json, Cgroup cgroup, TaskTotals.Sums sums) {
        MemoryGroup memory = cgroup.memory;
        long file = memory.used(MemoryKind.FILE) * MemoryFile.PAGE;
        long shared = memory.used(MemoryKind.SHARED) * MemoryFile.PAGE;
        json.name("memory")
                .begin('{')
                .put("usage", cgroup.memoryUsed())
                .put("peak", cgroup.memoryPeak())
                .put("limit", cgroup.memoryTotal())
                .put("oom", cgroup.oom.shortages())
                .put("oom_kill", cgroup.oom.kills())
                .put("anon", memory.used(MemoryKind.ANONYMOUS) * MemoryFile.PAGE)
                .put("cache", file + shared)
                .put("shmem", shared)
                .put("inactive_file", file)
                .put("pgfault", sums.faults())
                .put("pgmajfault", sums.majorFaults())
                .end('}');
    }

    private static void cpu(JsonText json, Cgroup cgroup, TaskTotals.Sums sums) {
        json.name("cpu")
                .begin('{')
                .put("user", sums.user())
                .put("system", sums.system())
                .put("periods", cgroup.bandwidth.periods())
                .put("throttled_periods", cgroup.bandwidth.throttledPeriods())
                .put("throttled_time", cgroup.bandwidth.throttledNanos())
                .name("processes")
                .begin('[');
        for (ThreadGroup process : cgroup.processes()) {
            json.begin('{')
                    .put("pid", process.pid)
                    .put("user", process.times().user())
                    .put("system", process.times().system())
                    .end('}');
        }
        json.end(']').end('}');
    }

    private static long sum(long[] counts) {
        long sum = 0;
        for (long count : counts) {
            sum += count;
        }
        return sum;
    }
}
