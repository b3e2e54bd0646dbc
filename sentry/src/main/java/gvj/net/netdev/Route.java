package gvj.net.netdev;

import gvj.abi.Bytes;
import gvj.abi.NlAttributes;
import gvj.abi.NlMessage;
import gvj.abi.Rtnetlink;
import gvj.abi.Socket;
import java.util.ArrayList;
import java.util.List;

/** A route, and its form in RTM_NEWROUTE. Written by whoever makes it, then only read. */
public final class Route implements Entry {
    /** struct rta_cacheinfo. */
    private static final int CACHE_INFO = 8;

    /** struct rtnexthop: length (2), flags, hops (1 each), ifindex (4). */
    private static final int NEXT_HOP = 8;

    /**
     * One way of several.
     *
     * @param hops its weight less one
     * @param gateway null for none
     * @param via a gateway of the other family, with its family in front; null for none
     */
    public record NextHop(int flags, int hops, int index, byte[] gateway, byte[] via) {}

    public int family;
    public int dstLength;
    public int srcLength;
    public int tos;
    /** All 32 bits. */
    public int table;

    public int protocol;
    public int scope;
    /** RTN_*. */
    public int type;

    public int flags;
    public byte[] dst;
    public byte[] src;
    public byte[] prefSrc;
    public byte[] gateway;
    public byte[] via;
    /** -1 for none. */
    public int oif = -1;

    public int iif = -1;
    public int mark;
    public int priority;
    /** RTAX_* by number, 0 where there is none; null if there is none at all. */
    public int[] metrics;

    public List<NextHop> nextHops = List.of();
    /** RTA_PREF, -1 for none. */
    public int preference = -1;

    public int[] cacheInfo;

    static Route decode(byte[] message, int at, int end) {
        if (end - at < Rtnetlink.RTMSG) {
            return null;
        }
        Route it = new Route();
        it.family = message[at] & 0xff;
        it.dstLength = message[at + 1] & 0xff;
        it.srcLength = message[at + 2] & 0xff;
        it.tos = message[at + 3] & 0xff;
        it.table = message[at + 4] & 0xff;
        it.protocol = message[at + 5] & 0xff;
        it.scope = message[at + 6] & 0xff;
        it.type = message[at + 7] & 0xff;
        it.flags = Bytes.getInt(message, at + 8);
        NlAttributes a = new NlAttributes(message, at + Rtnetlink.RTMSG, end);
        while (a.next()) {
            it.take(a);
        }
        return Address.bytes(it.family) < 0 ? null : it;
    }

    private void take(NlAttributes a) {
        switch (a.type()) {
            case Rtnetlink.RTA_DST -> dst = address(a);
            case Rtnetlink.RTA_SRC -> src = address(a);
            case Rtnetlink.RTA_PREFSRC -> prefSrc = address(a);
            case Rtnetlink.RTA_GATEWAY -> gateway = address(a);
            case Rtnetlink.RTA_VIA -> via = a.value();
            case Rtnetlink.RTA_OIF -> oif = a.intValue();
            case Rtnetlink.RTA_IIF -> iif = a.intValue();
            case Rtnetlink.RTA_MARK -> mark = a.intValue();
            case Rtnetlink.RTA_PRIORITY -> priority = a.intValue();
            case Rtnetlink.RTA_TABLE -> table = a.intValue();
            case Rtnetlink.RTA_PREF -> preference = a.byteValue();
            case Rtnetlink.RTA_CACHEINFO -> cacheInfo = Network.ints(a, CACHE_INFO);
            case Rtnetlink.RTA_METRICS -> takeMetrics(a.nested());
            case Rtnetlink.RTA_MULTIPATH -> takeNextHops(a.value());
            default -> {
                // the rest nobody has asked for
            }
        }
    }

    private byte[] address(NlAttributes a) {
        return a.length() == Address.bytes(family) ? a.value() : null;
    }

    private void takeMetrics(NlAttributes a) {
        metrics = new int[Rtnetlink.RTAX_MAX + 1];
        while (a.next()) {
            if (a.type() > 0 && a.type() <= Rtnetlink.RTAX_MAX && a.type() != Rtnetlink.RTAX_CC_ALGO) {
                metrics[a.type()] = a.intValue();
            }
        }
    }

