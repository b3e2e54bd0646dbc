package gvj.net.unix;

import gvj.abi.Errno;
import gvj.abi.Socket;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import gvj.mm.IoBuffer;
import gvj.net.Message;
import gvj.vfs.FileDescription;
import java.util.function.Consumer;

/** SOCK_STREAM: bytes without boundaries. */
final class UnixStream extends UnixConnection {
    private final StreamQueue received = new StreamQueue();

    UnixStream(Task task, int flags) {
        super(task, Socket.SOCK_STREAM, flags);
    }

    @Override
    UnixConnection newConnection(Task task) {
        return new UnixStream(task, 0);
    }

    @Override
    public boolean isStream() {
        return true;
    }

    @Override
    public long send(Task task, IoBuffer from, Message message, int flags) {
        if ((flags & Socket.MSG_OOB) != 0) {
            return -Errno.EOPNOTSUPP;
        }
        if (message != null && message.address != null) {
            return isEstablished() ? -Errno.EISCONN : -Errno.EOPNOTSUPP;
        }
        UnixStream other = (UnixStream) peer;
        if (other == null) {
            return -Errno.ENOTCONN;
        }
        if ((shutdown & SEND_SHUTDOWN) != 0) {
            return -Errno.EPIPE;
        }
        if (from.remaining() == 0) {
            return 0;
        }
        if (other.dead || (other.shutdown & RCV_SHUTDOWN) != 0) {
            return -Errno.EPIPE;
        }
        long n = other.received.append(from, options.sendBuffer, sentCredentials(task, message, other), message);
        if (n > 0) {
            other.wake(READABLE);
        }
        return n;
    }

    @Override
    public long receive(Task task, IoBuffer to, Message message, int flags) {
        if (!isEstablished()) {
            return -Errno.EINVAL;
        }
        if ((flags & Socket.MSG_OOB) != 0) {
            return -Errno.EOPNOTSUPP;
        }
        boolean peek = (flags & Socket.MSG_PEEK) != 0;
        UnixSocket other = peer;
        int before = received.size();
        long n = received.take(to, message, options.passesCredentials(), peek);
        if (n > 0) {
            if (message != null) {
                UnixAddress from = other.name();
                message.address = from == null ? null : from.encoded();
            } else {
                InFlight.dropNow();
            }
            if (!peek && !other.isWritableFor(before) && other.isWritableFor(received.size())) {
                other.wake(WRITABLE);
            }
            return n;
        }
        if (n < 0 || to.remaining() == 0) {
            return n;
        }
        int error = takeError();
        if (error != 0) {
            return -error;
        }
        if ((shutdown & RCV_SHUTDOWN) == 0) {
            return -Errno.EAGAIN;
        }
        // what came between looking and the end of the stream
        return received.size() > 0 ? receive(task, to, message, flags) : 0;
    }

    @Override
    boolean hasReceived() {
        return received.size() > 0;
    }

    @Override
    int onTheWay() {
        return peer instanceof UnixStream other ? other.received.size() : 0;
    }

    @Override
    protected long available() {
        if (isListening()) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        return received.size();
    }

    @Override
    protected long unsent() {
        return onTheWay();
    }

    @Override
    boolean closeReceived() {
        return received.close();
    }

    @Override
    void forEachQueuedFile(Consumer<FileDescription> action) {
        received.forEachFile(action);
    }
}
