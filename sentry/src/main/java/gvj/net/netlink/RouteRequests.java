package gvj.net.netlink;

import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.Netlink;
import gvj.abi.Rtnetlink;
import gvj.kernel.ErrnoException;
import gvj.net.netdev.Network;

/**
 * NETLINK_ROUTE, rtnetlink(7): what is asked is answered, what would change something is not done.
 *
 * <p>Types come in groups of four, NEW, DEL, GET, SET.
 */
final class RouteRequests extends Requests {
    private static final int GET = 2;

    @Override
    boolean handle(Request request) {
        int type = request.type();
        if (type > Rtnetlink.RTM_MAX) {
            throw unsupported();
        }
        if (request.length() < 1) {
            return true;
        }
        if ((type & 3) != GET) {
            boolean may = request.task().credentials().has(Capability.CAP_NET_ADMIN);
            throw may ? unsupported() : ErrnoException.of(Errno.EPERM);
        }
        Network network = Network.of(request.socket().ports().namespace());
        if (request.is(Netlink.NLM_F_DUMP)) {
            dump(request, network);
            return false;
        }
        request.socket().answer(RouteGets.get(request, network));
        return true;
    }

    private static void dump(Request request, Network network) {
        if (!RouteDumps.knows(request.type())) {
            throw unsupported();
        }
        if (request.socket().isDumping() || !request.socket().start(new RouteDumps(request, network).make())) {
            throw ErrnoException.of(Errno.EBUSY);
        }
    }
}
