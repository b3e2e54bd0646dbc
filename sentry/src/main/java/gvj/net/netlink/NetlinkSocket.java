package gvj.net.netlink;

import gvj.abi.Bytes;
import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.Netlink;
import gvj.abi.Poll;
import gvj.abi.Rtnetlink;
import gvj.abi.Socket;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import gvj.mm.IoBuffer;
import gvj.net.Message;
import gvj.net.Sock;
import gvj.net.SocketCredentials;
import java.util.ArrayDeque;

/**
 * A netlink(7) socket: a port, groups it hears of, datagrams that wait. What it sends to port 0 is answered before send(2)
 * returns; of a long answer (a dump) the parts are made as they are received.
 *
 * <p>Lock: the monitor of {@link #received} guards it and the dump; wait queues come behind it.
 */
final class NetlinkSocket extends Sock {
    static final int SOL_NETLINK = 270;
    private static final int SOCKADDR_FAMILY = 2;
    private static final int READABLE = Poll.POLLIN | Poll.POLLRDNORM;
    private static final int WRITABLE = Poll.POLLOUT | Poll.POLLWRNORM | Poll.POLLWRBAND;
    /** What Linux counts for a datagram besides its bytes. */
    private static final int OVERHEAD = 768;
    /** Bytes of a dump's part: at least, and at most if the reader's buffer is larger. */
    private static final int PART = 3776;

    private static final int MAX_PART = 32 << 10;
    private static final int MIN_GROUPS = 32;
    /** struct cmsghdr and a struct nl_pktinfo, padded to a multiple of 8. */
    private static final int PKTINFO_BYTES = 24;

    /** One datagram: from which port, 0 for the kernel, and to which group, 0 for this socket alone. */
    private record Datagram(byte[] bytes, int port, int group, SocketCredentials from) {}

    private final NetlinkPorts ports;
    private final Requests kernelSide;
    private final ArrayDeque<Datagram> received = new ArrayDeque<>();
    private Dump dump;
    private int longestReceive;
    private volatile int queuedBytes;
    private volatile int drops;

    private final Object nameLock = new Object();
    private volatile boolean bound;
    private volatile int port;
    /** Bit g - 1 for group g. */
    private volatile long groups;

    private volatile int peerPort;
    private volatile int peerGroup;
    /** NETLINK_* options that are on, by number. */
    private volatile int switches;

    /** {@code kernelSide} is null where port 0 does not answer. */
    NetlinkSocket(Task task, int type, int protocol, int flags, Requests kernelSide) {
        super(task, Socket.AF_NETLINK, type, protocol, flags);
        this.kernelSide = kernelSide;
        this.ports = NetlinkPorts.of(task);
        ports.opened(this);
    }

    NetlinkPorts ports() {
        return ports;
    }

    int port() {
        return port;
    }

    long groups() {
        return groups;
    }

    int queuedBytes() {
        return queuedBytes;
    }

    int drops() {
        return drops;
    }

    boolean isDumping() {
        synchronized (received) {
            return dump != null;
        }
    }

    /** Whether NETLINK_GET_STRICT_CHK or another option is on. */
    boolean isOn(int option) {
        return (switches & 1 << option) != 0;
    }

    // ---- names ----

    /** struct sockaddr_nl; EINVAL. */
    private static void check(byte[] address) {
        if (address.length < Netlink.SOCKADDR_NL || Bytes.getShort(address, 0) != Socket.AF_NETLINK) {
            throw ErrnoException.of(Errno.EINVAL);
        }
    }

    private static byte[] encode(int port, int groups) {
        byte[] address = new byte[Netlink.SOCKADDR_NL];
        Bytes.putShort(address, 0, Socket.AF_NETLINK);
        Bytes.putInt(address, 4, port);
        Bytes.putInt(address, 8, groups);
        return address;
    }

    private static int mask(int group) {
        return group > 0 && group <= Integer.SIZE ? 1 << group - 1 : 0;
    }

    @Override
    public long bind(Task task, byte[] address) {
        check(address);
        int wanted = Bytes.getInt(address, 4);
        int wantedGroups = Bytes.getInt(address, 8);
        synchronized (nameLock) {
            if (bound && wanted != port) {
                return -Errno.EINVAL;
            }
            if (!bound) {
                port = wanted != 0
                        ? ports.bind(this, wanted)
                        : ports.autobind(this, task.pidNamespace().idOf(task.threadGroup()));
                bound = true;
            }
            groups = groups & ~0xffffffffL | wantedGroups & 0xffffffffL;
        }
        joined();
        return 0;
    }

    private void autobind(Task task) {
        if (!bound) {
            synchronized (nameLock) {
                if (!bound) {
                    port = ports.autobind(this, task.pidNamespace().idOf(task.threadGroup()));
                    bound = true;
                }
            }
        }
    }

    private void joined() {
        if (groups != 0 && protocol == Socket.NETLINK_ROUTE) {
            ports.wantNews();
        }
    }

