package gvj.fs.proc;

import gvj.abi.Socket;
import gvj.abi.Stat;
import gvj.fs.pseudo.DirectoryEntry;
import gvj.fs.pseudo.PseudoDirectory;
import gvj.kernel.Task;
import gvj.net.netlink.NetlinkFamily;
import gvj.net.packet.PacketSockets;
import gvj.net.unix.UnixFamily;
import gvj.vfs.Inode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code /proc/PID/net}: the network namespace that a process is in. */
final class NetDirectory extends PseudoDirectory {
    /** The first index of {@link TaskInode#ino} that is used here. */
    private static final int FIRST_INDEX = 300;

    private static final Map<String, TaskFile.Content> FILES = new LinkedHashMap<>();

    static {
        FILES.put("unix", (task, reader) -> UnixFamily.procNetUnix(task));
        FILES.put("netlink", (task, reader) -> NetlinkFamily.procNetNetlink(task));
        FILES.put("packet", (task, reader) -> PacketSockets.procNetPacket(task));
        FILES.put("dev", (task, reader) -> NetDeviceFiles.dev(task));
        FILES.put("dev_mcast", (task, reader) -> NetDeviceFiles.multicastHardware(task));
        FILES.put("igmp", (task, reader) -> NetDeviceFiles.igmp(task));
        FILES.put("igmp6", (task, reader) -> NetDeviceFiles.igmp6(task));
        FILES.put("if_inet6", (task, reader) -> NetDeviceFiles.inet6(task));
        FILES.put("arp", (task, reader) -> NetDeviceFiles.arp(task));
        FILES.put("route", (task, reader) -> NetRouteFiles.route(task));
        FILES.put("ipv6_route", (task, reader) -> NetRouteFiles.route6(task));
        FILES.put("fib_trie", (task, reader) -> NetRouteFiles.trie(task));
        FILES.put("tcp", (task, reader) -> NetSocketFiles.tcp(task, Socket.AF_INET));
        FILES.put("tcp6", (task, reader) -> NetSocketFiles.tcp(task, Socket.AF_INET6));
        datagrams("udp", Socket.IPPROTO_UDP, false);
        datagrams("udplite", Socket.IPPROTO_UDPLITE, false);
        datagrams("raw", 0, true);
        datagrams("icmp", Socket.IPPROTO_ICMP, false);
        FILES.put("sockstat", (task, reader) -> NetSocketFiles.statistics(task));
        FILES.put("sockstat6", (task, reader) -> NetSocketFiles.statistics6(task));
        FILES.put("protocols", (task, reader) -> NetSocketFiles.protocols(task));
        FILES.put("snmp", (task, reader) -> NetSocketFiles.snmp(task));
        FILES.put("netstat", (task, reader) -> NetSocketFiles.netstat());
        fixed("snmp6", "");
        fixed("anycast6", "");
        fixed("mcfilter", "Idx Device        MCA        SRC    INC    EXC\n");
        fixed(
                "mcfilter6",
                "Idx Device                Multicast Address                   Source Address    INC    EXC\n");
        fixed("ip6_flowlabel", "Label S Owner  Users  Linger Expires  Dst                              Opt\n");
        // nanoseconds in a tick of the scheduler and of its clock, ticks in a microsecond, ticks in a second
        fixed("psched", "000003e8 00000040 000f4240 3b9aca00\n");
    }

    private final ProcFs fs;
    private final Task task;

    NetDirectory(ProcFs fs, Task task) {
        super(fs, TaskInode.ino(task.tid, 4), 0555);
        this.fs = fs;
        this.task = task;
    }

    private static void fixed(String name, String text) {
        FILES.put(name, (task, reader) -> text);
    }

    private static void datagrams(String name, int protocol, boolean raw) {
        int six = protocol == Socket.IPPROTO_ICMP ? Socket.IPPROTO_ICMPV6 : protocol;
        FILES.put(name, (task, reader) -> NetSocketFiles.datagrams(task, Socket.AF_INET, protocol, raw));
        FILES.put(name + "6", (task, reader) -> NetSocketFiles.datagrams(task, Socket.AF_INET6, six, raw));
    }

    @Override
    public Inode lookup(String name) {
        TaskFile.Content content = FILES.get(name);
        return content == null ? null : new TaskFile(fs, task, index(name), 0444, content, null);
    }

    private static int index(String name) {
        int index = FIRST_INDEX;
        for (String other : FILES.keySet()) {
            if (other.equals(name)) {
                break;
            }
            index++;
        }
        return index;
    }

    @Override
    public List<DirectoryEntry> entries(Task reader) {
        List<DirectoryEntry> list = new ArrayList<>();
        int index = FIRST_INDEX;
        for (String name : FILES.keySet()) {
            list.add(new DirectoryEntry(name, TaskInode.ino(task.tid, index++), Stat.DT_REG));
        }
        return list;
    }

    @Override
    public boolean cacheable() {
        return false;
    }
}
