package gvj.boot;

import gvj.kernel.Kernel;
import gvj.kernel.Task;
import gvj.kernel.ThreadGroup;
import gvj.mm.MemoryFile;
import java.util.function.Supplier;

/** What a sandbox uses, as {@link Control#STATS} answers it. */
final class Usage {
    private final Kernel kernel;
    private final Supplier<long[]> goferRequests;

    /** {@code goferRequests} counts requests to the gofer by operation. */
    Usage(Kernel kernel, Supplier<long[]> goferRequests) {
        this.kernel = kernel;
        this.goferRequests = goferRequests;
    }

    /**
     * An object: memory {usage, peak, limit, oom_kill} in bytes, cpu {user, system, processes [{pid, user, system}]} in
     * nanoseconds, pids {current, limit} in tasks, syscalls, page_faults, gofer_requests.
     */
    String json() {
        MemoryFile memory = kernel.memoryFile;
        JsonText json = new JsonText().begin('{');
        json.name("memory")
                .begin('{')
                .put("usage", memory.usedPages() * MemoryFile.PAGE)
                .put("peak", memory.peakPages() * MemoryFile.PAGE)
                .put("limit", memory.limitPages() * MemoryFile.PAGE)
                .put("oom_kill", kernel.oom.kills())
                .end('}');
        cpu(json);
        json.name("pids")
                .begin('{')
                .put("current", kernel.taskCount())
                .put("limit", kernel.maxTasks)
                .end('}')
                .put("syscalls", sum(kernel.syscallCounters.snapshot(kernel)))
                .put("page_faults", faults())
                .put("gofer_requests", sum(goferRequests.get()));
        return json.end('}').toString();
    }

    private void cpu(JsonText json) {
        json.name("cpu")
                .begin('{')
                .put("user", kernel.userNanos())
                .put("system", kernel.systemNanos())
                .name("processes")
                .begin('[');
        for (ThreadGroup process : kernel.rootPidNamespace.processes()) {
            json.begin('{')
                    .put("pid", process.pid)
                    .put("user", process.times().user())
                    .put("system", process.times().system())
                    .end('}');
        }
        json.end(']').end('}');
    }

    private long faults() {
        long sum = kernel.ended.faults();
        for (Task task : kernel.tasks.values()) {
            sum += task.times().minorFaults() + task.times().majorFaults();
        }
        return sum;
    }

    private static long sum(long[] counts) {
        long sum = 0;
        for (long count : counts) {
            sum += count;
        }
        return sum;
    }
}
