package gvj.wire;

import gvj.host.HostErrno;
import java.util.function.Consumer;

/**
 * The Sentry's side of a gofer: one blocking method for each operation. Thread safe.
 *
 * <p>Results are {@code >= 0}, or {@code -errno} as the host's kernel answered the gofer. Signals do not break a call
 * off. A gofer that dies or misbehaves answers {@code -EIO} from then on, and the callback gets one line that says why.
 *
 * <p><b>Nodes.</b> A node (an int, never 0) stands for a place in a mount's tree. Every node returned counts one and
 * must be given back with one {@link #forget}; asking twice for the same place gives the same number, counted twice. A
 * node follows a {@link #rename} made through this gofer. After {@link #unlink} it still names the file without a name
 * as long as it is kept (attributes work; opening does not). A node whose place was changed by others on the host
 * answers {@code -ESTALE}: look it up anew.
 *
 * <p><b>Descriptors</b> come from {@link #open} and {@link #create} and are the caller's to close; they outlive nodes,
 * names and the gofer.
 *
 * <p>Names are bytes without a NUL, 1 to 255, no '/', not "." and not "..": else {@code -EINVAL} or
 * {@code -ENAMETOOLONG}. The gofer checks no permissions for the application: that is the Sentry's work, before it
 * asks.
 */
public final class GoferClient {
    private static final int PENDING = 128;

    private final ChannelPool pool;

    /** Guards the nodes to be given back; nothing is locked under it. */
    private final Object pendingLock = new Object();

    private int[] pending = new int[PENDING];
    private int pendingCount;
    /** A name was taken away since nodes were last given back. */
    private volatile boolean unlinked;

    /**
     * @param sockets connected SOCK_SEQPACKET descriptors, at least one
     * @param maxChannels how many channels it may grow to when threads wait for one
     * @param lost gets one line, once, when the gofer is lost; called on the thread that noticed
     */
    public GoferClient(int[] sockets, int maxChannels, Consumer<String> lost) {
        pool = new ChannelPool(sockets, maxChannels, lost);
    }

    /** Ends the connection: the gofer goes away when it has no other, and every later call answers {@code -EIO}. */
    public void shutdown() {
        pool.close();
    }

    /** How many requests of each operation were made. */
    public long[] requests() {
        long[] counts = new long[Wire.OPERATIONS];
        pool.count(counts);
        return counts;
    }

    // ---- finding ----

    /**
     * The root of mount number {@code mount}: 0 and {@code to} is filled, or {@code -ENOENT} if there is no such mount.
     */
    public int attach(int mount, Mounted to) {
        Channel c = pool.begin(Wire.ATTACH);
        if (c == null) {
            return -HostErrno.EIO;
        }
        try {
            WireBuffer b = c.buffer;
            b.putInt(Wire.VERSION);
            b.putInt(mount);
            int result = c.call();
            if (result < 0) {
                return result;
            }
            int flags = b.getInt();
            to.readOnly = (flags & Wire.MOUNT_READ_ONLY) != 0;
            to.copiesUp = (flags & Wire.MOUNT_COPIES_UP) != 0;
            to.node = c.node(to.attr);
            return Math.min(to.node, 0);
        } finally {
            pool.put(c);
        }
    }

    /** Looks one name up in a directory: the node, with attributes and, for a symbolic link, its target. */
    public int lookup(int parent, byte[] name, Attr attr) {
        if (!isName(name)) {
            return nameError(name);
        }
        Channel c = pool.begin(Wire.WALK);
        if (c == null) {
            return -HostErrno.EIO;
        }
        try {
            WireBuffer b = c.buffer;
            b.putInt(parent);
            b.putInt(1);
            b.putName(name);
            int result = c.call();
            if (result < 0) {
                return result;
            }
            int status = b.getInt();
            int count = b.getInt();
            if (count == 1 && status == 0) {
                return c.node(attr);
            }
            result = c.decoded();
            return result < 0 ? result : status < 0 ? status : -HostErrno.EIO;
        } finally {
            pool.put(c);
        }
    }

