package gvj.net.netdev;

import gvj.abi.Bytes;
import gvj.abi.NetDevice;
import gvj.abi.NlAttributes;
import gvj.abi.NlMessage;
import gvj.abi.Rtnetlink;

/** An interface, and its form in RTM_NEWLINK. Written by whoever makes it, then only read. */
public final class Link implements Entry {
    /** {@link #statistics} are struct rtnl_link_stats64: where the numbers that programs ask for are. */
    public static final int RX_PACKETS = 0;

    public static final int TX_PACKETS = 1;
    public static final int RX_BYTES = 2;
    public static final int TX_BYTES = 3;
    public static final int RX_ERRORS = 4;
    public static final int TX_ERRORS = 5;
    public static final int RX_DROPPED = 6;
    public static final int TX_DROPPED = 7;
    public static final int MULTICAST = 8;
    public static final int COLLISIONS = 9;
    public static final int RX_LENGTH_ERRORS = 10;
    public static final int RX_OVER_ERRORS = 11;
    public static final int RX_CRC_ERRORS = 12;
    public static final int RX_FRAME_ERRORS = 13;
    public static final int RX_FIFO_ERRORS = 14;
    public static final int RX_MISSED_ERRORS = 15;
    public static final int TX_ABORTED_ERRORS = 16;
    public static final int TX_CARRIER_ERRORS = 17;
    public static final int TX_FIFO_ERRORS = 18;
    public static final int TX_HEARTBEAT_ERRORS = 19;
    public static final int TX_WINDOW_ERRORS = 20;
    public static final int RX_COMPRESSED = 21;
    public static final int TX_COMPRESSED = 22;
    public static final int RX_NOHANDLER = 23;
    private static final int STATISTICS = 25;
    /** What the 32 bit form of the statistics has: all but the last of the others. */
    private static final int STATISTICS_32 = 24;

    /** Bytes of a hardware address that are believed: MAX_ADDR_LEN. */
    private static final int MAX_ADDRESS = 32;
    /** struct rtnl_link_ifmap: memory start and end, base (8 each), interrupt (2), DMA, port (1 each), padding. */
    private static final int MAP = 32;

    public int index;
    /** ARPHRD_*. */
    public int type;
    /** IFF_*. */
    public int flags;

    public String name = "";
    public String alias;
    public byte[] address = new byte[0];
    public byte[] broadcast = new byte[0];
    public int mtu;
    public int minMtu;
    public int maxMtu;
    public int txQueueLength;
    public int operState;
    public int linkMode;
    public int group;
    public int promiscuity;
    public int allMulti;
    public int txQueues = 1;
    public int rxQueues = 1;
    public int gsoMaxSegments;
    public int gsoMaxSize;
    public int groMaxSize;
    public int tsoMaxSegments;
    public int tsoMaxSize;
    public boolean carrier;
    public int carrierChanges;
    public String qdisc;
    /** IFLA_LINK: the interface below or at the other end; -1 for none. */
    public int lower = -1;
    /** The namespace of {@link #lower}; -1 for this one. */
    public int lowerNamespace = -1;
    /** The bridge or bond it belongs to, 0 for none. */
    public int master;
    /** IFLA_INFO_KIND: veth, bridge; null for none. */
    public String kind;

    public String slaveKind;
    public long memoryStart;
    public long memoryEnd;
    public long baseAddress;
    public int interrupt;
    public int dma;
    public int port;
    public final long[] statistics = new long[STATISTICS];

    /** From the message at {@code at}, which ends at {@code end}; null if it is too short. */
    static Link decode(byte[] message, int at, int end) {
        if (end - at < Rtnetlink.IFINFOMSG) {
            return null;
        }
        Link link = new Link();
        link.type = Bytes.getShort(message, at + 2) & 0xffff;
        link.index = Bytes.getInt(message, at + 4);
        link.flags = Bytes.getInt(message, at + 8);
        NlAttributes a = new NlAttributes(message, at + Rtnetlink.IFINFOMSG, end);
        while (a.next()) {
            link.take(a);
        }
        return link;
    }

    private void take(NlAttributes a) {
        switch (a.type()) {
            case Rtnetlink.IFLA_ADDRESS -> address = hardware(a);
            case Rtnetlink.IFLA_BROADCAST -> broadcast = hardware(a);
            case Rtnetlink.IFLA_IFNAME -> name = a.text();
            case Rtnetlink.IFLA_IFALIAS -> alias = a.text();
            case Rtnetlink.IFLA_QDISC -> qdisc = a.text();
            case Rtnetlink.IFLA_MTU -> mtu = a.intValue();
            case Rtnetlink.IFLA_MIN_MTU -> minMtu = a.intValue();
            case Rtnetlink.IFLA_MAX_MTU -> maxMtu = a.intValue();
            case Rtnetlink.IFLA_LINK -> lower = a.intValue();
            case Rtnetlink.IFLA_LINK_NETNSID -> lowerNamespace = a.intValue();
            case Rtnetlink.IFLA_MASTER -> master = a.intValue();
            case Rtnetlink.IFLA_TXQLEN -> txQueueLength = a.intValue();
            case Rtnetlink.IFLA_OPERSTATE -> operState = a.byteValue();
            case Rtnetlink.IFLA_LINKMODE -> linkMode = a.byteValue();
            case Rtnetlink.IFLA_GROUP -> group = a.intValue();
            case Rtnetlink.IFLA_PROMISCUITY -> promiscuity = a.intValue();
            case Rtnetlink.IFLA_ALLMULTI -> allMulti = a.intValue();
            case Rtnetlink.IFLA_NUM_TX_QUEUES -> txQueues = a.intValue();
            case Rtnetlink.IFLA_NUM_RX_QUEUES -> rxQueues = a.intValue();
            case Rtnetlink.IFLA_GSO_MAX_SEGS -> gsoMaxSegments = a.intValue();
            case Rtnetlink.IFLA_GSO_MAX_SIZE -> gsoMaxSize = a.intValue();
            case Rtnetlink.IFLA_GRO_MAX_SIZE -> groMaxSize = a.intValue();
            case Rtnetlink.IFLA_TSO_MAX_SEGS -> tsoMaxSegments = a.intValue();
            case Rtnetlink.IFLA_TSO_MAX_SIZE -> tsoMaxSize = a.intValue();
            case Rtnetlink.IFLA_CARRIER -> carrier = a.byteValue() != 0;
            case Rtnetlink.IFLA_CARRIER_CHANGES -> carrierChanges = a.intValue();
            case Rtnetlink.IFLA_LINKINFO -> takeKinds(a.nested());
            case Rtnetlink.IFLA_MAP -> takeMap(a);
            case Rtnetlink.IFLA_STATS64 -> {
                for (int i = 0; i < STATISTICS; i++) {
                    statistics[i] = a.longAt(i * 8);
                }
            }
            default -> {
                // the rest nobody has asked for
            }
        }
    }

