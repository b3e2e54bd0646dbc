package gvj.fs.tmpfs;

import gvj.abi.Errno;
import gvj.abi.MiscFlags;
import gvj.abi.Stat;
import gvj.kernel.Credentials;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import gvj.vfs.DirectoryFile;
import gvj.vfs.DirectorySink;
import gvj.vfs.FileDescription;
import gvj.vfs.Inode;
import gvj.vfs.Names;
import gvj.vfs.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A directory. Entries have numbers that only grow, and a reader's position is such a number: what is added or removed
 * meanwhile neither hides nor repeats another entry.
 *
 * <p>Lock: the monitor guards the entries; the VFS makes changes one at a time.
 */
final class TmpfsDirectory extends TmpfsInode {
    /** What Linux counts for a name. */
    private static final int ENTRY_BYTES = 20;

    private final Map<String, Entry> byName = new HashMap<>();
    /** In the order of their numbers, with removed ones among them. */
    private List<Entry> inOrder = new ArrayList<>();

    private int removed;
    private long nextNumber = 1;

    private static final class Entry {
        final String name;
        final TmpfsInode inode;
        final long number;
        boolean gone;

        Entry(String name, TmpfsInode inode, long number) {
            this.name = name;
            this.inode = inode;
            this.number = number;
        }
    }

    TmpfsDirectory(TmpFs fs, int permissions, int uid, int gid) {
        super(fs, Stat.S_IFDIR | permissions & 07777, uid, gid);
        addLinks(1);
    }

    @Override
    synchronized long bytes() {
        return (byName.size() + 2L) * ENTRY_BYTES;
    }

    @Override
    public synchronized Inode lookup(String name) {
        Entry entry = byName.get(name);
        return entry == null ? null : entry.inode;
    }

    private synchronized void add(String name, TmpfsInode child) {
        Entry entry = new Entry(name, child, nextNumber++);
        byName.put(name, entry);
        inOrder.add(entry);
    }

    private synchronized void remove(String name) {
        Entry entry = byName.remove(name);
        entry.gone = true;
        if (++removed > 16 && removed > inOrder.size() / 2) {
            List<Entry> kept = new ArrayList<>(byName.size());
            for (Entry old : inOrder) {
                if (!old.gone) {
                    kept.add(old);
                }
            }
            inOrder = kept;
            removed = 0;
        }
    }

    private synchronized boolean isEmpty() {
        return byName.isEmpty();
    }

    /** The first entry whose number is above {@code number}, or null. */
    private synchronized Entry after(long number) {
        int low = 0;
        int high = inOrder.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (inOrder.get(middle).number <= number) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        while (low < inOrder.size() && inOrder.get(low).gone) {
            low++;
        }
        return low < inOrder.size() ? inOrder.get(low) : null;
    }

    @Override
    public void readdir(Task task, long position, DirectorySink sink) {
        long at = position;
        for (Entry entry = after(at); entry != null; entry = after(at)) {
            if (!sink.add(entry.name, entry.inode.ino(), entry.inode.type() >> 12, entry.number)) {
                return;
            }
            at = entry.number;
        }
    }

    @Override
    public FileDescription open(Task task, Path path, int flags) {
        return new DirectoryFile(path, flags);
    }

    @Override
    public Inode create(String name, int mode, int rdevMajor, int rdevMinor, Credentials creds) {
        int full = Names.newMode(this, mode, creds);
        int gid = Names.newGid(this, creds);
        TmpfsInode child = (mode & Stat.S_IFMT) == Stat.S_IFREG
                ? new TmpfsRegular(fs(), full, creds.fsuid(), gid)
                : new TmpfsSpecial(fs(), full, creds.fsuid(), gid, rdevMajor, rdevMinor);
        add(name, child);
        modified();
        return child;
    }

    @Override
    public Inode mkdir(String name, int mode, Credentials creds) {
        int full = Names.newMode(this, Stat.S_IFDIR | mode, creds);
        TmpfsDirectory child = new TmpfsDirectory(fs(), full, creds.fsuid(), Names.newGid(this, creds));
        add(name, child);
        addLinks(1);
        modified();
        return child;
    }

    @Override
    public Inode symlink(String name, String target, Credentials creds) {
        TmpfsInode child = new TmpfsSymlink(fs(), creds.fsuid(), Names.newGid(this, creds), target);
        add(name, child);
        modified();
        return child;
    }

    @Override
    public Inode tmpfile(int mode, Credentials creds, boolean linkable) {
        TmpfsRegular child =
                new TmpfsRegular(fs(), Names.newMode(this, mode, creds), creds.fsuid(), Names.newGid(this, creds));
        child.unlinked(linkable);
        return child;
    }

    @Override
    public void link(String name, Inode target) {
        TmpfsInode inode = (TmpfsInode) target;
        if (inode.links() == 0) {
            if (!(inode instanceof TmpfsRegular regular) || !regular.relink()) {
                throw ErrnoException.of(Errno.ENOENT);
            }
        }
        add(name, inode);
        inode.addLinks(1);
        modified();
    }

    @Override
    public void unlink(String name, Inode child) {
        remove(name);
        modified();
        ((TmpfsInode) child).nameGone(1);
    }

    @Override
    public void rmdir(String name, Inode child) {
        TmpfsDirectory directory = (TmpfsDirectory) child;
        if (!directory.isEmpty()) {
            throw ErrnoException.of(Errno.ENOTEMPTY);
        }
        remove(name);
        addLinks(-1);
        modified();
        directory.nameGone(2);
    }

    @Override
    public void rename(String oldName, Inode child, Inode newDirectory, String newName, Inode replaced, int flags) {
        TmpfsDirectory to = (TmpfsDirectory) newDirectory;
        TmpfsInode moved = (TmpfsInode) child;
        TmpfsInode other = (TmpfsInode) replaced;
        boolean exchange = (flags & MiscFlags.RENAME_EXCHANGE) != 0;
        TmpfsInode whiteout =
                (flags & MiscFlags.RENAME_WHITEOUT) == 0 ? null : new TmpfsSpecial(fs(), Stat.S_IFCHR, 0, 0, 0, 0);
        if (!exchange && other instanceof TmpfsDirectory directory && !directory.isEmpty()) {
            throw ErrnoException.of(Errno.ENOTEMPTY);
        }
        remove(oldName);
        if (other != null) {
            to.remove(newName);
        }
        to.add(newName, moved);
        countDirectory(this, to, moved);
        if (exchange) {
            add(oldName, other);
            countDirectory(to, this, other);
            other.changed();
        } else if (other != null) {
            if (other instanceof TmpfsDirectory) {
                to.addLinks(-1);
                other.nameGone(2);
            } else {
                other.nameGone(1);
            }
        }
        if (whiteout != null) {
            add(oldName, whiteout);
        }
        moved.changed();
        modified();
        to.modified();
    }

    private static void countDirectory(TmpfsDirectory from, TmpfsDirectory to, TmpfsInode moved) {
        if (from != to && moved instanceof TmpfsDirectory) {
            from.addLinks(-1);
            to.addLinks(1);
        }
    }

    @Override
    synchronized void freeTree() {
        for (Entry entry : byName.values()) {
            entry.inode.freeTree();
        }
    }
}
