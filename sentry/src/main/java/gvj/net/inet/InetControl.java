package gvj.net.inet;

import gvj.abi.Bytes;
import gvj.abi.Errno;
import gvj.abi.Inet;
import gvj.abi.Socket;
import gvj.host.HostNet;
import gvj.host.Mem;
import gvj.kernel.ErrnoException;
import gvj.net.Message;
import java.util.Arrays;

/**
 * Ancillary data of Internet sockets, cmsg(3): each kind by name, in both directions, with the length it must have. Encoded as
 * struct cmsghdr: length, level, type, data.
 */
final class InetControl {
    /** Bytes of a struct cmsghdr. */
    private static final int HEADER = 16;
    /** What the lengths of {@link #sent} say of a kind that is taken and ignored. */
    private static final int IGNORED = 0;

    private static final int UNKNOWN = -1;

    private InetControl() {}

    private static int align(int bytes) {
        return bytes + 7 & ~7;
    }

    /** Bytes of data that a control message to be sent must have. */
    private static int sent(int family, int level, int type) {
        if (level == Socket.SOL_SOCKET) {
            return switch (type) {
                case Socket.SO_TIMESTAMPING -> 4;
                case Socket.SCM_RIGHTS, Socket.SCM_CREDENTIALS -> IGNORED;
                default -> UNKNOWN;
            };
        }
        if (level == Socket.IPPROTO_IP) {
            return switch (type) {
                case Inet.IP_PKTINFO -> 12;
                case Inet.IP_TTL, Inet.IP_TOS -> 4;
                default -> UNKNOWN;
            };
        }
        if (level == Socket.IPPROTO_IPV6 && family == Socket.AF_INET6) {
            return switch (type) {
                case Inet.IPV6_PKTINFO, Inet.IPV6_2292PKTINFO -> 20;
                case Inet.IPV6_HOPLIMIT, Inet.IPV6_2292HOPLIMIT, Inet.IPV6_TCLASS, Inet.IPV6_DONTFRAG -> 4;
                default -> UNKNOWN;
            };
        }
        if (level == Socket.IPPROTO_UDP) {
            return type == Inet.UDP_SEGMENT ? 2 : UNKNOWN;
        }
        return IGNORED; // another protocol's
    }

    /** Adds one control message that an application sends to {@code message}: EINVAL. */
    static void add(Message message, int family, int level, int type, byte[] control, int at, int length) {
        int bytes = sent(family, level, type);
        boolean oneByte = level == Socket.IPPROTO_IP && type == Inet.IP_TOS && length == 1;
        if (bytes == UNKNOWN || bytes != IGNORED && bytes != length && !oneByte) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        if (bytes == IGNORED) {
            return;
        }
        int used = message.control.length;
        byte[] more = Arrays.copyOf(message.control, used + HEADER + align(length));
        if (more.length > HostNet.MAX_CONTROL) {
            throw ErrnoException.of(Errno.ENOBUFS);
        }
        Bytes.putLong(more, used, HEADER + length);
        Bytes.putInt(more, used + 8, level);
        Bytes.putInt(more, used + 12, type);
        System.arraycopy(control, at, more, used + HEADER, length);
        message.control = more;
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
            default -> false;
        };
    }

    /** What the host put into a message block's control part, without what is not known here. */
    static byte[] received(long block) {
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
