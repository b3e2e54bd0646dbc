package gvj.net.inet;

import gvj.abi.Capability;
import gvj.abi.Inet;
import gvj.abi.Socket;

/**
 * Which socket options reach the host, and in what shape. What is not here does not: ENOPROTOOPT.
 *
 * <p>A rule is a kind, which says how many bytes there are and what they may hold, with {@link #GET} and {@link #SET} bits and
 * who in the sandbox may set it. Numbers are those of the man pages; Linux answers EINVAL for others, so does this.
 */
final class InetOptions {
    static final int GET = 0x100;
    static final int SET = 0x200;
    private static final int BOTH = GET | SET;
    /** Only with CAP_NET_ADMIN. */
    static final int ADMIN = 0x400;
    /** Only with CAP_NET_ADMIN or CAP_NET_RAW. */
    static final int ADMIN_OR_RAW = 0x800;

    private static final int KIND = 0xff;

    /** Not for the host. */
    static final int UNKNOWN = 0;
    /** Any int. */
    static final int INT = 1;
    /** -1 for the default, to 255. */
    static final int HOPS = 2;
    /** 0 to 255. */
    static final int BYTE = 3;
    /** An IP_PMTUDISC_ value: 0 to 5. */
    static final int DISCOVER = 4;
    /** 1 to 32767. */
    static final int SECONDS = 5;
    /** 1 to 127. */
    static final int COUNT = 6;
    /** Not negative. */
    static final int NATURAL = 7;
    /** struct linger. */
    static final int LINGER = 8;
    /** A name of at most 15 bytes. */
    static final int NAME = 9;
    /** struct in_addr, ip_mreq or ip_mreqn. */
    static final int INTERFACE = 10;
    /** struct ip_mreq or ip_mreqn. */
    static final int MEMBERSHIP = 11;
    /** struct ip_mreq_source. */
    static final int SOURCE = 12;
    /** struct ipv6_mreq. */
    static final int MEMBERSHIP6 = 13;
    /** struct group_req. */
    static final int GROUP = 14;
    /** struct group_source_req. */
    static final int GROUP_SOURCE = 15;
    /** Four bytes of bits. */
    static final int FILTER = 16;
    /** struct icmp6_filter. */
    static final int FILTER6 = 17;
    /** 4 or 8 bytes of a rate. */
    static final int RATE = 18;
    /** Something to be read, of any length. */
    static final int STRUCT = 19;

    private InetOptions() {}

    /** The rule of an option. */
    static int rule(int level, int name) {
        return switch (level) {
            case Socket.SOL_SOCKET -> socket(name);
            case Socket.IPPROTO_IP -> ip(name);
            case Socket.IPPROTO_IPV6 -> ipv6(name);
            case Socket.IPPROTO_TCP -> tcp(name);
            case Socket.IPPROTO_UDP, Socket.IPPROTO_UDPLITE -> udp(name);
            case Socket.SOL_RAW -> name == Inet.ICMP_FILTER ? FILTER | BOTH : UNKNOWN;
            case Socket.IPPROTO_ICMPV6 -> name == Inet.ICMPV6_FILTER ? FILTER6 | BOTH : UNKNOWN;
            default -> UNKNOWN;
        };
    }

    static int kind(int rule) {
        return rule & KIND;
    }

    /** The capabilities of which one is needed to set it; null for none. */
    static int[] capabilities(int rule) {
        if ((rule & ADMIN) != 0) {
            return new int[] {Capability.CAP_NET_ADMIN};
        }
        return (rule & ADMIN_OR_RAW) == 0 ? null : new int[] {Capability.CAP_NET_ADMIN, Capability.CAP_NET_RAW};
    }

