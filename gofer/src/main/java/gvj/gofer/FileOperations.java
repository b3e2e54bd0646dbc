package gvj.gofer;

import gvj.host.Host;
import gvj.host.HostErrno;
import gvj.host.HostFiles;
import gvj.host.Mem;
import gvj.host.Statx;
import gvj.wire.Attr;
import gvj.wire.SetAttr;
import gvj.wire.Wire;
import gvj.wire.WireBuffer;

/** Operations on one file that is there: GETATTR, SETATTR, OPEN, STATFS, FSYNC. */
final class FileOperations {
    private static final int O_DSYNC = 010000;
    private static final int O_SYNC = 04010000;
    /** Flags of open(2) that the host is told; O_TRUNC is done by ourselves, the rest is the Sentry's business. */
    private static final int OPEN_FLAGS =
            HostFiles.O_ACCMODE | HostFiles.O_APPEND | HostFiles.O_DIRECT | HostFiles.O_NOATIME | O_DSYNC | O_SYNC;

    private static final int MODE_BITS = 07777;

    private final Call call;
    private final NodeTable table;
    private final WireBuffer in;
    private final WireBuffer out;
    private final Scratch scratch;

    private int valid;
    private int mode;
    private int uid;
    private int gid;
    private long size;
    private long atime;
    private int atimeNanos;
    private long mtime;
    private int mtimeNanos;

    FileOperations(Call call) {
        this.call = call;
        table = call.table;
        in = call.in;
        out = call.out;
        scratch = call.scratch;
    }

    int getattr() {
        int id = in.getInt();
        if (!in.complete()) {
            return Call.MALFORMED;
        }
        Node n = call.enter(id);
        if (n == null) {
            return -HostErrno.EBADF;
        }
        try {
            int result = call.stat(n);
            if (result == 0) {
                Attr.write(scratch.statx, out);
            }
            return result;
        } finally {
            call.leave(n);
        }
    }

    // ---- SETATTR ----

    int setattr() {
        int id = in.getInt();
        valid = in.getInt();
        mode = in.getInt();
        uid = in.getInt();
        gid = in.getInt();
        size = in.getLong();
        atime = in.getLong();
        atimeNanos = in.getInt();
        mtime = in.getLong();
        mtimeNanos = in.getInt();
        if (!in.complete()) {
            return Call.MALFORMED;
        }
        if (!isSensible()) {
            return -HostErrno.EINVAL;
        }
        Node n = call.enter(id);
        if (n == null) {
            return -HostErrno.EBADF;
        }
        try {
            int result = n.mount.readOnly && valid != 0 ? -HostErrno.EROFS : change(n);
            result = result < 0 ? result : call.stat(n);
            if (result == 0) {
                Attr.write(scratch.statx, out);
            }
            return result;
        } finally {
            call.leave(n);
        }
    }

    private boolean isSensible() {
        return (valid & ~SetAttr.ALL) == 0
                && has(SetAttr.ATIME) + has(SetAttr.ATIME_NOW) < 2
                && has(SetAttr.MTIME) + has(SetAttr.MTIME_NOW) < 2
                && (has(SetAttr.ATIME) == 0 || isNanos(atimeNanos))
                && (has(SetAttr.MTIME) == 0 || isNanos(mtimeNanos))
                && (has(SetAttr.SIZE) == 0 || size >= 0);
    }

    private int has(int bit) {
        return (valid & bit) != 0 ? 1 : 0;
    }

    private static boolean isNanos(int nanos) {
        return nanos >= 0 && nanos < 1_000_000_000;
    }

    /** Size first and owner before mode, because both may clear set-user-ID; times last, because all set them. */
    private int change(Node n) {
        if (n.kernelInterface == 0 && n.crosses() && call.isBarred(n, table.fd(n, scratch)) || n.kernelInterface < 0) {
            return -HostErrno.EACCES;
        }
        int result = has(SetAttr.SIZE) == 1 ? truncate(n, size) : 0;
        if (result == 0 && has(SetAttr.UID) + has(SetAttr.GID) > 0) {
            int fd = table.fd(n, scratch);
            result = fd < 0
                    ? fd
                    : HostFiles.fchown(fd, has(SetAttr.UID) == 1 ? uid : -1, has(SetAttr.GID) == 1 ? gid : -1);
        }
        if (result == 0 && has(SetAttr.MODE) == 1) {
            result = chmod(n, mode & MODE_BITS);
        }
        if (result == 0 && (valid & (SetAttr.ATIME | SetAttr.ATIME_NOW | SetAttr.MTIME | SetAttr.MTIME_NOW)) != 0) {
            int fd = table.fd(n, scratch);
            result = fd < 0
                    ? fd
                    : HostFiles.futimens(
                            fd, atime, nanos(SetAttr.ATIME, atimeNanos), mtime, nanos(SetAttr.MTIME, mtimeNanos));
        }
        return result;
    }

