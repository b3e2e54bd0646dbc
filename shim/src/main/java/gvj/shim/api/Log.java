package gvj.shim.api;

import gvj.host.Host;
import gvj.host.Mem;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** The shim's log: descriptor 2, a FIFO that containerd reads, or a file. A line that does not fit in now is dropped. */
public final class Log {
    private static final int STDERR = 2;
    private static final int LONGEST = 4096; // one write to a FIFO is whole up to here

    private Log() {}

    /** What is worth to be known. */
    public static void info(String message) {
        write("info", message);
    }

    /** What went wrong, but ends nothing. */
    public static void warning(String message) {
        write("warning", message);
    }

    /** What should not have happened. */
    public static void error(String message) {
        write("error", message);
    }

    private static void write(String level, String message) {
        StringBuilder line = new StringBuilder(message.length() + 80);
        line.append("time=\"").append(Instant.now().truncatedTo(ChronoUnit.MILLIS));
        line.append("\" level=").append(level).append(" msg=\"");
        for (int i = 0; i < message.length(); i++) {
            char c = message.charAt(i);
            if (c == '"' || c == '\\') {
                line.append('\\');
            }
            line.append(Character.isISOControl(c) ? ' ' : c);
        }
        byte[] bytes = line.append("\"\n").toString().getBytes(StandardCharsets.UTF_8);
        int length = Math.min(bytes.length, LONGEST);
        bytes[length - 1] = '\n';
        long buffer = Host.malloc(length);
        Mem.copy(bytes, 0, buffer, length);
        Host.write(STDERR, buffer, length);
        Host.free(buffer);
    }
}
