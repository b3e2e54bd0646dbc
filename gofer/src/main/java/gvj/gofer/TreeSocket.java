package gvj.gofer;

import gvj.host.Host;
import gvj.host.HostErrno;
import gvj.host.Mem;
import java.util.ArrayList;
import java.util.List;

/**
 * Receives trees over a SOCK_SEQPACKET socket: more than a command line can name, and after this process has started.
 *
 * <pre>
 *   packet   0        4
 *            +--------+--------+----
 *            | count  | flags  | ...   u32 each, little endian; count descriptors as SCM_RIGHTS, in the same order
 *            +--------+--------+----
 *   flags    1: the Sentry may write
 *   count    1 to 16; 0 ends the list (a connection that ends before is an error)
 * </pre>
 *
 * <p>Mounts are numbered in the order of their descriptors, behind those of {@code --mount}. A descriptor of a directory may
 * be O_PATH. One of a regular file is open for reading, or for reading and writing: what the Sentry opens are duplicates of
 * it, so the file stays the same when its name on the host becomes another's. Of anything else (O_PATH) only the attributes
 * can be seen. The sender is {@code launcher/src/main/c/trees.c}.
 */
final class TreeSocket {
    private static final int WRITABLE = 1;
    private static final int PACKET = 4 + 4 * Host.MAX_FDS;

    private TreeSocket() {}

    /** Adds mounts until the list ends, and closes the socket; what is wrong, or empty. */
    static String receive(int socket, GoferServer server) {
        List<Mount> mounts = new ArrayList<>();
        try {
            String problem = receive(socket, server, mounts);
            if (problem.isEmpty()) {
                server.add(mounts.toArray(new Mount[0]));
            }
            return problem;
        } finally {
            Host.close(socket);
        }
    }

    /**
     * Serves a connection of somebody who brings trees while the gofer runs: a list, answered by a packet with one u32, the
     * number of the first mount (the others follow it) or {@code -errno}.
     */
    static void serve(int socket, GoferServer server) {
        List<Mount> mounts = new ArrayList<>();
        boolean kept = false;
        try {
            String problem = receive(socket, server, mounts);
            int answer = problem.isEmpty() ? server.add(mounts.toArray(new Mount[0])) : -HostErrno.EINVAL;
            kept = answer >= 0;
            if (!answer(socket, answer) && kept) {
                kept = false; // whoever brought them is gone, and nobody knows their numbers
                for (int i = 0; i < mounts.size(); i++) {
                    server.remove(answer + i);
                }
            }
        } finally {
            for (Mount mount : kept ? List.<Mount>of() : mounts) {
                server.table().forget(mount);
            }
            Host.close(socket);
        }
    }

    private static boolean answer(int socket, int number) {
        long packet = Host.malloc(4);
        try {
            Mem.putInt(packet, number);
            long sent;
            do {
                sent = Host.sendmsg(socket, packet, 4, 0, Host.MSG_DONTWAIT);
            } while (sent == -HostErrno.EINTR);
            return sent == 4;
        } finally {
            Host.free(packet);
        }
    }

    private static String receive(int socket, GoferServer server, List<Mount> mounts) {
        long packet = Host.malloc(PACKET);
        long fds = Host.malloc(Host.FDS_BYTES);
        try {
            while (true) {
                long length = receive(socket, packet, fds);
                if (length <= 0) {
                    return length == 0 ? "the list of trees has no end" : "cannot receive trees: errno " + -length;
                }
                int count = length < 4 ? -1 : Mem.getInt(packet);
                if (count < 0 || count > Host.MAX_FDS || length != 4 + 4L * count || Mem.getInt(fds) != count) {
                    closeAll(fds, 1);
                    return "a packet of trees is malformed, or there are too few descriptors for them";
                }
                if (count == 0) {
                    return "";
                }
                for (int i = 1; i <= count; i++) {
                    boolean readOnly = (Mem.getInt(packet + 4L * i) & WRITABLE) == 0;
                    Mount mount = server.mountOf(Mem.getInt(fds + 4L * i), readOnly);
                    if (mount == null) {
                        closeAll(fds, i);
                        return "cannot serve a tree";
                    }
                    mounts.add(mount);
                }
            }
        } finally {
            Host.free(fds);
            Host.free(packet);
        }
    }

    /** Closes what came, from descriptor {@code from} on, which is counted from 1. */
    private static void closeAll(long fds, int from) {
        for (int i = from; i <= Mem.getInt(fds); i++) {
            Host.close(Mem.getInt(fds + 4L * i));
        }
    }

    private static long receive(int socket, long packet, long fds) {
        long length;
        do {
            Mem.putInt(fds, 0);
            length = Host.recvmsg(socket, packet, PACKET, fds, Host.MAX_FDS, 0);
        } while (length == -HostErrno.EINTR);
        return length;
    }
}
