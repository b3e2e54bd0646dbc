package gvj.trace;

import gvj.abi.Errno;
import gvj.host.Host;
import gvj.host.Mem;
import java.nio.charset.StandardCharsets;

/**
 * Lines on their way to somebody outside, who may be slow or gone: they wait in a buffer, and a thread of its own writes
 * them. Whoever brings a line never waits. What does not fit is lost, and how much that was is said when there is room
 * again.
 */
public final class TracePipe implements TraceSink {
    /** Waiting lines have so many bytes at most. */
    static final int ROOM = 512 << 10;

    private static final int MAX_LINE = 16 << 10;
    /** PIPE_BUF: a pipe that is ready takes so much without waiting. */
    private static final int CHUNK = 4096;

    private static final int MAX_NOTE = 40;
    private static final int POLLOUT = 4;
    private static final int STACK_BYTES = 256 << 10;
    private static final long LOOK_NANOS = 100_000_000L;
    /** After the end, a reader has so much time for what is still there. */
    private static final long LAST_NANOS = 500_000_000L;

    private final int fd;
    private final Thread writer = new Thread(null, this::write, "trace", STACK_BYTES);
    private byte[] filling = new byte[ROOM];
    private byte[] draining = new byte[ROOM];
    private int filled;
    private long lost;
    private boolean over;
    /** Nobody reads, or nobody has in time: what is left is dropped. */
    private volatile boolean broken;

    private volatile long deadline = Long.MAX_VALUE;

    /** Writes to {@code fd}, which is ours from now on. */
    public TracePipe(int fd) {
        this.fd = fd;
        writer.setDaemon(true);
        writer.start();
    }

    @Override
    public synchronized void line(String text) {
        if (over || broken) {
            return;
        }
        String note = lost == 0 ? "" : "... " + lost + " lines lost\n";
        byte[] bytes = (note + (text.length() > MAX_LINE ? text.substring(0, MAX_LINE) : text) + "\n")
                .getBytes(StandardCharsets.ISO_8859_1);
        if (bytes.length > ROOM - filled) {
            lost++;
            return;
        }
        lost = 0;
        System.arraycopy(bytes, 0, filling, filled, bytes.length);
        filled += bytes.length;
        notifyAll();
    }

    /** The reader is gone. */
    public void abandon() {
        broken = true;
        end();
    }

    /** No more lines come; the reader gets what is there, and then the end. */
    public void end() {
        synchronized (this) {
            if (over) {
                return;
            }
            if (lost > 0) {
                makeRoom();
                byte[] note = ("... " + lost + " lines lost\n").getBytes(StandardCharsets.ISO_8859_1);
                System.arraycopy(note, 0, filling, filled, note.length);
                filled += note.length;
            }
            deadline = System.nanoTime() + LAST_NANOS;
            over = true;
            notifyAll();
        }
    }

    /** Takes back whole lines until there is room for a note of what is lost. */
    private void makeRoom() {
        while (filled > ROOM - MAX_NOTE) {
            do {
                filled--;
            } while (filled > 0 && filling[filled - 1] != '\n');
            lost++;
        }
    }

    /** Waits until all is written, or cannot be. */
    public void awaitWritten() throws InterruptedException {
        writer.join();
    }

    private void write() {
        long buffer = Host.malloc(CHUNK + 8);
        try {
            int length;
            while (!broken && (length = take()) > 0) {
                for (int done = 0; done < length && !broken; ) {
                    done += put(buffer, done, Math.min(CHUNK, length - done));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            broken = true;
            Host.free(buffer);
            Host.close(fd);
        }
    }

    /** Waits for lines: how many bytes of {@link #draining} they are now; 0 when there will be none. */
    private synchronized int take() throws InterruptedException {
        while (filled == 0 && !over) {
            wait();
        }
        byte[] empty = draining;
        draining = filling;
        filling = empty;
        int length = filled;
        filled = 0;
        return length;
    }

    /** Writes when the reader has made room: bytes written. */
    private int put(long buffer, int from, int length) {
        long polled = buffer + CHUNK;
        Mem.putInt(polled, fd);
        Mem.putInt(polled + 4, POLLOUT);
        if (Host.poll(polled, 1, LOOK_NANOS) <= 0) {
            broken |= System.nanoTime() - deadline > 0 && deadline != Long.MAX_VALUE;
            return 0;
        }
        Mem.copy(draining, from, buffer, length);
        long wrote = Host.write(fd, buffer, length);
        if (wrote < 0 && wrote != -Errno.EINTR && wrote != -Errno.EAGAIN) {
            broken = true;
        }
        return (int) Math.max(wrote, 0);
    }
}
