package gvj.fs.overlay;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Stat;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import gvj.mm.ArrayIoBuffer;
import gvj.vfs.FileDescription;
import gvj.vfs.Inode;
import gvj.vfs.Kstat;
import gvj.vfs.Opener;
import gvj.vfs.Path;
import gvj.vfs.SetAttr;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * A file of an overlay: in the upper layer, or in the lower one until it is changed.
 *
 * <p>Locks: {@link #copying} lets one thread copy it up; a parent's is taken while it is held, never a child's. Parent and
 * name are guarded by {@link OverlayFs#changes}.
 */
class OverlayInode extends Inode {
    private static final int CHUNK = 256 << 10;
    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;

    private static final AtomicIntegerFieldUpdater<OverlayInode> OPENS =
            AtomicIntegerFieldUpdater.newUpdater(OverlayInode.class, "opens");

    private final OverlayFs fs;
    private final Inode lower;
    private final long ino;
    private final Object copying = new Object();
    private volatile Inode upper;
    /** The directory and name it has; several names have one of them here. */
    private volatile OverlayDirectory parent;

    private volatile String name;
    private volatile boolean removed;
    /** Names made and removed here of a lower file that the copy does not count. */
    private volatile int linkChange;

    /** A lower file of several names: the copy has none of its own, and this keeps its pages. */
    private final boolean severalNames;

    /** Guarded by {@link OverlayFs#changes}. */
    private FileDescription keeper;

    @SuppressWarnings("FieldMayBeFinal")
    private volatile int opens;

    OverlayInode(OverlayFs fs, OverlayDirectory parent, String name, Inode upper, Inode lower) {
        super(fs);
        this.fs = fs;
        this.parent = parent;
        this.name = name;
        this.upper = upper;
        this.lower = lower;
        this.ino = upper != null ? fs.inoOf(upper) : lower.ino();
        this.severalNames = upper == null && !lower.isDirectory() && linksOf(lower) > 1;
    }

    private static int linksOf(Inode inode) {
        Kstat stat = new Kstat();
        inode.stat(stat);
        return stat.nlink;
    }

    final OverlayFs fs() {
        return fs;
    }

    /** The lower inode, also after a copy-up; null if there never was one. */
    final Inode lower() {
        return lower;
    }

    /** The upper inode, or null. */
    final Inode upper() {
        return upper;
    }

    /** The inode that counts. */
    final Inode real() {
        Inode up = upper;
        return up != null ? up : lower;
    }

    final void moved(OverlayDirectory newParent, String newName) {
        parent = newParent;
        name = newName;
    }

    final boolean isRemoved() {
        return removed;
    }

    /** It lost a name: notes if it was the last one. */
    final void setRemovedIfLast() {
        Kstat left = new Kstat();
        stat(left);
        if (isDirectory() || left.nlink <= 0) {
            removed = true;
            fs.forgetLinks(this, lower);
            letGo();
        }
    }

    /** Without names and descriptions nobody needs the copy. */
    private void letGo() {
        if (removed && opens == 0 && keeper != null) {
            keeper.decRef();
            keeper = null;
        }
    }

    /** A description was opened (1) or closed (-1). */
    final void opened(int change) {
        OPENS.getAndAdd(this, change);
        if (removed) {
            fs.changes.lock();
            try {
                letGo();
            } finally {
                fs.changes.unlock();
            }
        }
    }

    /** A name of it came or went; {@code upperName} says that the upper inode counted it. */
    final void linked(int change, boolean upperName) {
        if (lower != null && !upperName) {
            linkChange += change;
            fs.keepLinks(this, lower);
        }
    }

    @Override
    public final long ino() {
        return ino;
    }

    @Override
    public final int mode() {
        return real().mode();
    }

    @Override
    public final int uid() {
        return real().uid();
    }

    @Override
    public final int gid() {
        return real().gid();
    }

    @Override
    public void stat(Kstat out) {
        Inode up = upper;
        if (up == null) {
            lower.stat(out);
            out.nlink += linkChange;
        } else {
            up.stat(out);
            if (lower != null && !isDirectory()) {
                int upperLinks = out.nlink;
                Kstat below = new Kstat();
                lower.stat(below);
                // the copy has one of the lower names; the others are still only there
                out.nlink = upperLinks + below.nlink - 1 + linkChange;
            } else if (lower != null) {
                out.nlink = 1;
            }
        }
        out.ino = ino;
    }

    /** The upper inode, made if there is none yet; its content comes along unless it is to be cut off anyway. */
    final Inode copyUp(boolean withData) {
        Inode up = upper;
        if (up != null) {
            return up;
        }
        synchronized (copying) {
            return upper != null ? upper : copyUpLocked(withData);
        }
    }

    private Inode copyUpLocked(boolean withData) {
        if (!lower.isRegular()) {
            return giveName(null);
        }
        Inode copy = fs.upperRoot().tmpfile(Stat.S_IFREG | 0600, fs.creds, true);
        FileDescription held = copy.open(null, fs.layerPath(copy), Fcntl.O_RDWR);
        try {
            if (withData) {
                copyData(copy, held);
            }
            finish(copy);
            Inode made = severalNames ? copy : giveName(copy);
            fs.changes.lock();
            try {
                if (severalNames) {
                    nameless(copy);
                }
                if (linksOf(copy) == 0 && !(removed && opens == 0)) {
                    held.incRef();
                    keeper = held;
                }
            } finally {
                fs.changes.unlock();
            }
            return made;
        } finally {
            held.decRef();
        }
    }

    /** The last step: the copy, or what is made now if it is null, gets its name in the upper layer. */
    private Inode giveName(Inode copy) {
        while (true) {
            OverlayDirectory directory = parent;
            Inode upperDirectory = removed ? null : directory.copyUp(true);
            fs.changes.lock();
            try {
                if (parent != directory && !removed) {
                    continue;
                }
                Inode made = place(copy, removed ? null : upperDirectory);
                if (removed) {
                    nameless(made);
                } else {
                    upper = made;
                    fs.copiedUp(this, made, lower);
                }
                return made;
            } finally {
                fs.changes.unlock();
            }
        }
    }

    /** The copy has none of the lower file's names: those that are left lead to this inode. */
    private void nameless(Inode copy) {
        linkChange++;
        upper = copy;
        fs.copiedUp(this, copy, lower);
    }

    /** Gives the copy its name in the upper directory, whose times stay; none if it lost its name meanwhile. */
    private Inode place(Inode copy, Inode directory) {
        if (directory == null) {
            if (copy == null) {
                throw ErrnoException.of(Errno.ESTALE);
            }
            return copy;
        }
        Kstat before = new Kstat();
        directory.stat(before);
        Inode made = copy;
        if (copy != null) {
            directory.link(name, copy);
        } else {
            made = makeSpecial(directory);
        }
        SetAttr times = new SetAttr();
        times.mask = SetAttr.ATIME | SetAttr.MTIME;
        times.atime = before.atime;
        times.mtime = before.mtime;
        directory.setAttr(times);
        return made;
    }

    private Inode makeSpecial(Inode directory) {
        Kstat stat = new Kstat();
        lower.stat(stat);
        Inode made = switch (stat.mode & Stat.S_IFMT) {
            case Stat.S_IFDIR -> directory.mkdir(name, stat.mode & 07777, fs.creds);
            case Stat.S_IFLNK -> directory.symlink(name, lower.readlink(), fs.creds);
            default -> directory.create(name, stat.mode, stat.rdevMajor, stat.rdevMinor, fs.creds);
        };
        finish(made);
        return made;
    }

    private void finish(Inode made) {
        for (String key : lower.listXattr()) {
            byte[] value = lower.getXattr(key);
            if (value != null) {
                made.setXattr(key, value, 0);
            }
        }
        OverlayFs.copyAttributes(lower, made);
    }

    private void copyData(Inode copy, FileDescription to) {
        FileDescription from = lower.open(null, fs.layerPath(lower), Fcntl.O_RDONLY);
        try {
            copyRanges(from, to);
            Kstat stat = new Kstat();
            lower.stat(stat);
            SetAttr size = new SetAttr();
            size.mask = SetAttr.SIZE;
            size.size = stat.size;
            copy.setAttr(size);
        } finally {
            from.decRef();
        }
    }

    /** Copies what is data and leaves holes. */
    private static void copyRanges(FileDescription from, FileDescription to) {
        byte[] buffer = new byte[CHUNK];
        long at = from.seek(null, 0, SEEK_DATA);
        while (at >= 0) {
            long end = from.seek(null, at, SEEK_HOLE);
            while (at < end) {
                int wanted = (int) Math.min(buffer.length, end - at);
                long n = from.pread(null, new ArrayIoBuffer(buffer, 0, wanted), at);
                if (n < 0) {
                    throw ErrnoException.of((int) -n);
                }
                if (n == 0) {
                    return;
                }
                ErrnoException.check(to.pwrite(null, new ArrayIoBuffer(buffer, 0, (int) n), at));
                at += n;
            }
            at = from.seek(null, at, SEEK_DATA);
        }
    }

    @Override
    public void setAttr(SetAttr change) {
        boolean empties = (change.mask & SetAttr.SIZE) != 0 && change.size == 0;
        copyUp(!empties).setAttr(change);
    }

    @Override
    public final void accessed(boolean relatime) {
        Inode up = upper;
        if (up != null) {
            up.accessed(relatime);
        }
    }

    @Override
    public final String readlink() {
        return real().readlink();
    }

    @Override
    public FileDescription open(Task task, Path path, int flags) {
        if (!isRegular()) {
            return Opener.openSpecial(task, path, flags);
        }
        int access = flags & Fcntl.O_ACCMODE;
        if (access == Fcntl.O_WRONLY || access == Fcntl.O_RDWR || (flags & Fcntl.O_TRUNC) != 0) {
            copyUp((flags & Fcntl.O_TRUNC) == 0);
        }
        return new OverlayFile(path, flags, this);
    }

    @Override
    public final Object boundEndpoint() {
        Inode up = upper;
        return up != null ? up.boundEndpoint() : super.boundEndpoint();
    }

    @Override
    public final void setBoundEndpoint(Object endpoint) {
        Inode up = upper;
        if (up != null) {
            up.setBoundEndpoint(endpoint);
        } else {
            super.setBoundEndpoint(endpoint);
        }
    }

    @Override
    public final byte[] getXattr(String key) {
        return real().getXattr(key);
    }

    @Override
    public final byte[] getXattrIfAny(String key) {
        return real().getXattrIfAny(key);
    }

    @Override
    public final void setXattr(String key, byte[] value, int flags) {
        copyUp(true).setXattr(key, value, flags);
    }

    @Override
    public final List<String> listXattr() {
        return real().listXattr();
    }

    @Override
    public final void removeXattr(String key) {
        if (real().getXattr(key) == null) {
            throw ErrnoException.of(Errno.ENODATA);
        }
        copyUp(true).removeXattr(key);
    }
}
