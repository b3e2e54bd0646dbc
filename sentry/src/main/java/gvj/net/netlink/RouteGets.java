package gvj.net.netlink;

import gvj.abi.Errno;
import gvj.abi.NlMessage;
import gvj.abi.Rtnetlink;
import gvj.abi.Socket;
import gvj.kernel.ErrnoException;
import gvj.net.netdev.Address;
import gvj.net.netdev.Entry;
import gvj.net.netdev.Link;
import gvj.net.netdev.Neighbour;
import gvj.net.netdev.Network;
import gvj.net.netdev.Qdisc;
import gvj.net.netdev.Route;
import gvj.net.netdev.RouteQuery;
import java.util.Arrays;

/** Requests for one link, address, route, neighbour or queueing discipline: the answer, or an error. */
final class RouteGets {
    private RouteGets() {}

    /** The message that answers {@code request}. */
    static byte[] get(Requests.Request request, Network network) {
        return switch (request.type()) {
            case Rtnetlink.RTM_GETLINK -> answer(request, Rtnetlink.RTM_NEWLINK, link(request, network));
            case Rtnetlink.RTM_GETADDR -> answer(request, Rtnetlink.RTM_NEWADDR, address(request, network));
            case Rtnetlink.RTM_GETROUTE -> route(request, network);
            case Rtnetlink.RTM_GETNEIGH -> answer(request, Rtnetlink.RTM_NEWNEIGH, neighbour(request, network));
            case Rtnetlink.RTM_GETQDISC -> answer(request, Rtnetlink.RTM_NEWQDISC, qdisc(request, network));
            default -> throw Requests.unsupported();
        };
    }

    private static byte[] answer(Requests.Request request, int type, Entry entry) {
        return entry.encode(request.reply(type, 0)).finish();
    }

    private static void need(Requests.Request request, int headerBytes) {
        if (request.length() < headerBytes) {
            throw Requests.invalid();
        }
    }

    private static Link link(Requests.Request request, Network network) {
        need(request, Rtnetlink.IFINFOMSG);
        if (request.isStrict() && (request.u8(1) | request.u16(2) | request.u32(8) | request.u32(12)) != 0) {
            throw Requests.invalid();
        }
        RequestAttributes a = RequestAttributes.parse(
                request,
                Rtnetlink.IFINFOMSG,
                Rtnetlink.IFLA_IFNAME,
                RequestAttributes.NAME,
                Rtnetlink.IFLA_ALT_IFNAME,
                0,
                Rtnetlink.IFLA_EXT_MASK,
                4);
        int index = request.u32(4);
        String name = a.has(Rtnetlink.IFLA_IFNAME) ? a.text(Rtnetlink.IFLA_IFNAME) : a.text(Rtnetlink.IFLA_ALT_IFNAME);
        if (index <= 0 && name == null) {
            throw Requests.invalid();
        }
        Link link = index > 0 ? network.link(index) : network.link(name);
        if (link == null) {
            throw ErrnoException.of(Errno.ENODEV);
        }
        return link;
    }

    /** Only IPv6 has this. */
    private static Address address(Requests.Request request, Network network) {
        if (request.u8(0) != Socket.AF_INET6) {
            throw Requests.unsupported();
        }
        need(request, Rtnetlink.IFADDRMSG);
        RequestAttributes a = RequestAttributes.parse(
                request, Rtnetlink.IFADDRMSG, Rtnetlink.IFA_ADDRESS, 16, Rtnetlink.IFA_LOCAL, 16);
        byte[] wanted = a.has(Rtnetlink.IFA_LOCAL) ? a.value(Rtnetlink.IFA_LOCAL) : a.value(Rtnetlink.IFA_ADDRESS);
        if (wanted == null) {
            throw Requests.invalid();
        }
        int index = request.u32(4);
        for (Address address : network.addresses(Socket.AF_INET6)) {
            if ((index == 0 || address.index == index) && Arrays.equals(address.own(), wanted)) {
                return address;
            }
        }
        throw ErrnoException.of(Errno.EADDRNOTAVAIL);
    }

    // ---- ip route get ----

    private static byte[] route(Requests.Request request, Network network) {
        int family = request.u8(0);
        int bytes = Address.bytes(family);
        if (bytes < 0) {
            throw Requests.unsupported();
        }
        need(request, Rtnetlink.RTMSG);
        RequestAttributes a = RequestAttributes.parse(
                request,
                Rtnetlink.RTMSG,
                Rtnetlink.RTA_DST,
                bytes,
                Rtnetlink.RTA_SRC,
                bytes,
                Rtnetlink.RTA_IIF,
                4,
                Rtnetlink.RTA_OIF,
                4,
                Rtnetlink.RTA_MARK,
                4,
                Rtnetlink.RTA_UID,
                4,
                Rtnetlink.RTA_IP_PROTO,
                1,
                Rtnetlink.RTA_SPORT,
                2,
                Rtnetlink.RTA_DPORT,
                2,
                Rtnetlink.RTA_FLOWLABEL,
                4);
        if (request.isStrict()) {
            checkRoute(request, a, bytes * 8);
        }
        Route route = network.route(query(request, a, bytes));
        NlMessage answer = route.encode(request.reply(Rtnetlink.RTM_NEWROUTE, 0));
        if (family == Socket.AF_INET) {
            boolean given = a.has(Rtnetlink.RTA_UID);
            answer.putInt(
                    Rtnetlink.RTA_UID,
                    given
                            ? a.number(Rtnetlink.RTA_UID)
                            : request.task().credentials().fsuid());
        }
        return answer.finish();
    }