    @Override
    public long connect(Task task, byte[] address, boolean nonBlocking) {
        if (address.length < SOCKADDR_FAMILY) {
            return -Errno.EINVAL;
        }
        if (Bytes.getShort(address, 0) == Socket.AF_UNSPEC) {
            peerPort = 0;
            peerGroup = 0;
            return 0;
        }
        check(address);
        int to = Bytes.getInt(address, 4);
        int toGroups = Bytes.getInt(address, 8);
        if ((to != 0 || toGroups != 0) && !maySendToUsers(task)) {
            return -Errno.EPERM;
        }
        autobind(task);
        peerPort = to;
        peerGroup = Integer.numberOfTrailingZeros(toGroups) + 1 & 0x1f;
        return 0;
    }

    private boolean maySendToUsers(Task task) {
        return protocol == Socket.NETLINK_USERSOCK || task.credentials().has(Capability.CAP_NET_ADMIN);
    }

    @Override
    public byte[] localAddress() {
        return encode(port, (int) groups);
    }

    @Override
    public byte[] peerAddress() {
        return encode(peerPort, mask(peerGroup));
    }

    @Override
    public boolean isStream() {
        return false;
    }

    // ---- sending ----

    @Override
    public long send(Task task, IoBuffer from, Message message, int flags) {
        if ((flags & Socket.MSG_OOB) != 0) {
            return -Errno.EOPNOTSUPP;
        }
        long length = from.remaining();
        if (length == 0) {
            return -Errno.ENODATA;
        }
        int toPort = peerPort;
        int toGroup = peerGroup;
        if (message != null && message.address != null) {
            check(message.address);
            toPort = Bytes.getInt(message.address, 4);
            int toGroups = Bytes.getInt(message.address, 8);
            toGroup = toGroups == 0 ? 0 : Integer.numberOfTrailingZeros(toGroups) + 1;
            if ((toPort != 0 || toGroup != 0) && !maySendToUsers(task)) {
                return -Errno.EPERM;
            }
        }
        autobind(task);
        if (length > options.sendBuffer - 32) {
            return -Errno.EMSGSIZE;
        }
        byte[] bytes = new byte[(int) length];
        if (from.copyIn(bytes, 0, bytes.length) < bytes.length) {
            return -Errno.EFAULT;
        }
        if (toGroup != 0) {
            ports.broadcast(this, bytes, toGroup, SocketCredentials.real(task));
        }
        return deliver(task, bytes, toPort);
    }

    private long deliver(Task task, byte[] bytes, int toPort) {
        if (toPort == 0) {
            if (kernelSide == null) {
                return -Errno.ECONNREFUSED;
            }
            kernelSide.receive(task, this, bytes);
            return bytes.length;
        }
        NetlinkSocket other = ports.find(protocol, toPort);
        if (other == null) {
            return -Errno.ECONNREFUSED;
        }
        return other.queue(new Datagram(bytes, port, 0, SocketCredentials.real(task))) ? bytes.length : -Errno.ENOBUFS;
    }

    /** From the kernel to this socket alone. */
    void answer(byte[] bytes) {
        if (!queue(new Datagram(bytes, 0, 0, SocketCredentials.NONE))) {
            overrun();
        }
    }

    /** To a group that this socket may have joined. */
    void hear(byte[] bytes, int group, int fromPort, SocketCredentials from) {
        if ((groups & 1L << group - 1) != 0 && !queue(new Datagram(bytes, fromPort, group, from))) {
            overrun();
        }
    }

    /** Something was lost: the reader gets ENOBUFS. */
    void overrun() {
        drops++;
        if (!isOn(Socket.NETLINK_NO_ENOBUFS)) {
            setError(Errno.ENOBUFS);
            queue.wake(READABLE | Poll.POLLERR);
        }
    }

    private boolean queue(Datagram datagram) {
        synchronized (received) {
            if (queuedBytes > options.receiveBuffer) {
                return false;
            }
            received.add(datagram);
            queuedBytes += datagram.bytes.length + OVERHEAD;
        }
        queue.wake(READABLE);
        return true;
    }

    /** Begins a long answer; false if the last one has not been received to its end. */
    boolean start(Dump answer) {
        synchronized (received) {
            if (dump != null) {
                return false;
            }
            dump = answer;
        }
        continueDump();
        return true;
    }

    private void continueDump() {
        synchronized (received) {
            if (dump == null || queuedBytes > options.receiveBuffer / 2) {
                return;
            }
            byte[] part = dump.nextPart(Math.min(Math.max(PART, longestReceive), MAX_PART));
            if (dump.isDone()) {
                dump = null;
            }
            received.add(new Datagram(part, 0, 0, SocketCredentials.NONE));
            queuedBytes += part.length + OVERHEAD;
        }
        queue.wake(READABLE);
    }

    // ---- receiving ----

