package gvj.boot;

import gvj.abi.Errno;
import gvj.host.Host;
import gvj.host.Mem;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The Sentry's end of a socket that carries {@link Control} messages. One thread receives; any thread sends, guarded by
 * this object's monitor, under which nothing else is locked.
 */
public final class ControlSocket {
    private static final int SENTENCE_MAX = 4096;
    /** No text that is received is longer: an id, a path, and another id. */
    private static final int TEXT_MAX = 8192;

    private final int fd;
    private final int sendFlags;
    private final long incoming = Host.malloc(Control.HEADER + TEXT_MAX + 1);
    private final long passed = Host.malloc(Host.FDS_BYTES);
    private final long outgoing = Host.malloc(Control.MAX);
    private final List<Integer> descriptors = new ArrayList<>();
    private String text = "";
    private boolean closed;

    /** To the launcher, which always listens: sending waits for it. */
    public ControlSocket(int fd) {
        this(fd, 0);
    }

    private ControlSocket(int fd, int sendFlags) {
        this.fd = fd;
        this.sendFlags = sendFlags;
    }

    /** To a client, for which nobody waits: what it does not fetch is lost. */
    static ControlSocket ofClient(int fd) {
        return new ControlSocket(fd, Host.MSG_DONTWAIT);
    }

    /**
     * Waits for the next message. Then {@link #type}, {@link #a}, {@link #b}, {@link #text} and
     * {@link #takeDescriptors} are valid.
     *
     * @return false when the other side is gone, or has sent what is no message
     */
    public boolean receive() {
        closeDescriptors();
        long length;
        do {
            length = Host.recvmsg(fd, incoming, Control.HEADER + TEXT_MAX + 1, passed, Host.MAX_FDS, 0);
        } while (length == -Errno.EINTR);
        if (length > 0) {
            for (int i = 0; i < Mem.getInt(passed); i++) {
                descriptors.add(Mem.getInt(passed + 4 + 4L * i));
            }
        }
        if (length < Control.HEADER || length > Control.HEADER + TEXT_MAX) {
            return false;
        }
        byte[] bytes = new byte[(int) length - Control.HEADER];
        Mem.copy(incoming + Control.HEADER, bytes, 0, bytes.length);
        text = new String(bytes, StandardCharsets.ISO_8859_1);
        return true;
    }

    /** Text of the last message received: an id as a rule, with or without a NUL at its end. */
    public String text() {
        return text;
    }

    /** The id that the text begins with. */
    String id() {
        int end = text.indexOf(0);
        return end < 0 ? text : text.substring(0, end);
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

    /** The descriptors that came with the last message: the caller's to close. What nobody takes is closed. */
    List<Integer> takeDescriptors() {
        List<Integer> taken = List.copyOf(descriptors);
        descriptors.clear();
        return taken;
    }

    private void closeDescriptors() {
        for (int descriptor : descriptors) {
            Host.close(descriptor);
        }
        descriptors.clear();
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
        if (closed) {
            return;
        }
        Mem.putInt(outgoing, type);
        Mem.putInt(outgoing + 4, a);
        Mem.putInt(outgoing + 8, b);
        Mem.copy(bytes, 0, outgoing + Control.HEADER, bytes.length);
        long sent;
        do {
            sent = Host.sendmsg(fd, outgoing, Control.HEADER + bytes.length, 0, sendFlags);
        } while (sent == -Errno.EINTR);
    }

    /** As {@link #send(int, int, int, String)}, for a sentence: one that is too long is cut. */
    public void say(int type, int a, int b, String sentence) {
        send(type, a, b, sentence.length() <= SENTENCE_MAX ? sentence : sentence.substring(0, SENTENCE_MAX) + "...");
    }

    /** Ends the connection; for the thread that receives, as its last. */
    synchronized void close() {
        closed = true;
        closeDescriptors();
        Host.close(fd);
        Host.free(incoming);
        Host.free(passed);
        Host.free(outgoing);
    }
}
