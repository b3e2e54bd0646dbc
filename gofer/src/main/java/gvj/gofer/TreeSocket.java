package gvj.gofer;

import gvj.host.Host;
import gvj.host.HostErrno;
import gvj.host.Mem;

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
                    return "a packet of trees is malformed, or there are too few descriptors for them";
                }
                if (count == 0) {
                    return "";
                }
                for (int i = 1; i <= count; i++) {
                    boolean readOnly = (Mem.getInt(packet + 4L * i) & WRITABLE) == 0;
                    int result = server.addMount(Mem.getInt(fds + 4L * i), readOnly);
                    if (result < 0) {
                        return "cannot serve a tree: errno " + -result;
                    }
                }
            }
        } finally {
            Host.close(socket);
            Host.free(fds);
            Host.free(packet);
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
