package gvj.net.unix;

import gvj.abi.Bytes;
import gvj.abi.Errno;
import gvj.abi.Poll;
import gvj.abi.Socket;
import gvj.kernel.Task;
import gvj.kernel.WaitEntry;
import gvj.mm.IoBuffer;
import gvj.net.Message;
import gvj.net.SocketCredentials;
import gvj.vfs.FileDescription;
import java.util.function.Consumer;

/** SOCK_DGRAM: messages, with or without a peer. */
final class UnixDatagram extends UnixSocket {
    /** net.unix.max_dgram_qlen: messages that wait at a socket that is not connected to the sender. */
    private static final int MAX_QUEUE = 10;

    private final PacketQueue received = new PacketQueue();

    /** On the peer's {@link #roomQueue} since the peer was found full: passes the news on. */
    private final WaitEntry roomEntry = new WaitEntry() {
        @Override
        protected boolean wake(int happened) {
            leave();
            UnixDatagram.this.wake(WRITABLE);
            return true;
        }
    };

    UnixDatagram(Task task, int flags) {
        super(task, Socket.SOCK_DGRAM, flags);
    }

    /** socketpair(2). */
    static void join(Task task, UnixDatagram a, UnixDatagram b) {
        a.peer = b;
        b.peer = a;
        SocketCredentials own = SocketCredentials.effective(task);
        a.peerCredentials = own;
        b.peerCredentials = own;
    }

    @Override
    public boolean isStream() {
        return false;
    }

    @Override
    public long connect(Task task, byte[] address, boolean nonBlocking) {
        UnixSocket other = null;
        if (address.length < 2 || Bytes.getShort(address, 0) != Socket.AF_UNSPEC) {
            UnixAddress.check(address);
            autobindIfPassing();
            other = names.find(task, address, type);
            if (!mayReceiveFrom(other)) {
                return -Errno.EPERM;
            }
        }
        UnixSocket old;
        synchronized (lock) {
            old = peer;
            peer = other;
        }
        if (old != null && old != other) {
            roomEntry.leave();
            disconnected(old);
        }
        wake(WRITABLE);
        return 0;
    }

    /** What came from the old peer is lost, and it hears of it. */
    private void disconnected(UnixSocket old) {
        if (received.count() > 0) {
            Packets.discard(received, false);
            roomQueue.wakeAll(WRITABLE);
            if (!old.dead && old.peer == this) {
                old.report(Errno.ECONNRESET);
                old.wake(ALL_EVENTS);
            }
            InFlight.dropNow();
        }
    }

    /** A connected socket hears only its peer. */
    private boolean mayReceiveFrom(UnixSocket other) {
        UnixSocket theirs = other.peer;
        return theirs == null || theirs == this;
    }

    /** Whether {@code other} has as many messages as it may from those it is not connected to. */
    private boolean isFull(UnixSocket other) {
        return other != this && other.peer != this && ((UnixDatagram) other).received.count() > MAX_QUEUE;
    }

    @Override
    public long send(Task task, IoBuffer from, Message message, int flags) {
        if ((flags & Socket.MSG_OOB) != 0) {
            return -Errno.EOPNOTSUPP;
        }
        boolean toPeer = message == null || message.address == null;
        UnixSocket other = peer;
        if (!toPeer) {
            UnixAddress.check(message.address);
        } else if (other == null) {
            return -Errno.ENOTCONN;
        }
        autobindIfPassing();
        long result = from.remaining() > options.sendBuffer - 32 ? -Errno.EMSGSIZE : 0;
        if (result < 0) {
            return result;
        }
        if (!toPeer) {
            other = names.find(task, message.address, type);
        }
        if (!mayReceiveFrom(other)) {
            return -Errno.EPERM;
        }
        if (other.dead) {
            return refused(other, toPeer);
        }
        if (((other.shutdown & RCV_SHUTDOWN) | (shutdown & SEND_SHUTDOWN)) != 0) {
            return -Errno.EPIPE;
        }
        if (isFull(other)) {
            if (toPeer) {
                waitForRoom(other);
            } else {
                message.waitOn = other.roomQueue;
            }
            if (isFull(other)) {
                return -Errno.EAGAIN;
            }
        }
        result = Packets.send(task, this, other, ((UnixDatagram) other).received, from, message);
        return result == -Errno.ECONNREFUSED ? refused(other, toPeer) : result;
    }

    private long refused(UnixSocket other, boolean wasPeer) {
        if (wasPeer) {
            synchronized (lock) {
                if (peer == other) {
                    peer = null;
                }
            }
        }
        return -Errno.ECONNREFUSED;
    }

    private void waitForRoom(UnixSocket other) {
        synchronized (lock) {
            if (!roomEntry.isQueued()) {
                other.roomQueue.add(roomEntry);
            }
        }
    }

    @Override
    public long receive(Task task, IoBuffer to, Message message, int flags) {
        if ((flags & Socket.MSG_OOB) != 0) {
            return -Errno.EOPNOTSUPP;
        }
        boolean wasFull = received.count() > MAX_QUEUE;
        PacketQueue.Packet packet = received.first((flags & Socket.MSG_PEEK) != 0);
        if (packet != null) {
            if (wasFull) {
                roomQueue.wakeAll(WRITABLE);
            }
            return Packets.receive(this, packet, to, message, flags);
        }
        int error = takeError();
        if (error != 0) {
            return -error;
        }
        boolean waits = (flags & Socket.MSG_DONTWAIT) == 0 && !isNonBlocking();
        return (shutdown & RCV_SHUTDOWN) != 0 && waits ? 0 : -Errno.EAGAIN;
    }

    @Override
    public long shutdown(int mask) {
        synchronized (lock) {
            shutdown |= mask;
        }
        wake(ALL_EVENTS);
        roomQueue.wakeAll(WRITABLE);
        return 0;
    }

    @Override
    public int poll(int mask) {
        int bits = 0;
        int down = shutdown;
        if (hasError()) {
            bits |= Poll.POLLERR;
        }
        if (down == SHUTDOWN_MASK) {
            bits |= Poll.POLLHUP;
        }
        if ((down & RCV_SHUTDOWN) != 0) {
            bits |= Poll.POLLRDHUP | READABLE;
        }
        if (received.count() > 0) {
            bits |= READABLE;
        }
        if ((mask & WRITABLE) != 0 && isWritableFor(charged()) && peerHasRoom()) {
            bits |= WRITABLE;
        }
        return bits & (mask | Poll.POLLERR | Poll.POLLHUP);
    }

    private boolean peerHasRoom() {
        UnixSocket other = peer;
        if (other == null || other.dead || !isFull(other)) {
            return true;
        }
        waitForRoom(other);
        return !isFull(other);
    }

    @Override
    protected long available() {
        return received.firstLength();
    }

    @Override
    protected void release() {
        UnixSocket other;
        synchronized (lock) {
            dead = true;
            shutdown = SHUTDOWN_MASK;
            other = peer;
            peer = null;
        }
        forgetName();
        roomEntry.leave();
        Packets.discard(received, true);
        roomQueue.wakeAll(WRITABLE);
        if (other != null) {
            other.wake(WRITABLE);
        }
        InFlight.dropNow();
        InFlight.collect();
    }

    @Override
    void discardReceived() {
        Packets.discard(received, false);
    }

    @Override
    void forEachReceivedFile(Consumer<FileDescription> action) {
        received.forEachFile(action);
    }

    @Override
    int procState() {
        return peer == null ? 1 : 3;
    }
}
