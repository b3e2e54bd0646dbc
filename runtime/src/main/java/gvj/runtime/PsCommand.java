package gvj.runtime;

import gvj.boot.BootException;
import gvj.boot.Control;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;

/**
 * {@code gvj ps}. For people the processes as the Sentry knows them; for container engines the numbers on the host, where a
 * container is one process: the one that waits for it.
 */
final class PsCommand {
    private static final long SECOND_NANOS = 1_000_000_000L;

    private PsCommand() {}

    static String print(Container container, Options options) throws ToolException {
        try (ControlClient client = container.connect()) {
            if (options.value("--format", "table").equals("json")) {
                return JsonWriter.compact(List.of(container.pid())) + "\n";
            }
            return table(client.read(Control.PROCESSES));
        } catch (BootException e) {
            throw new ToolException(e.getMessage());
        }
    }

    /** As {@code ps -f} would print it inside. */
    static String table(Json processes) throws BootException {
        Table table = new Table("UID", "PID", "PPID", "STATE", "STIME", "TIME", "CMD");
        for (Json process : processes.elements()) {
            table.row(
                    number(process, "uid"),
                    number(process, "pid"),
                    number(process, "ppid"),
                    ControlClient.printable(process.get("state").chars("?")),
                    startTime(process.get("start").integer(0, 0, Integer.MAX_VALUE)),
                    cpuTime(process.get("time").integer(0, 0, Long.MAX_VALUE)),
                    command(process));
        }
        return table.toString();
    }

    private static String number(Json process, String member) throws BootException {
        return Long.toString(process.get(member).integer(0, 0, Long.MAX_VALUE));
    }

    private static String command(Json process) throws BootException {
        StringBuilder text = new StringBuilder();
        for (Json argument : process.get("args").elements()) {
            text.append(text.isEmpty() ? "" : " ").append(argument.chars(""));
        }
        // a kernel's thread or a zombie has no arguments
        String line = text.isEmpty() ? "[" + process.get("command").chars("") + "]" : text.toString();
        return ControlClient.printable(line);
    }

    /** Today's time, or another day's date. */
    private static String startTime(long seconds) {
        LocalDateTime start = LocalDateTime.ofInstant(Instant.ofEpochSecond(seconds), ZoneId.systemDefault());
        return start.toLocalDate().equals(LocalDate.now(ZoneId.systemDefault()))
                ? two(start.getHour()) + ":" + two(start.getMinute())
                : start.toLocalDate().toString();
    }

    private static String cpuTime(long nanos) {
        long seconds = nanos / SECOND_NANOS;
        return two(seconds / 3600) + ":" + two(seconds / 60 % 60) + ":" + two(seconds % 60);
    }

    private static String two(long number) {
        return (number < 10 ? "0" : "") + number;
    }
}
