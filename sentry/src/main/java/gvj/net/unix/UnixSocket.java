package gvj.net.unix;

import gvj.abi.Errno;
import gvj.abi.Poll;
import gvj.abi.Socket;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import gvj.kernel.WaitQueue;
import gvj.net.Message;
import gvj.net.Sock;
import gvj.net.SocketCredentials;
import gvj.vfs.FileDescription;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * What all AF_UNIX sockets share: names, peers, what counts against SO_SNDBUF.
 *
 * <p>Locks: {@link #lock} guards the name and the state of the connection; of two sockets the one with the lower number
 * comes first. Then the queue of received data, then wait queues. The pointers to peer and name and the shutdown mask
 * are volatile and read without it.
 */
abstract class UnixSocket extends Sock {
    /** Everything a poller may want to hear of. */
    static final int ALL_EVENTS = Poll.POLLIN
            | Poll.POLLRDNORM
            | Poll.POLLOUT
            | Poll.POLLWRNORM
            | Poll.POLLWRBAND
            | Poll.POLLHUP
            | Poll.POLLRDHUP
            | Poll.POLLERR;

    static final int READABLE = Poll.POLLIN | Poll.POLLRDNORM;
    static final int WRITABLE = Poll.POLLOUT | Poll.POLLWRNORM | Poll.POLLWRBAND;

    private static final AtomicLong NEXT_NUMBER = new AtomicLong();

    final long number = NEXT_NUMBER.getAndIncrement();
    final Object lock = new Object();
    final UnixNames names;
    /** Those who wait for room in what this socket receives. */
    final WaitQueue roomQueue = new WaitQueue();

    private volatile UnixAddress name;
    volatile UnixSocket peer;
    volatile int shutdown;
    volatile boolean dead;
    volatile SocketCredentials peerCredentials = SocketCredentials.NONE;

    /** What messages of this socket that were not received yet count. */
    private final AtomicInteger charged = new AtomicInteger();

    UnixSocket(Task task, int type, int flags) {
        super(task, Socket.AF_UNIX, type, 0, flags);
        names = UnixNames.of(task);
        names.opened(this);
    }

    final UnixAddress name() {
        return name;
    }

    final void setName(UnixAddress newName) {
        name = newName;
    }

    @Override
    public final void checkFiles(Task task, int count) {
        if (count > 0) {
            InFlight.check(task, count);
        }
    }

    @Override
    public long bind(Task task, byte[] address) {
        if (!UnixAddress.isAutobind(address)) {
            UnixAddress.check(address);
        }
        synchronized (lock) {
            if (name != null) {
                return UnixAddress.isAutobind(address) ? 0 : -Errno.EINVAL;
            }
            name = names.bind(task, this, address);
        }
        return 0;
    }

    /** A socket that wants credentials gets a name, so that answers can reach it. */
    final void autobindIfPassing() {
        if (options.passesCredentials() && name == null) {
            synchronized (lock) {
                if (name == null) {
                    name = names.autobind(this);
                }
            }
        }
    }

    @Override
    public final byte[] localAddress() {
        UnixAddress own = name;
        return own == null ? UnixAddress.UNNAMED : own.encoded();
    }

    @Override
    public final byte[] peerAddress() {
        UnixSocket other = peer;
        if (other == null) {
            throw ErrnoException.of(Errno.ENOTCONN);
        }
        return other.localAddress();
    }

    @Override
    public final int shutdownMask() {
        return shutdown;
    }

    @Override
    public final SocketCredentials peerCredentials() {
        return peerCredentials;
    }

    /** The credentials that go with what this socket sends to {@code other}; null if nobody asked for any. */
    final SocketCredentials sentCredentials(Task task, Message message, UnixSocket other) {
        if (message != null && message.credentials != null) {
            return message.credentials;
        }
        boolean wanted = options.passesCredentials() || other == null || other.options.passesCredentials();
        return wanted ? SocketCredentials.real(task) : null;
    }

    /** Whether poll(2) calls it writable: not more than a quarter of SO_SNDBUF is on its way. */
    final boolean isWritableFor(int bytes) {
        return (long) bytes * 4 <= options.sendBuffer;
    }

    final int charged() {
        return charged.get();
    }

    /** Counts a message against SO_SNDBUF; false if that is used up. */
    final boolean charge(int bytes) {
        if (charged.get() >= options.sendBuffer) {
            return false;
        }
        charged.getAndAdd(bytes);
        return true;
    }

    /** A message of this socket was received, or thrown away. */
    final void uncharge(int bytes) {
        int after = charged.addAndGet(-bytes);
        if (isWritableFor(after)) {
            wake(WRITABLE);
        }
    }

    final void wake(int events) {
        queue.wake(events);
    }

    final void report(int errno) {
        setError(errno);
    }

    @Override
    protected long unsent() {
        return charged.get();
    }

    /** References that anything holds. */
    final int references() {
        return refCount();
    }

    /** Throws away what was received and not read. */
    abstract void discardReceived();

    /** Shows every file in what was received and not read. */
    abstract void forEachReceivedFile(Consumer<FileDescription> action);

    /** The state as /proc/net/unix shows it: 1 unconnected, 3 connected. */
    abstract int procState();

    /** Gives up the name and what was received; a subclass tells its peer before or after. */
    final void forgetName() {
        names.closed(this);
        UnixAddress own = name;
        if (own != null) {
            names.unbind(this, own);
        }
    }

    /** Locks two sockets in order and runs {@code action}. */
    static long withBoth(UnixSocket a, UnixSocket b, java.util.function.LongSupplier action) {
        UnixSocket first = a.number < b.number ? a : b;
        UnixSocket second = first == a ? b : a;
        synchronized (first.lock) {
            synchronized (second.lock) {
                return action.getAsLong();
            }
        }
    }
}
