package gvj.fs.proc;

import gvj.abi.Socket;
import gvj.kernel.Task;
import gvj.net.inet.InetSocketInfo;
import gvj.net.inet.InetSockets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Files of /proc/net about internet sockets: those of the sandbox, not of others that share the host's network namespace.
 * Counters of protocols are 0: the host's count for others, too.
 */
final class NetSocketFiles {
    private static final int TCP_ESTABLISHED = 1;
    private static final int TCP_CLOSE_WAIT = 8;
    /** Bytes of a line without its end, where Linux fills it up. */
    private static final int TCP_LINE = 149;

    private static final int UDP_LINE = 127;
    private static final String QUEUES = "st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
    private static final String ADDRESSES = "  sl  local_address rem_address   ";
    private static final String ADDRESSES6 =
            "  sl  local_address                         remote_address                        ";

    private static final String[] IP = {
        "Forwarding",
        "DefaultTTL",
        "InReceives",
        "InHdrErrors",
        "InAddrErrors",
        "ForwDatagrams",
        "InUnknownProtos",
        "InDiscards",
        "InDelivers",
        "OutRequests",
        "OutDiscards",
        "OutNoRoutes",
        "ReasmTimeout",
        "ReasmReqds",
        "ReasmOKs",
        "ReasmFails",
        "FragOKs",
        "FragFails",
        "FragCreates",
        "OutTransmits"
    };
    private static final String[] ICMP = {
        "InMsgs",
        "InErrors",
        "InCsumErrors",
        "InDestUnreachs",
        "InTimeExcds",
        "InParmProbs",
        "InSrcQuenchs",
        "InRedirects",
        "InEchos",
        "InEchoReps",
        "InTimestamps",
        "InTimestampReps",
        "InAddrMasks",
        "InAddrMaskReps",
        "OutMsgs",
        "OutErrors",
        "OutRateLimitGlobal",
        "OutRateLimitHost",
        "OutDestUnreachs",
        "OutTimeExcds",
        "OutParmProbs",
        "OutSrcQuenchs",
        "OutRedirects",
        "OutEchos",
        "OutEchoReps",
        "OutTimestamps",
        "OutTimestampReps",
        "OutAddrMasks",
        "OutAddrMaskReps"
    };
    private static final String[] TCP = {
        "RtoAlgorithm",
        "RtoMin",
        "RtoMax",
        "MaxConn",
        "ActiveOpens",
        "PassiveOpens",
        "AttemptFails",
        "EstabResets",
        "CurrEstab",
        "InSegs",
        "OutSegs",
        "RetransSegs",
        "InErrs",
        "OutRsts",
        "InCsumErrors"
    };
    private static final String[] UDP = {
        "InDatagrams",
        "NoPorts",
        "InErrors",
        "OutDatagrams",
        "RcvbufErrors",
        "SndbufErrors",
        "InCsumErrors",
        "IgnoredMulti",
        "MemErrors"
    };
    private static final String[] TCP_EXT = {
        "SyncookiesSent",
        "SyncookiesRecv",
        "SyncookiesFailed",
        "EmbryonicRsts",
        "PruneCalled",
        "RcvPruned",
        "OfoPruned",
        "OutOfWindowIcmps",
        "LockDroppedIcmps",
        "ArpFilter",
        "TW",
        "TWRecycled",
        "TWKilled",
        "PAWSActive",
        "PAWSEstab",
        "DelayedACKs",
        "DelayedACKLocked",
        "DelayedACKLost",
        "ListenOverflows",
        "ListenDrops",
        "TCPHPHits",
        "TCPPureAcks",
        "TCPHPAcks",
        "TCPLostRetransmit",
        "TCPFastRetrans",
        "TCPSlowStartRetrans",
        "TCPTimeouts",
        "TCPLossProbes",
        "TCPAbortOnData",
        "TCPAbortOnClose",
        "TCPAbortOnMemory",
        "TCPAbortOnTimeout",
        "TCPAbortOnLinger",
        "TCPMemoryPressures",
        "TCPBacklogDrop",
        "TCPRcvCollapsed",
        "TCPSynRetrans",
        "TCPOrigDataSent",
        "TCPKeepAlive"
    };
    private static final String[] IP_EXT = {
        "InNoRoutes", "InTruncatedPkts", "InMcastPkts", "OutMcastPkts", "InBcastPkts", "OutBcastPkts", "InOctets",
        "OutOctets", "InMcastOctets", "OutMcastOctets", "InBcastOctets", "OutBcastOctets", "InCsumErrors",
                "InNoECTPkts",
        "InECT1Pkts", "InECT0Pkts", "InCEPkts", "ReasmOverlaps"
    };

