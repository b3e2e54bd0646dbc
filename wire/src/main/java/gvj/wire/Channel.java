package gvj.wire;

import gvj.host.Host;
import gvj.host.HostErrno;
import gvj.host.Mem;

/** The Sentry's end of one channel: one request at a time, by the thread that took it from the pool. */
final class Channel {
    /** The request, then the answer. */
    final WireBuffer buffer = new WireBuffer();

    private final int socket;
    private final long fds;
    /** Requests by operation; a reader may see them a little late. */
    private final long[] requests = new long[Wire.OPERATIONS];

    private int sequence;
    private int op;
    private int donated = -1;
    private String fault = "";

    Channel(int socket) {
        this.socket = socket;
        fds = Host.malloc(Host.FDS_BYTES);
        if (fds < 0) {
            throw new OutOfMemoryError("descriptor buffer");
        }
    }

    /** Starts a request in {@link #buffer}. */
    void begin(int operation) {
        op = operation;
        requests[operation]++;
        buffer.begin(operation, ++sequence);
    }

    /**
     * Sends the request and waits for the answer, whatever signals come meanwhile: the gofer is working on it, so it
     * must be heard. The result, or {@code -errno}; after it {@link #broken} tells if the channel is of no more use.
     */
    int call() {
        if (buffer.bad()) {
            return -HostErrno.ENAMETOOLONG; // the only way a request of ours outgrows a message
        }
        donated = -1;
        int result = send();
        return result < 0 ? result : receive();
    }

    /** Sends a request that has no answer. */
    int send() {
        int length = buffer.end(0);
        long sent;
        do {
            sent = Host.sendmsg(socket, buffer.address(), length, 0, 0);
        } while (sent == -HostErrno.EINTR);
        if (sent == -HostErrno.EPIPE || sent == -HostErrno.ECONNRESET) {
            return fail("has gone");
        }
        return sent == length ? 0 : fail("cannot be written to, errno " + -sent);
    }

    private int receive() {
        long got;
        do {
            got = Host.recvmsg(socket, buffer.address(), Wire.MAX_MESSAGE, fds, 1, 0);
        } while (got == -HostErrno.EINTR);
        if (got <= 0) {
            return fail(got == 0 || got == -HostErrno.ECONNRESET ? "has gone" : "cannot be read from, errno " + -got);
        }
        if (Mem.getInt(fds) == 1) {
            donated = Mem.getInt(fds + 4);
        }
        if (!buffer.received(got) || buffer.op() != op || buffer.sequence() != sequence || buffer.result() > 0) {
            closeDonated();
            return fail("gave a malformed answer");
        }
        if (donated >= 0 && (buffer.result() < 0 || !Wire.donates(op))) {
            closeDonated();
        }
        return buffer.result();
    }

    /** To be asked when an answer is decoded: 0, or {@code -EIO} and the channel is broken. */
    int decoded() {
        if (buffer.complete()) {
            return 0;
        }
        closeDonated();
        return fail("gave a malformed answer");
    }

    /** {@link #call} for an answer without a body. */
    int callForNothing() {
        int result = call();
        return result < 0 ? result : decoded();
    }

    /** {@link #call} for an answer that is attributes. */
    int callForAttr(Attr attr) {
        int result = call();
        if (result < 0) {
            return result;
        }
        attr.read(buffer);
        return decoded();
    }

    /** {@link #call} for an answer that is a node with attributes and target: the node. */
    int callForNode(Attr attr) {
        int result = call();
        return result < 0 ? result : node(attr);
    }

    /** Decodes the last thing of an answer, a node with attributes and target: the node. */
    int node(Attr attr) {
        int node = buffer.getInt();
        attr.readWithTarget(buffer);
        int bad = decoded();
        return bad < 0 ? bad : node <= 0 ? fail("gave a node that is none") : node;
    }

    /** The descriptor that came with the answer, or {@code -EIO} and the channel is broken. */
    int takeDonated() {
        int fd = donated;
        donated = -1;
        return fd >= 0 ? fd : fail("gave no descriptor");
    }

    private void closeDonated() {
        if (donated >= 0) {
            Host.close(donated);
            donated = -1;
        }
    }

    private int fail(String why) {
        fault = why;
        return -HostErrno.EIO;
    }

    /** Adds the number of requests of each operation to {@code to}. */
    void count(long[] to) {
        for (int i = 0; i < requests.length; i++) {
            to[i] += requests[i];
        }
    }

    boolean broken() {
        return !fault.isEmpty();
    }

    String fault() {
        return fault;
    }

    /** Wakes a thread that waits in {@link #call}: it gets the end of the connection. */
    void shutdown() {
        Host.shutdown(socket, Host.SHUT_RDWR);
    }

    /** Gives back what it holds; it must not be used again. */
    void close() {
        closeDonated();
        Host.close(socket);
        Host.free(fds);
        buffer.free();
    }
}
