package gvj.net;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Ioctl;
import gvj.abi.Socket;
import gvj.abi.Stat;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import gvj.kernel.WaitEntry;
import gvj.kernel.WaitQueue;
import gvj.mm.IoBuffer;
import gvj.net.netdev.InterfaceIoctls;
import gvj.vfs.FileDescription;

/**
 * An open socket of any family: what socket(7) says of all of them. Addresses are encoded struct sockaddr.
 *
 * <p>As with every file, nothing here sleeps, except {@link #connect}; what would have to answers {@code -EAGAIN}.
 */
public abstract class Sock extends FileDescription {
    /** Bits of {@link #shutdownMask}: nothing more is received. */
    public static final int RCV_SHUTDOWN = 1;
    /** Nothing more is sent. */
    public static final int SEND_SHUTDOWN = 2;
    /** Both. */
    public static final int SHUTDOWN_MASK = 3;

    public final int family;
    public final int type;
    public final int protocol;
    /** SOL_SOCKET options. */
    public final SocketOptions options = new SocketOptions();
    /** Woken with POLL* bits. */
    protected final WaitQueue queue = new WaitQueue();

    private volatile int error;

    /**
     * A socket of sockfs.
     *
     * @param flags O_NONBLOCK or 0
     */
    protected Sock(Task task, int family, int type, int protocol, int flags) {
        super(
                task.kernel.sockFs.newPath(
                        "socket:[#]",
                        Stat.S_IFSOCK | 0777,
                        task.credentials().fsuid(),
                        task.credentials().fsgid()),
                Fcntl.O_RDWR | flags & Fcntl.O_NONBLOCK);
        this.family = family;
        this.type = type;
        this.protocol = protocol;
    }

    /** bind(2). */
    public abstract long bind(Task task, byte[] address);

    /** listen(2); EOPNOTSUPP for what has no connections. */
    public long listen(Task task, int backlog) {
        return -Errno.EOPNOTSUPP;
    }

    /** accept(2): the new socket; throws EAGAIN if nobody connects, EOPNOTSUPP for what has no connections. */
    public Sock accept(Task task) {
        throw ErrnoException.of(Errno.EOPNOTSUPP);
    }

    /** connect(2): the one operation that may sleep, unless {@code nonBlocking}. */
    public abstract long connect(Task task, byte[] address, boolean nonBlocking);

    /**
     * shutdown(2); EOPNOTSUPP where there is no such thing.
     *
     * @param mask {@link #RCV_SHUTDOWN} and {@link #SEND_SHUTDOWN}
     */
    public long shutdown(int mask) {
        return -Errno.EOPNOTSUPP;
    }

    /** getsockname(2). */
    public abstract byte[] localAddress();

    /** getpeername(2); throws ENOTCONN. */
    public abstract byte[] peerAddress();

    /** Whether it was shut down for receiving, for sending. */
    public int shutdownMask() {
        return 0;
    }

    /** Whether it listens: SO_ACCEPTCONN. */
    public boolean isListening() {
        return false;
    }

    /** Whether sending and receiving may be done in parts: no message boundaries. */
    public abstract boolean isStream();

    /**
     * Sends what there is room for.
     *
     * @param message where to and what with, null for neither; files are taken from it when they are on their way
     * @param flags MSG_*
     */
    public abstract long send(Task task, IoBuffer from, Message message, int flags);

    /**
     * Receives what there is.
     *
     * @param message takes what came with it, null if the caller does not care
     * @param flags MSG_PEEK, MSG_TRUNC, MSG_OOB, MSG_DONTWAIT
     */
    public abstract long receive(Task task, IoBuffer to, Message message, int flags);

    /** Whether files may be sent along: EINVAL where there is no such thing, ETOOMANYREFS. */
    public void checkFiles(Task task, int count) {
        if (count > 0) {
            throw ErrnoException.of(Errno.EINVAL);
        }
    }

    /**
     * Takes one control message of a send that is none of unix(7)'s into {@code message}: EINVAL. Those of other levels than
     * SOL_SOCKET are ignored where nobody knows them.
     */
    public void addControl(Message message, int level, int type, byte[] control, int at, int length) {
        if (level == Socket.SOL_SOCKET) {
            throw ErrnoException.of(Errno.EINVAL);
        }
    }

