package gvj.gofer;

import gvj.host.Host;
import gvj.host.HostErrno;
import gvj.host.HostFiles;
import gvj.host.HostProcess;
import gvj.host.Mem;
import gvj.host.Statx;
import gvj.wire.Attr;
import gvj.wire.Wire;
import gvj.wire.WireBuffer;

/**
 * The request that one channel's thread is serving, and what all operations do: find the node, find its file, encode
 * it. One for each channel, used by its thread only.
 */
final class Call {
    private static final int OVERLAYFS_SUPER_MAGIC = 0x794c7630;

    /** Result of an operation whose request cannot come from an honest Sentry: the channel is closed. */
    static final int MALFORMED = Integer.MIN_VALUE;

    /** Result of the one operation that is not answered. */
    static final int UNANSWERED = 1;

    final WireBuffer in = new WireBuffer();
    final WireBuffer out = new WireBuffer();
    final Scratch scratch = new Scratch();
    final NodeTable table;
    final GoferServer server;
    /** Whether a refused chown is an error, or what has to be expected of a gofer without privileges. */
    final boolean privileged = HostProcess.geteuid() == 0;

    /** Descriptor that goes with the answer, or -1. It is closed after sending. */
    int donated = -1;

    Call(GoferServer server) {
        this.server = server;
        this.table = server.table();
    }

    void free() {
        in.free();
        out.free();
        scratch.free();
    }

    // ---- nodes ----

    /** Holds a node and its mount's names, until {@link #leave}; null if there is no such node. */
    Node enter(int id) {
        Node n = table.acquire(id);
        if (n != null) {
            n.mount.names.readLock().lock();
        }
        return n;
    }

    void leave(Node n) {
        n.mount.names.readLock().unlock();
        table.release(n);
    }

    /** As {@link #enter}, but nobody else is looking at names: for moving and removing them. */
    Node enterAlone(int id) {
        Node n = table.acquire(id);
        if (n != null) {
            n.mount.names.writeLock().lock();
        }
        return n;
    }

    void leaveAlone(Node n) {
        n.mount.names.writeLock().unlock();
        table.release(n);
    }

    /** 0 if names may be looked up in this node, else the error. */
    static int directoryError(Node n) {
        if (!n.isDirectory()) {
            return -HostErrno.ENOTDIR;
        }
        return n.kernelInterface < 0 ? -HostErrno.EACCES : 0;
    }

    /** 0 if names may be made or taken away in this node, else the error. */
    static int changeError(Node n) {
        int error = directoryError(n);
        return error == 0 && n.mount.readOnly ? -HostErrno.EROFS : error;
    }

    /** 0 for what may be one component of a path. */
    static int nameError(long name, int length) {
        if (length > Wire.MAX_NAME) {
            return -HostErrno.ENAMETOOLONG;
        }
        if (length == 0 || isDots(name, length)) {
            return -HostErrno.EINVAL;
        }
        for (int i = 0; i < length; i++) {
            if (Mem.getByte(name + i) == '/') {
                return -HostErrno.EINVAL;
            }
        }
        return 0;
    }

    /** "." or "..". */
    static boolean isDots(long name, int length) {
        return length <= 2 && Mem.getByte(name) == '.' && (length == 1 || Mem.getByte(name + 1) == '.');
    }

    /** The node of a file just found (its statx is in scratch), held and counted; null if there are too many. */
    Node publish(Node parent, long name, int length) {
        Node n = table.child(parent, name, length, scratch.statx);
        if (n != null && n.kernelInterface == 0 && n.isDirectory()) {
            isBarred(n, n.crosses() ? table.fd(n, scratch) : -1);
        }
        return n;
    }

    /**
     * Is it, with the descriptor {@code fd}, a directory or a single file mounted from the host kernel's interfaces?
     */
    boolean isBarred(Node n, int fd) {
        if (n.kernelInterface == 0) {
            n.kernelInterface = n.crosses() && isKernelInterface(fd) ? -1 : 1;
        }
        return n.kernelInterface < 0;
    }

    /** Whether a file is on an overlayfs of the host, which copies what is changed. */
    boolean isOverlay(int fd) {
        return HostFiles.fstatfs(fd, scratch.statfs) == 0 && (int) Mem.getLong(scratch.statfs) == OVERLAYFS_SUPER_MAGIC;
    }

    /**
     * File systems through which a root process commands the host's kernel. If one happens to be mounted inside a tree
     * we serve, its root can be seen but not entered. When in doubt (it cannot be opened), it is one.
     */
    boolean isKernelInterface(int fd) {
        if (fd < 0 || HostFiles.fstatfs(fd, scratch.statfs) < 0) {
            return true;
        }
        return switch ((int) Mem.getLong(scratch.statfs)) {
            case 0x9fa0, // proc
                    0x62656572, // sysfs
                    0x27e0eb, // cgroup
                    0x63677270, // cgroup2
                    0x64626720, // debugfs
                    0x74726163, // tracefs
                    0x73636673, // securityfs
                    0xf97cff8c, // selinux
                    0x43415d53, // smack
                    0xcafe4a11, // bpf
                    0x62656570, // configfs
                    0x1cd1, // devpts
                    0xde5e81e4, // efivarfs
                    0x6165676c, // pstore
                    0x19800202, // mqueue
                    0x42494e4d, // binfmt_misc
                    0x65735543, // fusectl
                    0x07655821, // resctrl
                    0x6e736673 -> true; // nsfs
            default -> false;
        };
    }