    private static void checkRoute(Requests.Request request, RequestAttributes a, int bits) {
        int dst = request.u8(1);
        int src = request.u8(2);
        int known = Rtnetlink.RTM_F_NOTIFY | Rtnetlink.RTM_F_LOOKUP_TABLE | Rtnetlink.RTM_F_FIB_MATCH;
        boolean odd = dst != 0 && dst != bits
                || src != 0 && src != bits
                || (request.u8(4) | request.u8(5) | request.u8(6) | request.u8(7)) != 0
                || (request.u32(8) & ~known) != 0
                || a.has(Rtnetlink.RTA_DST) && dst == 0
                || a.has(Rtnetlink.RTA_SRC) && src == 0;
        if (odd) {
            throw Requests.invalid();
        }
    }

    private static RouteQuery query(Requests.Request request, RequestAttributes a, int bytes) {
        RouteQuery query = new RouteQuery();
        query.family = request.u8(0);
        query.flags = request.u32(8) & (Rtnetlink.RTM_F_LOOKUP_TABLE | Rtnetlink.RTM_F_FIB_MATCH);
        query.tos = request.u8(3);
        query.dst = cut(a.value(Rtnetlink.RTA_DST), bytes);
        query.dstLength = bytes * 8;
        query.src = cut(a.value(Rtnetlink.RTA_SRC), bytes);
        query.srcLength = bytes * 8;
        query.iif = a.number(Rtnetlink.RTA_IIF);
        query.oif = a.number(Rtnetlink.RTA_OIF);
        query.mark = a.number(Rtnetlink.RTA_MARK);
        query.protocol = a.u8(Rtnetlink.RTA_IP_PROTO);
        query.sourcePort = a.u16(Rtnetlink.RTA_SPORT);
        query.targetPort = a.u16(Rtnetlink.RTA_DPORT);
        return query;
    }

    private static byte[] cut(byte[] address, int bytes) {
        return address == null || address.length == bytes ? address : Arrays.copyOf(address, bytes);
    }

    // ---- neighbours, queueing disciplines ----

    private static Neighbour neighbour(Requests.Request request, Network network) {
        need(request, Rtnetlink.NDMSG);
        if (request.isStrict()) {
            int odd = request.u8(1) | request.u16(2) | request.u16(8) | request.u8(11);
            if (odd != 0 || (request.u8(10) & ~Rtnetlink.NTF_PROXY) != 0) {
                throw Requests.invalid();
            }
        }
        RequestAttributes a = RequestAttributes.parse(request, Rtnetlink.NDMSG, Rtnetlink.NDA_DST, 0);
        int family = request.u8(0);
        int bytes = Address.bytes(family);
        if (bytes < 0) {
            throw ErrnoException.of(Errno.EAFNOSUPPORT);
        }
        byte[] address = a.value(Rtnetlink.NDA_DST);
        if (address == null || address.length != bytes) {
            throw Requests.invalid();
        }
        int index = request.u32(4);
        if (index != 0 && network.link(index) == null) {
            throw ErrnoException.of(Errno.ENODEV);
        }
        boolean proxy = (request.u8(10) & Rtnetlink.NTF_PROXY) != 0;
        if (index == 0 && !proxy) {
            throw Requests.invalid();
        }
        if (!proxy) {
            for (Neighbour neighbour : network.neighbours(family)) {
                if (neighbour.index == index && Arrays.equals(neighbour.address, address)) {
                    return neighbour;
                }
            }
        }
        throw ErrnoException.of(Errno.ENOENT);
    }

    private static Qdisc qdisc(Requests.Request request, Network network) {
        need(request, Rtnetlink.TCMSG);
        RequestAttributes a = RequestAttributes.parse(request, Rtnetlink.TCMSG, Rtnetlink.TCA_KIND, 0);
        int index = request.u32(4);
        if (network.link(index) == null) {
            throw ErrnoException.of(Errno.ENODEV);
        }
        int handle = request.u32(8);
        int parent = request.u32(12);
        for (Qdisc qdisc : network.qdiscs()) {
            boolean found = parent != 0 ? qdisc.parent == parent : handle != 0 && qdisc.handle == handle;
            if (qdisc.index == index && found) {
                String kind = a.text(Rtnetlink.TCA_KIND);
                if (kind != null && !kind.equals(qdisc.kind)) {
                    throw Requests.invalid();
                }
                return qdisc;
            }
        }
        throw ErrnoException.of(Errno.ENOENT);
    }
}
