package gvj.net.inet;

import gvj.abi.Errno;
import gvj.abi.Poll;
import gvj.abi.Signals;
import gvj.abi.Socket;
import gvj.fs.host.HostPoller;
import gvj.host.Host;
import gvj.host.HostNet;
import gvj.host.Mem;
import gvj.kernel.Blocking;
import gvj.kernel.ErrnoException;
import gvj.kernel.SignalInfo;
import gvj.kernel.Task;
import gvj.kernel.WaitEntry;
import gvj.mm.IoBuffer;
import gvj.net.Message;
import gvj.net.Sock;
import gvj.net.host.HostDescriptors;
import gvj.net.host.HostReadiness;
import gvj.net.host.HostTransfer;
import gvj.vfs.FileOwner;

/**
 * A socket that a socket of the host carries out. The host's never blocks; a task that must wait sleeps in the host's poll if
 * it waits for this one alone, and is woken by the {@link HostPoller} otherwise.
 *
 * <p>Lock: the monitor guards that SIGURG is sent once.
 */
class HostSocket extends InetSocket implements HostReadiness.Listener {
    /** A stream is moved in pieces of at most so much, for so long the memory is pinned. */
    private static final long PIECE = 256 << 10;
    /** More than any datagram has: the host says EMSGSIZE. */
    private static final long DATAGRAM = 64 << 10;

    private static final int TCP_LISTEN = 10;
    private static final int TCP_CLOSE = 7;

    private final HostPoller poller;
    private final int fd;
    private final HostTransfer transfer;
    private final HostReadiness readiness;

    private volatile boolean listening;
    /** SIGURG has been sent for the urgent data that is there. */
    private volatile boolean urgent;

    HostSocket(Task task, HostPoller poller, int fd, int family, int type, int protocol, int flags) {
        super(task, family, type, protocol, flags);
        this.poller = poller;
        this.fd = fd;
        this.transfer = new HostTransfer(fd, isStream());
        this.readiness = new HostReadiness(poller, fd, queue, this);
        publish();
    }

    @Override
    protected void release() {
        super.release();
        readiness.close();
        HostDescriptors.close(fd);
    }

    // ---- names and connections ----

    @Override
    long bindTo(Task task, byte[] address) {
        return HostNet.bind(fd, HostTransfer.place(task, address), address.length);
    }

    @Override
    public long listen(Task task, int backlog) {
        long result = HostNet.listen(fd, backlog);
        if (result == 0) {
            listening = true;
        }
        return result;
    }

    @Override
    public Sock accept(Task task) {
        int accepted = HostDescriptors.accept(fd);
        HostSocket socket = new HostSocket(task, poller, accepted, family, type, protocol, 0);
        socket.options.inheritFrom(options);
        return socket;
    }

    @Override
    public long connect(Task task, byte[] address, boolean nonBlocking) {
        byte[] peer = InetAddresses.toConnect(family, type, address);
        if (hasError()) {
            return -takeError();
        }
        long result = connectOnce(task, peer);
        if (nonBlocking || result != -Errno.EINPROGRESS && result != -Errno.EALREADY) {
            return result;
        }
        long timeout = writeTimeoutNanos();
        result = Blocking.await(task, this, Blocking.WRITE_EVENTS, timeout, new Blocking.Attempt() {
            @Override
            protected long once() {
                if (HostNet.poll(fd, Poll.POLLOUT) == 0) {
                    return -Errno.EAGAIN;
                }
                return connectOnce(task, peer);
            }
        });
        return result == -Errno.EAGAIN ? -Errno.EINPROGRESS : result;
    }

    private long connectOnce(Task task, byte[] peer) {
        return HostNet.connect(fd, HostTransfer.place(task, peer), peer.length);
    }

    @Override
    public long shutdown(int mask) {
        int how = mask == SHUTDOWN_MASK ? Socket.SHUT_RDWR : mask == RCV_SHUTDOWN ? Socket.SHUT_RD : Socket.SHUT_WR;
        if ((mask & RCV_SHUTDOWN) != 0) {
            listening = false;
        }
        return HostNet.shutdown(fd, how);
    }

