package gvj.fs.sys;

import gvj.abi.Errno;
import gvj.abi.NetDevice;
import gvj.abi.Stat;
import gvj.fs.pseudo.DirectoryEntry;
import gvj.fs.pseudo.PseudoDirectory;
import gvj.fs.pseudo.PseudoFile;
import gvj.kernel.ErrnoException;
import gvj.kernel.NetNamespace;
import gvj.kernel.Task;
import gvj.net.netdev.Link;
import gvj.net.netdev.Network;
import gvj.vfs.Inode;
import java.util.ArrayList;
import java.util.List;

/** {@code /sys/class/net/NAME} and its {@code statistics}: files that tell of the interface as it is when they are read. */
final class NetDeviceDirectory extends PseudoDirectory {
    private static final int PAGE = 4096;

    private static final String[] FILES = {
        "addr_assign_type",
        "addr_len",
        "address",
        "broadcast",
        "carrier",
        "carrier_changes",
        "dev_id",
        "dev_port",
        "dormant",
        "duplex",
        "flags",
        "gro_flush_timeout",
        "ifalias",
        "ifindex",
        "iflink",
        "link_mode",
        "mtu",
        "name_assign_type",
        "netdev_group",
        "operstate",
        "proto_down",
        "speed",
        "tx_queue_len",
        "type",
        "uevent"
    };

    /** In the order of {@link #STATISTICS_AT}. */
    private static final String[] STATISTICS = {
        "collisions",
        "multicast",
        "rx_bytes",
        "rx_compressed",
        "rx_crc_errors",
        "rx_dropped",
        "rx_errors",
        "rx_fifo_errors",
        "rx_frame_errors",
        "rx_length_errors",
        "rx_missed_errors",
        "rx_nohandler",
        "rx_over_errors",
        "rx_packets",
        "tx_aborted_errors",
        "tx_bytes",
        "tx_carrier_errors",
        "tx_compressed",
        "tx_dropped",
        "tx_errors",
        "tx_fifo_errors",
        "tx_heartbeat_errors",
        "tx_packets",
        "tx_window_errors"
    };

    private static final int[] STATISTICS_AT = {
        Link.COLLISIONS,
        Link.MULTICAST,
        Link.RX_BYTES,
        Link.RX_COMPRESSED,
        Link.RX_CRC_ERRORS,
        Link.RX_DROPPED,
        Link.RX_ERRORS,
        Link.RX_FIFO_ERRORS,
        Link.RX_FRAME_ERRORS,
        Link.RX_LENGTH_ERRORS,
        Link.RX_MISSED_ERRORS,
        Link.RX_NOHANDLER,
        Link.RX_OVER_ERRORS,
        Link.RX_PACKETS,
        Link.TX_ABORTED_ERRORS,
        Link.TX_BYTES,
        Link.TX_CARRIER_ERRORS,
        Link.TX_COMPRESSED,
        Link.TX_DROPPED,
        Link.TX_ERRORS,
        Link.TX_FIFO_ERRORS,
        Link.TX_HEARTBEAT_ERRORS,
        Link.TX_PACKETS,
        Link.TX_WINDOW_ERRORS
    };
    private static final String[] OPERSTATES = {
        "unknown", "notpresent", "down", "lowerlayerdown", "testing", "dormant", "up"
    };

    private final SysFs fs;
    private final NetNamespace namespace;
    private final int index;
    private final long ino;
    /** Whether it is the subdirectory. */
    private final boolean statistics;

    NetDeviceDirectory(SysFs fs, NetNamespace namespace, int index, long ino) {
        this(fs, namespace, index, ino, false);
    }

    private NetDeviceDirectory(SysFs fs, NetNamespace namespace, int index, long ino, boolean statistics) {
        super(fs, ino, 0555);
        this.fs = fs;
        this.namespace = namespace;
        this.index = index;
        this.ino = ino;
        this.statistics = statistics;
    }

    private long statisticsIno() {
        return ino + FILES.length + 2;
    }

    private String[] files() {
        return statistics ? STATISTICS : FILES;
    }

