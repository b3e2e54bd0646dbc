package gvj.net.host;

import gvj.abi.Bytes;
import gvj.abi.Inet;
import gvj.abi.Packet;
import gvj.abi.Socket;
import gvj.host.HostNet;
import gvj.host.Mem;
import gvj.net.Message;
import java.util.Arrays;

/** Ancillary data that the host's sockets send up, cmsg(3): each kind that an application may see, by name. */
final class ReceivedControl {
    /** Bytes of a struct cmsghdr. */
    private static final int HEADER = 16;

    private ReceivedControl() {}

    private static int align(int bytes) {
        return bytes + 7 & ~7;
    }

    /** Whether an application may see a control message that the host made. */
    private static boolean isReceived(int level, int type) {
        return switch (level) {
            case Socket.SOL_SOCKET ->
                type == Socket.SO_TIMESTAMP
                        || type == Socket.SO_TIMESTAMPNS
                        || type == Socket.SO_TIMESTAMPING
                        || type == Socket.SO_TIMESTAMP_NEW
                        || type == Socket.SO_TIMESTAMPNS_NEW
                        || type == Socket.SO_TIMESTAMPING_NEW
                        || type == Socket.SO_RXQ_OVFL
                        || type == Socket.SO_MARK
                        || type == Socket.SCM_TIMESTAMPING_PKTINFO;
            case Socket.IPPROTO_IP ->
                type == Inet.IP_PKTINFO
                        || type == Inet.IP_TTL
                        || type == Inet.IP_TOS
                        || type == Inet.IP_RECVOPTS
                        || type == Inet.IP_RETOPTS
                        || type == Inet.IP_RECVERR
                        || type == Inet.IP_RECVORIGDSTADDR
                        || type == Inet.IP_CHECKSUM
                        || type == Inet.IP_RECVFRAGSIZE;
            case Socket.IPPROTO_IPV6 ->
                type == Inet.IPV6_PKTINFO
                        || type == Inet.IPV6_2292PKTINFO
                        || type == Inet.IPV6_HOPLIMIT
                        || type == Inet.IPV6_2292HOPLIMIT
                        || type == Inet.IPV6_TCLASS
                        || type == Inet.IPV6_RECVERR
                        || type == Inet.IPV6_PATHMTU
                        || type == Inet.IPV6_RECVORIGDSTADDR
                        || type == Inet.IPV6_RECVFRAGSIZE;
            case Socket.IPPROTO_TCP -> type == Inet.TCP_INQ;
            case Socket.IPPROTO_UDP -> type == Inet.UDP_GRO;
            case Socket.SOL_PACKET -> type == Packet.PACKET_AUXDATA;
            default -> false;
        };
    }

    /** What the host put into a message block's control part, without what is not known here. */
    static byte[] of(long block) {
        int length = Math.min(Mem.getInt(block + HostNet.MESSAGE_CONTROL_LENGTH), HostNet.MAX_CONTROL);
        if (length < HEADER) {
            return Message.NO_CONTROL;
        }
        byte[] from = new byte[length];
        Mem.copy(block + HostNet.MESSAGE_CONTROL, from, 0, length);
        byte[] kept = new byte[align(length)];
        int used = 0;
        for (int at = 0; length - at >= HEADER; ) {
            int bytes = Math.clamp(Bytes.getLong(from, at), HEADER, length - at);
            if (isReceived(Bytes.getInt(from, at + 8), Bytes.getInt(from, at + 12))) {
                System.arraycopy(from, at, kept, used, bytes);
                used += align(bytes);
            }
            at += align(bytes);
        }
        return used == kept.length ? kept : Arrays.copyOf(kept, used);
    }
}
