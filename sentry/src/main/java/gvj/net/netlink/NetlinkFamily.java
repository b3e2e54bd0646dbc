package gvj.net.netlink;

import gvj.abi.Errno;
import gvj.abi.Netlink;
import gvj.abi.Socket;
import gvj.kernel.ErrnoException;
import gvj.kernel.FileText;
import gvj.kernel.Task;
import gvj.net.Sock;
import gvj.net.SocketFamily;

/** AF_NETLINK of socket(2), and /proc/net/netlink. */
public final class NetlinkFamily implements SocketFamily {
    @Override
    public Sock create(Task task, int type, int protocol, int flags) {
        if (type != Socket.SOCK_RAW && type != Socket.SOCK_DGRAM) {
            throw ErrnoException.of(Errno.ESOCKTNOSUPPORT);
        }
        if (protocol < 0 || protocol >= Netlink.MAX_LINKS) {
            throw ErrnoException.of(Errno.EPROTONOSUPPORT);
        }
        Requests kernelSide = switch (protocol) {
            case Socket.NETLINK_ROUTE -> new RouteRequests();
            case Socket.NETLINK_KOBJECT_UEVENT -> new UeventRequests();
            case Socket.NETLINK_SOCK_DIAG -> new DiagRequests();
            case Socket.NETLINK_USERSOCK -> null;
            // firewalls, audit, IPsec and the like are the host's
            default -> throw ErrnoException.of(Errno.EPROTONOSUPPORT);
        };
        return new NetlinkSocket(task, type, protocol, flags, kernelSide);
    }

    @Override
    public Sock[] pair(Task task, int type, int protocol, int flags) {
        create(task, type, protocol, flags).decRef();
        throw ErrnoException.of(Errno.EOPNOTSUPP);
    }

    /** What /proc/net/netlink shows to {@code reader}. */
    public static String procNetNetlink(Task reader) {
        StringBuilder text = new StringBuilder(
                "sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode\n");
        for (NetlinkSocket socket : NetlinkPorts.of(reader).all()) {
            text.append(FileText.format(
                    "%016x %-3d %-10s %08x %-8d %-8d %-5d %-8d %-8d %-8d\n",
                    0,
                    socket.protocol,
                    Integer.toUnsignedString(socket.port()),
                    (int) socket.groups(),
                    socket.queuedBytes(),
                    0,
                    socket.isDumping() ? 1 : 0,
                    2,
                    socket.drops(),
                    socket.inodeNumber()));
        }
        return text.toString();
    }
}
