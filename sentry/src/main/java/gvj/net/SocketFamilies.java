package gvj.net;

import gvj.abi.Errno;
import gvj.abi.Socket;
import gvj.kernel.ErrnoException;
import gvj.net.inet.InetFamily;
import gvj.net.netlink.NetlinkFamily;
import gvj.net.packet.PacketFamily;
import gvj.net.unix.UnixFamily;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** Which address families there are. */
public final class SocketFamilies {
    private static final AtomicReferenceArray<SocketFamily> FAMILIES = new AtomicReferenceArray<>(Socket.AF_MAX);

    static {
        FAMILIES.set(Socket.AF_UNIX, new UnixFamily());
        FAMILIES.set(Socket.AF_INET, new InetFamily(Socket.AF_INET));
        FAMILIES.set(Socket.AF_INET6, new InetFamily(Socket.AF_INET6));
        FAMILIES.set(Socket.AF_NETLINK, new NetlinkFamily());
        FAMILIES.set(Socket.AF_PACKET, new PacketFamily());
    }

    private SocketFamilies() {}

    /** Adds a family, or replaces it. */
    public static void register(int family, SocketFamily implementation) {
        FAMILIES.set(family, implementation);
    }

    /** The family with that number; EAFNOSUPPORT. */
    public static SocketFamily get(int family) {
        SocketFamily found = family < 0 || family >= Socket.AF_MAX ? null : FAMILIES.get(family);
        if (found == null) {
            throw ErrnoException.of(Errno.EAFNOSUPPORT);
        }
        return found;
    }
}