    /**
     * Walks down {@code count} names (at most {@link Wire#MAX_WALK}) in one round trip, from {@code names[from]}. It
     * stops after a symbolic link or whatever is no directory, and before a name that is not there. "." and ".." are
     * the caller's.
     *
     * @return 0 and {@code result} is filled, or {@code -errno} and nothing was walked
     */
    public int walk(int start, byte[][] names, int from, int count, WalkResult result) {
        result.count = 0;
        result.status = 0;
        if (count < 1 || count > Wire.MAX_WALK) {
            return -HostErrno.EINVAL;
        }
        for (int i = 0; i < count; i++) {
            if (!isName(names[from + i])) {
                return nameError(names[from + i]);
            }
        }
        Channel c = pool.begin(Wire.WALK);
        if (c == null) {
            return -HostErrno.EIO;
        }
        try {
            WireBuffer b = c.buffer;
            b.putInt(start);
            b.putInt(count);
            for (int i = 0; i < count; i++) {
                b.putName(names[from + i]);
            }
            int answer = c.call();
            return answer < 0 ? answer : readWalk(c, b, count, result);
        } finally {
            pool.put(c);
        }
    }

    private static int readWalk(Channel c, WireBuffer b, int asked, WalkResult result) {
        int status = b.getInt();
        int found = b.getInt();
        for (int i = 0; i < found && i < asked; i++) {
            result.nodes[i] = b.getInt();
            result.attr(i).readWithTarget(b);
        }
        int bad = c.decoded();
        if (bad == 0) {
            result.status = Math.min(status, 0);
            result.count = found;
        }
        return bad;
    }

    /** The target of a symbolic link into {@code attr.target}; the other fields stay. */
    public int readlink(int node, Attr attr) {
        Channel c = pool.begin(Wire.READLINK);
        if (c == null) {
            return -HostErrno.EIO;
        }
        try {
            WireBuffer b = c.buffer;
            b.putInt(node);
            int result = c.call();
            if (result < 0) {
                return result;
            }
            attr.target = b.getNameBytes();
            return c.decoded();
        } finally {
            pool.put(c);
        }
    }

    /**
     * One page of a directory, from {@code cookie} (0: the beginning; later what this returned).
     *
     * @param flags 0, {@link Wire#LIST_ATTR}, that and {@link Wire#LIST_NODE}, or those and {@link Wire#LIST_DIRECTORIES}
     * @return the next cookie, {@link Wire#LIST_END} after the last entry, or {@code -errno}
     */
    public long list(int node, long cookie, int flags, EntryVisitor visitor) {
        if (cookie == Wire.LIST_END) {
            return cookie;
        }
        Channel c = pool.begin(Wire.LIST);
        if (c == null) {
            return -HostErrno.EIO;
        }
        try {
            WireBuffer b = c.buffer;
            b.putInt(node);
            b.putInt(flags);
            b.putLong(cookie);
            int result = c.call();
            return result < 0 ? result : readEntries(c, b, flags, visitor);
        } finally {
            pool.put(c);
        }
    }

    private static long readEntries(Channel c, WireBuffer b, int flags, EntryVisitor visitor) {
        Attr attr = new Attr();
        long next = b.getLong();
        int count = b.getInt();
        for (int i = 0; i < count && !b.bad(); i++) {
            long ino = b.getLong();
            long cookie = b.getLong();
            int type = b.getInt();
            int node = b.getInt();
            byte[] name = b.getNameBytes();
            attr.mode = 0;
            if (Wire.listsAttr(flags, type)) {
                attr.readWithTarget(b);
            }
            if (!b.bad()) {
                visitor.entry(name, ino, type, cookie, node, attr);
                attr = node == 0 ? attr : new Attr();
            }
        }
        int bad = c.decoded();
        return bad < 0 ? bad : next < 0 ? Wire.LIST_END : next;
    }

    // ---- attributes ----

    /** The attributes as they are now. {@code attr.target} becomes empty: a target never changes. */
    public int getattr(int node, Attr attr) {
        Channel c = pool.begin(Wire.GETATTR);
        if (c == null) {
            return -HostErrno.EIO;
        }
        try {
            WireBuffer b = c.buffer;
            b.putInt(node);
            return c.callForAttr(attr);
        } finally {
            pool.put(c);
        }
    }

    /** Changes what {@code set.valid} names, size first, then owner, mode, times; {@code attr} gets what is then. */
    public int setattr(int node, SetAttr set, Attr attr) {
        Channel c = pool.begin(Wire.SETATTR);
        if (c == null) {
            return -HostErrno.EIO;
        }
        try {
            WireBuffer b = c.buffer;
            b.putInt(node);
            b.putInt(set.valid);
            b.putInt(set.mode);
            b.putInt(set.uid);
            b.putInt(set.gid);
            b.putLong(set.size);
            b.putLong(set.atime);
            b.putInt(set.atimeNanos);
            b.putLong(set.mtime);
            b.putInt(set.mtimeNanos);
            return c.callForAttr(attr);
        } finally {
            pool.put(c);
        }
    }

