package gvj.gofer;

import gvj.host.Host;
import gvj.host.HostErrno;
import gvj.host.HostFiles;
import gvj.host.Mem;
import gvj.wire.Wire;
import gvj.wire.WireBuffer;

/**
 * Extended attributes: GETXATTR, SETXATTR, LISTXATTR, REMOVEXATTR.
 *
 * <p>The Sentry gets what a container's root has: {@code user.*}, the POSIX access control lists, and file
 * capabilities. {@code trusted.*} belongs to the host's administrator (and to its overlay file systems) and is not even
 * seen; other {@code security.*} can be read only. Files that cannot be opened (links, devices, ...) have none.
 */
final class XattrOperations {
    private static final byte[] TRUSTED = {'t', 'r', 'u', 's', 't', 'e', 'd', '.'};
    private static final byte[] SECURITY = {'s', 'e', 'c', 'u', 'r', 'i', 't', 'y', '.'};
    private static final byte[] CAPABILITY = {
        's', 'e', 'c', 'u', 'r', 'i', 't', 'y', '.', 'c', 'a', 'p', 'a', 'b', 'i', 'l', 'i', 't', 'y', 0
    };

    private final Call call;
    private final WireBuffer in;
    private final WireBuffer out;

    XattrOperations(Call call) {
        this.call = call;
        in = call.in;
        out = call.out;
    }

    int get() {
        int id = in.getInt();
        int room = in.getInt();
        long name = in.getName();
        int length = in.nameLength();
        if (!in.complete()) {
            return Call.MALFORMED;
        }
        int bad = nameError(length);
        if (bad < 0) {
            return bad;
        }
        if (startsWith(name, length, TRUSTED)) {
            return -HostErrno.ENODATA;
        }
        int fd = open(id, false, -HostErrno.ENODATA);
        return fd < 0 ? fd : read(fd, name, room);
    }

    int list() {
        int id = in.getInt();
        int room = in.getInt();
        if (!in.complete()) {
            return Call.MALFORMED;
        }
        int fd = open(id, false, -HostErrno.ENXIO);
        if (fd == -HostErrno.ENXIO) {
            out.putInt(0);
            return 0;
        }
        return fd < 0 ? fd : read(fd, 0, room);
    }

    /** The value of {@code name}, or the list of names if that is 0; closes the descriptor. */
    private int read(int fd, long name, int room) {
        int head = out.position();
        out.putInt(0);
        long at = out.skip(Wire.MAX_XATTR);
        long size = name == 0
                ? HostFiles.flistxattr(fd, at, Wire.MAX_XATTR)
                : HostFiles.fgetxattr(fd, name, at, Wire.MAX_XATTR);
        boolean none = size == -HostErrno.ENODATA && HostFiles.flistxattr(fd, at, 0) == 0;
        Host.close(fd);
        if (none) {
            return -HostErrno.ENOENT;
        }
        if (size < 0) {
            return size == -HostErrno.ERANGE ? -HostErrno.E2BIG : (int) size;
        }
        if (name == 0) {
            size = visible(at, (int) size);
        }
        if (room != 0 && (room < 0 || room < size)) {
            return -HostErrno.ERANGE;
        }
        out.patchInt(head, (int) size);
        out.rewind(head + 4 + (room == 0 ? 0 : (int) size));
        return 0;
    }

    /** Takes the names out of the list that the Sentry shall not see; the new size. */
    private static int visible(long list, int size) {
        int kept = 0;
        int at = 0;
        while (at < size) {
            int length = 0;
            while (at + length < size && Mem.getByte(list + at + length) != 0) {
                length++;
            }
            int bytes = Math.min(length + 1, size - at);
            if (!startsWith(list + at, length, TRUSTED)) {
                Mem.copy(list + at, list + kept, bytes);
                kept += bytes;
            }
            at += bytes;
        }
        return kept;
    }

    int set() {
        int id = in.getInt();
        int flags = in.getInt();
        int size = in.getInt();
        long name = in.getName();
        int length = in.nameLength();
        long value = in.skip(size);
        if (!in.complete()) {
            return Call.MALFORMED;
        }
        int bad = changeError(name, length);
        int fd = bad < 0 ? bad : open(id, true, -HostErrno.EPERM);
        if (fd < 0) {
            return fd;
        }
        int result = HostFiles.fsetxattr(fd, name, value, size, flags);
        Host.close(fd);
        return result;
    }

    int remove() {
        int id = in.getInt();
        long name = in.getName();
        int length = in.nameLength();
        if (!in.complete()) {
            return Call.MALFORMED;
        }
        int bad = changeError(name, length);
        int fd = bad < 0 ? bad : open(id, true, -HostErrno.EPERM);
        if (fd < 0) {
            return fd;
        }
        int result = HostFiles.fremovexattr(fd, name);
        Host.close(fd);
        return result;
    }

    private static int nameError(int length) {
        return length == 0 || length > Wire.MAX_NAME ? -HostErrno.ERANGE : 0;
    }

    private static int changeError(long name, int length) {
        int bad = nameError(length);
        if (bad < 0) {
            return bad;
        }
        boolean refused = startsWith(name, length, TRUSTED)
                || startsWith(name, length, SECURITY) && !startsWith(name, length + 1, CAPABILITY);
        return refused ? -HostErrno.EPERM : 0;
    }

    private static boolean startsWith(long name, int length, byte[] prefix) {
        if (length < prefix.length) {
            return false;
        }
        for (int i = 0; i < prefix.length; i++) {
            if (Mem.getByte(name + i) != prefix[i]) {
                return false;
            }
        }
        return true;
    }

    private int open(int id, boolean change, int otherwise) {
        Node n = call.enter(id);
        if (n == null) {
            return -HostErrno.EBADF;
        }
        try {
            if (change && n.mount.readOnly) {
                return -HostErrno.EROFS;
            }
            return n.isRegular() || n.isDirectory() ? call.open(n, HostFiles.O_RDONLY) : otherwise;
        } finally {
            call.leave(n);
        }
    }
}