    private NetSocketFiles() {}

    private static List<InetSocketInfo> sockets(Task task, int family, int protocol, boolean raw) {
        List<InetSocketInfo> list = new ArrayList<>();
        for (InetSocketInfo socket : InetSockets.of(task.namespaces().net()).all()) {
            boolean wanted = raw ? isRaw(socket) : !isRaw(socket) && socket.protocol() == protocol;
            if (wanted && socket.family() == family) {
                list.add(socket);
            }
        }
        list.sort(Comparator.comparingLong(InetSocketInfo::inodeNumber));
        return list;
    }

    private static boolean isRaw(InetSocketInfo socket) {
        return socket.type() == Socket.SOCK_RAW;
    }

    /** The port in a struct sockaddr_in or sockaddr_in6, in the network's byte order at the same place. */
    private static int port(byte[] address) {
        return address == null ? 0 : (address[2] & 0xff) << 8 | address[3] & 0xff;
    }

    /** Address and port as the files have them; zeros for none. */
    private static String name(InetSocketInfo socket, byte[] address, int port) {
        boolean six = socket.family() == Socket.AF_INET6;
        byte[] ip = new byte[six ? 16 : 4];
        int at = six ? 8 : 4; // sockaddr_in6 has a flow label in front
        if (address != null && address.length >= at + ip.length) {
            System.arraycopy(address, at, ip, 0, ip.length);
        }
        return NetText.words(ip) + ":" + NetText.upper(port, 4);
    }

    // ---- one line for each socket ----

    /** /proc/net/tcp and tcp6. */
    static String tcp(Task task, int family) {
        boolean six = family == Socket.AF_INET6;
        StringBuilder text = new StringBuilder();
        line(text, (six ? ADDRESSES6 : ADDRESSES) + QUEUES, six ? 0 : TCP_LINE);
        int slot = 0;
        for (InetSocketInfo socket : sockets(task, family, Socket.IPPROTO_TCP, false)) {
            if (port(socket.localAddress()) != 0) { // Linux knows none before it is bound
                String line = NetText.right(slot++, 4) + common(socket) + " 1 0000000000000000 100 0 0 10 0";
                line(text, line, six ? 0 : TCP_LINE);
            }
        }
        return text.toString();
    }

    /** /proc/net/udp, raw and their like. */
    static String datagrams(Task task, int family, int protocol, boolean raw) {
        boolean six = family == Socket.AF_INET6;
        int width = six || raw ? 0 : UDP_LINE;
        StringBuilder text = new StringBuilder();
        String addresses = six ? ADDRESSES6 : raw || protocol == Socket.IPPROTO_ICMP ? ADDRESSES : " " + ADDRESSES;
        line(text, addresses + QUEUES + " ref pointer drops", width);
        int slot = 0;
        for (InetSocketInfo socket : sockets(task, family, protocol, raw)) {
            if (raw || port(socket.localAddress()) != 0) {
                line(text, NetText.right(slot++, raw ? 4 : 5) + common(socket) + " 2 0000000000000000 0", width);
            }
        }
        return text.toString();
    }

    private static void line(StringBuilder text, String line, int width) {
        text.append(NetText.left(line, width)).append('\n');
    }

    private static String common(InetSocketInfo socket) {
        byte[] local = socket.localAddress();
        byte[] remote = socket.remoteAddress();
        return ": " + name(socket, local, isRaw(socket) ? socket.protocol() : port(local))
                + " " + name(socket, remote, port(remote))
                + " " + NetText.upper(socket.state(), 2)
                + " " + NetText.upper(socket.sendQueue(), 8) + ":" + NetText.upper(socket.receiveQueue(), 8)
                + " 00:00000000 00000000 " + NetText.right(Integer.toUnsignedString(socket.uid()), 5)
                + "        0 " + socket.inodeNumber();
    }

    // ---- how many there are ----

    private static int inUse(Task task, int family, int protocol, boolean raw) {
        int count = 0;
        for (InetSocketInfo socket : sockets(task, family, protocol, raw)) {
            count += raw || port(socket.localAddress()) != 0 ? 1 : 0;
        }
        return count;
    }