    /** statfs(2). */
    public int statfs(int node, FsStat to) {
        Channel c = pool.begin(Wire.STATFS);
        if (c == null) {
            return -HostErrno.EIO;
        }
        try {
            WireBuffer b = c.buffer;
            b.putInt(node);
            int result = c.call();
            if (result < 0) {
                return result;
            }
            to.type = b.getLong();
            to.bsize = b.getLong();
            to.blocks = b.getLong();
            to.bfree = b.getLong();
            to.bavail = b.getLong();
            to.files = b.getLong();
            to.ffree = b.getLong();
            to.fsid = b.getLong();
            to.namelen = b.getLong();
            to.frsize = b.getLong();
            to.flags = b.getLong();
            return c.decoded();
        } finally {
            pool.put(c);
        }
    }

    // ---- opening and making ----

    /**
     * Opens a regular file: a host descriptor.
     *
     * @param flags open(2)'s access mode, and of the others O_TRUNC, O_APPEND, O_DIRECT, O_NOATIME, O_SYNC, O_DSYNC
     * @return the descriptor; {@code -EISDIR} for a directory (list it), {@code -ENXIO} for what is no regular file
     */
    public int open(int node, int flags, Attr attr) {
        Channel c = pool.begin(Wire.OPEN);
        if (c == null) {
            return -HostErrno.EIO;
        }
        try {
            WireBuffer b = c.buffer;
            b.putInt(node);
            b.putInt(flags);
            int result = c.callForAttr(attr);
            return result < 0 ? result : c.takeDonated();
        } finally {
            pool.put(c);
        }
    }

    /** Makes a regular file and opens it, as open(2) with O_CREAT and O_EXCL: {@code -EEXIST} if the name is taken. */
    public int create(int parent, byte[] name, int mode, int uid, int gid, int flags, Created to) {
        if (!isName(name)) {
            return nameError(name);
        }
        Channel c = pool.begin(Wire.CREATE);
        if (c == null) {
            return -HostErrno.EIO;
        }
        try {
            WireBuffer b = c.buffer;
            putOwner(b, parent, mode, uid, gid);
            b.putInt(flags);
            b.putName(name);
            return created(c, to);
        } finally {
            pool.put(c);
        }
    }

    /**
     * Makes and opens a regular file without a name, as open(2) with O_TMPFILE and O_RDWR.
     *
     * @param linkable whether {@link #link} may give it a name
     */
    public int tmpfile(int parent, int mode, int uid, int gid, boolean linkable, Created to) {
        Channel c = pool.begin(Wire.TMPFILE);
        if (c == null) {
            return -HostErrno.EIO;
        }
        try {
            putOwner(c.buffer, parent, mode, uid, gid);
            c.buffer.putInt(linkable ? 1 : 0);
            return created(c, to);
        } finally {
            pool.put(c);
        }
    }

    private static int created(Channel c, Created to) {
        int node = c.callForNode(to.attr);
        int fd = node < 0 ? node : c.takeDonated();
        if (fd >= 0) {
            to.node = node;
            to.fd = fd;
        }
        return Math.min(fd, 0);
    }

    /**
     * mkdirat(2): the new directory's node. The mode is used as it is; umask and set-group-ID rules are the caller's.
     */
    public int mkdir(int parent, byte[] name, int mode, int uid, int gid, Attr attr) {
        if (!isName(name)) {
            return nameError(name);
        }
        Channel c = pool.begin(Wire.MKDIR);
        if (c == null) {
            return -HostErrno.EIO;
        }
        try {
            WireBuffer b = c.buffer;
            putOwner(b, parent, mode, uid, gid);
            b.putName(name);
            return c.callForNode(attr);
        } finally {
            pool.put(c);
        }
    }

    /**
     * mknodat(2) of a regular file, fifo, socket or whiteout (character device 0, 0): the node. Devices are
     * {@code -EPERM}: one in a file system of the host would be a way out.
     *
     * @param mode type and permissions
     */
    public int mknod(int parent, byte[] name, int mode, int uid, int gid, int major, int minor, Attr attr) {
        if (!isName(name)) {
            return nameError(name);
        }
        Channel c = pool.begin(Wire.MKNOD);
        if (c == null) {
            return -HostErrno.EIO;
        }
        try {
            WireBuffer b = c.buffer;
            putOwner(b, parent, mode, uid, gid);
            b.putInt(major);
            b.putInt(minor);
            b.putName(name);
            return c.callForNode(attr);
        } finally {
            pool.put(c);
        }
    }

