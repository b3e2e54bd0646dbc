package gvj.trace;

import gvj.host.Host;
import gvj.host.Mem;
import java.nio.charset.StandardCharsets;

/**
 * The sandbox's log: lines written to an inherited descriptor, each in one write. The monitor guards the buffer, so lines
 * of several threads never mix.
 */
public final class LogFile implements TraceSink {
    private static final int BUFFER = 64 << 10;

    private final int fd;
    private final String lineEnd;
    private final long buffer = Host.malloc(BUFFER);
    private long lines;

    /** Writes to {@code fd}, which stays the caller's. */
    public LogFile(int fd) {
        this(fd, false);
    }

    /**
     * As above.
     *
     * @param raw {@code fd} is a terminal in raw mode: a line feed alone does not go back to the left
     */
    public LogFile(int fd, boolean raw) {
        this.fd = fd;
        this.lineEnd = raw ? "\r\n" : "\n";
    }

    /** Lines written so far. */
    public synchronized long lines() {
        return lines;
    }

    /** Writes one line; what is longer than the buffer is cut. */
    @Override
    public synchronized void line(String text) {
        lines++;
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        int n = Math.min(bytes.length, BUFFER - lineEnd.length());
        Mem.copy(bytes, 0, buffer, n);
        for (int i = 0; i < lineEnd.length(); i++) {
            Mem.putByte(buffer + n++, (byte) lineEnd.charAt(i));
        }
        for (long done = 0; done < n; ) {
            long wrote = Host.write(fd, buffer + done, n - done);
            if (wrote <= 0 && wrote != -gvj.abi.Errno.EINTR) {
                return;
            }
            done += Math.max(wrote, 0);
        }
    }
}
