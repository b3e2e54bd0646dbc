package gvj.runtime;

import gvj.boot.BootException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the host's cgroups say of a container: the Sentry, the gofer and their program together. Version 2 has one
 * directory and microseconds, version 1 one for each controller and nanoseconds.
 */
public final class Cgroups {
    private static final long MICROSECOND_NANOS = 1000;

    /** Where the host counts nothing. */
    public static final Cgroups NONE = new Cgroups();

    /** Directories by controllers, as state.json has them: {@code memory}, {@code cpu,cpuacct}; empty for version 2. */
    private final Map<String, String> directories = new LinkedHashMap<>();

    private Cgroups() {}

    /** Of what {@code cgroup_paths} of a container's state has. */
    public Cgroups(Json paths) throws BootException {
        for (String controllers : paths.names()) {
            directories.put(controllers, paths.get(controllers).chars(""));
        }
    }

    /** CPU time, in nanoseconds; -1 where it is not counted. */
    public long cpuTotal() {
        return firstOf(
                number("cpuacct", "cpuacct.usage"), scaled(keyed("", "cpu.stat").get("usage_usec")));
    }

    /** That of programs. */
    public long cpuUser() {
        return firstOf(
                number("cpuacct", "cpuacct.usage_user"),
                scaled(keyed("", "cpu.stat").get("user_usec")));
    }

    /** That of the host's kernel. */
    public long cpuKernel() {
        return firstOf(
                number("cpuacct", "cpuacct.usage_sys"),
                scaled(keyed("", "cpu.stat").get("system_usec")));
    }

    /** How often the quota was used up, and for how long: periods, throttledPeriods, throttledTime (nanoseconds). */
    public Map<String, Object> throttling() {
        Map<String, Long> stat = keyed("cpu", "cpu.stat");
        Map<String, Object> result = new LinkedHashMap<>();
        put(result, "periods", stat.get("nr_periods"));
        put(result, "throttledPeriods", stat.get("nr_throttled"));
        Long micros = stat.get("throttled_usec");
        put(result, "throttledTime", micros == null ? stat.get("throttled_time") : Long.valueOf(scaled(micros)));
        return result;
    }

    /** Bytes in use; -1 where they are not counted. */
    public long memoryUsage() {
        return firstOf(number("memory", "memory.usage_in_bytes"), number("", "memory.current"));
    }

    /** The most bytes that were in use at once. */
    public long memoryPeak() {
        return firstOf(number("memory", "memory.max_usage_in_bytes"), number("", "memory.peak"));
    }

    /** Bytes that may be in use; -1 without a limit. */
    public long memoryLimit() {
        return firstOf(number("memory", "memory.limit_in_bytes"), number("", "memory.max"));
    }

    /** The lines of memory.stat. */
    public Map<String, Object> memoryDetails() {
        return new LinkedHashMap<>(keyed("memory", "memory.stat"));
    }

    /** Of two figures that a Sentry told, and made up perhaps: at most the largest number. */
    public static long sum(long one, long other) {
        return one > Long.MAX_VALUE - other ? Long.MAX_VALUE : one + other;
    }

    private static void put(Map<String, Object> map, String name, Long value) {
        if (value != null) {
            map.put(name, value);
        }
    }

    private static long firstOf(long one, long other) {
        return one >= 0 ? one : other;
    }

    private static long scaled(Long micros) {
        return micros == null ? -1 : micros * MICROSECOND_NANOS;
    }

    /** A file with one number; -1 without it, also for "max". */
    private long number(String controller, String file) {
        try {
            return Long.parseLong(contents(controller, file).strip());
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** A file with a name and a number on each line. */
    private Map<String, Long> keyed(String controller, String file) {
        Map<String, Long> values = new LinkedHashMap<>();
        for (String line : contents(controller, file).split("\n")) {
            int space = line.indexOf(' ');
            try {
                if (space > 0) {
                    values.put(
                            line.substring(0, space),
                            Long.valueOf(line.substring(space + 1).strip()));
                }
            } catch (NumberFormatException e) {
                continue; // not a number: not for us
            }
        }
        return values;
    }

    private String contents(String controller, String file) {
        String directory = directory(controller);
        if (directory == null) {
            return "";
        }
        try {
            return Files.readString(Path.of(directory, file), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    /** Version 2's one directory is every controller's. */
    private String directory(String controller) {
        for (Map.Entry<String, String> entry : directories.entrySet()) {
            String controllers = entry.getKey();
            if (controllers.isEmpty() || !controller.isEmpty() && has(controllers, controller)) {
                return entry.getValue();
            }
        }
        return null;
    }

    private static boolean has(String controllers, String wanted) {
        return ("," + controllers + ",").contains("," + wanted + ",");
    }
}
