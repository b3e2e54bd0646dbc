package gvj.net.unix;

import gvj.abi.Bytes;
import gvj.abi.Errno;
import gvj.abi.Socket;
import gvj.kernel.ErrnoException;
import gvj.vfs.Inode;
import java.nio.charset.StandardCharsets;

/**
 * A name of a socket, unix(7): a path, or an abstract name.
 *
 * @param encoded the struct sockaddr_un as getsockname(2) shows it; not to be modified
 * @param name the path, or the abstract name without its leading NUL; Latin-1
 * @param inode the socket's inode, null for an abstract name
 */
record UnixAddress(byte[] encoded, String name, Inode inode) {
    private static final int FAMILY_BYTES = 2;
    private static final int MAX_BYTES = 110;

    /** What getsockname(2) shows of a socket without a name. */
    static final byte[] UNNAMED = {Socket.AF_UNIX, 0};

    /** Throws EINVAL unless {@code address} has the family and a length that can be; a name must follow the family. */
    static void check(byte[] address) {
        if (address.length <= FAMILY_BYTES || isMalformed(address)) {
            throw ErrnoException.of(Errno.EINVAL);
        }
    }

    private static boolean isMalformed(byte[] address) {
        return address.length > MAX_BYTES || Bytes.getShort(address, 0) != Socket.AF_UNIX;
    }

    /** Whether it asks bind(2) to choose a name: only a family. */
    static boolean isAutobind(byte[] address) {
        return address.length == FAMILY_BYTES && !isMalformed(address);
    }

    /** Whether the name is abstract. */
    static boolean isAbstract(byte[] address) {
        return address[FAMILY_BYTES] == 0;
    }

    /** The abstract name behind the leading NUL, all of it. */
    static String abstractName(byte[] address) {
        return new String(address, FAMILY_BYTES + 1, address.length - FAMILY_BYTES - 1, StandardCharsets.ISO_8859_1);
    }

    /** The path: up to a NUL or the end. */
    static String path(byte[] address) {
        int end = FAMILY_BYTES;
        while (end < address.length && address[end] != 0) {
            end++;
        }
        return new String(address, FAMILY_BYTES, end - FAMILY_BYTES, StandardCharsets.ISO_8859_1);
    }

    /** The address of an abstract name. */
    static UnixAddress ofAbstract(String name) {
        byte[] encoded = new byte[FAMILY_BYTES + 1 + name.length()];
        encoded[0] = Socket.AF_UNIX;
        for (int i = 0; i < name.length(); i++) {
            encoded[FAMILY_BYTES + 1 + i] = (byte) name.charAt(i);
        }
        return new UnixAddress(encoded, name, null);
    }

    /** The address of a path, with its NUL. */
    static UnixAddress ofPath(String path, Inode inode) {
        byte[] encoded = new byte[FAMILY_BYTES + path.length() + 1];
        encoded[0] = Socket.AF_UNIX;
        for (int i = 0; i < path.length(); i++) {
            encoded[FAMILY_BYTES + i] = (byte) path.charAt(i);
        }
        return new UnixAddress(encoded, path, inode);
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return name.hashCode();
    }
}
