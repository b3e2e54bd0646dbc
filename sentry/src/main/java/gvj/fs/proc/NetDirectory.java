package gvj.fs.proc;

import gvj.fs.pseudo.PseudoDirectory;
import gvj.kernel.Task;
import gvj.net.unix.UnixFamily;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code /proc/PID/net}: what a sandbox without interfaces has. */
final class NetDirectory extends PseudoDirectory {
    private static final Map<String, TaskFile.Content> FILES = new LinkedHashMap<>();

    static {
        FILES.put("unix", (task, reader) -> UnixFamily.procNetUnix(task));
        fixed(
                "dev",
                "Inter-|   Receive                                                |  Transmit\n"
                        + " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop"
                        + " fifo colls carrier compressed\n");
        String sockets =
                "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
        for (String name : new String[] {"tcp", "udp", "raw", "tcp6", "udp6", "raw6"}) {
            fixed(name, sockets);
        }
        fixed("route", "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n");
        fixed("arp", "IP address       HW type     Flags       HW address            Mask     Device\n");
        fixed("if_inet6", "");
        fixed("netlink", "sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode\n");
        fixed("packet", "sk       RefCnt Type Proto  Iface R Rmem   User   Inode\n");
        fixed("protocols", "protocol  size sockets  memory press maxhdr  slab module\n");
    }

    NetDirectory(ProcFs fs, Task task) {
        super(fs, TaskInode.ino(task.tid, 4), 0555);
        int index = 300;
        for (Map.Entry<String, TaskFile.Content> file : FILES.entrySet()) {
            add(file.getKey(), new TaskFile(fs, task, index++, 0444, file.getValue(), null));
        }
    }

    private static void fixed(String name, String text) {
        FILES.put(name, (task, reader) -> text);
    }

    @Override
    public boolean cacheable() {
        return false;
    }
}
