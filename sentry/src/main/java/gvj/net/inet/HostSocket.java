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
import gvj.vfs.FileOwner;

/**
 * A socket that a socket of the host carries out. The host's never blocks; a task that must wait sleeps in the host's poll if
 * it waits for this one alone, and is woken by the {@link HostPoller} otherwise.
 *
 * <p>Data goes between the host's socket and the application's pages, without a copy in between.
 *
 * <p>Lock: the monitor guards the registration with the poller.
 */
class HostSocket extends InetSocket implements HostPoller.Watcher {
    /** A stream is moved in pieces of at most so much, for so long the memory is pinned. */
    private static final long PIECE = 256 << 10;
    /** More than any datagram has: the host says EMSGSIZE. */
    private static final long DATAGRAM = 64 << 10;
    /** Where the message block begins in {@link Task#hostScratch}. */
    private static final int MESSAGE = HostNet.MAX_VECTORS * 16;

    private static final int READABLE = Poll.POLLIN | Poll.POLLPRI | Poll.POLLRDHUP;
    private static final int TCP_LISTEN = 10;
    private static final int TCP_CLOSE = 7;
    /** Longer than the poller could need to tell of what was there before it began. */
    private static final long SETTLE_NANOS = 20_000_000;

    private final HostPoller poller;
    private final int fd;
    /** What the poller knows it by, -1 while nobody waited. */
    private volatile long watched = -1;
    /** The poller tells of room to write, too. */
    private volatile boolean watchesRoom;
    /** The poller has told something. */
    private boolean told;

    private volatile boolean listening;
    /** SIGURG has been sent for the urgent data that is there. */
    private volatile boolean urgent;

    HostSocket(Task task, HostPoller poller, int fd, int family, int type, int protocol, int flags) {
        super(task, family, type, protocol, flags);
        this.poller = poller;
        this.fd = fd;
        publish();
    }

    @Override
    protected void release() {
        super.release();
        synchronized (this) {
            if (watched >= 0) {
                poller.remove(fd, watched);
                watched = -1;
            }
        }
        HostDescriptors.close(fd);
    }

    // ---- names and connections ----

    /** Puts a canonical address into the task's scratch memory. */
    private static long place(Task task, byte[] address) {
        long at = task.hostScratch() + MESSAGE + HostNet.MESSAGE_NAME;
        Mem.copy(address, 0, at, address.length);
        return at;
    }

    @Override
    long bindTo(Task task, byte[] address) {
        return HostNet.bind(fd, place(task, address), address.length);
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
        return HostNet.connect(fd, place(task, peer), peer.length);
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
                ? sendPiece(task, from, plain ? null : message, to, flags, DATAGRAM)
                : sendStream(task, from, plain ? null : message, to, flags);
    }

