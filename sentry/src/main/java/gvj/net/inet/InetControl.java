package gvj.net.inet;

import gvj.abi.Bytes;
import gvj.abi.Errno;
import gvj.abi.Inet;
import gvj.abi.Socket;
import gvj.host.HostNet;
import gvj.kernel.ErrnoException;
import gvj.net.Message;
import java.util.Arrays;

/**
 * Ancillary data that Internet sockets send, cmsg(3): each kind by name, with the length it must have. Encoded as struct
 * cmsghdr: length, level, type, data. What they receive is {@link gvj.net.host.ReceivedControl}.
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
}
