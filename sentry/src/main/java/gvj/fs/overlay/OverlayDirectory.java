package gvj.fs.overlay;

import gvj.abi.Errno;
import gvj.abi.MiscFlags;
import gvj.abi.Stat;
import gvj.kernel.Credentials;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import gvj.vfs.DirectorySink;
import gvj.vfs.FileDescription;
import gvj.vfs.Inode;
import gvj.vfs.Kstat;
import gvj.vfs.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/**
 * A directory of an overlay. A name in the upper layer hides the lower one's; a whiteout (character device 0:0) says that
 * it does not exist. Two directories of one name show as one only if the upper is a copy of the lower.
 */
final class OverlayDirectory extends OverlayInode {
    private static final int ABSENT = 512;

    /** Names that the lower directory does not have; it does not change. Null until there is one; guarded by the monitor. */
    private HashSet<String> absent;

    OverlayDirectory(OverlayFs fs, OverlayDirectory parent, String name, Inode upper, Inode lower) {
        super(fs, parent, name, upper, lower);
    }

    /** Whether an inode of the upper layer says that there is nothing. */
    static boolean isWhiteout(Inode inode) {
        if (inode.type() != Stat.S_IFCHR) {
            return false;
        }
        Kstat stat = new Kstat();
        inode.stat(stat);
        return stat.rdevMajor == 0 && stat.rdevMinor == 0;
    }

    private Inode inLower(String name) {
        if (lower() == null) {
            return null;
        }
        synchronized (this) {
            if (absent != null && absent.contains(name)) {
                return null;
            }
        }
        Inode found = lower().lookup(name);
        if (found == null) {
            synchronized (this) {
                if (absent == null || absent.size() >= ABSENT) {
                    absent = new HashSet<>();
                }
                absent.add(name);
            }
        }
        return found;
    }

    @Override
    public void expect(String path, int at) {
        if (lower() != null) {
            lower().expect(path, at);
        }
    }

    private Inode inUpper(String name) {
        return upper() == null ? null : upper().lookup(name);
    }

    @Override
    public Inode lookup(String name) {
        Inode up = inUpper(name);
        if (up != null) {
            return isWhiteout(up) ? null : fs().inode(this, name, up, null);
        }
        Inode low = inLower(name);
        return low == null ? null : fs().inode(this, name, null, low);
    }

    /** Removes the whiteout that stands where a name is about to be made. */
    private static void clearWhiteout(Inode directory, String name) {
        Inode old = directory.lookup(name);
        if (old != null) {
            directory.unlink(name, old);
        }
    }

    /** Hides a name of the lower layer. */
    private void whiteOut(Inode directory, String name) {
        if (inLower(name) != null) {
            directory.create(name, Stat.S_IFCHR, 0, 0, fs().creds);
        }
    }

    /** Something that is made in the upper directory. */
    private interface Maker {
        Inode make(Inode directory);
    }

    private Inode make(String name, Maker maker) {
        Inode directory = copyUp(true);
        fs().changes.lock();
        try {
            clearWhiteout(directory, name);
            return fs().inode(this, name, maker.make(directory), null);
        } finally {
            fs().changes.unlock();
        }
    }

    @Override
    public Inode create(String name, int mode, int rdevMajor, int rdevMinor, Credentials creds) {
        if ((mode & Stat.S_IFMT) == Stat.S_IFCHR && rdevMajor == 0 && rdevMinor == 0) {
            throw ErrnoException.of(Errno.EPERM);
        }
        return make(name, directory -> directory.create(name, mode, rdevMajor, rdevMinor, creds));
    }

    @Override
    public Inode mkdir(String name, int mode, Credentials creds) {
        return make(name, directory -> directory.mkdir(name, mode, creds));
    }

    @Override
    public Inode symlink(String name, String target, Credentials creds) {
        return make(name, directory -> directory.symlink(name, target, creds));
    }

    @Override
    public Inode tmpfile(int mode, Credentials creds, boolean linkable) {
        return fs().inode(this, "", copyUp(true).tmpfile(mode, creds, linkable), null);
    }

    @Override
    public void link(String name, Inode target) {
        OverlayInode inode = (OverlayInode) target;
        Inode file = inode.copyUp(true);
        Inode directory = copyUp(true);
        fs().changes.lock();
        try {
            clearWhiteout(directory, name);
            directory.link(name, file);
        } finally {
            fs().changes.unlock();
        }
    }

    @Override
    public void unlink(String name, Inode child) {
        remove(name, (OverlayInode) child);
    }

    @Override
    public void rmdir(String name, Inode child) {
        OverlayDirectory directory = (OverlayDirectory) child;
        if (!directory.entries(null, true).isEmpty()) {
            throw ErrnoException.of(Errno.ENOTEMPTY);
        }
        remove(name, directory);
    }

