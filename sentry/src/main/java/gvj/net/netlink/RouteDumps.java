package gvj.net.netlink;

import gvj.abi.Errno;
import gvj.abi.Netlink;
import gvj.abi.NlAttributes;
import gvj.abi.Rtnetlink;
import gvj.abi.Socket;
import gvj.kernel.ErrnoException;
import gvj.net.netdev.Address;
import gvj.net.netdev.Entry;
import gvj.net.netdev.Link;
import gvj.net.netdev.Neighbour;
import gvj.net.netdev.Network;
import gvj.net.netdev.Route;
import java.util.ArrayList;
import java.util.List;

/**
 * Lists of everything that a request asks for. Without NETLINK_GET_STRICT_CHK Linux overlooks most of what the request says
 * besides its family, and so does this; with it, what it says is checked, and filters.
 */
final class RouteDumps {
    private final Requests.Request request;
    private final Network network;
    private final List<byte[]> messages = new ArrayList<>();
    private boolean filtered;
    /** What is wrong, for those who set NETLINK_EXT_ACK; null if nothing is or the errno says it. */
    private String complaint;

    RouteDumps(Requests.Request request, Network network) {
        this.request = request;
        this.network = network;
    }

    /** Whether there is a list for that type of request. */
    static boolean knows(int type) {
        return switch (type) {
            case Rtnetlink.RTM_GETLINK,
                    Rtnetlink.RTM_GETADDR,
                    Rtnetlink.RTM_GETROUTE,
                    Rtnetlink.RTM_GETNEIGH,
                    Rtnetlink.RTM_GETRULE,
                    Rtnetlink.RTM_GETQDISC,
                    Rtnetlink.RTM_GETTCLASS,
                    Rtnetlink.RTM_GETTFILTER,
                    Rtnetlink.RTM_GETNSID,
                    Rtnetlink.RTM_GETNEXTHOP -> true;
            default -> false;
        };
    }

    /** The answer; what is wrong with the request is told at its end. */
    Dump make() {
        int result = 0;
        try {
            list();
        } catch (ErrnoException e) {
            result = -e.errno();
        }
        String told = request.socket().isOn(Socket.NETLINK_EXT_ACK) ? complaint : null;
        return new Dump(
                messages, endFlags(), request.sequence(), request.socket().port(), result, told);
    }

    private int flags() {
        return Netlink.NLM_F_MULTI | (filtered ? Netlink.NLM_F_DUMP_FILTERED : 0);
    }

    /** Only addresses and routes say at the end, too, that they were filtered. */
    private int endFlags() {
        boolean says = request.type() == Rtnetlink.RTM_GETADDR || request.type() == Rtnetlink.RTM_GETROUTE;
        return says ? flags() : Netlink.NLM_F_MULTI;
    }

    private void list() {
        switch (request.type()) {
            case Rtnetlink.RTM_GETLINK -> links();
            case Rtnetlink.RTM_GETADDR -> addresses();
            case Rtnetlink.RTM_GETROUTE -> routes();
            case Rtnetlink.RTM_GETNEIGH -> neighbours();
            case Rtnetlink.RTM_GETRULE -> rules();
            case Rtnetlink.RTM_GETQDISC -> all(Rtnetlink.RTM_NEWQDISC, network.qdiscs());
            default -> {
                // there are no classes, filters, names of namespaces or next hops
            }
        }
    }

    private void add(int type, Entry entry) {
        messages.add(entry.encode(request.reply(type, flags())).finish());
    }

    private void all(int type, List<? extends Entry> entries) {
        for (Entry entry : entries) {
            add(type, entry);
        }
    }

    /** The family that is asked for: AF_INET, AF_INET6, or all. */
    private int family() {
        int family = request.u8(0);
        return family == Socket.AF_INET || family == Socket.AF_INET6 ? family : Socket.AF_UNSPEC;
    }

    private boolean strict(int headerBytes) {
        if (!request.isStrict()) {
            return false;
        }
        if (request.length() < headerBytes) {
            throw Requests.invalid();
        }
        return true;
    }

    private void checkDevice(int index) {
        if (index != 0 && network.link(index) == null) {
            throw ErrnoException.of(Errno.ENODEV);
        }
    }

    // ---- links ----

    private void links() {
        boolean strict = strict(Rtnetlink.IFINFOMSG);
        if (strict && (request.u8(1) | request.u16(2) | request.u32(4) | request.u32(8) | request.u32(12)) != 0) {
            throw Requests.invalid();
        }
        if (request.u8(0) == Socket.AF_BRIDGE) {
            return; // ports of bridges with what only bridges know
        }
        int master = 0;
        String kind = null;
        if (request.length() >= Rtnetlink.IFINFOMSG) {
            RequestAttributes a = linkAttributes(strict);
            master = a.number(Rtnetlink.IFLA_MASTER);
            kind = kind(a.nested(Rtnetlink.IFLA_LINKINFO));
        }
        filtered = master != 0 || kind != null;
        for (Link link : network.links()) {
            boolean ofMaster = master == 0 || (master == -1 ? link.master == 0 : link.master == master);
            if (ofMaster && (kind == null || kind.equals(link.kind))) {
                add(Rtnetlink.RTM_NEWLINK, link);
            }
        }
    }