    @Override
    public byte[] localAddress() {
        return name(false);
    }

    @Override
    public byte[] peerAddress() {
        return name(true);
    }

    private byte[] name(boolean peer) {
        long at = Host.malloc(HostNet.MAX_ADDRESS);
        try {
            int length = peer ? HostNet.getpeername(fd, at) : HostNet.getsockname(fd, at);
            byte[] address = new byte[(int) ErrnoException.check(Math.min(length, HostNet.MAX_ADDRESS))];
            Mem.copy(at, address, 0, address.length);
            return address;
        } finally {
            Host.free(at);
        }
    }

    @Override
    public int shutdownMask() {
        int now = HostNet.poll(fd, Poll.POLLRDHUP);
        return (now & Poll.POLLHUP) != 0 ? SHUTDOWN_MASK : (now & Poll.POLLRDHUP) != 0 ? RCV_SHUTDOWN : 0;
    }

    @Override
    public boolean isListening() {
        return listening;
    }

    // ---- data ----

    @Override
    public long send(Task task, IoBuffer from, Message message, int flags) {
        if (hasError()) {
            return -super.takeError();
        }
        boolean datagram = !isStream();
        byte[] to = message == null ? null : message.address;
        if (to != null) {
            if (datagram) {
                to = InetAddresses.toSend(family, to);
            } else if ((flags & Socket.MSG_FASTOPEN) != 0) {
                to = InetAddresses.toConnect(family, type, to);
            } else {
                to = null;
            }
        }
        boolean plain = to == null && (message == null || message.control.length == 0);
        return datagram
                ? transfer.send(task, from, plain ? null : message, to, flags, DATAGRAM)
                : sendStream(task, from, plain ? null : message, to, flags);
    }

    private long sendStream(Task task, IoBuffer from, Message message, byte[] to, int flags) {
        long done = 0;
        while (true) {
            boolean last = from.remaining() <= PIECE;
            long n = transfer.send(task, from, message, to, last ? flags : flags & ~Socket.MSG_OOB, PIECE);
            if (n == -Errno.EAGAIN && done == 0 && readiness.watchRoom()) {
                continue;
            }
            if (n < 0 && n != -Errno.EAGAIN && done > 0) {
                setError((int) -n); // what went is told first
                return done;
            }
            if (n < 0) {
                return done > 0 ? done : n;
            }
            done += n;
            if (from.remaining() == 0 || n == 0) {
                return done;
            }
        }
    }

    @Override
    public long receive(Task task, IoBuffer to, Message message, int flags) {
        if (hasError() && (flags & Socket.MSG_ERRQUEUE) == 0) {
            return -super.takeError();
        }
        if ((flags & Socket.MSG_OOB) != 0) {
            signalUrgent((HostNet.poll(fd, Poll.POLLPRI) & Poll.POLLPRI) != 0);
        }
        if (isStream() && (flags & (Socket.MSG_TRUNC | Socket.MSG_ERRQUEUE)) == Socket.MSG_TRUNC) {
            return transfer.receiveCopied(
                    task, to, message, flags, DATAGRAM); // tcp(7): thrown away, wherever it was to go
        }
        if (isStream() && (flags & (Socket.MSG_PEEK | Socket.MSG_OOB | Socket.MSG_ERRQUEUE)) == 0) {
            return receiveStream(task, to, message, flags);
        }
        long n = transfer.receive(task, to, message, flags, isStream() ? PIECE : DATAGRAM, true);
        if (n > 0 && (flags & Socket.MSG_OOB) != 0) {
            urgent = false;
        }
        return n;
    }

    private long receiveStream(Task task, IoBuffer to, Message message, int flags) {
        long done = 0;
        while (true) {
            long wanted = to.remaining();
            long n = transfer.receive(task, to, message, flags, PIECE, false);
            if (n <= 0) {
                if (n < 0 && n != -Errno.EAGAIN && done > 0) {
                    setError((int) -n); // what came is told first
                }
                return done > 0 ? done : n;
            }
            done += n;
            // more only if the pages at hand were the limit
            if (n >= wanted || n < HostTransfer.lastRoom(task)) {
                return done;
            }
        }
    }

