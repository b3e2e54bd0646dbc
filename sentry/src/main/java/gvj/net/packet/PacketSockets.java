package gvj.net.packet;

import gvj.abi.Bytes;
import gvj.abi.Packet;
import gvj.kernel.FileText;
import gvj.kernel.NetNamespace;
import gvj.kernel.Task;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The open packet sockets of a network namespace, and /proc/net/packet, which lists them. */
public final class PacketSockets {
    private final Set<PacketSocket> all = ConcurrentHashMap.newKeySet();

    /** Those of {@code namespace}. */
    static PacketSockets of(NetNamespace namespace) {
        return namespace.registry(PacketSockets.class, PacketSockets::new);
    }

    void add(PacketSocket socket) {
        all.add(socket);
    }

    void remove(PacketSocket socket) {
        all.remove(socket);
    }

    /** What /proc/net/packet shows of the network namespace that {@code task} is in. */
    public static String procNetPacket(Task task) {
        List<PacketSocket> list = new ArrayList<>(of(task.namespaces().net()).all);
        list.sort(Comparator.comparingLong(PacketSocket::inodeNumber));
        StringBuilder text = new StringBuilder("sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n");
        for (PacketSocket socket : list) {
            byte[] bound = socket.localAddress();
            int protocol = PacketAddresses.protocol(bound);
            text.append(FileText.format(
                    "%016x %-6d %-4d %04x   %-5d %1d %-6d %-6s %-6d\n",
                    0,
                    2,
                    socket.type,
                    protocol,
                    Bytes.getInt(bound, Packet.SLL_IFINDEX),
                    protocol != 0 ? 1 : 0,
                    socket.receiveMemory(),
                    Integer.toUnsignedString(socket.uid()),
                    socket.inodeNumber()));
        }
        return text.toString();
    }
}
