package gvj.agent.metrics;

import gvj.agent.metrics.Answer.Counters;
import gvj.agent.metrics.Answer.Memory;
import gvj.agent.metrics.SandboxState.ContainerState;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Every sandbox's series, made anew with each {@link #ask}: those of a sandbox that is gone are gone too. */
final class SandboxCollector implements MultiCollector {
    private static final double NANOS = 1e9;

    private final Scrape scrape;
    private final CounterHistory history;
    private volatile MetricSnapshots latest = new MetricSnapshots();

    SandboxCollector(Scrape scrape, CounterHistory history) {
        this.scrape = scrape;
        this.history = history;
    }

    @Override
    public MetricSnapshots collect() {
        return latest;
    }

    /**
     * Asks all sandboxes; {@link #collect} tells what they said. Apart from it, because the registry asks its collectors in
     * no particular order, and those that count errors are to count these.
     */
    synchronized void ask() {
        Families families = new Families();
        Set<String> alive = new HashSet<>();
        List<Scrape.Result> results = scrape.run();
        for (Scrape.Result result : results) {
            SandboxState sandbox = result.sandbox();
            alive.add(key(sandbox));
            for (ContainerState container : sandbox.containers().values()) {
                alive.add(key(sandbox, container));
            }
            Labels labels = labels(sandbox.identity());
            families.gauge("gvj_sandbox_up", "Whether the sandbox answered", labels, result.answer() == null ? 0 : 1);
            if (result.answer() != null) {
                sandbox(families, sandbox, result.answer());
            }
        }
        families.gauge("gvj_sandboxes", "Sandboxes of this node", Labels.EMPTY, results.size());
        history.keep(alive);
        latest = families.snapshots();
    }

    private static String key(SandboxState sandbox) {
        return sandbox.id() + " " + sandbox.incarnation();
    }

    private static String key(SandboxState sandbox, ContainerState container) {
        return key(sandbox) + "/" + container.identity().id() + " " + container.incarnation();
    }

    private static Labels labels(Identity identity) {
        return Labels.of(
                "namespace", identity.namespace(),
                "pod", identity.pod(),
                "container", identity.container(),
                "id", identity.id());
    }

    private void sandbox(Families families, SandboxState sandbox, Answer answer) {
        Labels labels = labels(sandbox.identity());
        families.gauge(
                "gvj_sandbox_uptime_seconds", "Time since the sandbox began", labels, answer.uptimeNanos() / NANOS);
        for (Map.Entry<String, Long> phase : answer.phaseNanos().entrySet()) {
            families.gauge(
                    "gvj_sandbox_start_seconds",
                    "What the sandbox's start took, by phase",
                    labels.add("phase", phase.getKey()),
                    phase.getValue() / NANOS);
        }
        families.gauge("gvj_sentry_heap_bytes", "Java heap of the Sentry in use", labels, answer.heapUsed());
        families.gauge("gvj_sentry_heap_limit_bytes", "Java heap of the Sentry at most", labels, answer.heapMax());
        families.gauge("gvj_sentry_threads", "Threads of the Sentry", labels, answer.threads());
        memory(families, "gvj_sandbox_memory_bytes", "Application memory of all containers", labels, answer.memory());
        String key = key(sandbox);
        counter(families, "gvj_log_lines", "Lines of the Sentry's log", labels, key, answer.logLines());
        counters(
                families,
                "gvj_gofer_requests",
                "Requests to the gofer",
                labels,
                "operation",
                key,
                answer.goferRequests());
        for (Counters counters : answer.containers()) {
            container(families, sandbox, sandbox.containers().get(counters.id()), counters);
        }
    }

    private void container(Families families, SandboxState sandbox, ContainerState container, Counters counters) {
        Labels labels = labels(container.identity());
        String key = key(sandbox, container);
        counters(families, "gvj_syscalls", "System calls", labels, "syscall", key, counters.syscalls());
        counters(families, "gvj_syscall_errors", "System calls that failed", labels, "errno", key, counters.errors());
        counters(
                families,
                "gvj_unimplemented_syscalls",
                "System calls that there are not",
                labels,
                "syscall",
                key,
                counters.unimplemented());
        counter(families, "gvj_page_faults", "Page faults", labels, key, counters.pageFaults());
        counter(families, "gvj_exits", "Switches between application and Sentry", labels, key, counters.entries());
        counter(families, "gvj_oom_kills", "Processes killed for memory", labels, key, counters.oomKills());
        cpu(families, labels.add("mode", "user"), key, counters.userNanos());
        cpu(families, labels.add("mode", "system"), key, counters.systemNanos());
        memory(families, "gvj_memory_bytes", "Application memory", labels, counters.memory());
        families.gauge("gvj_tasks", "Threads", labels, counters.tasks());
        families.gauge("gvj_processes", "Processes", labels, counters.processes());
        families.gauge("gvj_open_files", "Open descriptors", labels, counters.openFiles());
    }

    private static void memory(Families families, String name, String help, Labels labels, Memory memory) {
        families.gauge(name, help, labels.add("kind", "usage"), memory.usage());
        families.gauge(name, help, labels.add("kind", "peak"), memory.peak());
        if (memory.limit() > 0) {
            families.gauge(name, help, labels.add("kind", "limit"), memory.limit());
        }
    }

    private void cpu(Families families, Labels labels, String key, long nanos) {
        String name = "gvj_cpu_seconds";
        families.counter(name, "Processor time", labels, history.next(key, name + labels.get("mode"), nanos) / NANOS);
    }

    private void counter(Families families, String name, String help, Labels labels, String key, long value) {
        families.counter(name, help, labels, history.next(key, name, value));
    }

    private void counters(
            Families families,
            String name,
            String help,
            Labels labels,
            String label,
            String key,
            Map<String, Long> values) {
        for (Map.Entry<String, Long> value : values.entrySet()) {
            families.counter(
                    name,
                    help,
                    labels.add(label, value.getKey()),
                    history.next(key, name + " " + value.getKey(), value.getValue()));
        }
    }
}
