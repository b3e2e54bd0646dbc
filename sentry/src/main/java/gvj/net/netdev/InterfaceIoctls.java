package gvj.net.netdev;

import gvj.abi.Bytes;
import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.Ioctl;
import gvj.abi.NetDevice;
import gvj.abi.Socket;
import gvj.kernel.Task;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * netdevice(7): ioctls about interfaces, on sockets of any family. What would change one answers EOPNOTSUPP, or EPERM without
 * CAP_NET_ADMIN.
 */
public final class InterfaceIoctls {
    private static final int UNION = NetDevice.IFNAMSIZ;
    /** struct sockaddr: family (2), data (14). */
    private static final int SOCKADDR = 16;

    private static final int MAC_BYTES = 6;
    /** struct ifmap: memory start and end (8 each), base and interrupt (2 each), DMA, port (1 each), padding. */
    private static final int MAP_INTERRUPT = 18;

    private static final int SIOCDEVPRIVATE_END = Ioctl.SIOCDEVPRIVATE + 15;

    private InterfaceIoctls() {}

    /** Answers {@code request}: 0, -errno, or -ENOTTY if it is none of these. */
    public static long ioctl(Task task, int request, long argument) {
        return switch (request) {
            case Ioctl.SIOCGIFCONF -> list(task, argument);
            case Ioctl.SIOCGIFNAME,
                    Ioctl.SIOCGIFFLAGS,
                    Ioctl.SIOCGIFADDR,
                    Ioctl.SIOCGIFDSTADDR,
                    Ioctl.SIOCGIFBRDADDR,
                    Ioctl.SIOCGIFNETMASK,
                    Ioctl.SIOCGIFMETRIC,
                    Ioctl.SIOCGIFMTU,
                    Ioctl.SIOCGIFHWADDR,
                    Ioctl.SIOCGIFINDEX,
                    Ioctl.SIOCGIFTXQLEN,
                    Ioctl.SIOCGIFMAP,
                    Ioctl.SIOCGIFSLAVE,
                    Ioctl.SIOCGIFMEM,
                    Ioctl.SIOCETHTOOL,
                    Ioctl.SIOCGMIIPHY,
                    Ioctl.SIOCGMIIREG -> get(task, request, argument);
            case Ioctl.SIOCSIFFLAGS,
                    Ioctl.SIOCSIFADDR,
                    Ioctl.SIOCSIFDSTADDR,
                    Ioctl.SIOCSIFBRDADDR,
                    Ioctl.SIOCSIFNETMASK,
                    Ioctl.SIOCSIFMETRIC,
                    Ioctl.SIOCSIFMTU,
                    Ioctl.SIOCSIFHWADDR,
                    Ioctl.SIOCSIFHWBROADCAST,
                    Ioctl.SIOCSIFTXQLEN,
                    Ioctl.SIOCSIFMAP,
                    Ioctl.SIOCSIFNAME,
                    Ioctl.SIOCSIFSLAVE,
                    Ioctl.SIOCSIFPFLAGS,
                    Ioctl.SIOCDIFADDR,
                    Ioctl.SIOCADDMULTI,
                    Ioctl.SIOCDELMULTI,
                    Ioctl.SIOCADDRT,
                    Ioctl.SIOCDELRT,
                    Ioctl.SIOCSARP,
                    Ioctl.SIOCDARP -> refuse(task);
            case Ioctl.SIOCGARP -> arp(task, argument);
            default ->
                request >= Ioctl.SIOCDEVPRIVATE && request <= SIOCDEVPRIVATE_END
                        ? get(task, request, argument)
                        : -Errno.ENOTTY;
        };
    }

    private static long refuse(Task task) {
        return task.credentials().has(Capability.CAP_NET_ADMIN) ? -Errno.EOPNOTSUPP : -Errno.EPERM;
    }

    private static Network network(Task task) {
        return Network.of(task.namespaces().net());
    }