    /** /proc/net/sockstat. */
    static String statistics(Task task) {
        int all = InetSockets.of(task.namespaces().net()).all().size();
        int tcp = inUse(task, Socket.AF_INET, Socket.IPPROTO_TCP, false);
        return "sockets: used " + all
                + "\nTCP: inuse " + tcp + " orphan 0 tw 0 alloc " + tcp + " mem 0"
                + "\nUDP: inuse " + inUse(task, Socket.AF_INET, Socket.IPPROTO_UDP, false) + " mem 0"
                + "\nUDPLITE: inuse " + inUse(task, Socket.AF_INET, Socket.IPPROTO_UDPLITE, false)
                + "\nRAW: inuse " + inUse(task, Socket.AF_INET, 0, true)
                + "\nFRAG: inuse 0 memory 0\n";
    }

    /** /proc/net/sockstat6. */
    static String statistics6(Task task) {
        return "TCP6: inuse " + inUse(task, Socket.AF_INET6, Socket.IPPROTO_TCP, false)
                + "\nUDP6: inuse " + inUse(task, Socket.AF_INET6, Socket.IPPROTO_UDP, false)
                + "\nUDPLITE6: inuse " + inUse(task, Socket.AF_INET6, Socket.IPPROTO_UDPLITE, false)
                + "\nRAW6: inuse " + inUse(task, Socket.AF_INET6, 0, true)
                + "\nFRAG6: inuse 0 memory 0\n";
    }

    /** /proc/net/protocols. */
    static String protocols(Task task) {
        StringBuilder text = new StringBuilder("protocol  size sockets  memory press maxhdr  slab module     ");
        text.append("cl co di ac io in de sh ss gs se re bi br ha uh gp em\n");
        String connections = "y  y  y  y  y  y  y  y  y  y  y  y  n  n  y  y  y  y";
        String datagrams = "y  y  y  n  y  y  y  n  y  y  y  y  n  n  y  y  y  n";
        protocol(text, "PACKET", 1600, 0, "n  n  n  n  n  n  n  n  n  n  n  n  n  n  n  n  n  n");
        protocol(text, "UDPv6", 1408, inUse(task, Socket.AF_INET6, Socket.IPPROTO_UDP, false), datagrams);
        protocol(text, "TCPv6", 2560, inUse(task, Socket.AF_INET6, Socket.IPPROTO_TCP, false), connections);
        protocol(text, "UNIX", 1088, 0, "y  n  n  n  n  n  n  n  n  n  n  n  n  n  n  n  n  n");
        protocol(text, "RAW", 1000, inUse(task, Socket.AF_INET, 0, true), datagrams);
        protocol(text, "UDP", 1216, inUse(task, Socket.AF_INET, Socket.IPPROTO_UDP, false), datagrams);
        protocol(text, "TCP", 2368, inUse(task, Socket.AF_INET, Socket.IPPROTO_TCP, false), connections);
        protocol(text, "NETLINK", 1096, 0, "n  n  n  n  n  n  n  n  n  n  n  n  n  n  n  n  n  n");
        return text.toString();
    }

    private static void protocol(StringBuilder text, String name, int size, int sockets, String does) {
        text.append(NetText.left(name, 9))
                .append(' ')
                .append(NetText.right(size, 4))
                .append(' ')
                .append(NetText.right(sockets, 6))
                .append("      -1   NI       0   no   kernel      ")
                .append(does)
                .append('\n');
    }

    // ---- counters ----

    /** /proc/net/snmp. */
    static String snmp(Task task) {
        int established = 0;
        for (int family : new int[] {Socket.AF_INET, Socket.AF_INET6}) {
            for (InetSocketInfo socket : sockets(task, family, Socket.IPPROTO_TCP, false)) {
                established += socket.state() == TCP_ESTABLISHED || socket.state() == TCP_CLOSE_WAIT ? 1 : 0;
            }
        }
        StringBuilder text = new StringBuilder();
        counters(text, "Ip", IP, 2, 64);
        counters(text, "Icmp", ICMP);
        counters(text, "Tcp", TCP, 1, 200, 120_000, -1, 0, 0, 0, 0, established);
        counters(text, "Udp", UDP);
        counters(text, "UdpLite", UDP);
        return text.toString();
    }

    /** /proc/net/netstat. */
    static String netstat() {
        StringBuilder text = new StringBuilder();
        counters(text, "TcpExt", TCP_EXT);
        counters(text, "IpExt", IP_EXT);
        return text.toString();
    }

    /** A line of names and one of numbers, of which the last are 0. */
    private static void counters(StringBuilder text, String title, String[] names, int... first) {
        text.append(title).append(':');
        for (String name : names) {
            text.append(' ').append(name);
        }
        text.append('\n').append(title).append(':');
        for (int i = 0; i < names.length; i++) {
            text.append(' ').append(i < first.length ? first[i] : 0);
        }
        text.append('\n');
    }
}
