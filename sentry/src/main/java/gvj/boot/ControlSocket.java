package gvj.boot;

import gvj.host.Host;
import gvj.host.Mem;
import java.nio.charset.StandardCharsets;

/**
 * The Sentry's end of the socket to the launcher. One thread receives; any thread sends, guarded by this object's
 * monitor, under which nothing else is locked.
 */
public final class ControlSocket {
    private static final int EINTR = -4;

    private final int fd;
    private final long incoming = Host.malloc(Control.HEADER);
    private final long outgoing = Host.malloc(Control.MAX);

    public ControlSocket(int fd) {
        this.fd = fd;
    }

    /** Waits for the next message; false when the launcher is gone. Then {@link #type}, {@link #a}, {@link #b} are valid. */
    public boolean receive() {
        long length;
        do {
            length = Host.read(fd, incoming, Control.HEADER);
        } while (length == EINTR);
        return length >= Control.HEADER;
    }

    /** Type of the last message received. */
    public int type() {
        return Mem.getInt(incoming);
    }

    /** First number of the last message received. */
    public int a() {
        return Mem.getInt(incoming + 4);
    }

    /** Second number of the last message received. */
    public int b() {
        return Mem.getInt(incoming + 8);
    }

    /** Sends a message without text. A launcher that is gone is no error: it takes us along. */
    public void send(int type, int a) {
        send(type, a, 0, "");
    }

    /** Sends a message; {@code text} has one char per byte and at most {@code MAX - HEADER} of them. */
    public synchronized void send(int type, int a, int b, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        if (bytes.length > Control.MAX - Control.HEADER) {
            throw new IllegalArgumentException("control message of " + bytes.length + " bytes");
        }
        Mem.putInt(outgoing, type);
        Mem.putInt(outgoing + 4, a);
        Mem.putInt(outgoing + 8, b);
        Mem.copy(bytes, 0, outgoing + Control.HEADER, bytes.length);
        while (Host.write(fd, outgoing, Control.HEADER + bytes.length) == EINTR) {
            // once more
        }
    }
}
