package gvj.net.unix;

import gvj.abi.Errno;
import gvj.abi.Poll;
import gvj.kernel.Blocking;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import gvj.net.SocketCredentials;
import gvj.vfs.FileDescription;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Sockets with connections: stream and seqpacket. What they share is everything but how data travels. */
abstract class UnixConnection extends UnixSocket {
    private static final int CLOSED = 0;
    private static final int LISTENING = 1;
    private static final int ESTABLISHED = 2;
    /** net.core.somaxconn. */
    private static final int SOMAXCONN = 4096;

    private volatile int state;
    private int backlog;
    /** Connections nobody accepted yet; the lock guards it. */
    private final ArrayDeque<UnixConnection> pending = new ArrayDeque<>(0);

    private volatile int pendingCount;

    UnixConnection(Task task, int type, int flags) {
        super(task, type, flags);
    }

    /** A socket of the same type for the server's end of a new connection. */
    abstract UnixConnection newConnection(Task task);

    /** Ends receiving for good; whether something was left unread. */
    abstract boolean closeReceived();

    /** Whether there is something to read. */
    abstract boolean hasReceived();

    /** Bytes, or what they count, that this socket sent and its peer did not receive. */
    abstract int onTheWay();

    final boolean isEstablished() {
        return state == ESTABLISHED;
    }

    /** socketpair(2). */
    static void join(Task task, UnixConnection a, UnixConnection b) {
        a.peer = b;
        b.peer = a;
        a.state = ESTABLISHED;
        b.state = ESTABLISHED;
        SocketCredentials own = SocketCredentials.effective(task);
        a.peerCredentials = own;
        b.peerCredentials = own;
    }

    @Override
    public final boolean isListening() {
        return state == LISTENING;
    }

    @Override
    public final long listen(Task task, int wanted) {
        synchronized (lock) {
            if (name() == null || state == ESTABLISHED) {
                return -Errno.EINVAL;
            }
            boolean more = pendingCount > backlog;
            backlog = wanted < 0 || wanted > SOMAXCONN ? SOMAXCONN : wanted;
            state = LISTENING;
            peerCredentials = SocketCredentials.effective(task);
            if (more && pendingCount <= backlog) {
                roomQueue.wakeAll(WRITABLE);
            }
        }
        return 0;
    }

    @Override
    public final long connect(Task task, byte[] address, boolean nonBlocking) {
        UnixAddress.check(address);
        autobindIfPassing();
        long timeout = options.sendTimeoutNanos;
        while (true) {
            UnixConnection listener = (UnixConnection) names.find(task, address, type);
            long result = tryConnect(task, listener);
            if (result != -Errno.EAGAIN || nonBlocking) {
                return result;
            }
            result = Blocking.await(task, listener.roomQueue, ~0, timeout, new Blocking.Attempt() {
                @Override
                protected long once() {
                    return tryConnect(task, listener);
                }
            });
            if (result != -Errno.ECONNREFUSED || !listener.dead) {
                return result;
            }
        }
    }

    private long tryConnect(Task task, UnixConnection listener) {
        if (listener == this) {
            return state == LISTENING ? -Errno.EINVAL : -Errno.ECONNREFUSED;
        }
        SocketCredentials own = SocketCredentials.effective(task);
        UnixConnection server = listener.newConnection(task);
        long result = withBoth(this, listener, () -> connectLocked(listener, server, own));
        if (result != 0) {
            server.state = CLOSED;
            server.decRef();
            return result;
        }
        listener.wake(READABLE);
        wake(WRITABLE);
        return 0;
    }

    private long connectLocked(UnixConnection listener, UnixConnection server, SocketCredentials own) {
        if (listener.state != LISTENING || listener.dead || (listener.shutdown & RCV_SHUTDOWN) != 0) {
            return -Errno.ECONNREFUSED;
        }
        if (state != CLOSED) {
            return state == ESTABLISHED ? -Errno.EISCONN : -Errno.EINVAL;
        }
        if (listener.pendingCount > listener.backlog) {
            return -Errno.EAGAIN;
        }
        server.options.inheritFrom(listener.options);
        server.peer = this;
        server.peerCredentials = own;
        server.setName(listener.name());
        server.state = ESTABLISHED;
        peer = server;
        peerCredentials = listener.peerCredentials;
        state = ESTABLISHED;
        listener.pending.add(server);
        listener.pendingCount++;
        return 0;
    }

    @Override
    public final UnixConnection accept(Task task) {
        UnixConnection accepted;
        boolean wasFull;
        synchronized (lock) {
            if (state != LISTENING) {
                throw ErrnoException.of(Errno.EINVAL);
            }
            wasFull = pendingCount > backlog;
            accepted = pending.poll();
            if (accepted == null) {
                throw ErrnoException.of((shutdown & RCV_SHUTDOWN) != 0 ? Errno.EINVAL : Errno.EAGAIN);
            }
            pendingCount--;
        }
        if (wasFull) {
            roomQueue.wakeAll(WRITABLE);
        }
        return accepted;
    }

    @Override
    public final long shutdown(int mask) {
        UnixSocket other;
        synchronized (lock) {
            shutdown |= mask;
            other = peer;
        }
        if (other != null) {
            int reverse = (mask & RCV_SHUTDOWN) != 0 ? SEND_SHUTDOWN : 0;
            reverse |= (mask & SEND_SHUTDOWN) != 0 ? RCV_SHUTDOWN : 0;
            synchronized (other.lock) {
                other.shutdown |= reverse;
            }
            other.wake(ALL_EVENTS);
        }
        wake(ALL_EVENTS);
        roomQueue.wakeAll(WRITABLE);
        return 0;
    }

    @Override
    public final int poll(int mask) {
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
        if (state == LISTENING ? pendingCount > 0 : hasReceived()) {
            bits |= READABLE;
        }
        if (state == CLOSED) {
            bits |= Poll.POLLHUP;
        }
        if (state != LISTENING && isWritableFor(onTheWay())) {
            bits |= WRITABLE;
        }
        return bits & (mask | Poll.POLLERR | Poll.POLLHUP);
    }

    @Override
    protected final void release() {
        UnixSocket other;
        List<UnixConnection> refused;
        synchronized (lock) {
            state = CLOSED;
            dead = true;
            shutdown = SHUTDOWN_MASK;
            other = peer;
            refused = new ArrayList<>(pending);
            pending.clear();
            pendingCount = 0;
        }
        forgetName();
        boolean unread = closeReceived();
        if (other != null) {
            if (unread) {
                other.report(Errno.ECONNRESET);
            }
            synchronized (other.lock) {
                other.shutdown = SHUTDOWN_MASK;
            }
            other.wake(ALL_EVENTS);
        }
        for (UnixConnection server : refused) {
            server.peer.report(Errno.ECONNRESET);
            server.decRef();
        }
        roomQueue.wakeAll(WRITABLE);
        InFlight.dropNow();
        InFlight.collect();
    }

    @Override
    final void discardReceived() {
        for (UnixConnection server : pendingConnections()) {
            server.discardReceived();
        }
        closeReceived();
    }

    @Override
    final void forEachReceivedFile(Consumer<FileDescription> action) {
        for (UnixConnection server : pendingConnections()) {
            server.forEachReceivedFile(action);
        }
        forEachQueuedFile(action);
    }

    abstract void forEachQueuedFile(Consumer<FileDescription> action);

    private List<UnixConnection> pendingConnections() {
        synchronized (lock) {
            return new ArrayList<>(pending);
        }
    }

    @Override
    final int procState() {
        return state == ESTABLISHED ? 3 : 1;
    }
}
