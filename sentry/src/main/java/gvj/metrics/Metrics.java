package gvj.metrics;

import gvj.abi.Errno;
import gvj.kernel.Cgroup;
import gvj.kernel.Kernel;
import gvj.kernel.Task;
import gvj.kernel.TaskTotals;
import gvj.kernel.ThreadGroup;
import gvj.mm.MemoryFile;
import gvj.syscalls.Support;
import gvj.syscalls.SyscallTable;
import gvj.vfs.FdTable;
import gvj.wire.Wire;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Counters of a sandbox and its containers, as {@code METRICS} answers them and an exporter reads them. */
public final class Metrics {
    private final Kernel kernel;
    private final String sandbox;
    private final StartTimes start;
    private final Supplier<long[]> goferRequests;
    private final LongSupplier logLines;

    /**
     * Of {@code sandbox}.
     *
     * @param goferRequests counts requests to the gofer by operation
     * @param logLines counts lines of the sandbox's log
     */
    public Metrics(
            Kernel kernel, String sandbox, StartTimes start, Supplier<long[]> goferRequests, LongSupplier logLines) {
        this.kernel = kernel;
        this.sandbox = sandbox;
        this.start = start;
        this.goferRequests = goferRequests;
        this.logLines = logLines;
    }

    /**
     * A container, as far as its counters need it.
     *
     * @param state {@code created}, {@code running}, {@code paused} or {@code stopped}
     */
    public record Subject(String id, String state, Cgroup cgroup) {}

    /**
     * An object. Bytes, nanoseconds and counts, all whole numbers: sandbox, platform, version, uptime, phases (how long each
     * part of the start took: {@link StartTimes}), heap {used, max}, threads, log_lines, memory {usage, limit, peak}, gofer
     * (requests by operation), containers [{id, state, tasks, processes, open_files, page_faults, entries (into application
     * code), memory {usage, limit, peak, oom_kill}, cpu {user, system}, syscalls (by name), errors (by name), unimplemented
     * (calls that there are not, by name, or number if they have none)}].
     */
    public String json(List<Subject> containers) {
        JsonText json = new JsonText().begin('{');
        json.put("sandbox", sandbox)
                .put("platform", kernel.platform.name())
                .put("version", Kernel.PRODUCT_VERSION)
                .put("uptime", start.uptime());
        phases(json);
        sentry(json);
        json.name("gofer").begin('{');
        long[] requests = goferRequests.get();
        for (int operation = 0; operation < requests.length; operation++) {
            if (requests[operation] > 0) {
                json.put(Wire.name(operation), requests[operation]);
            }
        }
        json.end('}').name("containers").begin('[');
        for (Subject container : containers) {
            container(json, container);
        }
        return json.end(']').end('}').toString();
    }

    private void phases(JsonText json) {
        json.name("phases").begin('{');
        for (int phase = 0; phase < StartTimes.NAMES.length; phase++) {
            json.put(StartTimes.NAMES[phase], start.nanos(phase));
        }
        json.end('}');
    }

    private void sentry(JsonText json) {
        Runtime runtime = Runtime.getRuntime();
        json.name("heap")
                .begin('{')
                .put("used", runtime.totalMemory() - runtime.freeMemory())
                .put("max", runtime.maxMemory())
                .end('}')
                .put("threads", Profile.top().activeCount())
                .put("log_lines", logLines.getAsLong());
        MemoryFile memory = kernel.memoryFile;
        json.name("memory")
                .begin('{')
                .put("usage", memory.usedPages() * MemoryFile.PAGE)
                .put("limit", memory.limitPages() * MemoryFile.PAGE)
                .put("peak", memory.peakPages() * MemoryFile.PAGE)
                .end('}');
    }

    private void container(JsonText json, Subject container) {
        json.begin('{').put("id", container.id).put("state", container.state);
        live(json, container.cgroup);
        Cgroup cgroup = container.cgroup;
        TaskTotals.Sums sums = cgroup.sums();
        json.put("page_faults", sums.faults()).put("entries", sums.entries());
        json.name("memory")
                .begin('{')
                .put("usage", cgroup.memoryUsed())
                .put("limit", cgroup.memoryTotal())
                .put("peak", cgroup.memoryPeak())
                .put("oom_kill", cgroup.oom.kills())
                .end('}');
        json.name("cpu")
                .begin('{')
                .put("user", sums.user())
                .put("system", sums.system())
                .end('}');
        long[] calls = cgroup.syscallCounts();
        json.name("syscalls").begin('{');
        for (int number = 0; number < calls.length; number++) {
            if (calls[number] > 0 && kernel.syscalls.has(number)) {
                json.put(kernel.syscalls.name(number), calls[number]);
            }
        }
        json.end('}').name("errors").begin('{');
        long[] errors = cgroup.errorCounts();
        for (int errno = 1; errno < errors.length; errno++) {
            if (errors[errno] > 0) {
                json.put(Errno.name(errno), errors[errno]);
            }
        }
        json.end('}').name("unimplemented").begin('{');
        unimplemented(json, calls);
        json.end('}').end('}');
    }

    /** What is there now: counted, not summed up. */
    private void live(JsonText json, Cgroup cgroup) {
        int tasks = 0;
        Set<ThreadGroup> processes = new HashSet<>();
        Set<FdTable> tables = new HashSet<>();
        for (Task task : kernel.tasks.values()) {
            if (task.cgroup == cgroup && task.isAlive()) {
                tasks++;
                processes.add(task.threadGroup());
                tables.add(task.fds());
            }
        }
        long files = 0;
        for (FdTable table : tables) {
            files += table.open();
        }
        json.put("tasks", tasks).put("processes", processes.size()).put("open_files", files);
    }

    private void unimplemented(JsonText json, long[] calls) {
        SyscallTable table = kernel.syscalls;
        for (int number = 0; number < calls.length; number++) {
            if (calls[number] > 0 && table.support(number) == Support.NONE) {
                json.put(table.has(number) ? table.name(number) : Integer.toString(number), calls[number]);
            }
        }
    }
}