    /** Whether SCM_RIGHTS and SCM_CREDENTIALS mean something: unix(7). */
    public boolean passesFiles() {
        return true;
    }

    /** Room for an option's value where the application says {@code length}: EINVAL for a negative one. */
    public int optionRoom(int level, int length) {
        if (length < 0) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        return length;
    }

    /** Throws what setsockopt(2) answers before it looks at the value. */
    public void checkOption(int level, int name, int length) {}

    /** getsockopt(2): the value, as long as it is or cut at {@code length}; throws ENOPROTOOPT. */
    public byte[] option(Task task, int level, int name, int length) {
        return level == Socket.SOL_SOCKET
                ? options.get(task, this, name, length)
                : getOption(task, level, name, length);
    }

    /** setsockopt(2): 0 or -errno. */
    public long changeOption(Task task, int level, int name, byte[] value) {
        return level == Socket.SOL_SOCKET ? options.set(task, this, name, value) : setOption(task, level, name, value);
    }

    /** getsockopt(2) of what {@link SocketOptions} does not know: the value; throws ENOPROTOOPT. */
    public byte[] getOption(Task task, int level, int name, int length) {
        throw ErrnoException.of(level == Socket.SOL_SOCKET ? Errno.ENOPROTOOPT : Errno.EOPNOTSUPP);
    }

    /** setsockopt(2) of what {@link SocketOptions} does not know: 0 or -errno. */
    public long setOption(Task task, int level, int name, byte[] value) {
        return level == Socket.SOL_SOCKET ? -Errno.ENOPROTOOPT : -Errno.EOPNOTSUPP;
    }

    /** Who is at the other end: SO_PEERCRED. */
    public SocketCredentials peerCredentials() {
        return SocketCredentials.NONE;
    }

    /** Reports {@code errno} to the next call that asks: sk_err. */
    protected final void setError(int errno) {
        error = errno;
    }

    /** Whether an error waits to be reported. */
    protected final boolean hasError() {
        return error != 0;
    }

    /** The pending error, which is cleared: SO_ERROR. */
    public int takeError() {
        if (error == 0) {
            return 0;
        }
        synchronized (options) {
            int now = error;
            error = 0;
            return now;
        }
    }

    @Override
    public final long read(Task task, IoBuffer to) {
        return receive(task, to, null, isNonBlocking() ? Socket.MSG_DONTWAIT : 0);
    }

    @Override
    public final long write(Task task, IoBuffer from) {
        return send(task, from, null, 0);
    }

    @Override
    public final boolean writesAll() {
        return isStream();
    }

    @Override
    public final boolean raisesSigpipe() {
        return isStream();
    }

    @Override
    public final long readTimeoutNanos() {
        return options.receiveTimeoutNanos;
    }

    @Override
    public final long writeTimeoutNanos() {
        return options.sendTimeoutNanos;
    }

    /** SIOCINQ: bytes that wait, or of the first message. */
    protected long available() {
        return -Errno.EINVAL;
    }

    /** SIOCOUTQ: bytes sent and not received yet. */
    protected long unsent() {
        return -Errno.EINVAL;
    }

    /** SIOCATMARK: whether urgent data is next; ENOTTY where there is no such thing. */
    protected long atMark() {
        return -Errno.ENOTTY;
    }

    @Override
    public long ioctl(Task task, int request, long argument) {
        long value;
        switch (request) {
            case Ioctl.FIONREAD -> value = available();
            case Ioctl.TIOCOUTQ -> value = unsent();
            case Ioctl.SIOCATMARK -> value = atMark();
            default -> {
                return InterfaceIoctls.ioctl(task, request, argument);
            }
        }
        if (value < 0) {
            return value;
        }
        task.mm().writeInt(argument, (int) value);
        return 0;
    }

    @Override
    public final boolean isPollable() {
        return true;
    }

    @Override
    public void addWaiter(WaitEntry entry) {
        queue.add(entry);
    }

    @Override
    public final void removeWaiter(WaitEntry entry) {
        queue.remove(entry);
    }
}