    /** The bit for "now" is four times the bit for "this time". */
    private int nanos(int bit, int nanos) {
        return has(bit) == 1 ? nanos : has(bit * 4) == 1 ? HostFiles.UTIME_NOW : HostFiles.UTIME_OMIT;
    }

    private int truncate(Node n, long length) {
        if (!n.isRegular()) {
            return n.isDirectory() ? -HostErrno.EISDIR : -HostErrno.EINVAL;
        }
        int fd = call.open(n, HostFiles.O_WRONLY);
        if (fd < 0) {
            return fd;
        }
        int result = Host.ftruncate(fd, length);
        Host.close(fd);
        return result;
    }

    private int chmod(Node n, int bits) {
        int fd = table.fd(n, scratch);
        int result = fd < 0 ? fd : HostFiles.fchmodPath(fd, bits);
        return result == -HostErrno.ENOSYS ? chmodOpened(n, bits) : result;
    }

    /** Before Linux 6.6: a file that can be opened is, any other has to do without. */
    private int chmodOpened(Node n, int bits) {
        if (!n.isRegular() && !n.isDirectory()) {
            return -HostErrno.EOPNOTSUPP;
        }
        int fd = call.open(n, HostFiles.O_RDONLY);
        if (fd == -HostErrno.EACCES && n.isRegular()) {
            fd = call.open(n, HostFiles.O_WRONLY);
        }
        if (fd < 0) {
            return fd;
        }
        int result = HostFiles.fchmod(fd, bits);
        Host.close(fd);
        return result;
    }

    // ---- OPEN ----

    int open() {
        int id = in.getInt();
        int flags = in.getInt();
        if (!in.complete()) {
            return Call.MALFORMED;
        }
        if ((flags & HostFiles.O_ACCMODE) == HostFiles.O_ACCMODE) {
            return -HostErrno.EINVAL;
        }
        Node n = call.enter(id);
        if (n == null) {
            return -HostErrno.EBADF;
        }
        try {
            return open(n, flags);
        } finally {
            call.leave(n);
        }
    }

    private int open(Node n, int flags) {
        boolean truncates = (flags & HostFiles.O_TRUNC) != 0;
        if (n.isDirectory()) {
            return -HostErrno.EISDIR;
        }
        if (!n.isRegular()) {
            return -HostErrno.ENXIO;
        }
        if (n.mount.readOnly && ((flags & HostFiles.O_ACCMODE) != HostFiles.O_RDONLY || truncates)) {
            return -HostErrno.EROFS;
        }
        int fd = call.open(n, flags & OPEN_FLAGS);
        if (fd < 0) {
            return fd;
        }
        int result = truncates ? truncateOpened(n, fd, flags) : 0;
        if (result < 0) {
            Host.close(fd);
            return result;
        }
        call.donated = fd;
        Attr.write(scratch.statx, out);
        return 0;
    }

    private int truncateOpened(Node n, int fd, int flags) {
        // open(2) may truncate what it opens for reading; ftruncate(2) may not
        int result = (flags & HostFiles.O_ACCMODE) == HostFiles.O_RDONLY ? truncate(n, 0) : Host.ftruncate(fd, 0);
        return result < 0 ? result : HostFiles.fstatx(fd, Statx.BASIC_STATS | Statx.BTIME, scratch.statx);
    }

    // ---- STATFS, FSYNC ----

    int statfs() {
        int id = in.getInt();
        if (!in.complete()) {
            return Call.MALFORMED;
        }
        Node n = call.enter(id);
        if (n == null) {
            return -HostErrno.EBADF;
        }
        try {
            int fd = table.fd(n, scratch);
            int result = fd < 0 ? fd : HostFiles.fstatfs(fd, scratch.statfs);
            for (int offset = 0; result == 0 && offset <= 80; offset += 8) {
                out.putLong(Mem.getLong(scratch.statfs + offset)); // eleven longs, in this order in both
            }
            return result;
        } finally {
            call.leave(n);
        }
    }

    int fsync() {
        int id = in.getInt();
        int what = in.getInt();
        if (!in.complete()) {
            return Call.MALFORMED;
        }
        if (what < Wire.SYNC_ALL || what > Wire.SYNC_FS) {
            return -HostErrno.EINVAL;
        }
        Node n = call.enter(id);
        if (n == null) {
            return -HostErrno.EBADF;
        }
        int fd;
        try {
            fd = n.isRegular() || n.isDirectory() ? call.open(n, HostFiles.O_RDONLY) : -HostErrno.EINVAL;
        } finally {
            call.leave(n);
        }
        if (fd < 0) {
            return fd;
        }
        int result = switch (what) { // it may take long: nothing is held
            case Wire.SYNC_ALL -> Host.fsync(fd);
            case Wire.SYNC_DATA -> Host.fdatasync(fd);
            default -> HostFiles.syncfs(fd);
        };
        Host.close(fd);
        return result;
    }
}
