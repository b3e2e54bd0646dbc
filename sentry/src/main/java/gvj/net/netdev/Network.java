package gvj.net.netdev;

import gvj.abi.NlAttributes;
import gvj.kernel.NetNamespace;
import java.util.List;

/**
 * Interfaces, addresses, routes and neighbours of one network namespace. Lists are made anew for each question and are the
 * caller's; a question that cannot be answered throws ErrnoException.
 */
public abstract class Network {
    /** Who wants to hear of changes. */
    public interface Listener {
        /**
         * Something is new or different, or gone.
         *
         * @param type RTM_NEW* or RTM_DEL*
         * @param family AF_*
         */
        void changed(int type, int family, Entry entry);

        /** Changes were lost. */
        void lost();
    }

    Network() {}

    /** That of a namespace: the host's where the sandbox began, else one of its own. */
    public static Network of(NetNamespace namespace) {
        return namespace.isHosts()
                ? namespace.registry(Network.class, HostNetwork::new)
                : namespace.registry(Network.class, PrivateNetwork::new);
    }

    /** All interfaces. */
    public abstract List<Link> links();

    /** All addresses of a family, AF_UNSPEC for both. */
    public abstract List<Address> addresses(int family);

    /** All tables' routes. */
    public abstract List<Route> routes(int family);

    public abstract List<Neighbour> neighbours(int family);

    public abstract List<Rule> rules(int family);

    public abstract List<Qdisc> qdiscs();

    /** The route that a packet would take; ENETUNREACH and the like. */
    public abstract Route route(RouteQuery query);

    /** From now on {@code listener} hears of changes; only the first one ever is kept. */
    public abstract void listen(Listener listener);

    /** The interface with that number, or null. */
    public final Link link(int index) {
        for (Link link : links()) {
            if (link.index == index) {
                return link;
            }
        }
        return null;
    }

    /** The interface of that name, or null. */
    public final Link link(String name) {
        for (Link link : links()) {
            if (link.name.equals(name)) {
                return link;
            }
        }
        return null;
    }

    /** The first {@code count} numbers of an attribute. */
    static int[] ints(NlAttributes a, int count) {
        int[] values = new int[count];
        for (int i = 0; i < count; i++) {
            values[i] = a.intAt(i * 4);
        }
        return values;
    }
}
