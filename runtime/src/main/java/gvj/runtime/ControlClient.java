package gvj.runtime;

import gvj.abi.Socket;
import gvj.boot.BootException;
import gvj.boot.Control;
import gvj.host.Host;
import gvj.host.HostErrno;
import gvj.host.Mem;
import java.nio.charset.StandardCharsets;

/**
 * A connection to a container's {@code control.sock}: one request, and what belongs to it. The Sentry at the other end may be under an
 * attacker's control: what it says is bounded, and checked like any input.
 */
public final class ControlClient implements AutoCloseable {
    private static final int POLLIN = 1;
    private static final long PATIENCE_NANOS = 10_000_000_000L;
    private static final int MAX_ANSWER = 64 << 20;

    private final String id;
    private final byte[] which;
    private final int fd;
    private final long packet = Host.malloc(Control.MAX);
    private int type;
    private int a;
    private int b;

    private ControlClient(String id, String which, int fd) {
        this.id = id;
        this.which = which.getBytes(StandardCharsets.UTF_8);
        this.fd = fd;
    }

    /**
     * Connects to container {@code id}, or answers null if no Sentry listens in {@code directory}.
     *
     * @param which how the container is called in requests: by its id, or not at all if it is its sandbox's first one
     */
    public static ControlClient connect(String id, String which, String directory) {
        byte[] path = (directory + "/control.sock\0").getBytes(StandardCharsets.UTF_8);
        int fd = Host.connectUnix(path, Socket.SOCK_SEQPACKET);
        return fd < 0 ? null : new ControlClient(id, which, fd);
    }

    /** The answer's first number: {@link #ask}, {@link #hear}. */
    public int a() {
        return a;
    }

    /** The answer's second number. */
    public int b() {
        return b;
    }

    /** The socket, to wait for what comes on several of them. */
    public int socket() {
        return fd;
    }

    /** Sends a request without anything else, and waits for OK. */
    public void ask(int request) throws ToolException {
        ask(request, 0, 0);
    }

    /** Sends a request with its numbers, and waits for OK. */
    public void ask(int request, int first, int second) throws ToolException {
        send(request, first, second);
        expectOk(PATIENCE_NANOS);
    }

    /** Sends a request with a number, words behind the container's name, and a descriptor; waits for OK. */
    public void ask(int request, int number, String words, int file, long patienceNanos) throws ToolException {
        byte[] text = words.isEmpty()
                ? which
                : (new String(which, StandardCharsets.UTF_8) + "\0" + words).getBytes(StandardCharsets.UTF_8);
        if (text.length > Control.MAX - Control.HEADER) {
            throw new ToolException("container " + id + ": the request is too long");
        }
        send(request, number, 0, text, file);
        expectOk(patienceNanos);
    }

    /** Sends a request, what the connection begins with, with descriptors; they stay the caller's. */
    public void send(int request, int first, int second, int... files) throws ToolException {
        send(request, first, second, which, files);
    }

    /** Says something that belongs to the request: {@link Control#SIGNAL} or {@link Control#WINDOW} to a process. */
    public void tell(int message, int first, int second) throws ToolException {
        send(message, first, second, new byte[0]);
    }

    /** The JSON document that the Sentry writes for {@code request}, {@link Control#STATS} for instance. */
    public Json read(int request) throws ToolException {
        return read(request, MAX_ANSWER, PATIENCE_NANOS);
    }

    /** Likewise, of at most {@code max} bytes, if the answer comes within {@code patience} nanoseconds. */
    public Json read(int request, int max, long patience) throws ToolException {
        try {
            return Json.parse("container " + id + ": the Sentry's answer", readBytes(request, 0, max, patience));
        } catch (BootException e) {
            throw new ToolException(e.getMessage());
        }
    }

    /** What the Sentry writes for {@code request}, whose number is how many milliseconds that takes. */
    public byte[] readBytes(int request, int millis) throws ToolException {
        return readBytes(request, millis, MAX_ANSWER, PATIENCE_NANOS + 1_000_000L * millis);
    }