    private void takeNextHops(byte[] hops) {
        nextHops = new ArrayList<>();
        int at = 0;
        while (hops.length - at >= NEXT_HOP) {
            int length = Bytes.getShort(hops, at) & 0xffff;
            if (length < NEXT_HOP || length > hops.length - at) {
                return;
            }
            byte[] hopGateway = null;
            byte[] hopVia = null;
            NlAttributes a = new NlAttributes(hops, at + NEXT_HOP, at + length);
            while (a.next()) {
                if (a.type() == Rtnetlink.RTA_GATEWAY) {
                    hopGateway = address(a);
                } else if (a.type() == Rtnetlink.RTA_VIA) {
                    hopVia = a.value();
                }
            }
            int index = Bytes.getInt(hops, at + 4);
            nextHops.add(new NextHop(hops[at + 2] & 0xff, hops[at + 3] & 0xff, index, hopGateway, hopVia));
            at += length + 3 & ~3;
        }
    }

    @Override
    public NlMessage encode(NlMessage to) {
        int shown = Integer.compareUnsigned(table, 256) < 0 ? table : Rtnetlink.RT_TABLE_COMPAT;
        to.u8(family)
                .u8(dstLength)
                .u8(srcLength)
                .u8(tos)
                .u8(shown)
                .u8(protocol)
                .u8(scope)
                .u8(type)
                .u32(flags);
        to.putInt(Rtnetlink.RTA_TABLE, table).put(Rtnetlink.RTA_DST, dst).put(Rtnetlink.RTA_SRC, src);
        if (iif >= 0) {
            to.putInt(Rtnetlink.RTA_IIF, iif);
        }
        if (priority != 0 || family == Socket.AF_INET6) {
            to.putInt(Rtnetlink.RTA_PRIORITY, priority);
        }
        encodeMetrics(to);
        to.put(Rtnetlink.RTA_PREFSRC, prefSrc)
                .put(Rtnetlink.RTA_GATEWAY, gateway)
                .put(Rtnetlink.RTA_VIA, via);
        if (oif >= 0) {
            to.putInt(Rtnetlink.RTA_OIF, oif);
        }
        if (mark != 0) {
            to.putInt(Rtnetlink.RTA_MARK, mark);
        }
        encodeNextHops(to);
        to.putInts(Rtnetlink.RTA_CACHEINFO, cacheInfo);
        if (preference >= 0) {
            to.putByte(Rtnetlink.RTA_PREF, preference);
        }
        return to;
    }

    private void encodeMetrics(NlMessage to) {
        if (metrics != null) {
            int nest = to.begin(Rtnetlink.RTA_METRICS);
            for (int i = 1; i < metrics.length; i++) {
                if (metrics[i] != 0) {
                    to.putInt(i, metrics[i]);
                }
            }
            to.end(nest);
        }
    }

    private void encodeNextHops(NlMessage to) {
        if (!nextHops.isEmpty()) {
            int nest = to.begin(Rtnetlink.RTA_MULTIPATH);
            for (NextHop hop : nextHops) {
                to.u16(NEXT_HOP + attribute(hop.gateway) + attribute(hop.via));
                to.u8(hop.flags).u8(hop.hops).u32(hop.index);
                to.put(Rtnetlink.RTA_GATEWAY, hop.gateway).put(Rtnetlink.RTA_VIA, hop.via);
            }
            to.end(nest);
        }
    }

    private static int attribute(byte[] value) {
        return value == null ? 0 : 4 + (value.length + 3 & ~3);
    }

    /** The metric RTAX_*, 0 for none. */
    public int metric(int which) {
        return metrics == null ? 0 : metrics[which];
    }

    /** Whether a packet that takes it may leave by interface {@code index}. */
    public boolean leavesBy(int index) {
        if (oif == index) {
            return true;
        }
        for (NextHop hop : nextHops) {
            if (hop.index == index) {
                return true;
            }
        }
        return false;
    }
}