    @Override
    protected long available() {
        return listening ? -Errno.EINVAL : HostNet.unread(fd);
    }

    @Override
    protected long unsent() {
        return listening ? -Errno.EINVAL : HostNet.unsent(fd);
    }

    @Override
    protected long atMark() {
        return isStream() ? HostNet.atMark(fd) : super.atMark();
    }

    // ---- options ----

    @Override
    byte[] stackOption(Task task, int level, int name, int length) {
        long at = task.hostScratch();
        int room = Math.min(length, HostNet.MAX_OPTION);
        Mem.zero(at, room);
        int n = (int) ErrnoException.check(HostNet.getsockopt(fd, level, name, at, room));
        byte[] value = new byte[Math.min(n, room)];
        Mem.copy(at, value, 0, value.length);
        return value;
    }

    @Override
    long changeStackOption(Task task, int level, int name, byte[] value, int bytes) {
        long at = task.hostScratch();
        Mem.copy(value, 0, at, bytes);
        return HostNet.setsockopt(fd, level, name, at, bytes);
    }

    @Override
    public int takeError() {
        if (hasError()) {
            return super.takeError();
        }
        long at = Host.malloc(4);
        try {
            return HostNet.getsockopt(fd, Socket.SOL_SOCKET, Socket.SO_ERROR, at, 4) < 0 ? 0 : Mem.getInt(at);
        } finally {
            Host.free(at);
        }
    }

    // ---- readiness ----

    @Override
    public int hostDescriptor() {
        return hasError() ? -1 : fd;
    }

    @Override
    public int poll(int mask) {
        int now = readiness.poll(mask);
        if ((mask & Poll.POLLPRI) != 0) {
            signalUrgent((now & Poll.POLLPRI) != 0);
        }
        if (hasError()) {
            now |= Poll.POLLERR | mask & Poll.POLLIN;
        }
        return now < 0 ? Poll.POLLERR : now;
    }

    @Override
    public void addWaiter(WaitEntry entry) {
        super.addWaiter(entry);
        readiness.watch(entry.edges);
    }

    @Override
    protected void ownerChanged() {
        readiness.watch(false);
    }

    @Override
    public void happened(int events) {
        // it may have been read since
        signalUrgent((events & Poll.POLLPRI) != 0 && (HostNet.poll(fd, Poll.POLLPRI) & Poll.POLLPRI) != 0);
    }

    /**
     * SIGURG to whoever F_SETOWN names, once for each time that urgent data comes: when the poller tells of it, or before
     * that when the application sees it.
     */
    private void signalUrgent(boolean now) {
        FileOwner owner = owner();
        if (owner == null || now == urgent) {
            return;
        }
        synchronized (this) {
            if (now == urgent) {
                return;
            }
            urgent = now;
        }
        if (now) {
            owner.send(SignalInfo.kernel(Signals.SIGURG));
        }
    }

    // ---- what /proc/net shows ----

    @Override
    public byte[] remoteAddress() {
        try {
            return peerAddress();
        } catch (ErrnoException e) {
            return null;
        }
    }

    @Override
    public int state() {
        if (!isStream()) {
            return remoteAddress() == null ? TCP_CLOSE : 1;
        }
        if (listening) {
            return TCP_LISTEN;
        }
        long info = Host.malloc(8);
        try {
            int n = HostNet.getsockopt(fd, Socket.IPPROTO_TCP, gvj.abi.Inet.TCP_INFO, info, 8);
            return n < 1 ? TCP_CLOSE : Mem.getByte(info); // tcpi_state is first
        } finally {
            Host.free(info);
        }
    }

    @Override
    public long sendQueue() {
        return Math.max(0, unsent());
    }

    @Override
    public long receiveQueue() {
        return Math.max(0, available());
    }
}