    private static int socket(int name) {
        return switch (name) {
            case Socket.SO_REUSEADDR,
                    Socket.SO_REUSEPORT,
                    Socket.SO_KEEPALIVE,
                    Socket.SO_BROADCAST,
                    Socket.SO_DONTROUTE,
                    Socket.SO_OOBINLINE,
                    Socket.SO_NO_CHECK,
                    Socket.SO_SNDBUF,
                    Socket.SO_RCVBUF,
                    Socket.SO_RCVLOWAT,
                    Socket.SO_PRIORITY,
                    Socket.SO_TIMESTAMP,
                    Socket.SO_TIMESTAMPNS,
                    Socket.SO_TIMESTAMPING,
                    Socket.SO_TIMESTAMP_NEW,
                    Socket.SO_TIMESTAMPNS_NEW,
                    Socket.SO_TIMESTAMPING_NEW,
                    Socket.SO_RXQ_OVFL,
                    Socket.SO_PEEK_OFF,
                    Socket.SO_INCOMING_CPU,
                    Socket.SO_SELECT_ERR_QUEUE,
                    Socket.SO_BUF_LOCK,
                    Socket.SO_TXREHASH -> INT | BOTH;
            case Socket.SO_BINDTOIFINDEX -> NATURAL | BOTH;
            case Socket.SO_SNDBUFFORCE, Socket.SO_RCVBUFFORCE -> INT | SET | ADMIN;
            case Socket.SO_MARK, Socket.SO_RCVMARK -> INT | BOTH | ADMIN_OR_RAW;
            case Socket.SO_LINGER -> LINGER | BOTH;
            case Socket.SO_BINDTODEVICE -> NAME | BOTH;
            case Socket.SO_MAX_PACING_RATE -> RATE | BOTH;
            case Socket.SO_ERROR, Socket.SO_ACCEPTCONN, Socket.SO_SNDLOWAT, Socket.SO_INCOMING_NAPI_ID -> INT | GET;
            case Socket.SO_MEMINFO -> STRUCT | GET;
            default -> UNKNOWN;
        };
    }

    private static int ip(int name) {
        return switch (name) {
            case Inet.IP_TOS,
                    Inet.IP_HDRINCL,
                    Inet.IP_RECVOPTS,
                    Inet.IP_RETOPTS,
                    Inet.IP_PKTINFO,
                    Inet.IP_RECVERR,
                    Inet.IP_RECVERR_RFC4884,
                    Inet.IP_RECVTTL,
                    Inet.IP_RECVTOS,
                    Inet.IP_FREEBIND,
                    Inet.IP_BIND_ADDRESS_NO_PORT,
                    Inet.IP_MULTICAST_LOOP,
                    Inet.IP_MULTICAST_ALL,
                    Inet.IP_UNICAST_IF,
                    Inet.IP_CHECKSUM,
                    Inet.IP_RECVORIGDSTADDR,
                    Inet.IP_RECVFRAGSIZE,
                    Inet.IP_LOCAL_PORT_RANGE -> INT | BOTH;
            case Inet.IP_TTL, Inet.IP_MULTICAST_TTL -> HOPS | BOTH;
            case Inet.IP_MINTTL -> BYTE | BOTH;
            case Inet.IP_MTU_DISCOVER -> DISCOVER | BOTH;
            case Inet.IP_TRANSPARENT -> INT | BOTH | ADMIN_OR_RAW;
            case Inet.IP_MTU -> INT | GET;
            case Inet.IP_MULTICAST_IF -> INTERFACE | BOTH;
            case Inet.IP_ADD_MEMBERSHIP, Inet.IP_DROP_MEMBERSHIP -> MEMBERSHIP | SET;
            case Inet.IP_BLOCK_SOURCE,
                    Inet.IP_UNBLOCK_SOURCE,
                    Inet.IP_ADD_SOURCE_MEMBERSHIP,
                    Inet.IP_DROP_SOURCE_MEMBERSHIP -> SOURCE | SET;
            default -> group(name);
        };
    }

    private static int ipv6(int name) {
        return switch (name) {
            case Inet.IPV6_V6ONLY,
                    Inet.IPV6_MULTICAST_IF,
                    Inet.IPV6_MULTICAST_LOOP,
                    Inet.IPV6_MULTICAST_ALL,
                    Inet.IPV6_UNICAST_IF,
                    Inet.IPV6_RECVPKTINFO,
                    Inet.IPV6_2292PKTINFO,
                    Inet.IPV6_RECVHOPLIMIT,
                    Inet.IPV6_2292HOPLIMIT,
                    Inet.IPV6_RECVTCLASS,
                    Inet.IPV6_RECVERR,
                    Inet.IPV6_RECVERR_RFC4884,
                    Inet.IPV6_RECVPATHMTU,
                    Inet.IPV6_RECVORIGDSTADDR,
                    Inet.IPV6_RECVFRAGSIZE,
                    Inet.IPV6_DONTFRAG,
                    Inet.IPV6_MTU,
                    Inet.IPV6_FREEBIND,
                    Inet.IPV6_AUTOFLOWLABEL,
                    Inet.IPV6_ADDR_PREFERENCES,
                    Inet.IPV6_MULTICAST_HOPS,
                    Inet.IPV6_CHECKSUM -> INT | BOTH;
            case Inet.IPV6_UNICAST_HOPS, Inet.IPV6_TCLASS -> HOPS | BOTH;
            case Inet.IPV6_MINHOPCOUNT -> BYTE | BOTH;
            case Inet.IPV6_MTU_DISCOVER -> DISCOVER | BOTH;
            case Inet.IPV6_TRANSPARENT -> INT | BOTH | ADMIN_OR_RAW;
            case Inet.IPV6_PATHMTU -> STRUCT | GET;
            case Inet.IPV6_ADD_MEMBERSHIP, Inet.IPV6_DROP_MEMBERSHIP -> MEMBERSHIP6 | SET;
            default -> group(name);
        };
    }