    /** symlinkat(2): the link's node. */
    public int symlink(int parent, byte[] name, byte[] target, int uid, int gid, Attr attr) {
        if (!isName(name)) {
            return nameError(name);
        }
        if (target.length == 0) {
            return -HostErrno.ENOENT;
        }
        if (target.length > Wire.MAX_TARGET) {
            return -HostErrno.ENAMETOOLONG;
        }
        Channel c = pool.begin(Wire.SYMLINK);
        if (c == null) {
            return -HostErrno.EIO;
        }
        try {
            WireBuffer b = c.buffer;
            b.putInt(parent);
            b.putInt(uid);
            b.putInt(gid);
            b.putName(name);
            b.putName(target);
            return c.callForNode(attr);
        } finally {
            pool.put(c);
        }
    }

    /** linkat(2) of the file {@code node} as {@code name}: a node for the new name. */
    public int link(int node, int parent, byte[] name, Attr attr) {
        if (!isName(name)) {
            return nameError(name);
        }
        Channel c = pool.begin(Wire.LINK);
        if (c == null) {
            return -HostErrno.EIO;
        }
        try {
            WireBuffer b = c.buffer;
            b.putInt(node);
            b.putInt(parent);
            b.putName(name);
            return c.callForNode(attr);
        } finally {
            pool.put(c);
        }
    }

    // ---- names ----

    /** unlinkat(2); flags 0 or AT_REMOVEDIR. Answers how many names the file still has; 0 for one that is not known. */
    public int unlink(int parent, byte[] name, int flags) {
        if (!isName(name)) {
            return nameError(name);
        }
        Channel c = pool.begin(Wire.UNLINK);
        if (c == null) {
            return -HostErrno.EIO;
        }
        try {
            WireBuffer b = c.buffer;
            b.putInt(parent);
            b.putInt(flags);
            b.putName(name);
            return removed(c);
        } finally {
            pool.put(c);
        }
    }

    /**
     * renameat2(2); flags 0, RENAME_NOREPLACE or RENAME_EXCHANGE. Nodes of what moved stay good. Answers
     * how many names what was replaced still has.
     */
    public int rename(int parent, byte[] name, int newParent, byte[] newName, int flags) {
        if (!isName(name)) {
            return nameError(name);
        }
        if (!isName(newName)) {
            return nameError(newName);
        }
        Channel c = pool.begin(Wire.RENAME);
        if (c == null) {
            return -HostErrno.EIO;
        }
        try {
            WireBuffer b = c.buffer;
            b.putInt(parent);
            b.putInt(newParent);
            b.putInt(flags);
            b.putName(name);
            b.putName(newName);
            return removed(c);
        } finally {
            pool.put(c);
        }
    }

    private int removed(Channel c) {
        int result = c.call();
        if (result < 0) {
            return result;
        }
        unlinked = true;
        int left = c.buffer.getInt();
        int bad = c.decoded();
        return bad < 0 ? bad : Math.max(left, 0);
    }

    /** fsync(2) or fdatasync(2) of a file or directory. For an open file use its descriptor instead. */
    public int fsync(int node, boolean dataOnly) {
        return sync(node, dataOnly ? Wire.SYNC_DATA : Wire.SYNC_ALL);
    }

    /** syncfs(2) of the host's file system that a file or directory is on. */
    public int syncfs(int node) {
        return sync(node, Wire.SYNC_FS);
    }

    private int sync(int node, int what) {
        Channel c = pool.begin(Wire.FSYNC);
        if (c == null) {
            return -HostErrno.EIO;
        }
        try {
            WireBuffer b = c.buffer;
            b.putInt(node);
            b.putInt(what);
            return c.callForNothing();
        } finally {
            pool.put(c);
        }
    }

    /** Makes mount number {@code mount} read-only for good. */
    public int seal(int mount) {
        Channel c = pool.begin(Wire.SEAL);
        if (c == null) {
            return -HostErrno.EIO;
        }
        try {
            c.buffer.putInt(mount);
            return c.callForNothing();
        } finally {
            pool.put(c);
        }
    }

    /** Lets go of a mount: no node of it is one any more. Descriptors that it gave stay open. */
    public int detach(int mount) {
        Channel c = pool.begin(Wire.DETACH);
        if (c == null) {
            return -HostErrno.EIO;
        }
        try {
            c.buffer.putInt(mount);
            return c.callForNothing();
        } finally {
            pool.put(c);
        }
    }

    // ---- extended attributes: xattr(7) ----

    /**
     * getxattr(2): the size; into {@code value}, {@code -ERANGE} if that is too short, only the size if its length is
     * 0. {@code -ENOENT} says more than {@code -ENODATA}: the file has no attributes at all.
     */
    public int getxattr(int node, byte[] name, byte[] value) {
        int bad = xattrNameError(name);
        return bad < 0 ? bad : readXattr(Wire.GETXATTR, node, name, value);
    }

