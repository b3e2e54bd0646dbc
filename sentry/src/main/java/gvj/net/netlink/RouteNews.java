package gvj.net.netlink;

import gvj.abi.NlMessage;
import gvj.abi.Rtnetlink;
import gvj.abi.Socket;
import gvj.net.SocketCredentials;
import gvj.net.netdev.Entry;
import gvj.net.netdev.Network;

/** Tells the changes of one network namespace to the sockets that joined their groups. */
final class RouteNews implements Network.Listener {
    private final NetlinkPorts ports;

    RouteNews(NetlinkPorts ports) {
        this.ports = ports;
    }

    void start() {
        Network.of(ports.namespace()).listen(this);
    }

    @Override
    public void changed(int type, int family, Entry entry) {
        int group = group(type, family);
        if (group != 0) {
            byte[] message = entry.encode(new NlMessage(type, 0, 0, 0)).finish();
            for (NetlinkSocket socket : ports.all()) {
                if (socket.protocol == Socket.NETLINK_ROUTE) {
                    socket.hear(message, group, 0, SocketCredentials.NONE);
                }
            }
        }
    }

    private static int group(int type, int family) {
        boolean six = family == Socket.AF_INET6;
        return switch (type) {
            case Rtnetlink.RTM_NEWLINK, Rtnetlink.RTM_DELLINK ->
                family == Socket.AF_UNSPEC ? Rtnetlink.RTNLGRP_LINK : 0;
            case Rtnetlink.RTM_NEWADDR, Rtnetlink.RTM_DELADDR ->
                six ? Rtnetlink.RTNLGRP_IPV6_IFADDR : Rtnetlink.RTNLGRP_IPV4_IFADDR;
            case Rtnetlink.RTM_NEWROUTE, Rtnetlink.RTM_DELROUTE ->
                six ? Rtnetlink.RTNLGRP_IPV6_ROUTE : Rtnetlink.RTNLGRP_IPV4_ROUTE;
            case Rtnetlink.RTM_NEWRULE, Rtnetlink.RTM_DELRULE ->
                six ? Rtnetlink.RTNLGRP_IPV6_RULE : Rtnetlink.RTNLGRP_IPV4_RULE;
            case Rtnetlink.RTM_NEWNEIGH, Rtnetlink.RTM_DELNEIGH -> Rtnetlink.RTNLGRP_NEIGH;
            default -> 0;
        };
    }

    @Override
    public void lost() {
        for (NetlinkSocket socket : ports.all()) {
            if (socket.groups() != 0 && socket.protocol == Socket.NETLINK_ROUTE) {
                socket.overrun();
            }
        }
    }
}
