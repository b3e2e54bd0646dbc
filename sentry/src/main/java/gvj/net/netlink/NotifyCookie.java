package gvj.net.netlink;

import gvj.abi.Errno;
import gvj.kernel.ErrnoException;
import gvj.net.Sock;
import gvj.vfs.FileDescription;

/**
 * What mq_notify(2) with SIGEV_THREAD leaves with a queue: 32 bytes that the C library wants to have back through a netlink
 * socket of its own, where a thread of it waits. Holds a reference of the socket until it is told.
 */
public final class NotifyCookie {
    /** Bytes of it. */
    public static final int BYTES = 32;
    /** A message has come. */
    public static final int NOTIFY_WOKENUP = 1;
    /** Nobody is told any more. */
    public static final int NOTIFY_REMOVED = 2;

    private final NetlinkSocket socket;
    private final byte[] bytes;

    private NotifyCookie(NetlinkSocket socket, byte[] bytes) {
        this.socket = socket;
        this.bytes = bytes;
    }

    /** One for {@code file}, whose reference it takes over: ENOTSOCK, or EINVAL if it is no netlink socket. */
    public static NotifyCookie of(FileDescription file, byte[] bytes) {
        if (file instanceof NetlinkSocket socket) {
            return new NotifyCookie(socket, bytes);
        }
        file.decRef();
        throw ErrnoException.of(file instanceof Sock ? Errno.EINVAL : Errno.ENOTSOCK);
    }

    /** Sends it back with a code in its last byte, once. */
    public void tell(int code) {
        bytes[BYTES - 1] = (byte) code;
        socket.answer(bytes);
        drop();
    }

    /** Nobody needs it. */
    public void drop() {
        socket.decRef();
    }
}
