package gvj.fs.proc;

import gvj.abi.Rtnetlink;
import gvj.abi.Socket;
import gvj.kernel.Task;
import gvj.net.netdev.Network;
import gvj.net.netdev.Route;
import java.util.List;
import java.util.Map;

/** Files of /proc/net about routes. */
final class NetRouteFiles {
    private static final int RTF_UP = 1;
    private static final int RTF_GATEWAY = 2;
    private static final int RTF_HOST = 4;
    private static final int RTF_REJECT = 0x200;
    private static final int RTF_NONEXTHOP = 0x00200000;
    private static final int RTF_LOCAL = 0x80000000;
    private static final int RTN_MULTICAST = 5;
    /** Bytes of a line of /proc/net/route without its end. */
    private static final int LINE = 127;

    /** IP and TCP headers: what MSS and MTU differ by. */
    private static final int HEADERS = 40;

    private static final String[] TYPES = {
        "UNSPEC",
        "UNICAST",
        "LOCAL",
        "BROADCAST",
        "ANYCAST",
        "MULTICAST",
        "BLACKHOLE",
        "UNREACHABLE",
        "PROHIBIT",
        "THROW",
        "NAT",
        "XRESOLVE"
    };

    private NetRouteFiles() {}

    /** /proc/net/route: IPv4, the main table. */
    static String route(Task task) {
        Network network = NetText.network(task);
        Map<Integer, String> names = NetText.names(network.links());
        StringBuilder text = new StringBuilder();
        line(text, "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT");
        for (Route route : network.routes(Socket.AF_INET)) {
            boolean shown = route.type != Rtnetlink.RTN_BROADCAST && route.type != RTN_MULTICAST;
            if (route.table == Rtnetlink.RT_TABLE_MAIN && shown) {
                line(text, route4(route, names));
            }
        }
        return text.toString();
    }

    private static void line(StringBuilder text, String line) {
        text.append(NetText.left(line, LINE)).append('\n');
    }

    private static String route4(Route route, Map<Integer, String> names) {
        byte[] none = new byte[4];
        byte[] gateway = route.gateway;
        int oif = route.oif;
        if (!route.nextHops.isEmpty()) {
            gateway = route.nextHops.get(0).gateway();
            oif = route.nextHops.get(0).index();
        }
        int flags = RTF_UP | (gateway == null ? 0 : RTF_GATEWAY) | (route.dstLength == 32 ? RTF_HOST : 0);
        if (isRejected(route)) {
            flags = RTF_REJECT | flags;
        }
        int advertised = route.metric(Rtnetlink.RTAX_ADVMSS);
        return names.getOrDefault(oif, "*")
                + "\t" + NetText.words(route.dst == null ? none : route.dst)
                + "\t" + NetText.words(gateway == null ? none : gateway)
                + "\t" + NetText.upper(flags, 4)
                + "\t0\t0\t" + route.priority
                + "\t" + NetText.words(mask(route.dstLength))
                + "\t" + (advertised == 0 ? 0 : advertised + HEADERS)
                + "\t" + route.metric(Rtnetlink.RTAX_WINDOW)
                + "\t" + (route.metric(Rtnetlink.RTAX_RTT) >> 3);
    }

    private static boolean isRejected(Route route) {
        return route.type == Rtnetlink.RTN_UNREACHABLE || route.type == Rtnetlink.RTN_PROHIBIT;
    }

    private static byte[] mask(int bits) {
        byte[] mask = new byte[4];
        for (int bit = 0; bit < bits; bit++) {
            mask[bit / 8] |= (byte) (0x80 >> bit % 8);
        }
        return mask;
    }

    /** /proc/net/ipv6_route: all tables, then what is taken where none fits. */
    static String route6(Task task) {
        Network network = NetText.network(task);
        Map<Integer, String> names = NetText.names(network.links());
        StringBuilder text = new StringBuilder();
        for (Route route : network.routes(Socket.AF_INET6)) {
            int flags = RTF_UP | (route.gateway == null ? 0 : RTF_GATEWAY);
            if (route.type == Rtnetlink.RTN_LOCAL) {
                flags |= RTF_LOCAL | RTF_NONEXTHOP;
            } else if (isRejected(route) || route.type == Rtnetlink.RTN_BLACKHOLE) {
                flags |= RTF_REJECT | RTF_NONEXTHOP;
            }
            route6(text, route, flags, names.getOrDefault(route.oif, "lo"));
        }
        Route last = new Route();
        last.priority = -1;
        route6(text, last, RTF_REJECT | RTF_NONEXTHOP, "lo");
        return text.toString();
    }

    private static void route6(StringBuilder text, Route route, int flags, String device) {
        byte[] none = new byte[16];
        text.append(NetText.hex(route.dst == null ? none : route.dst, ""))
                .append(' ')
                .append(NetText.lower(route.dstLength, 2))
                .append(' ')
                .append(NetText.hex(route.src == null ? none : route.src, ""))
                .append(' ')
                .append(NetText.lower(route.srcLength, 2))
                .append(' ')
                .append(NetText.hex(route.gateway == null ? none : route.gateway, ""))
                .append(' ')
                .append(NetText.lower(route.priority, 8))
                .append(" 00000001 00000000 ")
                .append(NetText.lower(flags, 8))
                .append(' ')
                .append(NetText.right(device, 8))
                .append('\n');
    }

    /** /proc/net/fib_trie: IPv4's tables main and local, as tries whose root has all leaves. */
    static String trie(Task task) {
        List<Route> routes = NetText.network(task).routes(Socket.AF_INET);
        StringBuilder text = new StringBuilder();
        trie(text, "Main:\n", routes, Rtnetlink.RT_TABLE_MAIN);
        trie(text, "Local:\n", routes, Rtnetlink.RT_TABLE_LOCAL);
        return text.toString();
    }

    private static void trie(StringBuilder text, String title, List<Route> routes, int table) {
        text.append(title);
        boolean any = false;
        String leaf = "";
        for (Route route : routes) {
            if (route.table == table) {
                if (!any) {
                    text.append("  +-- 0.0.0.0/0 0 0 0\n");
                    any = true;
                }
                String address = NetText.dotted(route.dst == null ? new byte[4] : route.dst);
                if (!address.equals(leaf)) {
                    text.append("     |-- ").append(address).append('\n');
                    leaf = address;
                }
                text.append("        /")
                        .append(route.dstLength)
                        .append(' ')
                        .append(scope(route.scope))
                        .append(' ')
                        .append(route.type < TYPES.length ? TYPES[route.type] : "type " + route.type)
                        .append('\n');
            }
        }
    }

    private static String scope(int scope) {
        return switch (scope) {
            case 0 -> "universe";
            case 200 -> "site";
            case 253 -> "link";
            case 254 -> "host";
            case 255 -> "nowhere";
            default -> "scope=" + scope;
        };
    }
}