    // ---- files ----

    /** The attributes of a held node into {@code scratch.statx}. Needs no descriptor of the node itself. */
    int stat(Node n) {
        int mask = Statx.BASIC_STATS | Statx.BTIME;
        if (n.fd >= 0 || n.detached || n.parent == null) {
            int fd = table.fd(n, scratch);
            return fd < 0 ? fd : HostFiles.fstatx(fd, mask, scratch.statx);
        }
        Node parent = n.parent;
        table.acquire(parent);
        try {
            int dir = table.fd(parent, scratch);
            if (dir < 0) {
                return dir;
            }
            int result = statName(dir, scratch.name(n.name));
            if (result < 0) {
                return NodeTable.isGone(result) ? -HostErrno.ESTALE : result;
            }
            return n.is(scratch.statx) ? 0 : -HostErrno.ESTALE;
        } finally {
            table.release(parent);
        }
    }

    /** The attributes of what has that name in a directory, into {@code scratch.statx}. */
    int statName(int dir, long name) {
        int flags = HostFiles.AT_SYMLINK_NOFOLLOW | HostFiles.AT_NO_AUTOMOUNT;
        return HostFiles.statx(dir, name, flags, Statx.BASIC_STATS | Statx.BTIME, scratch.statx);
    }

    /**
     * Opens a held regular file or directory really. What is at its place is checked before (nothing else may be
     * opened: to open a device or a fifo is to do something) and after. {@code scratch.statx} has its attributes then.
     */
    int open(Node n, int flags) {
        if (n.isDirectory()) {
            return n.kernelInterface < 0 ? -HostErrno.EACCES : openDirectory(n);
        }
        if (!n.isRegular()) {
            return -HostErrno.ENXIO;
        }
        if (n.parent == null) {
            return n.mount.file < 0 ? -HostErrno.ESTALE : opened(n, Host.dup(n.mount.file));
        }
        if (n.detached) {
            return n.real && n.fd >= 0 ? opened(n, Host.dup(n.fd)) : -HostErrno.ESTALE;
        }
        Node parent = n.parent;
        table.acquire(parent);
        try {
            int dir = table.fd(parent, scratch);
            return dir < 0 ? dir : openName(n, dir, flags);
        } finally {
            table.release(parent);
        }
    }

    private int openName(Node n, int dir, int flags) {
        long name = scratch.name(n.name);
        int result = statName(dir, name);
        if (result < 0) {
            return NodeTable.isGone(result) ? -HostErrno.ESTALE : result;
        }
        if (!n.is(scratch.statx)) {
            return -HostErrno.ESTALE;
        }
        int how = flags | HostFiles.O_NOFOLLOW | HostFiles.O_NONBLOCK | HostFiles.O_NOCTTY;
        int fd = HostFiles.openat2(dir, name, how, 0, NodeTable.RESOLVE);
        if (fd == -HostErrno.EMFILE || fd == -HostErrno.ENFILE) {
            table.makeRoom();
            fd = HostFiles.openat2(dir, name, how, 0, NodeTable.RESOLVE);
        }
        fd = opened(n, fd);
        if (fd >= 0 && isBarred(n, fd)) {
            Host.close(fd);
            return -HostErrno.EACCES;
        }
        return fd;
    }

    private int openDirectory(Node n) {
        int path = table.fd(n, scratch);
        if (path < 0) {
            return path;
        }
        int flags = HostFiles.O_RDONLY | HostFiles.O_DIRECTORY | HostFiles.O_NONBLOCK;
        return opened(n, HostFiles.openat2(path, scratch.dot, flags, 0, NodeTable.RESOLVE));
    }

    private int opened(Node n, int fd) {
        if (fd < 0) {
            return NodeTable.isGone(fd) ? -HostErrno.ESTALE : fd;
        }
        int result = HostFiles.fstatx(fd, Statx.BASIC_STATS | Statx.BTIME, scratch.statx);
        if (result < 0 || !n.is(scratch.statx)) {
            Host.close(fd);
            return result < 0 ? result : -HostErrno.ESTALE;
        }
        return fd;
    }

    // ---- answers ----

    /**
     * Encodes node, attributes and target of what {@link #publish} gave; {@code dir} and {@code name} are where it is.
     */
    int putNode(Node n, int dir, long name) {
        out.putInt(n.id);
        return putAttrTarget(dir, name);
    }

    /** Encodes the attributes in {@code scratch.statx}, and the target if they are those of a symbolic link. */
    int putAttrTarget(int dir, long name) {
        Attr.write(scratch.statx, out);
        int length = 0;
        if ((Statx.mode(scratch.statx) & Node.S_IFMT) == Node.S_IFLNK) {
            length = HostFiles.readlinkat(dir, name, scratch.target, Wire.MAX_TARGET);
            if (length < 0) {
                length = 0;
            }
        }
        out.putName(scratch.target, length);
        return 0;
    }
}