    private long sendStream(Task task, IoBuffer from, Message message, byte[] to, int flags) {
        long done = 0;
        while (true) {
            boolean last = from.remaining() <= PIECE;
            long n = sendPiece(task, from, message, to, last ? flags : flags & ~Socket.MSG_OOB, PIECE);
            if (n == -Errno.EAGAIN && done == 0 && watchRoom()) {
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

    /** One send of the host. */
    private long sendPiece(Task task, IoBuffer from, Message message, byte[] to, int flags, long most) {
        long scratch = task.hostScratch();
        if (message != null) {
            describe(scratch + MESSAGE, message, to);
        }
        int count = from.pin(scratch, HostNet.MAX_VECTORS, most, false, true);
        if (count < 0) {
            return sendCopied(task, from, message, flags, most);
        }
        long n = 0;
        try {
            n = !isStream() && from.pinned() < Math.min(most, from.remaining())
                    ? -Errno.EFAULT
                    : transmit(scratch, count, message, flags);
        } finally {
            from.unpin(Math.max(n, 0));
        }
        return n;
    }

    private long transmit(long scratch, int count, Message message, int flags) {
        return message == null
                ? HostNet.send(fd, scratch, count, flags)
                : HostNet.sendmsg(fd, scratch, count, scratch + MESSAGE, flags);
    }

    private static void describe(long block, Message message, byte[] to) {
        int name = to == null ? 0 : to.length;
        Mem.putInt(block + HostNet.MESSAGE_NAME_LENGTH, name);
        if (name > 0) {
            Mem.copy(to, 0, block + HostNet.MESSAGE_NAME, name);
        }
        Mem.putInt(block + HostNet.MESSAGE_CONTROL_LENGTH, message.control.length);
        Mem.copy(message.control, 0, block + HostNet.MESSAGE_CONTROL, message.control.length);
    }

    /** As {@link #sendPiece} for buffers that are not in the application's memory, or in too many pieces. */
    private long sendCopied(Task task, IoBuffer from, Message message, int flags, long most) {
        long length = Math.min(most, from.remaining());
        long copy = Host.malloc(length);
        if (copy < 0) {
            return copy;
        }
        try {
            long before = from.transferred();
            long got = from.copyIn(copy, length);
            if (got < length && !isStream()) {
                return -Errno.EFAULT;
            }
            long n = transmit(oneVector(task, copy, got), 1, message, flags);
            from.rewind(before + Math.max(n, 0));
            return n;
        } finally {
            Host.free(copy);
        }
    }

    private static long oneVector(Task task, long address, long length) {
        long scratch = task.hostScratch();
        Mem.putLong(scratch, address);
        Mem.putLong(scratch + 8, length);
        return scratch;
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
            return receiveCopied(task, to, message, flags, DATAGRAM); // tcp(7): thrown away, wherever it was to go
        }
        if (isStream() && (flags & (Socket.MSG_PEEK | Socket.MSG_OOB | Socket.MSG_ERRQUEUE)) == 0) {
            return receiveStream(task, to, message, flags);
        }
        long n = receivePiece(task, to, message, flags, isStream() ? PIECE : DATAGRAM, true);
        if (n > 0 && (flags & Socket.MSG_OOB) != 0) {
            urgent = false;
        }
        return n;
    }

    private long receiveStream(Task task, IoBuffer to, Message message, int flags) {
        long done = 0;
        while (true) {
            long wanted = to.remaining();
            long n = receivePiece(task, to, message, flags, PIECE, false);
            if (n <= 0) {
                if (n < 0 && n != -Errno.EAGAIN && done > 0) {
                    setError((int) -n); // what came is told first
                }
                return done > 0 ? done : n;
            }
            done += n;
            // more only if the pages at hand were the limit
            if (n >= wanted || n < lastRoom(task)) {
                return done;
            }
        }
    }

    /** How much room the host's last receive had. */
    private static long lastRoom(Task task) {
        return Mem.getLong(task.hostScratch() + MESSAGE + HostNet.MESSAGE_BYTES);
    }

    /** One receive of the host. */
    private long receivePiece(Task task, IoBuffer to, Message message, int flags, long most, boolean whole) {
        long scratch = task.hostScratch();
        int count = to.pin(scratch, HostNet.MAX_VECTORS, most, true, whole);
        if (count < 0) {
            return receiveCopied(task, to, message, flags, most);
        }
        long n = 0;
        try {
            Mem.putLong(scratch + MESSAGE + HostNet.MESSAGE_BYTES, to.pinned());
            n = fetch(scratch, count, message, flags);
        } finally {
            to.unpin(Math.clamp(n, 0, to.pinned()));
        }
        if (n >= 0 && message != null) {
            take(message, scratch + MESSAGE);
        }
        return n;
    }

    private long fetch(long scratch, int count, Message message, int flags) {
        return message == null
                ? HostNet.receive(fd, scratch, count, flags)
                : HostNet.recvmsg(fd, scratch, count, scratch + MESSAGE, flags);
    }

    private static void take(Message message, long block) {
        int length = Math.min(Mem.getInt(block + HostNet.MESSAGE_NAME_LENGTH), HostNet.MAX_ADDRESS);
        message.address = null;
        if (length > 0) {
            message.address = new byte[length];
            Mem.copy(block + HostNet.MESSAGE_NAME, message.address, 0, length);
        }
        message.control = InetControl.received(block);
        message.flags = Mem.getInt(block + HostNet.MESSAGE_FLAGS)
                & (Socket.MSG_TRUNC | Socket.MSG_CTRUNC | Socket.MSG_EOR | Socket.MSG_OOB | Socket.MSG_ERRQUEUE);
    }

    private long receiveCopied(Task task, IoBuffer to, Message message, int flags, long most) {
        long length = Math.min(most, to.remaining());
        long copy = Host.malloc(length);
        if (copy < 0) {
            return copy;
        }
        try {
            long scratch = oneVector(task, copy, length);
            Mem.putLong(scratch + MESSAGE + HostNet.MESSAGE_BYTES, length);
            long n = fetch(scratch, 1, message, flags);
            if (n >= 0 && message != null) {
                take(message, scratch + MESSAGE);
            }
            if (n > 0 && isStream() && (flags & Socket.MSG_TRUNC) != 0) {
                to.skip(n);
            } else if (n > 0) {
                to.copyOut(copy, Math.min(n, length));
            }
            return n;
        } finally {
            Host.free(copy);
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
        int now = HostNet.poll(fd, mask);
        if ((mask & Poll.POLLOUT) != 0 && (now & Poll.POLLOUT) == 0 && watchRoom()) {
            now = HostNet.poll(fd, mask);
        }
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
        watch(entry.edges);
    }

    @Override
    protected void ownerChanged() {
        watch(false);
    }

    /**
     * Has the poller tell of what can be read, from the first time somebody waits until the end.
     *
     * @param settle also waits until it has told of what is there already, which would look like news later
     */
    private synchronized void watch(boolean settle) {
        if (watched >= 0) {
            return;
        }
        boolean ready = settle && HostNet.poll(fd, READABLE) != 0;
        watched = ErrnoException.check(poller.add(fd, READABLE, this));
        long deadline = System.nanoTime() + SETTLE_NANOS;
        while (ready && !told && System.nanoTime() - deadline < 0) {
            try {
                wait(1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** Has the poller tell of room to write as well; false if it does already, or tells nothing at all. */
    private boolean watchRoom() {
        if (watched < 0 || watchesRoom) {
            return false;
        }
        synchronized (this) {
            if (watched < 0 || watchesRoom) {
                return false;
            }
            watchesRoom = true;
            poller.change(fd, READABLE | Poll.POLLOUT, watched);
            return true;
        }
    }

    @Override
    public void ready(int events) {
        int bits = events;
        if ((events & Poll.POLLIN) != 0) {
            bits |= Poll.POLLRDNORM;
        }
        if ((events & Poll.POLLOUT) != 0) {
            bits |= Poll.POLLWRNORM;
        }
        queue.wake(bits);
        if (!told) {
            synchronized (this) {
                told = true;
                notifyAll();
            }
        }
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
