package gvj.net.packet;

import gvj.abi.Bytes;
import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.Packet;
import gvj.abi.Socket;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import gvj.kernel.UserNamespace;
import gvj.vfs.Permissions;
import java.util.Arrays;

/**
 * Which options of packet sockets reach the host, and in what shape. What is not here does not: rings would map the host's
 * memory, filters and fanouts would run the application's programs there, and queues would be passed by.
 */
final class PacketOptions {
    private PacketOptions() {}

    /** Options of SOL_SOCKET that the host's socket has; the Sentry keeps the others. */
    static boolean isHosts(int name) {
        return switch (name) {
            case Socket.SO_ERROR,
                    Socket.SO_SNDBUF,
                    Socket.SO_RCVBUF,
                    Socket.SO_SNDBUFFORCE,
                    Socket.SO_RCVBUFFORCE,
                    Socket.SO_PRIORITY,
                    Socket.SO_MARK,
                    Socket.SO_TIMESTAMP,
                    Socket.SO_TIMESTAMPNS,
                    Socket.SO_TIMESTAMPING,
                    Socket.SO_TIMESTAMP_NEW,
                    Socket.SO_TIMESTAMPNS_NEW,
                    Socket.SO_TIMESTAMPING_NEW,
                    Socket.SO_RXQ_OVFL,
                    Socket.SO_MEMINFO -> true;
            default -> false;
        };
    }

    /** Whether getsockopt(2) of a SOL_PACKET option goes to the host. */
    static boolean isReadable(int name) {
        return switch (name) {
            case Packet.PACKET_STATISTICS,
                    Packet.PACKET_COPY_THRESH,
                    Packet.PACKET_AUXDATA,
                    Packet.PACKET_ORIGDEV,
                    Packet.PACKET_IGNORE_OUTGOING -> true;
            default -> false;
        };
    }

    /** What setsockopt(2) of a SOL_PACKET option sends to the host: EINVAL, ENOPROTOOPT. */
    static byte[] checked(int name, byte[] given) {
        return switch (name) {
            case Packet.PACKET_ADD_MEMBERSHIP, Packet.PACKET_DROP_MEMBERSHIP -> membership(given);
            case Packet.PACKET_COPY_THRESH -> number(given, given.length == 4);
            case Packet.PACKET_AUXDATA, Packet.PACKET_ORIGDEV -> number(given, given.length >= 4);
            case Packet.PACKET_IGNORE_OUTGOING -> number(given, given.length == 4);
            default -> throw ErrnoException.of(Errno.ENOPROTOOPT);
        };
    }

    private static byte[] number(byte[] given, boolean fits) {
        if (!fits) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        return given.length == 4 ? given : Arrays.copyOf(given, 4);
    }

    /** A struct packet_mreq with no more address than its length says. */
    private static byte[] membership(byte[] given) {
        if (given.length < Packet.PACKET_MREQ) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        int type = Bytes.getShort(given, 4) & 0xffff;
        int bytes = Bytes.getShort(given, 6) & 0xffff;
        if (type > Packet.PACKET_MR_UNICAST || bytes > 8) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        byte[] canonical = new byte[Packet.PACKET_MREQ];
        System.arraycopy(given, 0, canonical, 0, 8 + bytes);
        return canonical;
    }

    /**
     * Whether the sandbox's own rules allow to set a SOL_SOCKET option; what the Sentry may do is another question.
     *
     * @param owner whose the network is
     */
    static boolean mayChange(Task task, UserNamespace owner, int name, byte[] value) {
        boolean admin = Permissions.capableIn(task.credentials(), owner, Capability.CAP_NET_ADMIN);
        boolean raw = Permissions.capableIn(task.credentials(), owner, Capability.CAP_NET_RAW);
        int number = Bytes.getInt(value, 0);
        return switch (name) {
            case Socket.SO_SNDBUFFORCE, Socket.SO_RCVBUFFORCE -> admin;
            case Socket.SO_MARK -> admin || raw;
            case Socket.SO_PRIORITY -> number >= 0 && number <= 6 || admin || raw;
            default -> true;
        };
    }
}
