package gvj.gofer;

import gvj.host.Dirent;
import gvj.host.Host;
import gvj.host.HostErrno;
import gvj.host.HostFiles;
import gvj.host.Mem;
import gvj.wire.Wire;
import gvj.wire.WireBuffer;

/**
 * LIST: pages of a directory, with attributes if wanted.
 *
 * <p>The directory listed last stays open until its end or the next one, as the next page is most likely asked for on
 * the same channel; otherwise it is opened again and the host's own cookie says where to go on.
 */
final class ListOperations {
    /** Room of an entry without name, attributes and target: ino, cookie, type, node, length and NUL of name. */
    private static final int FIXED_BYTES = 8 + 8 + 4 + 4 + 3;

    private final Call call;
    private final NodeTable table;
    private final WireBuffer in;
    private final WireBuffer out;
    private final Scratch scratch;

    private Node listed;
    private int listedFd = -1;
    /** Where the next page goes on if it is asked for next, and what was read ahead for it. */
    private long listedCookie;

    private long ahead;
    private long aheadEnd;

    ListOperations(Call call) {
        this.call = call;
        table = call.table;
        in = call.in;
        out = call.out;
        scratch = call.scratch;
    }

    int list() {
        int id = in.getInt();
        int flags = in.getInt();
        long cookie = in.getLong();
        if (!in.complete()) {
            return Call.MALFORMED;
        }
        if (!areFlags(flags) || cookie < 0) {
            return -HostErrno.EINVAL;
        }
        Node n = call.enter(id);
        if (n == null) {
            return -HostErrno.EBADF;
        }
        try {
            int bad = Call.directoryError(n);
            bad = bad < 0 ? bad : position(n, cookie);
            return bad < 0 ? bad : page(n, cookie, flags);
        } finally {
            call.leave(n);
        }
    }

    private static boolean areFlags(int flags) {
        return flags == 0
                || flags == Wire.LIST_ATTR
                || flags == (Wire.LIST_ATTR | Wire.LIST_NODE)
                || flags == (Wire.LIST_ATTR | Wire.LIST_NODE | Wire.LIST_DIRECTORIES);
    }

    /** Makes {@code listedFd} the directory at the cookie. */
    private int position(Node n, long cookie) {
        if (listed == n && listedFd >= 0 && listedCookie == cookie && cookie != 0) {
            return 0;
        }
        ahead = aheadEnd;
        if (listed != n
                || listedFd < 0
                || cookie == 0) { // rewinding is not enough: some file systems cache per open file
            forget();
            int fd = call.open(n, HostFiles.O_RDONLY);
            if (fd == -HostErrno.EMFILE || fd == -HostErrno.ENFILE) {
                table.makeRoom();
                fd = call.open(n, HostFiles.O_RDONLY);
            }
            if (fd < 0) {
                return fd;
            }
            listed = n;
            listedFd = fd;
        }
        long at = cookie == 0 ? 0 : Host.lseek(listedFd, cookie, Host.SEEK_SET);
        return at < 0 ? (int) at : 0;
    }

    /** Closes what is kept open between pages. */
    void forget() {
        if (listedFd >= 0) {
            Host.close(listedFd);
        }
        listedFd = -1;
        listed = null;
        ahead = aheadEnd;
    }

    private int page(Node n, long cookie, int flags) {
        int head = out.position();
        out.putLong(0);
        out.putInt(0);
        int count = 0;
        listedCookie = cookie;
        while (true) {
            if (ahead == aheadEnd) {
                int bytes = HostFiles.getdents64(listedFd, scratch.dents, Scratch.DENTS_BYTES);
                if (bytes <= 0) {
                    forget();
                    if (bytes < 0 && count == 0) {
                        return bytes;
                    }
                    listedCookie = bytes == 0 ? Wire.LIST_END : listedCookie;
                    break;
                }
                ahead = scratch.dents;
                aheadEnd = ahead + bytes;
            }
            int length = Dirent.nameLength(ahead);
            if (!Call.isDots(ahead + Dirent.NAME, length)) {
                if (out.remaining() < room(length, Wire.listsAttr(flags, Dirent.type(ahead)))) {
                    break;
                }
                count += entry(n, ahead, length, flags);
            }
            listedCookie = Dirent.off(ahead);
            ahead += Dirent.reclen(ahead);
        }
        out.patchLong(head, listedCookie);
        out.patchInt(head + 8, count);
        return 0;
    }

    private static int room(int nameLength, boolean withAttr) {
        int attr = withAttr ? Wire.ATTR_BYTES + Wire.MAX_TARGET + 3 : 0;
        return FIXED_BYTES + nameLength + attr;
    }

    /** Encodes one entry: 1, or 0 if the file has just gone. */
    private int entry(Node n, long dirent, int length, int flags) {
        long name = dirent + Dirent.NAME;
        boolean withAttr = Wire.listsAttr(flags, Dirent.type(dirent));
        int result = withAttr ? call.statName(listedFd, name) : 0;
        if (result == -HostErrno.ENOENT) {
            return 0;
        }
        Node child = result == 0 && withAttr && (flags & Wire.LIST_NODE) != 0 ? call.publish(n, name, length) : null;
        out.putLong(Dirent.ino(dirent));
        out.putLong(Dirent.off(dirent));
        out.putInt(Dirent.type(dirent));
        out.putInt(child == null ? 0 : child.id);
        out.putName(name, length);
        if (withAttr) {
            if (result == 0) {
                call.putAttrTarget(listedFd, name);
            } else {
                Mem.zero(out.skip(Wire.ATTR_BYTES), Wire.ATTR_BYTES);
                out.putName(scratch.target, 0);
            }
        }
        if (child != null) {
            table.release(child);
        }
        return 1;
    }
}