    private static byte[] hardware(NlAttributes a) {
        return a.length() > MAX_ADDRESS ? new byte[0] : a.value();
    }

    private void takeKinds(NlAttributes info) {
        while (info.next()) {
            if (info.type() == Rtnetlink.IFLA_INFO_KIND) {
                kind = info.text();
            } else if (info.type() == Rtnetlink.IFLA_INFO_SLAVE_KIND) {
                slaveKind = info.text();
            }
        }
    }

    private void takeMap(NlAttributes map) {
        memoryStart = map.longAt(0);
        memoryEnd = map.longAt(8);
        baseAddress = map.longAt(16);
        interrupt = map.intAt(24) & 0xffff;
        dma = map.intAt(24) >> 16 & 0xff;
        port = map.intAt(24) >>> 24;
    }

    @Override
    public NlMessage encode(NlMessage to) {
        to.u8(0).u8(0).u16(type).u32(index).u32(flags).u32(0);
        to.put(Rtnetlink.IFLA_IFNAME, name)
                .putInt(Rtnetlink.IFLA_TXQLEN, txQueueLength)
                .putByte(Rtnetlink.IFLA_OPERSTATE, operState)
                .putByte(Rtnetlink.IFLA_LINKMODE, linkMode)
                .putInt(Rtnetlink.IFLA_MTU, mtu)
                .putInt(Rtnetlink.IFLA_MIN_MTU, minMtu)
                .putInt(Rtnetlink.IFLA_MAX_MTU, maxMtu)
                .putInt(Rtnetlink.IFLA_GROUP, group)
                .putInt(Rtnetlink.IFLA_PROMISCUITY, promiscuity)
                .putInt(Rtnetlink.IFLA_ALLMULTI, allMulti)
                .putInt(Rtnetlink.IFLA_NUM_TX_QUEUES, txQueues)
                .putInt(Rtnetlink.IFLA_GSO_MAX_SEGS, gsoMaxSegments)
                .putInt(Rtnetlink.IFLA_GSO_MAX_SIZE, gsoMaxSize)
                .putInt(Rtnetlink.IFLA_GRO_MAX_SIZE, groMaxSize)
                .putInt(Rtnetlink.IFLA_TSO_MAX_SIZE, tsoMaxSize)
                .putInt(Rtnetlink.IFLA_TSO_MAX_SEGS, tsoMaxSegments)
                .putInt(Rtnetlink.IFLA_NUM_RX_QUEUES, rxQueues);
        if (lower >= 0) {
            to.putInt(Rtnetlink.IFLA_LINK, lower);
        }
        if (lowerNamespace >= 0) {
            to.putInt(Rtnetlink.IFLA_LINK_NETNSID, lowerNamespace);
        }
        if (master != 0) {
            to.putInt(Rtnetlink.IFLA_MASTER, master);
        }
        to.putByte(Rtnetlink.IFLA_CARRIER, carrier ? 1 : 0)
                .put(Rtnetlink.IFLA_QDISC, qdisc)
                .put(Rtnetlink.IFLA_IFALIAS, alias)
                .putInt(Rtnetlink.IFLA_CARRIER_CHANGES, carrierChanges);
        int map = to.begin(Rtnetlink.IFLA_MAP);
        to.u64(memoryStart)
                .u64(memoryEnd)
                .u64(baseAddress)
                .u16(interrupt)
                .u8(dma)
                .u8(port);
        to.raw(new byte[MAP - 28], 0, MAP - 28).end(map);
        if (address.length > 0) {
            to.put(Rtnetlink.IFLA_ADDRESS, address).put(Rtnetlink.IFLA_BROADCAST, broadcast);
        }
        encodeStatistics(to);
        if (kind != null || slaveKind != null) {
            int info = to.begin(Rtnetlink.IFLA_LINKINFO);
            to.put(Rtnetlink.IFLA_INFO_KIND, kind)
                    .put(Rtnetlink.IFLA_INFO_SLAVE_KIND, slaveKind)
                    .end(info);
        }
        return to;
    }

    private void encodeStatistics(NlMessage to) {
        int wide = to.begin(Rtnetlink.IFLA_STATS64);
        for (long one : statistics) {
            to.u64(one);
        }
        to.end(wide);
        int narrow = to.begin(Rtnetlink.IFLA_STATS);
        for (int i = 0; i < STATISTICS_32; i++) {
            to.u32((int) statistics[i]);
        }
        to.end(narrow);
    }

    /** Whether it is up and can send: what IFF_RUNNING says. */
    public boolean isRunning() {
        return (flags & NetDevice.IFF_RUNNING) != 0;
    }
}
