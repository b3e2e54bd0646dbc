package gvj.fs.proc;

import gvj.abi.NetDevice;
import gvj.abi.Socket;
import gvj.kernel.Task;
import gvj.net.netdev.Address;
import gvj.net.netdev.Link;
import gvj.net.netdev.Neighbour;
import gvj.net.netdev.Network;
import java.util.List;
import java.util.Map;

/** Files of /proc/net about interfaces, their addresses, and neighbours. */
final class NetDeviceFiles {
    private static final int RT_SCOPE_SITE = 200;
    private static final int RT_SCOPE_LINK = 253;
    private static final int RT_SCOPE_HOST = 254;

    private NetDeviceFiles() {}

    /** /proc/net/dev. */
    static String dev(Task task) {
        StringBuilder text = new StringBuilder();
        text.append("Inter-|   Receive                                                |  Transmit\n")
                .append(" face |bytes    packets errs drop fifo frame compressed multicast")
                .append("|bytes    packets errs drop fifo colls carrier compressed\n");
        for (Link link : NetText.network(task).links()) {
            long[] s = link.statistics;
            text.append(NetText.right(link.name, 6)).append(": ");
            long[] received = {
                s[Link.RX_BYTES],
                s[Link.RX_PACKETS],
                s[Link.RX_ERRORS],
                s[Link.RX_DROPPED] + s[Link.RX_MISSED_ERRORS],
                s[Link.RX_FIFO_ERRORS],
                s[Link.RX_LENGTH_ERRORS] + s[Link.RX_OVER_ERRORS] + s[Link.RX_CRC_ERRORS] + s[Link.RX_FRAME_ERRORS],
                s[Link.RX_COMPRESSED],
                s[Link.MULTICAST]
            };
            long[] sent = {
                s[Link.TX_BYTES],
                s[Link.TX_PACKETS],
                s[Link.TX_ERRORS],
                s[Link.TX_DROPPED],
                s[Link.TX_FIFO_ERRORS],
                s[Link.COLLISIONS],
                s[Link.TX_CARRIER_ERRORS]
                        + s[Link.TX_ABORTED_ERRORS]
                        + s[Link.TX_WINDOW_ERRORS]
                        + s[Link.TX_HEARTBEAT_ERRORS],
                s[Link.TX_COMPRESSED]
            };
            columns(text, received, 7, 7, 4, 4, 4, 5, 10, 9);
            text.append(' ');
            columns(text, sent, 8, 7, 4, 4, 4, 5, 7, 10);
            text.append('\n');
        }
        return text.toString();
    }

    private static void columns(StringBuilder text, long[] values, int... widths) {
        for (int i = 0; i < values.length; i++) {
            text.append(i == 0 ? "" : " ").append(NetText.right(values[i], widths[i]));
        }
    }

    /** /proc/net/dev_mcast: the groups that every Ethernet interface hears. */
    static String multicastHardware(Task task) {
        StringBuilder text = new StringBuilder();
        for (Link link : NetText.network(task).links()) {
            if (link.type == NetDevice.ARPHRD_ETHER) {
                hardware(text, link, "333300000001");
                if (hearsGroups(link)) {
                    hardware(text, link, "01005e000001");
                }
            }
        }
        return text.toString();
    }

    private static void hardware(StringBuilder text, Link link, String address) {
        text.append(NetText.left(link.index, 4))
                .append(' ')
                .append(NetText.left(link.name, 15))
                .append(" 1     0     ")
                .append(address)
                .append('\n');
    }

    private static boolean hearsGroups(Link link) {
        int bits = NetDevice.IFF_UP;
        int kinds = NetDevice.IFF_MULTICAST | NetDevice.IFF_LOOPBACK;
        return (link.flags & bits) != 0 && (link.flags & kinds) != 0;
    }

    /** /proc/net/igmp: all hosts. */
    static String igmp(Task task) {
        StringBuilder text = new StringBuilder("Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n");
        for (Link link : NetText.network(task).links()) {
            if (hearsGroups(link)) {
                text.append(link.index)
                        .append('\t')
                        .append(NetText.left(link.name, 10))
                        .append(":     1      V3\n\t\t\t\t010000E0     1 0:00000000\t\t0\n");
            }
        }
        return text.toString();
    }

    /** /proc/net/igmp6: all nodes. */
    static String igmp6(Task task) {
        StringBuilder text = new StringBuilder();
        for (Link link : NetText.network(task).links()) {
            if ((link.flags & NetDevice.IFF_UP) != 0) {
                String device = NetText.left(link.index, 4) + " " + NetText.left(link.name, 15) + " ";
                text.append(device).append("ff020000000000000000000000000001     1 0000000C 0\n");
                text.append(device).append("ff010000000000000000000000000001     1 00000008 0\n");
            }
        }
        return text.toString();
    }

    /** /proc/net/if_inet6. */
    static String inet6(Task task) {
        Network network = NetText.network(task);
        Map<Integer, String> names = NetText.names(network.links());
        StringBuilder text = new StringBuilder();
        for (Address address : network.addresses(Socket.AF_INET6)) {
            text.append(NetText.hex(address.own(), ""))
                    .append(' ')
                    .append(NetText.lower(address.index, 2))
                    .append(' ')
                    .append(NetText.lower(address.prefixLength, 2))
                    .append(' ')
                    .append(NetText.lower(scope(address.scope), 2))
                    .append(' ')
                    .append(NetText.lower(address.flags & 0xff, 2))
                    .append(' ')
                    .append(NetText.right(names.getOrDefault(address.index, "?"), 8))
                    .append('\n');
        }
        return text.toString();
    }

    /** IPv6's own number for it: IPV6_ADDR_LOOPBACK, LINKLOCAL, SITELOCAL. */
    private static int scope(int scope) {
        return switch (scope) {
            case RT_SCOPE_HOST -> 0x10;
            case RT_SCOPE_LINK -> 0x20;
            case RT_SCOPE_SITE -> 0x40;
            default -> 0;
        };
    }

    /** /proc/net/arp. */
    static String arp(Task task) {
        Network network = NetText.network(task);
        List<Link> links = network.links();
        StringBuilder text =
                new StringBuilder("IP address       HW type     Flags       HW address            Mask     Device\n");
        for (Neighbour neighbour : network.neighbours(Socket.AF_INET)) {
            for (Link link : links) {
                if (link.index == neighbour.index && neighbour.isShownByArp()) {
                    byte[] hardware = neighbour.hardware == null ? new byte[6] : neighbour.hardware;
                    text.append(NetText.left(NetText.dotted(neighbour.address), 16))
                            .append(" 0x")
                            .append(NetText.left(Integer.toHexString(link.type), 10))
                            .append("0x")
                            .append(NetText.left(Integer.toHexString(neighbour.arpFlags()), 10))
                            .append(NetText.left(NetText.hex(hardware, ":"), 17))
                            .append("     *        ")
                            .append(link.name)
                            .append('\n');
                }
            }
        }
        return text.toString();
    }
}
