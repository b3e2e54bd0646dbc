package gvj.net.inet;

import gvj.kernel.NetNamespace;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The open Internet sockets of a network namespace. */
public final class InetSockets {
    private final Set<InetSocketInfo> all = ConcurrentHashMap.newKeySet();

    /** Those of {@code namespace}. */
    public static InetSockets of(NetNamespace namespace) {
        return namespace.registry(InetSockets.class, InetSockets::new);
    }

    void add(InetSocketInfo socket) {
        all.add(socket);
    }

    void remove(InetSocketInfo socket) {
        all.remove(socket);
    }

    /** All that are open now, in no order; a view that follows. */
    public Collection<InetSocketInfo> all() {
        return all;
    }
}
