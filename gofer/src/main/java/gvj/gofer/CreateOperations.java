package gvj.gofer;

import gvj.host.Host;
import gvj.host.HostErrno;
import gvj.host.HostFiles;
import gvj.host.Statx;
import gvj.wire.Wire;
import gvj.wire.WireBuffer;

/** Operations that make a file: CREATE, TMPFILE, MKDIR, MKNOD, SYMLINK. */
final class CreateOperations {
    private static final int CREATE_FLAGS = HostFiles.O_ACCMODE
            | HostFiles.O_APPEND
            | HostFiles.O_DIRECT
            | HostFiles.O_NOATIME
            | 04010000; // O_SYNC, O_DSYNC
    private static final int MODE_BITS = 07777;
    /** Set-user-ID, set-group-ID and the sticky bit: mkdir(2), mknod(2) and chown(2) may drop them. */
    private static final int SPECIAL_BITS = 07000;

    private final Call call;
    private final NodeTable table;
    private final WireBuffer in;
    private final WireBuffer out;
    private final Scratch scratch;

    private int mode;
    private int typeAsked;
    private int uid;
    private int gid;
    private long name;
    private int length;
    private int dir;
    private int error;

    CreateOperations(Call call) {
        this.call = call;
        table = call.table;
        in = call.in;
        out = call.out;
        scratch = call.scratch;
    }

    /** Holds the parent, or answers why nothing can be made there through {@link #error}. */
    private Node enter(int id) {
        error = Call.nameError(name, length);
        if (error < 0) {
            return null;
        }
        Node parent = call.enter(id);
        if (parent == null) {
            error = -HostErrno.EBADF;
            return null;
        }
        error = Call.changeError(parent);
        dir = error < 0 ? error : table.fd(parent, scratch);
        if (dir < 0) {
            error = dir;
            call.leave(parent);
            return null;
        }
        return parent;
    }

    int create() {
        int id = in.getInt();
        readOwner();
        int flags = in.getInt();
        readName();
        if (!in.complete()) {
            return Call.MALFORMED;
        }
        if ((flags & HostFiles.O_ACCMODE) == HostFiles.O_ACCMODE) {
            return -HostErrno.EINVAL;
        }
        Node parent = enter(id);
        if (parent == null) {
            return error;
        }
        try {
            return create(parent, flags);
        } finally {
            call.leave(parent);
        }
    }

    private int create(Node parent, int flags) {
        int how =
                flags & CREATE_FLAGS | HostFiles.O_CREAT | HostFiles.O_EXCL | HostFiles.O_NOFOLLOW | HostFiles.O_NOCTTY;
        int fd = HostFiles.openat2(dir, name, how, mode, NodeTable.RESOLVE);
        if (fd == -HostErrno.EMFILE || fd == -HostErrno.ENFILE) {
            table.makeRoom();
            fd = HostFiles.openat2(dir, name, how, mode, NodeTable.RESOLVE);
        }
        if (fd < 0) {
            return fd;
        }
        int result = settle(fd, false);
        result = result < 0 ? result : publish(parent);
        if (result < 0) {
            Host.close(fd);
            HostFiles.unlinkat(dir, name, 0);
            return result;
        }
        call.donated = fd;
        return 0;
    }

    int tmpfile() {
        int id = in.getInt();
        readOwner();
        int linkable = in.getInt();
        if (!in.complete()) {
            return Call.MALFORMED;
        }
        name = scratch.dot;
        length = 0;
        Node parent = call.enter(id);
        if (parent == null) {
            return -HostErrno.EBADF;
        }
        try {
            error = Call.changeError(parent);
            dir = error < 0 ? error : table.fd(parent, scratch);
            return dir < 0 ? dir : tmpfile(parent, linkable != 0);
        } finally {
            call.leave(parent);
        }
    }

    private int tmpfile(Node parent, boolean linkable) {
        int how = HostFiles.O_TMPFILE | HostFiles.O_RDWR | (linkable ? 0 : HostFiles.O_EXCL);
        int fd = HostFiles.openat2(dir, scratch.dot, how, mode, NodeTable.RESOLVE);
        if (fd < 0) {
            return fd;
        }
        int result = settle(fd, false);
        int kept = result < 0 ? result : Host.dup(fd);
        Node n = kept < 0 ? null : table.nameless(parent, scratch.statx, kept);
        if (n == null) {
            Host.close(fd);
            return kept < 0 ? kept : -HostErrno.ENOMEM;
        }
        call.putNode(n, dir, name);
        table.release(n);
        call.donated = fd;
        return 0;
    }

    int mkdir() {
        int id = in.getInt();
        readOwner();
        readName();
        if (!in.complete()) {
            return Call.MALFORMED;
        }
        Node parent = enter(id);
        if (parent == null) {
            return error;
        }
        try {
            int result = HostFiles.mkdirat(dir, name, mode);
            return result < 0 ? result : finish(parent, HostFiles.AT_REMOVEDIR);
        } finally {
            call.leave(parent);
        }
    }

