package gvj.net.inet;

import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.Socket;
import gvj.kernel.ErrnoException;
import gvj.kernel.NetNamespace;
import gvj.kernel.Task;
import gvj.kernel.UserNamespace;
import gvj.net.Sock;
import gvj.net.SocketFamily;
import gvj.vfs.Permissions;

/** AF_INET or AF_INET6 of socket(2): which types and protocols there are, and who may have them. */
public final class InetFamily implements SocketFamily {
    /** Behind the last protocol: IPPROTO_MAX. */
    private static final int PROTOCOLS = Socket.IPPROTO_MPTCP + 1;

    private final int family;

    /** {@code family} is AF_INET or AF_INET6. */
    public InetFamily(int family) {
        this.family = family;
    }

    /** The stack of a namespace. */
    static InetStack stack(NetNamespace namespace) {
        return namespace.registry(InetStack.class, EmptyStack::new);
    }

    @Override
    public Sock create(Task task, int type, int protocol, int flags) {
        if (protocol < 0 || protocol >= PROTOCOLS) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        int served = switch (type) {
            case Socket.SOCK_STREAM -> stream(protocol);
            case Socket.SOCK_DGRAM -> datagram(task, protocol);
            case Socket.SOCK_RAW -> raw(task, protocol);
            default -> throw ErrnoException.of(Errno.ESOCKTNOSUPPORT);
        };
        return stack(task.namespaces().net()).socket(task, family, type, served, flags);
    }

    private static int stream(int protocol) {
        return switch (protocol) {
            case 0, Socket.IPPROTO_TCP -> Socket.IPPROTO_TCP;
            default -> throw ErrnoException.of(Errno.EPROTONOSUPPORT);
        };
    }

    private int datagram(Task task, int protocol) {
        int ping = family == Socket.AF_INET ? Socket.IPPROTO_ICMP : Socket.IPPROTO_ICMPV6;
        if (protocol == 0) {
            return Socket.IPPROTO_UDP;
        }
        if (protocol == Socket.IPPROTO_UDP || protocol == Socket.IPPROTO_UDPLITE) {
            return protocol;
        }
        if (protocol == ping) {
            if (!InetSettings.of(task.namespaces().net()).pingGroups.hasOneOf(task.credentials())) {
                throw ErrnoException.of(Errno.EACCES);
            }
            return protocol;
        }
        throw ErrnoException.of(Errno.EPROTONOSUPPORT);
    }

    private static int raw(Task task, int protocol) {
        if (protocol == 0) {
            throw ErrnoException.of(Errno.EPROTONOSUPPORT);
        }
        UserNamespace owner = task.namespaces().net().owner();
        if (!Permissions.capableIn(task.credentials(), owner, Capability.CAP_NET_RAW)) {
            throw ErrnoException.of(Errno.EPERM);
        }
        return protocol;
    }

    @Override
    public Sock[] pair(Task task, int type, int protocol, int flags) {
        create(task, type, protocol, flags).decRef();
        throw ErrnoException.of(Errno.EOPNOTSUPP);
    }
}
