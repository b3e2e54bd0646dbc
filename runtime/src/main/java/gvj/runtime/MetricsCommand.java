package gvj.runtime;

import gvj.boot.BootException;
import gvj.boot.Control;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code gvj metrics}: counters of a container and its sandbox, to read or as the Sentry's JSON. */
final class MetricsCommand {
    private static final long MIB = 1 << 20;
    private static final long MILLI = 1_000_000;
    private static final String[] PHASES = {"jvm", "kernel", "mounts", "program", "ready"};

    private final StringBuilder text = new StringBuilder();

    private MetricsCommand() {}

    static String print(Container container, Options options) throws ToolException {
        try (ControlClient client = container.connect()) {
            Json metrics = client.read(Control.METRICS);
            if (options.value("--format", "table").equals("json")) {
                return JsonWriter.compact(metrics.value()) + "\n";
            }
            return new MetricsCommand().table(metrics, container.id());
        } catch (BootException e) {
            throw new ToolException(e.getMessage());
        }
    }

    private String table(Json metrics, String id) throws ToolException, BootException {
        Json container = find(metrics, id);
        row("container", id + ", " + word(container.get("state")));
        row(
                "tasks",
                number(container, "tasks") + " in " + number(container, "processes") + " processes, "
                        + number(container, "open_files") + " open files");
        Json memory = container.get("memory");
        row(
                "memory",
                mib(memory, "usage") + " MiB of " + mib(memory, "limit") + ", at most " + mib(memory, "peak")
                        + ", processes killed for it: " + number(memory, "oom_kill"));
        Json cpu = container.get("cpu");
        row("cpu", "user " + number(cpu, "user") / MILLI + " ms, system " + number(cpu, "system") / MILLI + " ms");
        row(
                "faults",
                number(container, "page_faults") + " page faults, " + number(container, "entries")
                        + " entries into application code");
        sandbox(metrics);
        counts("system calls", container.get("syscalls"));
        counts("errors", container.get("errors"));
        counts("not implemented", container.get("unimplemented"));
        return text.toString();
    }

    private static Json find(Json metrics, String id) throws ToolException, BootException {
        for (Json container : metrics.get("containers").elements()) {
            if (container.get("id").chars("").equals(id)) {
                return container;
            }
        }
        throw new ToolException("container " + id + ": its Sentry does not know it");
    }

    private void sandbox(Json metrics) throws BootException {
        row(
                "sandbox",
                word(metrics.get("sandbox")) + ", platform " + word(metrics.get("platform")) + ", version "
                        + word(metrics.get("version")) + ", up " + number(metrics, "uptime") / MILLI + " ms");
        StringBuilder phases = new StringBuilder();
        for (String phase : PHASES) {
            phases.append(phases.isEmpty() ? "" : ", ").append(phase).append(' ');
            phases.append(number(metrics.get("phases"), phase) / MILLI);
        }
        row("start", phases + " ms");
        Json heap = metrics.get("heap");
        row(
                "Sentry",
                "heap " + mib(heap, "used") + " MiB of " + mib(heap, "max") + ", " + number(metrics, "threads")
                        + " threads, " + number(metrics, "log_lines") + " lines in the log");
        counts("requests to the gofer", metrics.get("gofer"));
    }

    private void row(String name, String value) {
        text.append(name)
                .append(" ".repeat(Math.max(1, 11 - name.length())))
                .append(value)
                .append('\n');
    }

    /** The members of {@code object}, the most frequent first. */
    private void counts(String head, Json object) throws BootException {
        if (!object.present() || object.names().isEmpty()) {
            return;
        }
        List<Map.Entry<String, Long>> entries = new ArrayList<>();
        for (String name : object.names()) {
            entries.add(Map.entry(ControlClient.printable(name), number(object, name)));
        }
        entries.sort(Map.Entry.<String, Long>comparingByValue().reversed());
        text.append('\n').append(head).append('\n');
        for (Map.Entry<String, Long> entry : entries) {
            String digits = Long.toString(entry.getValue());
            text.append(" ".repeat(Math.max(1, 12 - digits.length())))
                    .append(digits)
                    .append("  ")
                    .append(entry.getKey())
                    .append('\n');
        }
    }

    private static long number(Json object, String name) throws BootException {
        return object.get(name).integer(0, 0, Long.MAX_VALUE);
    }

    private static long mib(Json object, String name) throws BootException {
        return number(object, name) / MIB;
    }

    private static String word(Json value) throws BootException {
        return ControlClient.printable(value.chars("?"));
    }
}