    private static long get(Task task, int request, long argument) {
        byte[] ifreq = new byte[NetDevice.IFREQ];
        task.mm().copyIn(argument, ifreq, 0, ifreq.length);
        Network network = network(task);
        ifreq[NetDevice.IFNAMSIZ - 1] = 0;
        String name = text(ifreq);
        // an alias is a label of an address of the same interface
        int colon = name.indexOf(':');
        Link link = request == Ioctl.SIOCGIFNAME
                ? network.link(Bytes.getInt(ifreq, UNION))
                : network.link(colon < 0 ? name : name.substring(0, colon));
        if (link == null) {
            return -Errno.ENODEV;
        }
        if (request == Ioctl.SIOCETHTOOL) {
            task.mm().readInt(Bytes.getLong(ifreq, UNION)); // which command: EFAULT comes before EOPNOTSUPP
        }
        long result = fill(network, link, name, request, ifreq);
        if (result == 0) {
            task.mm().copyOut(argument, ifreq, 0, ifreq.length);
        }
        return result;
    }

    private static String text(byte[] name) {
        int n = 0;
        while (n < NetDevice.IFNAMSIZ && name[n] != 0) {
            n++;
        }
        return new String(name, 0, n, StandardCharsets.ISO_8859_1);
    }

    private static long fill(Network network, Link link, String name, int request, byte[] ifreq) {
        switch (request) {
            case Ioctl.SIOCGIFNAME -> putName(link.name, ifreq, 0);
            case Ioctl.SIOCGIFFLAGS -> Bytes.putShort(ifreq, UNION, link.flags);
            case Ioctl.SIOCGIFMETRIC -> Bytes.putInt(ifreq, UNION, 0);
            case Ioctl.SIOCGIFMTU -> Bytes.putInt(ifreq, UNION, link.mtu);
            case Ioctl.SIOCGIFINDEX -> Bytes.putInt(ifreq, UNION, link.index);
            case Ioctl.SIOCGIFTXQLEN -> Bytes.putInt(ifreq, UNION, link.txQueueLength);
            case Ioctl.SIOCGIFHWADDR -> hardware(link, ifreq);
            case Ioctl.SIOCGIFMAP -> map(link, ifreq);
            case Ioctl.SIOCGIFADDR, Ioctl.SIOCGIFDSTADDR, Ioctl.SIOCGIFBRDADDR, Ioctl.SIOCGIFNETMASK -> {
                return address(network, link, name, request, ifreq);
            }
            case Ioctl.SIOCGIFSLAVE -> {
                return -Errno.EINVAL;
            }
            case Ioctl.SIOCGIFMEM -> {
                return -Errno.ENOTTY;
            }
            default -> {
                return -Errno.EOPNOTSUPP;
            }
        }
        return 0;
    }

    private static void putName(String name, byte[] to, int at) {
        byte[] bytes = name.getBytes(StandardCharsets.ISO_8859_1);
        Arrays.fill(to, at, at + NetDevice.IFNAMSIZ, (byte) 0);
        System.arraycopy(bytes, 0, to, at, Math.min(bytes.length, NetDevice.IFNAMSIZ - 1));
    }

    private static void hardware(Link link, byte[] ifreq) {
        Arrays.fill(ifreq, UNION, UNION + SOCKADDR, (byte) 0);
        Bytes.putShort(ifreq, UNION, link.type);
        System.arraycopy(link.address, 0, ifreq, UNION + 2, Math.min(link.address.length, SOCKADDR - 2));
    }

    private static void map(Link link, byte[] ifreq) {
        Arrays.fill(ifreq, UNION, NetDevice.IFREQ, (byte) 0);
        Bytes.putLong(ifreq, UNION, link.memoryStart);
        Bytes.putLong(ifreq, UNION + 8, link.memoryEnd);
        Bytes.putShort(ifreq, UNION + 16, (int) link.baseAddress);
        ifreq[UNION + MAP_INTERRUPT] = (byte) link.interrupt;
        ifreq[UNION + MAP_INTERRUPT + 1] = (byte) link.dma;
        ifreq[UNION + MAP_INTERRUPT + 2] = (byte) link.port;
    }