    /** What does not make sense is overlooked unless it is checked strictly. */
    private RequestAttributes linkAttributes(boolean strict) {
        try {
            return RequestAttributes.parse(
                    request,
                    Rtnetlink.IFINFOMSG,
                    Rtnetlink.IFLA_EXT_MASK,
                    4,
                    Rtnetlink.IFLA_MASTER,
                    4,
                    Rtnetlink.IFLA_LINKINFO,
                    0);
        } catch (ErrnoException e) {
            if (strict) {
                throw e;
            }
            return new RequestAttributes();
        }
    }

    private static String kind(NlAttributes info) {
        String kind = null;
        while (info.next()) {
            if (info.type() == Rtnetlink.IFLA_INFO_KIND) {
                kind = info.text();
            }
        }
        return kind;
    }

    // ---- addresses ----

    private void addresses() {
        int index = 0;
        if (strict(Rtnetlink.IFADDRMSG)) {
            if ((request.u8(1) | request.u8(2) | request.u8(3)) != 0) {
                throw Requests.invalid();
            }
            RequestAttributes.parse(request, Rtnetlink.IFADDRMSG);
            index = request.u32(4);
            filtered = index != 0;
            checkDevice(index);
        }
        for (Address address : network.addresses(family())) {
            if (index == 0 || address.index == index) {
                add(Rtnetlink.RTM_NEWADDR, address);
            }
        }
    }

    // ---- routes ----

    private void routes() {
        if (!strict(Rtnetlink.RTMSG)) {
            all(Rtnetlink.RTM_NEWROUTE, network.routes(family()));
            return;
        }
        int flags = request.u32(8);
        boolean odd = (request.u8(1) | request.u8(2) | request.u8(3) | request.u8(6)) != 0;
        if (odd || (flags & ~(Rtnetlink.RTM_F_CLONED | Rtnetlink.RTM_F_PREFIX)) != 0) {
            throw Requests.invalid();
        }
        RequestAttributes a =
                RequestAttributes.parse(request, Rtnetlink.RTMSG, Rtnetlink.RTA_TABLE, 4, Rtnetlink.RTA_OIF, 4);
        int table = a.has(Rtnetlink.RTA_TABLE) ? a.number(Rtnetlink.RTA_TABLE) : request.u8(4);
        int oif = a.number(Rtnetlink.RTA_OIF);
        int protocol = request.u8(5);
        int type = request.u8(7);
        filtered = (table | oif | protocol | type | flags) != 0;
        checkDevice(oif);
        List<Route> routes = network.routes(family());
        if (family() != Socket.AF_UNSPEC) {
            checkTable(table, routes);
        }
        boolean cached = (flags & Rtnetlink.RTM_F_CLONED) != 0;
        for (Route route : routes) {
            if (!cached
                    && (table == 0 || route.table == table)
                    && (protocol == 0 || route.protocol == protocol)
                    && (type == 0 || route.type == type)
                    && (oif == 0 || route.leavesBy(oif))) {
                add(Rtnetlink.RTM_NEWROUTE, route);
            }
        }
    }

    /** ENOENT for a table that is not there; an empty one is only known to be there if every namespace has it. */
    private void checkTable(int table, List<Route> routes) {
        if (table == 0 || table == Rtnetlink.RT_TABLE_MAIN || table == Rtnetlink.RT_TABLE_LOCAL) {
            return;
        }
        for (Route route : routes) {
            if (route.table == table) {
                return;
            }
        }
        complaint = (family() == Socket.AF_INET ? "ipv4" : "ipv6") + ": FIB table does not exist";
        throw ErrnoException.of(Errno.ENOENT);
    }

    // ---- neighbours and rules ----

    private void neighbours() {
        boolean strict = strict(Rtnetlink.NDMSG);
        boolean whole = request.length() >= Rtnetlink.NDMSG;
        boolean odd = whole && (request.u8(1) | request.u16(2) | request.u32(4) | request.u16(8) | request.u8(11)) != 0;
        if (strict && (odd || (request.u8(10) & ~Rtnetlink.NTF_PROXY) != 0)) {
            throw Requests.invalid();
        }
        if (whole && request.u8(10) == Rtnetlink.NTF_PROXY || request.u8(0) == Socket.AF_BRIDGE) {
            return; // nobody is answered for, and bridges are not ours
        }
        int index = 0;
        int master = 0;
        if (whole) {
            RequestAttributes a = RequestAttributes.parse(
                    request, Rtnetlink.NDMSG, Rtnetlink.NDA_IFINDEX, 4, Rtnetlink.NDA_MASTER, 4);
            index = a.number(Rtnetlink.NDA_IFINDEX);
            master = a.number(Rtnetlink.NDA_MASTER);
        }
        filtered = (index | master) != 0;
        for (Neighbour neighbour : network.neighbours(family())) {
            if ((index == 0 || neighbour.index == index) && (master == 0 || isIn(neighbour.index, master))) {
                add(Rtnetlink.RTM_NEWNEIGH, neighbour);
            }
        }
    }

    private boolean isIn(int index, int master) {
        Link link = network.link(index);
        return link != null && link.master == master;
    }

    private void rules() {
        if (strict(Rtnetlink.FIB_RULE_HDR)) {
            int bits = request.u32(0) >>> 8 | request.u32(4) | request.u32(8);
            if (bits != 0 || request.length() > Rtnetlink.FIB_RULE_HDR) {
                throw Requests.invalid();
            }
        }
        all(Rtnetlink.RTM_NEWRULE, network.rules(family()));
    }
}
