package gvj.net.packet;

import gvj.abi.Bytes;
import gvj.abi.Errno;
import gvj.abi.Poll;
import gvj.abi.Socket;
import gvj.fs.host.HostPoller;
import gvj.host.Host;
import gvj.host.HostNet;
import gvj.host.Mem;
import gvj.kernel.ErrnoException;
import gvj.kernel.NetNamespace;
import gvj.kernel.Task;
import gvj.kernel.WaitEntry;
import gvj.mm.IoBuffer;
import gvj.net.Message;
import gvj.net.Sock;
import gvj.net.host.HostDescriptors;
import gvj.net.host.HostReadiness;
import gvj.net.host.HostTransfer;

/** A packet socket: bound to protocols and interfaces, never connected. One of the host's carries it out. */
final class PacketSocket extends Sock implements HostReadiness.Listener {
    /** More than any frame has: the longest are of the loopback interface, 64 KiB and a header. */
    private static final long FRAME = 128 << 10;
    /** What recvmsg(2) may be told, as Linux has it for this family. */
    private static final int RECEIVE_FLAGS =
            Socket.MSG_PEEK | Socket.MSG_DONTWAIT | Socket.MSG_TRUNC | Socket.MSG_ERRQUEUE;

    private final NetNamespace namespace;
    private final int uid;
    private final int fd;
    private final HostTransfer transfer;
    private final HostReadiness readiness;

    PacketSocket(Task task, HostPoller poller, int fd, int type, int flags) {
        super(task, Socket.AF_PACKET, type, 0, flags); // SO_PROTOCOL of this family is always 0
        this.namespace = task.namespaces().net();
        this.uid = task.credentials().fsuid();
        this.fd = fd;
        this.transfer = new HostTransfer(fd, false);
        this.readiness = new HostReadiness(poller, fd, queue, this);
        PacketSockets.of(namespace).add(this);
    }

    @Override
    protected void release() {
        PacketSockets.of(namespace).remove(this);
        readiness.close();
        HostDescriptors.close(fd);
    }

    // ---- names ----

    @Override
    public long bind(Task task, byte[] address) {
        byte[] canonical = PacketAddresses.toBind(address);
        return HostNet.bind(fd, HostTransfer.place(task, canonical), canonical.length);
    }

    @Override
    public byte[] localAddress() {
        long at = Host.malloc(HostNet.MAX_ADDRESS);
        try {
            int length = (int) ErrnoException.check(HostNet.getsockname(fd, at));
            byte[] address = new byte[Math.min(length, HostNet.MAX_ADDRESS)];
            Mem.copy(at, address, 0, address.length);
            return address;
        } finally {
            Host.free(at);
        }
    }

    @Override
    public byte[] peerAddress() {
        throw ErrnoException.of(Errno.EOPNOTSUPP);
    }

    @Override
    public long connect(Task task, byte[] address, boolean nonBlocking) {
        return -Errno.EOPNOTSUPP;
    }

    // ---- frames ----

    @Override
    public boolean isStream() {
        return false;
    }

    @Override
    public boolean passesFiles() {
        return false;
    }

    @Override
    public void addControl(Message message, int level, int type, byte[] control, int at, int length) {
        boolean ignored = type == Socket.SCM_RIGHTS || type == Socket.SCM_CREDENTIALS;
        if (level == Socket.SOL_SOCKET && !ignored) {
            throw ErrnoException.of(Errno.EINVAL);
        }
    }

    @Override
    public long send(Task task, IoBuffer from, Message message, int flags) {
        if (message == null || message.address == null) {
            return transfer.send(task, from, null, null, flags, FRAME);
        }
        return transfer.send(task, from, message, PacketAddresses.toSend(message.address), flags, FRAME);
    }

    @Override
    public long receive(Task task, IoBuffer to, Message message, int flags) {
        if ((flags & ~RECEIVE_FLAGS) != 0) {
            return -Errno.EINVAL;
        }
        return transfer.receive(task, to, message, flags, FRAME, true);
    }

    @Override
    protected long available() {
        return HostNet.unread(fd);
    }

    @Override
    protected long unsent() {
        return HostNet.unsent(fd);
    }

    // ---- options ----

    @Override
    public byte[] option(Task task, int level, int name, int length) {
        if (level == Socket.SOL_SOCKET && !PacketOptions.isHosts(name)) {
            return options.get(task, this, name, length);
        }
        if (level != Socket.SOL_SOCKET && (level != Socket.SOL_PACKET || !PacketOptions.isReadable(name))) {
            throw ErrnoException.of(Errno.ENOPROTOOPT);
        }
        long at = task.hostScratch();
        int room = Math.min(length, HostNet.MAX_OPTION);
        Mem.zero(at, room);
        int n = (int) ErrnoException.check(HostNet.getsockopt(fd, level, name, at, room));
        byte[] value = new byte[Math.min(n, room)];
        Mem.copy(at, value, 0, value.length);
        return value;
    }

    @Override
    public long changeOption(Task task, int level, int name, byte[] value) {
        if (level == Socket.SOL_PACKET) {
            return change(task, level, name, PacketOptions.checked(name, value));
        }
        if (level != Socket.SOL_SOCKET) {
            return -Errno.ENOPROTOOPT;
        }
        if (!PacketOptions.isHosts(name)) {
            return options.set(task, this, name, value);
        }
        if (value.length < 4) {
            return -Errno.EINVAL;
        }
        if (!PacketOptions.mayChange(task, namespace.owner(), name, value)) {
            return -Errno.EPERM;
        }
        byte[] number = new byte[4];
        Bytes.putInt(number, 0, Bytes.getInt(value, 0));
        return change(task, level, name, number);
    }

    private long change(Task task, int level, int name, byte[] checked) {
        long at = task.hostScratch();
        Mem.copy(checked, 0, at, checked.length);
        return HostNet.setsockopt(fd, level, name, at, checked.length);
    }

    @Override
    public int takeError() {
        return Math.max(0, number(Socket.SO_ERROR));
    }

    /** An option of SOL_SOCKET that is, or begins with, an int. */
    private int number(int name) {
        long at = Host.malloc(4);
        try {
            return HostNet.getsockopt(fd, Socket.SOL_SOCKET, name, at, 4) < 0 ? 0 : Mem.getInt(at);
        } finally {
            Host.free(at);
        }
    }

    // ---- readiness ----

    @Override
    public int hostDescriptor() {
        return fd;
    }

    @Override
    public int poll(int mask) {
        int now = readiness.poll(mask);
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
        // those who wait know, and there is no urgent data
    }

    // ---- what /proc/net/packet shows ----

    int uid() {
        return uid;
    }

    /** Bytes that frames which wait take up. */
    int receiveMemory() {
        return number(Socket.SO_MEMINFO); // SK_MEMINFO_RMEM_ALLOC is first
    }
}