    private static int group(int name) {
        return switch (name) {
            case Inet.MCAST_JOIN_GROUP, Inet.MCAST_LEAVE_GROUP -> GROUP | SET;
            case Inet.MCAST_BLOCK_SOURCE,
                    Inet.MCAST_UNBLOCK_SOURCE,
                    Inet.MCAST_JOIN_SOURCE_GROUP,
                    Inet.MCAST_LEAVE_SOURCE_GROUP -> GROUP_SOURCE | SET;
            default -> UNKNOWN;
        };
    }

    private static int tcp(int name) {
        return switch (name) {
            case Inet.TCP_NODELAY,
                    Inet.TCP_CORK,
                    Inet.TCP_QUICKACK,
                    Inet.TCP_MAXSEG,
                    Inet.TCP_LINGER2,
                    Inet.TCP_DEFER_ACCEPT,
                    Inet.TCP_WINDOW_CLAMP,
                    Inet.TCP_THIN_LINEAR_TIMEOUTS,
                    Inet.TCP_FASTOPEN,
                    Inet.TCP_FASTOPEN_CONNECT,
                    Inet.TCP_FASTOPEN_NO_COOKIE,
                    Inet.TCP_TIMESTAMP,
                    Inet.TCP_NOTSENT_LOWAT,
                    Inet.TCP_SAVE_SYN,
                    Inet.TCP_INQ,
                    Inet.TCP_TX_DELAY -> INT | BOTH;
            case Inet.TCP_KEEPIDLE, Inet.TCP_KEEPINTVL -> SECONDS | BOTH;
            case Inet.TCP_KEEPCNT, Inet.TCP_SYNCNT -> COUNT | BOTH;
            case Inet.TCP_USER_TIMEOUT -> NATURAL | BOTH;
            case Inet.TCP_CONGESTION -> NAME | BOTH;
            case Inet.TCP_INFO, Inet.TCP_CC_INFO, Inet.TCP_SAVED_SYN -> STRUCT | GET;
            default -> UNKNOWN;
        };
    }

    private static int udp(int name) {
        return switch (name) {
            case Inet.UDP_CORK, Inet.UDP_NO_CHECK6_TX, Inet.UDP_NO_CHECK6_RX, Inet.UDP_SEGMENT, Inet.UDP_GRO ->
                INT | BOTH;
            default -> UNKNOWN;
        };
    }

    /** Bytes that the host gets of {@code given}; negative if there are too few or the number in them is out of range. */
    static int accepted(int rule, byte[] given) {
        return switch (kind(rule)) {
            case INT -> Math.min(given.length, 4);
            case HOPS -> ranged(given, -1, 255);
            case BYTE -> ranged(given, 0, 255);
            case DISCOVER -> ranged(given, 0, 5);
            case SECONDS -> ranged(given, 1, 32767);
            case COUNT -> ranged(given, 1, 127);
            case NATURAL -> ranged(given, 0, Integer.MAX_VALUE);
            case LINGER -> exactly(given, 8);
            case NAME -> Math.min(given.length, 15);
            case INTERFACE -> given.length < 8 ? exactly(given, 4) : membership(given);
            case MEMBERSHIP -> membership(given);
            case SOURCE -> exactly(given, 12);
            case MEMBERSHIP6 -> exactly(given, 20);
            case GROUP -> exactly(given, 136);
            case GROUP_SOURCE -> exactly(given, 264);
            case FILTER -> Math.min(given.length, 4);
            case FILTER6 -> Math.min(given.length, 32);
            case RATE -> given.length < 8 ? exactly(given, 4) : 8;
            default -> -1;
        };
    }

    private static int exactly(byte[] given, int bytes) {
        return given.length < bytes ? -1 : bytes;
    }

    private static int membership(byte[] given) {
        return given.length < 12 ? exactly(given, 8) : 12;
    }

    /** What is shorter than an int is judged by the host: only the options of IP may be a byte. */
    private static int ranged(byte[] given, int least, int most) {
        if (given.length < 4) {
            return given.length;
        }
        int value = gvj.abi.Bytes.getInt(given, 0);
        return value < least || value > most ? -1 : 4;
    }
}