    /** listxattr(2): the size of the names, each ended by a NUL; room as in {@link #getxattr}. */
    public int listxattr(int node, byte[] list) {
        return readXattr(Wire.LISTXATTR, node, Attr.NO_TARGET, list);
    }

    private int readXattr(int op, int node, byte[] name, byte[] to) {
        Channel c = pool.begin(op);
        if (c == null) {
            return -HostErrno.EIO;
        }
        try {
            WireBuffer b = c.buffer;
            b.putInt(node);
            b.putInt(to.length);
            if (op == Wire.GETXATTR) {
                b.putName(name);
            }
            int result = c.call();
            if (result < 0) {
                return result;
            }
            int size = b.getInt();
            if (to.length > 0) {
                b.getBytes(to, 0, size < 0 || size > to.length ? b.remaining() + 1 : size);
            }
            result = c.decoded();
            return result < 0 ? result : size;
        } finally {
            pool.put(c);
        }
    }

    /** setxattr(2); flags XATTR_CREATE 1, XATTR_REPLACE 2. {@code -E2BIG} beyond {@link Wire#MAX_XATTR} bytes. */
    public int setxattr(int node, byte[] name, byte[] value, int flags) {
        int bad = xattrNameError(name);
        if (bad < 0) {
            return bad;
        }
        if (value.length > Wire.MAX_XATTR) {
            return -HostErrno.E2BIG;
        }
        Channel c = pool.begin(Wire.SETXATTR);
        if (c == null) {
            return -HostErrno.EIO;
        }
        try {
            WireBuffer b = c.buffer;
            b.putInt(node);
            b.putInt(flags);
            b.putInt(value.length);
            b.putName(name);
            b.putBytes(value, 0, value.length);
            return c.callForNothing();
        } finally {
            pool.put(c);
        }
    }

    /** removexattr(2). */
    public int removexattr(int node, byte[] name) {
        int bad = xattrNameError(name);
        if (bad < 0) {
            return bad;
        }
        Channel c = pool.begin(Wire.REMOVEXATTR);
        if (c == null) {
            return -HostErrno.EIO;
        }
        try {
            WireBuffer b = c.buffer;
            b.putInt(node);
            b.putName(name);
            return c.callForNothing();
        } finally {
            pool.put(c);
        }
    }

    // ---- giving back ----

    /**
     * Gives a node back, once for each time it was returned. Nodes are gathered and sent without waiting for an answer;
     * after a file was unlinked at once, because the gofer may hold the last reference to its blocks.
     */
    public void forget(int node) {
        boolean full;
        synchronized (pendingLock) {
            pending[pendingCount++] = node;
            full = pendingCount == PENDING;
            if (!full && !unlinked) {
                return;
            }
        }
        flushForgotten();
    }

    /** Sends what {@link #forget} has gathered. */
    public void flushForgotten() {
        int[] some;
        int count;
        synchronized (pendingLock) {
            some = pending;
            count = pendingCount;
            pending = new int[PENDING];
            pendingCount = 0;
            unlinked = false;
        }
        if (count > 0) {
            close(some, count);
        }
    }

    private void close(int[] nodes, int count) {
        Channel c = pool.begin(Wire.CLOSE);
        if (c == null) {
            return;
        }
        try {
            WireBuffer b = c.buffer;
            b.putInt(count);
            for (int i = 0; i < count; i++) {
                b.putInt(nodes[i]);
            }
            c.send();
        } finally {
            pool.put(c);
        }
    }

    // ---- shared ----

    private static void putOwner(WireBuffer b, int parent, int mode, int uid, int gid) {
        b.putInt(parent);
        b.putInt(mode);
        b.putInt(uid);
        b.putInt(gid);
    }

    private static boolean isName(byte[] name) {
        int n = name.length;
        if (n == 0 || n > Wire.MAX_NAME || name[0] == '.' && (n == 1 || n == 2 && name[1] == '.')) {
            return false;
        }
        for (byte b : name) {
            if (b == 0 || b == '/') {
                return false;
            }
        }
        return true;
    }

    private static int nameError(byte[] name) {
        return name.length > Wire.MAX_NAME ? -HostErrno.ENAMETOOLONG : -HostErrno.EINVAL;
    }

    /** XATTR_NAME_MAX is 255; a longer or empty name is {@code -ERANGE} (xattr(7), and so does the kernel). */
    private static int xattrNameError(byte[] name) {
        return name.length == 0 || name.length > Wire.MAX_NAME ? -HostErrno.ERANGE : 0;
    }
}