    @Override
    public Inode lookup(String name) {
        String[] files = files();
        for (int i = 0; i < files.length; i++) {
            if (files[i].equals(name)) {
                return new Attribute(name, i);
            }
        }
        if (!statistics && name.equals("statistics")) {
            return new NetDeviceDirectory(fs, namespace, index, statisticsIno(), true);
        }
        return !statistics && name.equals("subsystem")
                ? new NetClass.ClassLink(fs, ino + FILES.length + 1, "../../../../class/net")
                : null;
    }

    @Override
    public List<DirectoryEntry> entries(Task reader) {
        List<DirectoryEntry> list = new ArrayList<>();
        String[] files = files();
        for (int i = 0; i < files.length; i++) {
            list.add(new DirectoryEntry(files[i], ino + i + 1, Stat.DT_REG));
        }
        if (!statistics) {
            list.add(new DirectoryEntry("subsystem", ino + FILES.length + 1, Stat.DT_LNK));
            list.add(new DirectoryEntry("statistics", statisticsIno(), Stat.DT_DIR));
        }
        return list;
    }

    @Override
    protected int links() {
        return statistics ? 2 : 3;
    }

    @Override
    public boolean cacheable() {
        return false;
    }

    /** One file. */
    private final class Attribute extends PseudoFile {
        private final String name;
        private final int number;

        Attribute(String name, int number) {
            super(fs, ino + number + 1, 0444);
            this.name = name;
            this.number = number;
        }

        @Override
        protected String content(Task reader) {
            Link link = Network.of(namespace).link(index);
            if (link == null) {
                throw ErrnoException.of(Errno.ENODEV);
            }
            String text = statistics ? Long.toUnsignedString(link.statistics[STATISTICS_AT[number]]) : text(link, name);
            return text.isEmpty() ? text : text + "\n";
        }

        @Override
        protected long size() {
            return PAGE;
        }

        @Override
        public boolean cacheable() {
            return false;
        }
    }

    private static String text(Link link, String file) {
        return switch (file) {
            case "addr_len" -> Integer.toString(link.address.length);
            case "address" -> hardware(link.address);
            case "broadcast" -> hardware(link.broadcast);
            case "carrier" -> (link.flags & NetDevice.IFF_UP) != 0 ? number(link.carrier) : invalid();
            case "carrier_changes" -> Integer.toString(link.carrierChanges);
            case "dev_id", "dev_port" -> file.equals("dev_id") ? "0x0" : "0";
            case "dormant" -> (link.flags & NetDevice.IFF_UP) != 0 ? number(isDormant(link)) : invalid();
            // rtnetlink does not tell, and Linux has no answer for most virtual interfaces either
            case "duplex", "speed" -> invalid();
            // IFF_RUNNING and what else is derived is not shown here
            case "flags" -> "0x" + Integer.toHexString(link.flags & 0xffff & ~NetDevice.IFF_RUNNING);
            case "ifalias" -> link.alias == null ? "" : link.alias;
            case "ifindex" -> Integer.toString(link.index);
            case "iflink" -> Integer.toString(link.lower >= 0 ? link.lower : link.index);
            case "link_mode" -> Integer.toString(link.linkMode);
            case "mtu" -> Integer.toString(link.mtu);
            case "name_assign_type" -> link.type == NetDevice.ARPHRD_LOOPBACK ? "2" : "3";
            case "netdev_group" -> Integer.toString(link.group);
            case "operstate" -> link.operState < OPERSTATES.length ? OPERSTATES[link.operState] : "unknown";
            case "tx_queue_len" -> Integer.toString(link.txQueueLength);
            case "type" -> Integer.toString(link.type);
            case "uevent" -> "INTERFACE=" + link.name + "\nIFINDEX=" + link.index;
            default -> "0";
        };
    }

    private static String number(boolean is) {
        return is ? "1" : "0";
    }

    private static boolean isDormant(Link link) {
        return (link.flags & NetDevice.IFF_DORMANT) != 0;
    }

    private static String invalid() {
        throw ErrnoException.of(Errno.EINVAL);
    }

    private static String hardware(byte[] address) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < address.length; i++) {
            text.append(i == 0 ? "" : ":")
                    .append(Character.forDigit(address[i] >> 4 & 15, 16))
                    .append(Character.forDigit(address[i] & 15, 16));
        }
        return text.toString();
    }
}
