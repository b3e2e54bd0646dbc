package gvj.fs.overlay;

import gvj.kernel.Credentials;
import gvj.kernel.Kernel;
import gvj.vfs.Dentry;
import gvj.vfs.FileSystem;
import gvj.vfs.Inode;
import gvj.vfs.Kstat;
import gvj.vfs.Mount;
import gvj.vfs.Path;
import gvj.vfs.SetAttr;
import gvj.vfs.StatFs;
import gvj.vfs.Vfs;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One overlay.
 *
 * <p>Locks: {@link #changes} makes changes of names and the last step of a copy-up one at a time; taken after the VFS's
 * locks and an inode's copy-up lock, before those of the layers. The monitor guards the tables and is below it.
 */
public final class OverlayFs extends FileSystem {
    /** Numbers of inodes that have no lower one start here, out of the way of any host's. */
    private static final long UPPER_INO = 1L << 48;

    final ReentrantLock changes = new ReentrantLock();
    /** As whom the layers are changed. */
    final Credentials creds;

    private final FileSystem lower;
    private final FileSystem upper;
    private final Mount lowerMount;
    private final Mount upperMount;
    /**
     * From an upper inode to the lower one it was copied from. It holds both: the upper file system may forget inodes that nobody
     * uses, and what a directory was copied from is written down nowhere else. They go when the upper one loses its last name.
     */
    private final Map<Inode, Inode> origins = new HashMap<>();
    /** Files that may have several names, by upper inode and by lower number. */
    private final Map<Inode, WeakReference<OverlayInode>> byUpper = new WeakHashMap<>();

    private final Map<Long, WeakReference<OverlayInode>> byLower = new HashMap<>();
    /** Lower files of several names that were changed: they must be found again. */
    private final Map<Long, OverlayInode> changedLinks = new HashMap<>();

    private final OverlayDirectory root;
    private boolean released;

    /**
     * An overlay.
     *
     * @param lower only read
     * @param upper empty and writable, with all types of files
     */
    public OverlayFs(Kernel kernel, FileSystem lower, FileSystem upper) {
        this(Vfs.rootCredentials(kernel.rootUserNamespace), lower, upper);
    }

    /** As above, for {@code creds} instead of a kernel's root. */
    public OverlayFs(Credentials creds, FileSystem lower, FileSystem upper) {
        this.creds = creds;
        this.lower = lower;
        this.upper = upper;
        this.lowerMount = Mount.of(lower, "lower", Mount.RDONLY | Mount.NOATIME);
        this.upperMount = Mount.of(upper, "upper", 0);
        copyAttributes(lower.root(), upper.root());
        origins.put(upper.root(), lower.root());
        root = new OverlayDirectory(this, null, "/", upper.root(), lower.root());
    }

    /** It is gone, and its layers with it. */
    @Override
    protected void release() {
        synchronized (this) {
            if (released) {
                return;
            }
            released = true;
        }
        lowerMount.abandon();
        upperMount.abandon();
    }

    /** Who uses it uses its layers. */
    @Override
    protected void busy() {
        lowerMount.hold();
        upperMount.hold();
    }

    @Override
    protected void idle() {
        lowerMount.drop();
        upperMount.drop();
    }

    /** A place for opening an inode of a layer. */
    Path layerPath(Inode inode) {
        Mount mount = inode.fileSystem() == lower ? lowerMount : upperMount;
        return new Path(mount, new Dentry(null, "/", inode));
    }

    /** Owner, mode and times of {@code from} become those of {@code to}. */
    static void copyAttributes(Inode from, Inode to) {
        Kstat stat = new Kstat();
        from.stat(stat);
        SetAttr change = new SetAttr();
        change.mask = SetAttr.UID | SetAttr.GID | SetAttr.ATIME | SetAttr.MTIME;
        change.uid = stat.uid;
        change.gid = stat.gid;
        change.atime = stat.atime;
        change.mtime = stat.mtime;
        if (!to.isSymlink()) {
            change.mask |= SetAttr.MODE;
            change.mode = stat.mode & 07777;
        }
        to.setAttr(change);
    }

    synchronized void setOrigin(Inode upperInode, Inode lowerInode) {
        origins.put(upperInode, lowerInode);
    }

    /** The lower inode that {@code upperInode} was copied from, or null. */
    synchronized Inode origin(Inode upperInode) {
        return origins.get(upperInode);
    }

    /** The number that stat(2) shows for an upper inode. */
    long inoOf(Inode upperInode) {
        Inode origin = origin(upperInode);
        return origin != null ? origin.ino() : UPPER_INO + upperInode.ino();
    }

    /** The inode for what the layers have under a name. */
    OverlayInode inode(OverlayDirectory parent, String name, Inode up, Inode low) {
        if (up != null) {
            return upperInode(parent, name, up);
        }
        if (low.isDirectory()) {
            return new OverlayDirectory(this, parent, name, null, low);
        }
        Kstat stat = new Kstat();
        low.stat(stat);
        if (stat.nlink <= 1) {
            return new OverlayInode(this, parent, name, null, low);
        }
        synchronized (this) {
            WeakReference<OverlayInode> reference = byLower.get(stat.ino);
            OverlayInode known = reference == null ? null : reference.get();
            if (known == null) {
                known = new OverlayInode(this, parent, name, null, low);
                byLower.values().removeIf(old -> old.get() == null);
                byLower.put(stat.ino, new WeakReference<>(known));
            }
            return known;
        }
    }

    private synchronized OverlayInode upperInode(OverlayDirectory parent, String name, Inode up) {
        WeakReference<OverlayInode> reference = byUpper.get(up);
        OverlayInode known = reference == null ? null : reference.get();
        if (known == null) {
            Inode origin = origins.get(up);
            known = up.isDirectory()
                    ? new OverlayDirectory(this, parent, name, up, origin)
                    : new OverlayInode(this, parent, name, up, origin);
            byUpper.put(up, new WeakReference<>(known));
        }
        return known;
    }

    /** {@code inode} was copied up to {@code up}. */
    synchronized void copiedUp(OverlayInode inode, Inode up, Inode low) {
        if (!inode.isRemoved()) {
            origins.put(up, low);
        }
        byUpper.put(up, new WeakReference<>(inode));
        keepLinks(inode, low);
    }

    /** A lower file of several names changed: it is kept, for its other names lead to it. */
    synchronized void keepLinks(OverlayInode inode, Inode low) {
        WeakReference<OverlayInode> reference = low.isDirectory() ? null : byLower.get(low.ino());
        if (reference != null && reference.get() == inode) {
            changedLinks.put(low.ino(), inode);
        }
    }

    /** Its last name is gone: the inode itself knows all that those who have it open need. */
    synchronized void forgetLinks(OverlayInode inode, Inode low) {
        if (low != null) {
            changedLinks.remove(low.ino(), inode);
            origins.remove(inode.upper());
        }
    }

    Inode upperRoot() {
        return upper.root();
    }

    @Override
    public String type() {
        return "overlay";
    }

    @Override
    public long magic() {
        return gvj.abi.Mount.OVERLAYFS_SUPER_MAGIC;
    }

    @Override
    public Inode root() {
        return root;
    }

    @Override
    public String options() {
        return ",lowerdir=lower,upperdir=upper,workdir=work";
    }

    @Override
    public void statfs(StatFs out) {
        upper.statfs(out);
        if (out.blocks == 0) {
            lower.statfs(out);
        }
        out.type = magic();
    }
}
