package gvj.runtime;

import gvj.boot.BootException;
import gvj.boot.Control;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code gvj events}: a line of JSON for what a container uses, and one each time it has run out of memory. */
final class EventsCommand {
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final long MILLISECOND_NANOS = 1_000_000L;

    private final Container container;
    private final PrintStream out;

    EventsCommand(Container container, PrintStream out) {
        this.container = container;
        this.out = out;
    }

    /** Prints one line with {@code --stats}, else lines until the container's end. */
    void run(Options options) throws ToolException, UsageException {
        long interval = interval(options);
        try (ControlClient events = container.connect()) {
            if (options.has("--stats")) {
                out.println(stats());
                return;
            }
            events.ask(Control.EVENTS);
            stream(events, interval);
        } catch (BootException e) {
            throw new ToolException(e.getMessage());
        }
    }

    private void stream(ControlClient events, long interval) throws ToolException, BootException {
        long next = System.nanoTime() + interval;
        while (!out.checkError()) {
            int type = events.hear(Math.max(0, next - System.nanoTime()));
            if (type < 0) {
                return;
            }
            if (type == Control.OOM) {
                out.println(line("oom", null));
            }
            if (System.nanoTime() - next >= 0) {
                if (container.status().equals("stopped")) {
                    return;
                }
                out.println(stats());
                next += interval;
            }
        }
    }

    private String stats() throws ToolException, BootException {
        try (ControlClient client = container.connect()) {
            return line("stats", data(container.cgroups(), client.read(Control.STATS)));
        }
    }

    private String line(String type, Object data) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("type", type);
        line.put("id", container.id());
        if (data != null) {
            line.put("data", data);
        }
        return JsonWriter.compact(line);
    }

    /**
     * In the form of {@code runc events}: what the host's cgroups count; where they do not, and for tasks, what the Sentry
     * does.
     */
    static Map<String, Object> data(Cgroups host, Json sentry) throws BootException {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("cpu", cpu(host, sentry.get("cpu")));
        data.put("memory", memory(host, sentry.get("memory")));
        Map<String, Object> pids = new LinkedHashMap<>();
        pids.put("current", whole(sentry.get("pids").get("current")));
        pids.put("limit", whole(sentry.get("pids").get("limit")));
        data.put("pids", pids);
        return data;
    }

    private static Map<String, Object> cpu(Cgroups host, Json sentry) throws BootException {
        long user = whole(sentry.get("user"));
        long kernel = whole(sentry.get("system"));
        Map<String, Object> usage = new LinkedHashMap<>();
        usage.put("total", host.cpuTotal() >= 0 ? host.cpuTotal() : Cgroups.sum(user, kernel));
        usage.put("kernel", host.cpuKernel() >= 0 ? host.cpuKernel() : kernel);
        usage.put("user", host.cpuUser() >= 0 ? host.cpuUser() : user);
        Map<String, Object> cpu = new LinkedHashMap<>();
        cpu.put("usage", usage);
        cpu.put("throttling", throttling(host.throttling(), sentry));
        return cpu;
    }

    private static Map<String, Object> throttling(Map<String, Object> host, Json sentry) throws BootException {
        if (!host.isEmpty()) {
            return host;
        }
        Map<String, Object> throttling = new LinkedHashMap<>();
        throttling.put("periods", whole(sentry.get("periods")));
        throttling.put("throttledPeriods", whole(sentry.get("throttled_periods")));
        throttling.put("throttledTime", whole(sentry.get("throttled_time")));
        return throttling;
    }

    private static Map<String, Object> memory(Cgroups host, Json sentry) throws BootException {
        Map<String, Object> usage = new LinkedHashMap<>();
        usage.put("limit", host.memoryLimit() >= 0 ? host.memoryLimit() : whole(sentry.get("limit")));
        usage.put("usage", host.memoryUsage() >= 0 ? host.memoryUsage() : whole(sentry.get("usage")));
        usage.put("max", host.memoryPeak() >= 0 ? host.memoryPeak() : whole(sentry.get("peak")));
        usage.put("failcnt", whole(sentry.get("oom_kill")));
        Map<String, Object> memory = new LinkedHashMap<>();
        memory.put("usage", usage);
        Map<String, Object> raw = host.memoryDetails();
        if (!raw.isEmpty()) {
            memory.put("raw", raw);
        }
        return memory;
    }

    private static long whole(Json number) throws BootException {
        return number.integer(0, 0, Long.MAX_VALUE);
    }

    /** Nanoseconds of a duration like {@code 500ms}, {@code 5s}, {@code 1m}. */
    static long interval(Options options) throws UsageException {
        String text = options.value("--interval", "5s");
        long unit = text.endsWith("ms") ? MILLISECOND_NANOS : text.endsWith("s") ? SECOND_NANOS : 60 * SECOND_NANOS;
        int suffix = text.endsWith("ms") ? 2 : text.endsWith("s") || text.endsWith("m") ? 1 : 0;
        try {
            long number = suffix == 0 ? 0 : Long.parseLong(text.substring(0, text.length() - suffix));
            if (number > 0 && number <= Integer.MAX_VALUE) {
                return number * unit;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw options.wrong("--interval", "\"" + text + "\" is no duration like 500ms, 5s or 1m");
    }
}
