package gvj.net.inet;

import gvj.abi.Bytes;
import gvj.abi.Errno;
import gvj.abi.Inet;
import gvj.abi.Socket;
import gvj.kernel.ErrnoException;
import java.util.Arrays;

/**
 * struct sockaddr_in and sockaddr_in6. What an application gives is taken apart here and comes out as one of three: 16 bytes
 * of AF_INET, 28 of AF_INET6, or 16 of AF_UNSPEC; nothing else reaches the host.
 */
final class InetAddresses {
    private static final byte[] NONE = new byte[Inet.SOCKADDR_IN];
    private static final int ADDRESS = 4;
    private static final int ADDRESS6 = 8;

    private InetAddresses() {}

    private static int familyOf(byte[] given) {
        return given.length < 2 ? -1 : Bytes.getShort(given, 0) & 0xffff;
    }

    /** sin_port or sin6_port of a complete address. */
    static int port(byte[] address) {
        return (address[2] & 0xff) << 8 | address[3] & 0xff;
    }

    /** Whether a complete address is INADDR_ANY or in6addr_any. */
    static boolean isAny(byte[] address) {
        boolean old = familyOf(address) == Socket.AF_INET;
        int from = old ? ADDRESS : ADDRESS6;
        for (int i = from; i < from + (old ? 4 : 16); i++) {
            if (address[i] != 0) {
                return false;
            }
        }
        return true;
    }

    /** INADDR_ANY or in6addr_any, port 0. */
    static byte[] any(int family) {
        byte[] address = new byte[family == Socket.AF_INET ? Inet.SOCKADDR_IN : Inet.SOCKADDR_IN6];
        Bytes.putShort(address, 0, family);
        return address;
    }

    /** The same address with another port. */
    static byte[] withPort(byte[] address, int port) {
        byte[] changed = address.clone();
        changed[2] = (byte) (port >> 8);
        changed[3] = (byte) port;
        return changed;
    }

    /** What bind(2) is given: EINVAL, EAFNOSUPPORT. */
    static byte[] toBind(int family, byte[] given) {
        if (given.length < least(family)) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        // programs that forget the family are forgiven
        boolean forgiven = family == Socket.AF_INET && familyOf(given) == Socket.AF_UNSPEC && isZero(given);
        if (familyOf(given) != family && !forgiven) {
            throw ErrnoException.of(Errno.EAFNOSUPPORT);
        }
        return complete(family, given);
    }

    private static boolean isZero(byte[] given) {
        return Bytes.getInt(given, ADDRESS) == 0;
    }

    /** What connect(2) is given, AF_UNSPEC to dissolve a connection: EINVAL, EAFNOSUPPORT. */
    static byte[] toConnect(int family, int type, byte[] given) {
        int wanted = familyOf(given);
        if (wanted == Socket.AF_UNSPEC) {
            return NONE;
        }
        boolean mixed = family == Socket.AF_INET6 && type != Socket.SOCK_STREAM && wanted == Socket.AF_INET;
        if (given.length < (mixed ? Inet.SOCKADDR_IN : least(family))) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        if (wanted != family && !mixed) {
            throw ErrnoException.of(Errno.EAFNOSUPPORT);
        }
        return complete(wanted, given);
    }

    /** Where a datagram is to go; null for the peer of the socket: EINVAL, EAFNOSUPPORT. */
    static byte[] toSend(int family, byte[] given) {
        int wanted = familyOf(given);
        if (family == Socket.AF_INET) {
            if (given.length < Inet.SOCKADDR_IN) {
                throw ErrnoException.of(Errno.EINVAL);
            }
            if (wanted != Socket.AF_INET && wanted != Socket.AF_UNSPEC) {
                throw ErrnoException.of(Errno.EAFNOSUPPORT);
            }
            return complete(Socket.AF_INET, given);
        }
        switch (wanted) {
            case Socket.AF_INET6, Socket.AF_INET -> {
                if (given.length < least(wanted)) {
                    throw ErrnoException.of(Errno.EINVAL);
                }
                return complete(wanted, given);
            }
            case Socket.AF_UNSPEC -> {
                return null;
            }
            default -> throw ErrnoException.of(Errno.EINVAL);
        }
    }

    private static int least(int family) {
        return family == Socket.AF_INET ? Inet.SOCKADDR_IN : Inet.SOCKADDR_IN6_OLD;
    }

    private static byte[] complete(int family, byte[] given) {
        if (family == Socket.AF_INET) {
            byte[] address = new byte[Inet.SOCKADDR_IN];
            System.arraycopy(given, 0, address, 0, 8);
            Bytes.putShort(address, 0, family);
            return address;
        }
        return Arrays.copyOf(given, Inet.SOCKADDR_IN6);
    }
}
