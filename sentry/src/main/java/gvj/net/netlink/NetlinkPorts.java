package gvj.net.netlink;

import gvj.abi.Errno;
import gvj.kernel.ErrnoException;
import gvj.kernel.NetNamespace;
import gvj.kernel.Task;
import gvj.net.SocketCredentials;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The ports of one network namespace's netlink sockets. The monitor guards it; no lock of a socket is taken inside. */
final class NetlinkPorts {
    /** Where ports begin that nobody asked for, when the process's id is taken; they go down. */
    private static final int FIRST_FREE = -4097;

    private final NetNamespace namespace;
    private final Map<Long, NetlinkSocket> byPort = new HashMap<>();
    private final Set<NetlinkSocket> sockets = new LinkedHashSet<>();
    private int nextFree = FIRST_FREE;
    private RouteNews news;

    private NetlinkPorts(NetNamespace namespace) {
        this.namespace = namespace;
    }

    /** Those of the namespace the caller is in. */
    static NetlinkPorts of(Task task) {
        NetNamespace namespace = task.namespaces().net();
        return namespace.registry(NetlinkPorts.class, () -> new NetlinkPorts(namespace));
    }

    NetNamespace namespace() {
        return namespace;
    }

    private static long key(int protocol, int port) {
        return (long) protocol << 32 | port & 0xffffffffL;
    }

    synchronized void opened(NetlinkSocket socket) {
        sockets.add(socket);
    }

    synchronized void closed(NetlinkSocket socket, int port) {
        sockets.remove(socket);
        byPort.remove(key(socket.protocol, port), socket);
    }

    /** Gives {@code socket} a port; EADDRINUSE. */
    synchronized int bind(NetlinkSocket socket, int port) {
        if (byPort.putIfAbsent(key(socket.protocol, port), socket) != null) {
            throw ErrnoException.of(Errno.EADDRINUSE);
        }
        return port;
    }

    /** The id of the process, or if that is taken a number that no process has. */
    synchronized int autobind(NetlinkSocket socket, int pid) {
        int port = pid;
        while (byPort.putIfAbsent(key(socket.protocol, port), socket) != null) {
            port = nextFree;
            nextFree = nextFree > 0 ? FIRST_FREE : nextFree - 1;
        }
        return port;
    }

    synchronized NetlinkSocket find(int protocol, int port) {
        return byPort.get(key(protocol, port));
    }

    synchronized List<NetlinkSocket> all() {
        return new ArrayList<>(sockets);
    }

    /** To every socket but the sender that joined the group. */
    void broadcast(NetlinkSocket from, byte[] bytes, int group, SocketCredentials credentials) {
        for (NetlinkSocket socket : all()) {
            if (socket != from && socket.protocol == from.protocol) {
                socket.hear(bytes, group, from.port(), credentials);
            }
        }
    }

    /** Somebody joined a group of NETLINK_ROUTE: from now on changes are told. */
    void wantNews() {
        synchronized (this) {
            if (news != null) {
                return;
            }
            news = new RouteNews(this);
        }
        news.start();
    }
}
