package gvj.net.unix;

import gvj.abi.Errno;
import gvj.abi.Socket;
import gvj.kernel.Task;
import gvj.mm.IoBuffer;
import gvj.net.Message;
import gvj.vfs.FileDescription;
import java.util.function.Consumer;

/** SOCK_SEQPACKET: messages over a connection. */
final class UnixSeqpacket extends UnixConnection {
    private final PacketQueue received = new PacketQueue();

    UnixSeqpacket(Task task, int flags) {
        super(task, Socket.SOCK_SEQPACKET, flags);
    }

    @Override
    UnixConnection newConnection(Task task) {
        return new UnixSeqpacket(task, 0);
    }

    @Override
    public boolean isStream() {
        return false;
    }

    @Override
    public long send(Task task, IoBuffer from, Message message, int flags) {
        if (!isEstablished()) {
            return -Errno.ENOTCONN;
        }
        if ((flags & Socket.MSG_OOB) != 0) {
            return -Errno.EOPNOTSUPP;
        }
        UnixSeqpacket other = (UnixSeqpacket) peer;
        long result = Packets.canSend(this, from.remaining());
        if (result < 0) {
            return result;
        }
        if (other.dead || (other.shutdown & RCV_SHUTDOWN) != 0) {
            return -Errno.EPIPE;
        }
        result = Packets.send(task, this, other, other.received, from, message);
        return result == -Errno.ECONNREFUSED ? -Errno.EPIPE : result;
    }

    @Override
    public long receive(Task task, IoBuffer to, Message message, int flags) {
        if (!isEstablished()) {
            return -Errno.ENOTCONN;
        }
        if ((flags & Socket.MSG_OOB) != 0) {
            return -Errno.EOPNOTSUPP;
        }
        PacketQueue.Packet packet = received.first((flags & Socket.MSG_PEEK) != 0);
        if (packet != null) {
            return Packets.receive(this, packet, to, message, flags);
        }
        int error = takeError();
        if (error != 0) {
            return -error;
        }
        return (shutdown & RCV_SHUTDOWN) != 0 && received.count() == 0 ? 0 : -Errno.EAGAIN;
    }

    @Override
    boolean hasReceived() {
        return received.count() > 0;
    }

    @Override
    int onTheWay() {
        return charged();
    }

    @Override
    protected long available() {
        return isListening() ? -Errno.EINVAL : received.totalLength();
    }

    @Override
    boolean closeReceived() {
        return Packets.discard(received, true);
    }

    @Override
    void forEachQueuedFile(Consumer<FileDescription> action) {
        received.forEachFile(action);
    }
}