    int mknod() {
        int id = in.getInt();
        readOwner();
        int major = in.getInt();
        int minor = in.getInt();
        readName();
        if (!in.complete()) {
            return Call.MALFORMED;
        }
        int type = typeAsked == 0 ? Node.S_IFREG : typeAsked;
        boolean whiteout = type == Node.S_IFCHR && major == 0 && minor == 0;
        if (type != Node.S_IFREG && type != Node.S_IFIFO && type != Node.S_IFSOCK && !whiteout) {
            return -HostErrno.EPERM;
        }
        Node parent = enter(id);
        if (parent == null) {
            return error;
        }
        try {
            int result = HostFiles.mknodat(dir, name, type | mode, 0);
            return result < 0 ? result : finish(parent, 0);
        } finally {
            call.leave(parent);
        }
    }

    int symlink() {
        int id = in.getInt();
        uid = in.getInt();
        gid = in.getInt();
        mode = 0777;
        readName();
        long target = in.getName();
        int targetLength = in.nameLength();
        if (!in.complete()) {
            return Call.MALFORMED;
        }
        if (targetLength == 0 || targetLength > Wire.MAX_TARGET) {
            return targetLength == 0 ? -HostErrno.ENOENT : -HostErrno.ENAMETOOLONG;
        }
        Node parent = enter(id);
        if (parent == null) {
            return error;
        }
        try {
            int result = HostFiles.symlinkat(target, dir, name);
            return result < 0 ? result : finish(parent, 0);
        } finally {
            call.leave(parent);
        }
    }

    private void readOwner() {
        int asked = in.getInt();
        mode = asked & MODE_BITS;
        typeAsked = asked & Node.S_IFMT;
        uid = in.getInt();
        gid = in.getInt();
    }

    private void readName() {
        name = in.getName();
        length = in.nameLength();
    }

    /** Owner, mode and node of what was just made without a descriptor; it is removed again if that fails. */
    private int finish(Node parent, int unlinkFlags) {
        int result = call.statName(dir, name);
        if (result == 0 && !isSettled()) {
            int flags = HostFiles.O_PATH | HostFiles.O_NOFOLLOW;
            int fd = HostFiles.openat2(dir, name, flags, 0, NodeTable.RESOLVE);
            result = fd < 0 ? fd : settle(fd, true);
            if (fd >= 0) {
                Host.close(fd);
            }
        }
        result = result < 0 ? result : publish(parent);
        if (result < 0) {
            HostFiles.unlinkat(dir, name, unlinkFlags);
        }
        return result;
    }

    private boolean isSettled() {
        int now = Statx.mode(scratch.statx);
        boolean modeMatters = (now & Node.S_IFMT) != Node.S_IFLNK;
        return Statx.uid(scratch.statx) == uid
                && Statx.gid(scratch.statx) == gid
                && (!modeMatters || ((now ^ mode) & SPECIAL_BITS) == 0);
    }

    /** Gives the new file its owner, then the mode bits that this or the making of it has dropped. */
    private int settle(int fd, boolean path) {
        int result = HostFiles.fstatx(fd, Statx.BASIC_STATS | Statx.BTIME, scratch.statx);
        if (result < 0 || isSettled()) {
            return result;
        }
        if (Statx.uid(scratch.statx) != uid || Statx.gid(scratch.statx) != gid) {
            result = HostFiles.fchown(fd, uid, gid);
            if (result < 0 && (call.privileged || result != -HostErrno.EPERM)) {
                return result;
            }
        }
        result = HostFiles.fstatx(fd, Statx.BASIC_STATS | Statx.BTIME, scratch.statx);
        int now = Statx.mode(scratch.statx);
        if (result < 0 || (now & Node.S_IFMT) == Node.S_IFLNK || ((now ^ mode) & SPECIAL_BITS) == 0) {
            return result;
        }
        int bits = now & MODE_BITS & ~SPECIAL_BITS | mode & SPECIAL_BITS;
        result = path ? chmodPath(fd, bits) : HostFiles.fchmod(fd, bits);
        return result < 0 ? result : HostFiles.fstatx(fd, Statx.BASIC_STATS | Statx.BTIME, scratch.statx);
    }

    private int chmodPath(int fd, int bits) {
        int result = HostFiles.fchmodPath(fd, bits);
        boolean directory = (Statx.mode(scratch.statx) & Node.S_IFMT) == Node.S_IFDIR;
        if (result != -HostErrno.ENOSYS || !directory) {
            return result == -HostErrno.ENOSYS ? 0 : result; // before Linux 6.6 a fifo or socket loses such bits
        }
        int flags = HostFiles.O_RDONLY | HostFiles.O_DIRECTORY;
        int real = HostFiles.openat2(fd, scratch.dot, flags, 0, NodeTable.RESOLVE);
        if (real < 0) {
            return real;
        }
        result = HostFiles.fchmod(real, bits);
        Host.close(real);
        return result;
    }

    private int publish(Node parent) {
        Node n = call.publish(parent, name, length);
        if (n == null) {
            return -HostErrno.ENOMEM;
        }
        call.putNode(n, dir, name);
        table.release(n);
        return 0;
    }
}