    private static long address(Network network, Link link, String name, int request, byte[] ifreq) {
        for (Address address : network.addresses(Socket.AF_INET)) {
            boolean named = address.label == null ? name.equals(link.name) : address.label.equals(name);
            if (address.index == link.index && named) {
                byte[] zeros = new byte[4];
                byte[] value = switch (request) {
                    case Ioctl.SIOCGIFADDR -> address.own();
                    case Ioctl.SIOCGIFDSTADDR -> address.address;
                    case Ioctl.SIOCGIFBRDADDR -> address.broadcast == null ? zeros : address.broadcast;
                    default -> mask(address.prefixLength);
                };
                putAddress(value, ifreq, UNION);
                return 0;
            }
        }
        return -Errno.EADDRNOTAVAIL;
    }

    private static byte[] mask(int prefixLength) {
        byte[] mask = new byte[4];
        for (int bit = 0; bit < prefixLength; bit++) {
            mask[bit / 8] |= (byte) (0x80 >> bit % 8);
        }
        return mask;
    }

    /** struct sockaddr_in without a port. */
    private static void putAddress(byte[] address, byte[] to, int at) {
        Arrays.fill(to, at, at + SOCKADDR, (byte) 0);
        Bytes.putShort(to, at, Socket.AF_INET);
        System.arraycopy(address, 0, to, at + 4, address.length);
    }

    /** struct ifconf: bytes (4), padding (4), address of struct ifreq (8); a null address asks how many bytes there are. */
    private static long list(Task task, long argument) {
        int room = task.mm().readInt(argument);
        long to = task.mm().readLong(argument + 8);
        Network network = network(task);
        int used = 0;
        for (Address address : network.addresses(Socket.AF_INET)) {
            Link link = network.link(address.index);
            if (link == null) {
                continue;
            }
            if (to != 0) {
                if (room - used < NetDevice.IFREQ) {
                    break;
                }
                byte[] ifreq = new byte[NetDevice.IFREQ];
                putName(address.label == null ? link.name : address.label, ifreq, 0);
                putAddress(address.own(), ifreq, UNION);
                task.mm().copyOut(to + used, ifreq, 0, ifreq.length);
            }
            used += NetDevice.IFREQ;
        }
        task.mm().writeInt(argument, used);
        return 0;
    }

    /** arp(7): struct arpreq: address, hardware address (16 each), flags (4), netmask (16), device (16). */
    private static long arp(Task task, long argument) {
        byte[] arpreq = new byte[68];
        task.mm().copyIn(argument, arpreq, 0, arpreq.length);
        if (Bytes.getShort(arpreq, 0) != Socket.AF_INET) {
            return -Errno.EPFNOSUPPORT;
        }
        byte[] wanted = Arrays.copyOfRange(arpreq, 4, 8);
        String device = text(Arrays.copyOfRange(arpreq, 52, 68));
        Network network = network(task);
        if (!device.isEmpty() && network.link(device) == null) {
            return -Errno.ENODEV;
        }
        for (Neighbour neighbour : network.neighbours(Socket.AF_INET)) {
            Link link = network.link(neighbour.index);
            boolean ofDevice = link != null && (device.isEmpty() || device.equals(link.name));
            if (ofDevice && Arrays.equals(neighbour.address, wanted) && neighbour.isShownByArp()) {
                Arrays.fill(arpreq, 16, 32, (byte) 0);
                Bytes.putShort(arpreq, 16, link.type);
                if (neighbour.hardware != null) {
                    System.arraycopy(neighbour.hardware, 0, arpreq, 18, Math.min(MAC_BYTES, neighbour.hardware.length));
                }
                Bytes.putInt(arpreq, 32, neighbour.arpFlags());
                putName(link.name, arpreq, 52);
                task.mm().copyOut(argument, arpreq, 0, arpreq.length);
                return 0;
            }
        }
        return -Errno.ENXIO;
    }
}
