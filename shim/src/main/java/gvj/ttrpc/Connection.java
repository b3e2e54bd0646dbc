package gvj.ttrpc;

import gvj.host.Host;
import gvj.host.HostErrno;
import gvj.host.Mem;
import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;

/** Frames over a connected socket. One thread reads; any thread writes. */
final class Connection implements AutoCloseable {
    private static final int INPUT = 16 << 10;

    private final int fd;
    private final long input = Host.malloc(INPUT);
    private int at;
    private int end;

    private final ReentrantLock writing = new ReentrantLock();
    private boolean closed;

    Connection(int fd) {
        this.fd = fd;
    }

    /** The next frame, or null when the other side has closed. */
    Frame read() throws IOException {
        byte[] header = new byte[Frame.HEADER];
        if (!readFully(header)) {
            return null;
        }
        int length = getInt(header, 0);
        byte[] data = null;
        if (length >= 0 && length <= Frame.MAX_DATA) {
            data = new byte[length];
            if (!readFully(data)) {
                return null;
            }
        } else if (!skip(Integer.toUnsignedLong(length))) {
            return null;
        }
        return new Frame(getInt(header, 4), header[8], header[9], data);
    }

    /** Sends a frame whole; the caller answers for its size. */
    void write(Frame frame) throws IOException {
        int length = Frame.HEADER + frame.data().length;
        long buffer = Host.malloc(length);
        if (buffer < 0) {
            throw new IOException("out of memory");
        }
        try {
            putInt(buffer, frame.data().length);
            putInt(buffer + 4, frame.stream());
            Mem.putByte(buffer + 8, (byte) frame.type());
            Mem.putByte(buffer + 9, (byte) frame.flags());
            Mem.copy(frame.data(), 0, buffer + Frame.HEADER, frame.data().length);
            send(buffer, length);
        } finally {
            Host.free(buffer);
        }
    }

    /** Ends both directions: a read that waits answers null. */
    void shutdown() {
        writing.lock();
        try {
            if (!closed) {
                Host.shutdown(fd, Host.SHUT_RDWR);
            }
        } finally {
            writing.unlock();
        }
    }

    /** Only by the thread that reads. */
    @Override
    public void close() {
        shutdown();
        writing.lock();
        try {
            if (!closed) {
                closed = true;
                Host.close(fd);
                Host.free(input);
            }
        } finally {
            writing.unlock();
        }
    }

    private void send(long buffer, int length) throws IOException {
        writing.lock();
        try {
            for (int sent = 0; sent < length; ) {
                long result = closed ? -HostErrno.EPIPE : Host.sendmsg(fd, buffer + sent, length - sent, 0, 0);
                if (result >= 0) {
                    sent += (int) result;
                } else if (result != -HostErrno.EINTR) {
                    throw new IOException("the connection is gone: errno " + -result);
                }
            }
        } finally {
            writing.unlock();
        }
    }

    private boolean readFully(byte[] to) throws IOException {
        for (int have = 0; have < to.length; ) {
            if (at == end && !fill()) {
                return false;
            }
            int piece = Math.min(end - at, to.length - have);
            Mem.copy(input + at, to, have, piece);
            at += piece;
            have += piece;
        }
        return true;
    }

    private boolean skip(long bytes) throws IOException {
        for (long left = bytes; left > 0; ) {
            if (at == end && !fill()) {
                return false;
            }
            int piece = (int) Math.min(end - at, left);
            at += piece;
            left -= piece;
        }
        return true;
    }

    private boolean fill() throws IOException {
        long result;
        do {
            result = Host.read(fd, input, INPUT);
        } while (result == -HostErrno.EINTR);
        if (result < 0 && result != -HostErrno.ECONNRESET) {
            throw new IOException("cannot read from the connection: errno " + -result);
        }
        at = 0;
        end = (int) Math.max(0, result);
        return end > 0;
    }

    private static int getInt(byte[] bytes, int at) {
        return bytes[at] << 24 | (bytes[at + 1] & 0xff) << 16 | (bytes[at + 2] & 0xff) << 8 | bytes[at + 3] & 0xff;
    }

    private static void putInt(long address, int value) {
        Mem.putInt(address, Integer.reverseBytes(value));
    }
}
