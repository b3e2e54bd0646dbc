package gvj.net.inet;

import gvj.abi.Errno;
import gvj.abi.Poll;
import gvj.abi.Socket;
import gvj.fs.host.HostPoller;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import gvj.mm.IoBuffer;
import gvj.net.Message;
import gvj.net.Sock;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A socket in a namespace without interfaces. A socket of the host keeps its options, but is never bound nor connected: it
 * belongs to another namespace.
 */
final class UnreachableSocket extends HostSocket {
    private static final int FIRST_PORT = 32768;
    private static final int PORTS = 28232;
    private static final AtomicInteger NEXT = new AtomicInteger();

    private volatile byte[] local;
    private volatile boolean listening;

    UnreachableSocket(Task task, HostPoller poller, int fd, int family, int type, int protocol, int flags) {
        super(task, poller, fd, family, type, protocol, flags);
        this.local = InetAddresses.any(family);
    }

    private static int anyPort() {
        return FIRST_PORT + Math.floorMod(NEXT.getAndIncrement(), PORTS);
    }

    @Override
    long bindTo(Task task, byte[] address) {
        // as Linux has it: without a routing table any IPv4 address may be one's own
        if (family == Socket.AF_INET6 && !InetAddresses.isAny(address)) {
            return -Errno.EADDRNOTAVAIL;
        }
        if (InetAddresses.port(local) != 0) {
            return -Errno.EINVAL;
        }
        int port = InetAddresses.port(address);
        local = InetAddresses.withPort(address, port == 0 ? anyPort() : port);
        return 0;
    }

    @Override
    public long listen(Task task, int backlog) {
        if (!isStream()) {
            return -Errno.EOPNOTSUPP;
        }
        if (InetAddresses.port(local) == 0) {
            local = InetAddresses.withPort(local, anyPort());
        }
        listening = true;
        return 0;
    }

    @Override
    public Sock accept(Task task) {
        throw ErrnoException.of(listening ? Errno.EAGAIN : isStream() ? Errno.EINVAL : Errno.EOPNOTSUPP);
    }

    @Override
    public long connect(Task task, byte[] address, boolean nonBlocking) {
        byte[] peer = InetAddresses.toConnect(family, type, address);
        return peer[0] == Socket.AF_UNSPEC ? 0 : unreachable();
    }

    @Override
    public long send(Task task, IoBuffer from, Message message, int flags) {
        if (isStream()) {
            return -Errno.EPIPE;
        }
        if (message == null || message.address == null) {
            return -Errno.EDESTADDRREQ;
        }
        InetAddresses.toSend(family, message.address);
        return unreachable();
    }

    /** IPv6 looks for an address to send from first. */
    private long unreachable() {
        return family == Socket.AF_INET6 ? -Errno.EADDRNOTAVAIL : -Errno.ENETUNREACH;
    }

    @Override
    public byte[] localAddress() {
        return local.clone();
    }

    @Override
    public boolean isListening() {
        return listening;
    }

    @Override
    public int hostDescriptor() {
        return listening ? -1 : super.hostDescriptor();
    }

    @Override
    public int poll(int mask) {
        return listening ? 0 : super.poll(mask) & ~(isStream() ? 0 : Poll.POLLHUP);
    }
}
