package gvj.boot;

import gvj.kernel.Clock;
import gvj.kernel.CommandLine;
import gvj.kernel.PidNamespace;
import gvj.kernel.Task;
import gvj.kernel.ThreadGroup;
import gvj.metrics.JsonText;

/** The processes of a container as {@link Control#PROCESSES} answers them. */
final class ProcessList {
    private static final long SECOND = 1_000_000_000L;

    private ProcessList() {}

    /**
     * An array with an object for each process of the container of {@code cgroup}: pid and ppid in {@code pids}, uid (effective), threads, state (as ps shows it),
     * start (seconds since 1970), time (nanoseconds of CPU), memory (bytes resident), command (the comm name), args.
     */
    static String json(Container container) {
        JsonText json = new JsonText().begin('[');
        for (ThreadGroup process : container.processes()) {
            put(json, container.pids(), process);
        }
        return json.end(']').toString();
    }

    private static void put(JsonText json, PidNamespace pids, ThreadGroup process) {
        Task some = process.anyThread();
        Task task = some == null ? process.leader() : some;
        ThreadGroup parent = process.parent();
        long born = Clock.realtime() - (Clock.monotonic() - process.startMonotonic);
        json.begin('{')
                .put("pid", pids.idOf(process))
                .put("ppid", parent == null ? 0 : pids.idOf(parent))
                .put("uid", task.credentials().euid() & 0xffffffffL)
                .put("threads", process.threads().size())
                .put("state", process.isZombie() ? "Z" : String.valueOf(task.stateChar()))
                .put("start", born / SECOND)
                .put("time", process.times().cpu())
                .put("memory", some == null ? 0 : some.mm().residentBytes())
                .put("command", task.name)
                .name("args")
                .begin('[');
        String args = some == null ? "" : CommandLine.of(some.mm());
        for (int at = 0; at < args.length(); ) {
            int end = args.indexOf(0, at);
            json.value(args.substring(at, end < 0 ? args.length() : end));
            at = end < 0 ? args.length() : end + 1;
        }
        json.end(']').end('}');
    }
}
