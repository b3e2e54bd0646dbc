package gvj.net.packet;

import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.Socket;
import gvj.fs.host.HostPoller;
import gvj.kernel.ErrnoException;
import gvj.kernel.NetNamespace;
import gvj.kernel.Task;
import gvj.net.Sock;
import gvj.net.SocketFamily;
import gvj.net.host.HostDescriptors;
import gvj.vfs.Permissions;

/** AF_PACKET of socket(2): who may have one, and where. */
public final class PacketFamily implements SocketFamily {
    /** Watches all of them: they are few. */
    private final HostPoller poller = new HostPoller();

    @Override
    public Sock create(Task task, int type, int protocol, int flags) {
        NetNamespace namespace = task.namespaces().net();
        if (!Permissions.capableIn(task.credentials(), namespace.owner(), Capability.CAP_NET_RAW)) {
            throw ErrnoException.of(Errno.EPERM);
        }
        // SOCK_PACKET is of Linux 2.0 and names interfaces in its addresses
        if (type != Socket.SOCK_RAW && type != Socket.SOCK_DGRAM) {
            throw ErrnoException.of(Errno.ESOCKTNOSUPPORT);
        }
        if (!namespace.isHosts()) {
            throw ErrnoException.of(Errno.EAFNOSUPPORT); // no interface of ours has frames
        }
        int fd = HostDescriptors.socket(Socket.AF_PACKET, type, protocol & 0xffff);
        return new PacketSocket(task, poller, fd, type, flags);
    }

    @Override
    public Sock[] pair(Task task, int type, int protocol, int flags) {
        create(task, type, protocol, flags).decRef();
        throw ErrnoException.of(Errno.EOPNOTSUPP);
    }
}
