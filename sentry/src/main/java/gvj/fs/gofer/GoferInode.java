package gvj.fs.gofer;

import gvj.abi.Errno;
import gvj.abi.Stat;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import gvj.vfs.FileDescription;
import gvj.vfs.Inode;
import gvj.vfs.Kstat;
import gvj.vfs.Opener;
import gvj.vfs.Path;
import gvj.vfs.SetAttr;
import gvj.wire.Attr;
import gvj.wire.Wire;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A file of the host: attributes as the gofer told them, fresh as long as nobody else changes the tree, or for the moment
 * after a walk found it.
 *
 * <p>Lock: {@link #attr}'s monitor guards the attributes; the gofer is not asked under it.
 */
class GoferInode extends Inode {
    private static final long SECOND = 1_000_000_000;
    private static final int SHORT_XATTR = 256;

    private static final byte[] NOTHING = new byte[0];

    private final GoferFs fs;
    private final Attr attr;
    private volatile int mode;
    private volatile int uid;
    private volatile int gid;
    private volatile long freshUntil;
    private volatile boolean stale;
    /** When we changed something last. */
    private volatile long changed;
    /** Known to have no extended attributes. */
    private volatile boolean plain;
    /** Attempts to change them: what was told before one says nothing about after it. */
    private volatile int xattrChanges;

    private GoferFs.Handle handle;
    private final String target;

    /** An inode of these attributes, which nobody else must use from now on. */
    GoferInode(GoferFs fs, Attr attr) {
        super(fs);
        this.fs = fs;
        this.attr = attr;
        this.target = isLink(attr) ? text(attr.target) : null;
        this.mode = attr.mode;
        this.uid = attr.uid;
        this.gid = attr.gid;
        this.freshUntil = fs.sharing().until();
    }

    private static boolean isLink(Attr attr) {
        return (attr.mode & Stat.S_IFMT) == Stat.S_IFLNK;
    }

    static GoferInode make(GoferFs fs, Attr attr) {
        return switch (attr.mode & Stat.S_IFMT) {
            case Stat.S_IFDIR -> new GoferDirectory(fs, attr);
            case Stat.S_IFREG -> new GoferFile(fs, attr);
            default -> new GoferInode(fs, attr);
        };
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    final GoferFs fs() {
        return fs;
    }

    final void setHandle(GoferFs.Handle newHandle) {
        handle = newHandle;
    }

    final GoferFs.Handle handle() {
        return handle;
    }

    /** Its number at the gofer; ESTALE if the file lost its last name when nobody had it open. */
    final int node() {
        int node = handle.nodes[0];
        if (node == 0) {
            throw ErrnoException.of(Errno.ESTALE);
        }
        return node;
    }

    /** The page cache; null for what is no regular file. */
    GoferPages pages() {
        return null;
    }

    /** The gofer told new attributes. */
    void refreshed(Attr now) {
        synchronized (attr) {
            if (attr.ctime != now.ctime || attr.ctimeNanos != now.ctimeNanos) {
                plain = false;
            }
            attr.set(now);
            mode = now.mode;
            uid = now.uid;
            gid = now.gid;
            stale = false;
            freshUntil = fs.sharing().until();
        }
    }

    /** The gofer told attributes, asked for at that time: if we changed something since then, they may be older than that. */
    void told(Attr now, long asked) {
        if (asked == GoferFs.LONG_AGO || changed - asked > 0) {
            stale = true;
        } else {
            refreshed(now);
        }
    }

    /** Refreshes without asking the gofer; whether there is a way. */
    boolean refreshHere() {
        return false;
    }

    /** What is known may be old. */
    final void expired() {
        stale = true;
    }

    final boolean isFresh() {
        return !stale && !Sharing.isPast(freshUntil);
    }

    private boolean isPlain() {
        return plain && (fs.sharing().forever() || isFresh());
    }

    /** Attributes changed on the host because of what we did there; they are asked for when somebody wants them. */
    final void outdated() {
        changed = System.nanoTime();
        stale = true;
    }

    /** A name of it was removed; {@code left} names are left, as the gofer says. */
    final void nameGone(int left) {
        outdated();
        synchronized (attr) {
            attr.nlink = left;
        }
        if (left == 0) {
            fs.nameless(this);
        }
    }

    /** Asks for the attributes if they may have changed. */
    void refresh() {
        if (isFresh() || refreshHere() || handle.nodes[0] == 0) {
            return;
        }
        Attr now = new Attr();
        long asked = System.nanoTime();
        int result = fs.client().getattr(node(), now);
        if (result == -Errno.ESTALE) {
            // others changed the place: what is known of the file is all there is
            return;
        }
        GoferFs.check(result);
        told(now, asked);
    }

    /** The size as it was told last. */
    final long knownSize() {
        synchronized (attr) {
            return attr.size;
        }
    }

    /** The size as the host has it now, asked for if others may have changed it. */
    final long hostSize() {
        if (!fs.sharing().forever()) {
            stale = true;
        }
        refresh();
        return knownSize();
    }

    @Override
    public final long ino() {
        synchronized (attr) {
            return attr.ino;
        }
    }

    @Override
    public final int mode() {
        return mode;
    }

    @Override
    public final int uid() {
        return uid;
    }

    @Override
    public final int gid() {
        return gid;
    }

    @Override
    public void stat(Kstat out) {
        refresh();
        synchronized (attr) {
            out.ino = attr.ino;
            out.mode = attr.mode;
            out.nlink = attr.nlink;
            out.uid = attr.uid;
            out.gid = attr.gid;
            out.rdevMajor = attr.rdevMajor;
            out.rdevMinor = attr.rdevMinor;
            out.size = attr.size;
            out.blockSize = attr.blksize;
            out.blocks = attr.blocks;
            out.atime = attr.atime * SECOND + attr.atimeNanos;
            out.mtime = attr.mtime * SECOND + attr.mtimeNanos;
            out.ctime = attr.ctime * SECOND + attr.ctimeNanos;
            out.btime = attr.btime * SECOND + attr.btimeNanos;
            out.attributes = 0;
        }
    }

    @Override
    public void setAttr(SetAttr change) {
        change(change, change.mask);
    }

    /** Asks the gofer to change what {@code mask} says, of what {@code change} holds. */
    final void change(SetAttr change, int mask) {
        gvj.wire.SetAttr set = new gvj.wire.SetAttr();
        set.valid = mask & (SetAttr.MODE | SetAttr.UID | SetAttr.GID | SetAttr.SIZE | SetAttr.ATIME | SetAttr.MTIME);
        set.mode = change.mode;
        set.uid = change.uid;
        set.gid = change.gid;
        set.size = change.size;
        set.atime = Math.floorDiv(change.atime, SECOND);
        set.atimeNanos = (int) Math.floorMod(change.atime, SECOND);
        set.mtime = Math.floorDiv(change.mtime, SECOND);
        set.mtimeNanos = (int) Math.floorMod(change.mtime, SECOND);
        Attr now = new Attr();
        GoferFs.check(fs.client().setattr(node(), set, now));
        changed = System.nanoTime();
        refreshed(now);
    }

    @Override
    public String readlink() {
        if (target == null) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        return target;
    }

    @Override
    public FileDescription open(Task task, Path path, int flags) {
        return Opener.openSpecial(task, path, flags);
    }

    @Override
    public final byte[] getXattr(String name) {
        if (isPlain()) {
            return null;
        }
        int before = xattrChanges;
        byte[] value = new byte[SHORT_XATTR];
        int size = fs.client().getxattr(node(), bytes(name), value);
        if (size == -Errno.ERANGE) {
            value = new byte[Wire.MAX_XATTR];
            size = fs.client().getxattr(node(), bytes(name), value);
        }
        if (size == -Errno.ENOENT) {
            setPlain(before);
            return null;
        }
        return size == -Errno.ENODATA ? null : Arrays.copyOf(value, GoferFs.check(size));
    }

    @Override
    public final byte[] getXattrIfAny(String name) {
        if (isPlain()) {
            return null;
        }
        int size = fs.client().getxattr(node(), bytes(name), NOTHING);
        return size < 0 ? null : getXattr(name);
    }

    /** Nobody else gives it attributes, and we have not done so since {@code before}. */
    private void setPlain(int before) {
        synchronized (attr) {
            plain = fs.sharing().caches() && before == xattrChanges;
        }
    }

    private void xattrChanged() {
        synchronized (attr) {
            xattrChanges++;
            plain = false;
        }
        outdated();
    }

    @Override
    public final void setXattr(String name, byte[] value, int flags) {
        xattrChanged();
        GoferFs.check(fs.client().setxattr(node(), bytes(name), value, flags));
        xattrChanged();
    }

    @Override
    public final List<String> listXattr() {
        if (isPlain()) {
            return List.of();
        }
        byte[] list = new byte[Wire.MAX_XATTR];
        int size = fs.client().listxattr(node(), list);
        if (size == -Errno.EOPNOTSUPP) {
            return List.of();
        }
        GoferFs.check(size);
        List<String> names = new ArrayList<>();
        for (String name : text(Arrays.copyOf(list, size)).split("\0")) {
            if (!name.isEmpty()) {
                names.add(name);
            }
        }
        return names;
    }

    @Override
    public final void removeXattr(String name) {
        GoferFs.check(fs.client().removexattr(node(), bytes(name)));
        outdated();
    }
}