    @Override
    public long receive(Task task, IoBuffer to, Message message, int flags) {
        if ((flags & Socket.MSG_OOB) != 0) {
            return -Errno.EOPNOTSUPP;
        }
        int error = takeError();
        if (error != 0) {
            return -error;
        }
        boolean peek = (flags & Socket.MSG_PEEK) != 0;
        Datagram first;
        synchronized (received) {
            first = peek ? received.peek() : received.poll();
            if (first != null && !peek) {
                queuedBytes -= first.bytes.length + OVERHEAD;
            }
            longestReceive = (int) Math.max(longestReceive, Math.min(to.remaining(), MAX_PART));
        }
        if (first == null) {
            return -Errno.EAGAIN;
        }
        int length = (int) Math.min(first.bytes.length, to.remaining());
        int copied = length > 0 ? to.copyOut(first.bytes, 0, length) : 0;
        if (message != null) {
            message.address = encode(first.port, mask(first.group));
            message.credentials = options.passesCredentials() ? kernelOr(first.from) : null;
            if (isOn(Socket.NETLINK_PKTINFO)) {
                message.control = packetInfo(first.group);
            }
            if (copied < first.bytes.length) {
                message.flags |= Socket.MSG_TRUNC;
            }
        }
        continueDump();
        return (flags & Socket.MSG_TRUNC) != 0 ? first.bytes.length : copied;
    }

    /** A control message with a struct nl_pktinfo: the group. */
    private static byte[] packetInfo(int group) {
        byte[] control = new byte[PKTINFO_BYTES];
        Bytes.putLong(control, 0, PKTINFO_BYTES - 4);
        Bytes.putInt(control, 8, SOL_NETLINK);
        Bytes.putInt(control, 12, Socket.NETLINK_PKTINFO);
        Bytes.putInt(control, 16, group);
        return control;
    }

    /** The kernel's credentials are all 0. */
    private static SocketCredentials kernelOr(SocketCredentials from) {
        return from == SocketCredentials.NONE ? new SocketCredentials(null, 0, 0, new int[0]) : from;
    }

    @Override
    public int poll(int mask) {
        int bits = WRITABLE;
        if (hasError()) {
            bits |= Poll.POLLERR;
        }
        if (queuedBytes > 0) {
            bits |= READABLE;
        }
        return bits & (mask | Poll.POLLERR | Poll.POLLHUP);
    }

    @Override
    protected long available() {
        return -Errno.ENOTTY;
    }

    @Override
    protected long unsent() {
        return -Errno.ENOTTY;
    }

    @Override
    protected void release() {
        ports.closed(this, port);
        synchronized (received) {
            received.clear();
            dump = null;
        }
    }

    // ---- options ----

    private int groupCount() {
        return protocol == Socket.NETLINK_ROUTE ? Rtnetlink.RTNLGRP_MAX : MIN_GROUPS;
    }

    @Override
    public byte[] getOption(Task task, int level, int name, int length) {
        if (level != SOL_NETLINK) {
            throw ErrnoException.of(Errno.ENOPROTOOPT);
        }
        switch (name) {
            case Socket.NETLINK_LIST_MEMBERSHIPS -> {
                byte[] bits = new byte[8];
                Bytes.putLong(bits, 0, groups);
                return bits;
            }
            case Socket.NETLINK_PKTINFO,
                    Socket.NETLINK_BROADCAST_ERROR,
                    Socket.NETLINK_NO_ENOBUFS,
                    Socket.NETLINK_LISTEN_ALL_NSID,
                    Socket.NETLINK_CAP_ACK,
                    Socket.NETLINK_EXT_ACK,
                    Socket.NETLINK_GET_STRICT_CHK -> {
                if (length < 4) {
                    throw ErrnoException.of(Errno.EINVAL);
                }
                byte[] value = new byte[4];
                Bytes.putInt(value, 0, isOn(name) ? 1 : 0);
                return value;
            }
            default -> throw ErrnoException.of(Errno.ENOPROTOOPT);
        }
    }

    @Override
    public long setOption(Task task, int level, int name, byte[] value) {
        if (level != SOL_NETLINK) {
            return -Errno.ENOPROTOOPT;
        }
        int number = value.length >= 4 ? Bytes.getInt(value, 0) : 0;
        switch (name) {
            case Socket.NETLINK_ADD_MEMBERSHIP, Socket.NETLINK_DROP_MEMBERSHIP -> {
                if (number <= 0 || number > groupCount()) {
                    return -Errno.EINVAL;
                }
                synchronized (nameLock) {
                    long bit = 1L << number - 1;
                    groups = name == Socket.NETLINK_ADD_MEMBERSHIP ? groups | bit : groups & ~bit;
                }
                joined();
            }
            case Socket.NETLINK_LISTEN_ALL_NSID -> {
                if (!task.credentials().has(Capability.CAP_NET_BROADCAST)) {
                    return -Errno.EPERM;
                }
                turn(name, number != 0);
            }
            case Socket.NETLINK_PKTINFO,
                    Socket.NETLINK_BROADCAST_ERROR,
                    Socket.NETLINK_NO_ENOBUFS,
                    Socket.NETLINK_CAP_ACK,
                    Socket.NETLINK_EXT_ACK,
                    Socket.NETLINK_GET_STRICT_CHK -> turn(name, number != 0);
            default -> {
                return -Errno.ENOPROTOOPT;
            }
        }
        return 0;
    }

    private void turn(int option, boolean on) {
        synchronized (nameLock) {
            switches = on ? switches | 1 << option : switches & ~(1 << option);
        }
    }
}