    private void remove(String name, OverlayInode child) {
        Inode directory = inLower(name) != null ? copyUp(true) : upper();
        fs().changes.lock();
        try {
            Inode up = directory.lookup(name);
            removeUpper(directory, name, child, up);
            whiteOut(directory, name);
            child.setRemovedIfLast();
        } finally {
            fs().changes.unlock();
        }
    }

    /** Takes a name out of the upper layer, if it is there. */
    private static void removeUpper(Inode directory, String name, OverlayInode child, Inode up) {
        if (up == null) {
            child.linked(-1, false);
        } else if (child instanceof OverlayDirectory old) {
            old.dropWhiteouts();
            directory.rmdir(name, up);
        } else {
            directory.unlink(name, up);
        }
    }

    /** Empties the upper directory of one that shows nothing. */
    private void dropWhiteouts() {
        Inode up = upper();
        List<String> names = new ArrayList<>();
        up.readdir(null, 0, (name, ino, type, next) -> names.add(name));
        for (String name : names) {
            up.unlink(name, up.lookup(name));
        }
    }

    @Override
    public void rename(String oldName, Inode child, Inode newDirectory, String newName, Inode replaced, int flags) {
        if ((flags & MiscFlags.RENAME_WHITEOUT) != 0) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        boolean exchange = (flags & MiscFlags.RENAME_EXCHANGE) != 0;
        OverlayDirectory to = (OverlayDirectory) newDirectory;
        OverlayInode moved = (OverlayInode) child;
        OverlayInode other = (OverlayInode) replaced;
        if (!exchange
                && other instanceof OverlayDirectory old
                && !old.entries(null, true).isEmpty()) {
            throw ErrnoException.of(Errno.ENOTEMPTY);
        }
        Inode from = copyUp(true);
        Inode into = to.copyUp(true);
        moved.copyUp(true);
        if (exchange) {
            other.copyUp(true);
        }
        fs().changes.lock();
        try {
            ensureName(from, oldName, moved);
            if (exchange) {
                to.ensureName(into, newName, other);
                from.rename(oldName, moved.upper(), into, newName, other.upper(), MiscFlags.RENAME_EXCHANGE);
                other.moved(this, oldName);
            } else {
                replace(from, oldName, moved, into, newName, other);
                whiteOut(from, oldName);
            }
            moved.moved(to, newName);
        } finally {
            fs().changes.unlock();
        }
    }

    /** Moves within the upper layer, over what is there: in one step, so that the new name never lacks a file. */
    private static void replace(
            Inode from, String oldName, OverlayInode moved, Inode into, String newName, OverlayInode other) {
        Inode old = into.lookup(newName);
        if (other != null && old == null) {
            other.linked(-1, false);
        }
        if (other instanceof OverlayDirectory directory && old != null) {
            directory.dropWhiteouts();
        }
        if (old != null && moved.isDirectory() && !old.isDirectory()) {
            into.unlink(newName, old); // a whiteout: no directory can take its place
            old = null;
        }
        from.rename(oldName, moved.upper(), into, newName, old, 0);
        if (other != null) {
            other.setRemovedIfLast();
        }
    }

    /** A hard link whose copy has another of its names gets this one too. */
    private void ensureName(Inode directory, String name, OverlayInode child) {
        if (directory.lookup(name) == null) {
            directory.link(name, child.upper());
            child.linked(-1, false);
        }
    }

    /** A line of a listing. */
    record Entry(String name, long ino, int type) {}

    /** All entries of both layers; at most one if {@code any}. */
    List<Entry> entries(Task task, boolean any) {
        List<Entry> list = new ArrayList<>();
        Inode up = upper();
        if (up != null) {
            up.readdir(task, 0, (name, ino, type, next) -> {
                Inode inode = up.lookup(name);
                if (inode != null && !(type == Stat.DT_CHR && isWhiteout(inode))) {
                    list.add(new Entry(name, fs().inoOf(inode), type));
                }
                return !any || list.isEmpty();
            });
        }
        if (lower() != null && (!any || list.isEmpty())) {
            lower().readdir(task, 0, (name, ino, type, next) -> {
                if (up == null || up.lookup(name) == null) {
                    list.add(new Entry(name, ino, type));
                }
                return !any || list.isEmpty();
            });
        }
        return list;
    }

    @Override
    public void readdir(Task task, long position, DirectorySink sink) {
        List<Entry> all = entries(task, false);
        for (int i = (int) Math.min(position, all.size()); i < all.size(); i++) {
            Entry entry = all.get(i);
            if (!sink.add(entry.name, entry.ino, entry.type, i + 1L)) {
                return;
            }
        }
    }

    @Override
    public FileDescription open(Task task, Path path, int flags) {
        return new OverlayDirectoryFile(path, flags, this);
    }
}