    private byte[] readBytes(int request, int number, int max, long patience) throws ToolException {
        int file = Host.memfdCreate("answer\0".getBytes(StandardCharsets.ISO_8859_1), 1);
        if (file < 0) {
            throw new ToolException("cannot make a file for the answer: errno " + -file);
        }
        try {
            ask(request, number, "", file, patience);
            return contents(file, max);
        } finally {
            Host.close(file);
        }
    }

    /**
     * Waits for a message that comes by itself.
     *
     * @return its type, 0 if none came in time, -1 when the Sentry is gone
     */
    public int hear(long timeoutNanos) throws ToolException {
        if (!await(timeoutNanos)) {
            return 0;
        }
        long length = Host.recvmsg(fd, packet, Control.MAX, 0, 0, 0);
        if (length <= 0) {
            return -1;
        }
        if (length < Control.HEADER) {
            throw new ToolException("container " + id + ": the Sentry's answer is malformed");
        }
        type = Mem.getInt(packet);
        a = Mem.getInt(packet + 4);
        b = Mem.getInt(packet + 8);
        if (type == Control.ERROR) {
            throw new ToolException("container " + id + ": " + text((int) length - Control.HEADER));
        }
        return type;
    }

    @Override
    public void close() {
        Host.close(fd);
        Host.free(packet);
    }

    private void send(int message, int first, int second, byte[] text, int... files) throws ToolException {
        long length = Control.HEADER + text.length;
        long fds = Host.malloc(Host.FDS_BYTES + length);
        Mem.putInt(fds, files.length);
        for (int i = 0; i < files.length; i++) {
            Mem.putInt(fds + 4 + 4L * i, files[i]);
        }
        long out = fds + Host.FDS_BYTES; // not the packet: another thread may listen
        Mem.putInt(out, message);
        Mem.putInt(out + 4, first);
        Mem.putInt(out + 8, second);
        Mem.copy(text, 0, out + Control.HEADER, text.length);
        long sent = Host.sendmsg(fd, out, length, fds, 0);
        Host.free(fds);
        if (sent < 0) {
            throw new ToolException("container " + id + ": its Sentry does not listen: errno " + -sent);
        }
    }

    private void expectOk(long patienceNanos) throws ToolException {
        int heard = hear(patienceNanos);
        if (heard != Control.OK) {
            throw new ToolException("container " + id + ": the Sentry "
                    + (heard == 0 ? "does not answer" : heard < 0 ? "has ended" : "answers what was not asked"));
        }
    }

    private boolean await(long timeoutNanos) {
        long polled = Host.malloc(8);
        Mem.putInt(polled, fd);
        Mem.putInt(polled + 4, POLLIN);
        int ready;
        do {
            ready = Host.poll(polled, 1, timeoutNanos);
        } while (ready == -HostErrno.EINTR);
        Host.free(polled);
        return ready > 0;
    }

    private byte[] contents(int file, int max) throws ToolException {
        long length = Host.lseek(file, 0, 2);
        if (length < 0 || length > max) {
            throw new ToolException("container " + id + ": the Sentry's answer has " + length + " bytes");
        }
        byte[] bytes = new byte[(int) length];
        long buffer = Host.malloc(Math.max(1, length));
        long read = Host.pread(file, buffer, length, 0);
        if (read == length) {
            Mem.copy(buffer, bytes, 0, (int) length);
        }
        Host.free(buffer);
        if (read != length) {
            throw new ToolException("container " + id + ": the Sentry's answer changes while it is read");
        }
        return bytes;
    }

    /** What the packet says, without what could steer a terminal. */
    private String text(int length) {
        byte[] bytes = new byte[length];
        Mem.copy(packet + Control.HEADER, bytes, 0, length);
        return printable(new String(bytes, StandardCharsets.UTF_8));
    }

    /** {@code text} with its control characters replaced. */
    static String printable(String text) {
        StringBuilder result = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            result.append(Character.isISOControl(c) ? ' ' : c);
        }
        return result.toString();
    }
}
