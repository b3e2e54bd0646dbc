package gvj.vfs;

import java.lang.ref.WeakReference;
import java.util.concurrent.locks.StampedLock;

/**
 * A name in a directory, or a root: Linux's dentry. One without an inode is negative: the name is known not to exist.
 *
 * <p>A directory's children are found through weak references. What keeps a dentry is its use: open files, working
 * directories, mounts, and children hold it (a child its parent), and {@link DentryCache} the ones used last. So the
 * memory of a walk over a large tree is bounded, and yet there are never two dentries for one name.
 *
 * <p>Locks: the monitor of a directory's dentry guards its table of children and makes changes of the directory one at a
 * time (Linux's i_rwsem). Parents before children; two directories only while {@link FileSystem#renameLock} is held. The
 * table is read without the lock; a reader that misses looks again under it. {@link #RENAMES} guards the pair of parent
 * and name and is innermost.
 */
public class Dentry {
    private static final StampedLock RENAMES = new StampedLock();

    private volatile Dentry parent;
    private volatile String name;
    private volatile Inode inode;
    /** For how long it needs no question to the file system, see {@link FileSystem#trustNanos}; 0 if it always does. */
    private volatile long trust;
    /** When that began. */
    private volatile long trustedSince;

    private volatile boolean dead;
    /** For {@link DentryCache}: used since its hand came by. */
    boolean referenced;
    /** Whether {@link DentryCache} holds it; its lock guards this. */
    boolean cached;
    /** What is mounted here, seen through whichever mount; null for nothing. {@link MountNamespace} changes it. */
    volatile Mount[] mounts;

    private volatile Child[] table;
    private int children;

    /** A place in a directory's table. */
    private static final class Child extends WeakReference<Dentry> {
        final int hash;
        volatile Child next;

        Child(Dentry dentry, int hash, Child next) {
            super(dentry);
            this.hash = hash;
            this.next = next;
        }
    }

    /**
     * A dentry that is in no table.
     *
     * @param parent null for a root
     * @param inode null for a negative one
     */
    public Dentry(Dentry parent, String name, Inode inode) {
        this.parent = parent;
        this.name = name;
        this.inode = inode;
        this.trust = trustOf(parent, inode);
        this.trustedSince = trust == 0 || trust == FileSystem.FOREVER ? 0 : System.nanoTime();
    }

    /** The directory it is in; itself for a root. */
    public final Dentry parent() {
        Dentry p = parent;
        return p == null ? this : p;
    }

    public final boolean isRoot() {
        return parent == null;
    }

    public final String name() {
        return name;
    }

    /** The inode; null if the name does not exist. */
    public final Inode inode() {
        return inode;
    }

    public final boolean isNegative() {
        return inode == null;
    }

    /** Whether the name was removed: paths of it end in " (deleted)". */
    public final boolean isDead() {
        return dead;
    }

    /** Makes a dentry that never was in a directory look removed, as O_TMPFILE and memfd_create need it. */
    public final Dentry markDead() {
        dead = true;
        return this;
    }

    private static long trustOf(Dentry parent, Inode inode) {
        if (parent == null) {
            return FileSystem.FOREVER;
        }
        Inode directory = parent.inode;
        return directory != null && (inode == null ? directory.cacheable() : inode.cacheable())
                ? directory.fileSystem().trustNanos()
                : 0;
    }

    /** Whether it needs no question to the file system now. */
    private boolean isTrusted() {
        long span = trust;
        return span == FileSystem.FOREVER || span != 0 && System.nanoTime() - trustedSince < span || mounts != null;
    }

    /** This name and those above turned out not to be what they were: they are asked for again where others may change them. */
    final void doubt() {
        for (Dentry dentry = this; dentry != null; dentry = dentry.parent) {
            long span = dentry.trust;
            if (span != FileSystem.FOREVER) {
                dentry.trustedSince = System.nanoTime() - span;
            }
        }
    }

    private static int hash(String path, int start, int end) {
        int hash = 0;
        for (int i = start; i < end; i++) {
            hash = hash * 31 + path.charAt(i);
        }
        return hash;
    }

    /**
     * The child named by a part of {@code path}, negative if there is none. Asks the file system if it is not known.
     * The name is neither "." nor "..", and not too long.
     */
    public final Dentry child(String path, int start, int end) {
        Dentry found = cachedChild(path, start, end);
        return found != null ? found : askedChild(path, start, end);
    }

    /** As {@link #child(String, int, int)}, for a name that {@link #cachedChild} did not have. */
    final Dentry askedChild(String path, int start, int end) {
        return lookUp(path.substring(start, end), hash(path, start, end));
    }

    /** As {@link #child(String, int, int)}. */
    public final Dentry child(String childName) {
        return child(childName, 0, childName.length());
    }

    /** The child if it is cached and needs no question to the file system, else null. */
    public final Dentry cachedChild(String path, int start, int end) {
        Dentry found = find(path, start, end, hash(path, start, end));
        if (found == null || !found.isTrusted()) {
            return null;
        }
        if (!found.referenced) {
            found.referenced = true;
        }
        return found;
    }

    private Dentry find(String path, int start, int end, int hash) {
        Child[] buckets = table;
        if (buckets == null) {
            return null;
        }
        int length = end - start;
        for (Child child = buckets[spread(hash) & buckets.length - 1]; child != null; child = child.next) {
            if (child.hash == hash) {
                Dentry dentry = child.get();
                if (dentry != null && dentry.parent == this) {
                    String n = dentry.name;
                    if (n.length() == length && path.startsWith(n, start)) {
                        return dentry;
                    }
                }
            }
        }
        return null;
    }

    private static int spread(int hash) {
        return hash ^ hash >>> 16;
    }

    private synchronized Dentry lookUp(String childName, int hash) {
        Inode directory = inode;
        if (dead) {
            return new Dentry(this, childName, null);
        }
        Dentry known = find(childName, 0, childName.length(), hash);
        Inode found;
        if (known == null) {
            found = directory.lookup(childName);
        } else {
            Inode old = known.inode;
            if (known.isTrusted()) {
                return known;
            }
            boolean same = old != null && old.cacheable() && directory.revalidate(childName, old);
            found = same ? old : directory.lookup(childName);
            if (found == old && found != null) {
                if (known.trust != 0) {
                    known.trustedSince = System.nanoTime();
                }
                return known;
            }
            remove(known);
        }
        Dentry fresh = new Dentry(this, childName, found);
        if (found != null || fresh.trust != 0) {
            insert(fresh, hash);
        }
        return fresh;
    }

    /** Puts a child of this directory into the table. The monitor is held. */
    private void insert(Dentry child, int hash) {
        Child[] buckets = table;
        if (buckets == null) {
            buckets = new Child[8];
            table = buckets;
        } else if (children >= buckets.length) {
            buckets = resize(buckets);
        }
        int bucket = spread(hash) & buckets.length - 1;
        buckets[bucket] = new Child(child, hash, buckets[bucket]);
        table = buckets;
        children++;
        if (child.trust != 0) {
            inode.fileSystem().dentryCache().add(child);
        }
    }

    /** Drops places whose dentry is gone; doubles the table if that did not make room. */
    private Child[] resize(Child[] old) {
        int live = 0;
        for (Child head : old) {
            for (Child child = head; child != null; child = child.next) {
                live += child.get() == null ? 0 : 1;
            }
        }
        int size = old.length;
        while (live * 4 > size * 3) {
            size *= 2;
        }
        Child[] buckets = new Child[size];
        int kept = 0;
        for (Child head : old) {
            for (Child child = head; child != null; child = child.next) {
                Dentry dentry = child.get();
                if (dentry != null) {
                    int bucket = spread(child.hash) & size - 1;
                    buckets[bucket] = new Child(dentry, child.hash, buckets[bucket]);
                    kept++;
                }
            }
        }
        children = kept;
        table = buckets;
        return buckets;
    }

    /** Takes a child out of the table. The monitor is held. */
    private void remove(Dentry child) {
        Child[] buckets = table;
        if (buckets == null) {
            return;
        }
        int bucket = spread(child.name.hashCode()) & buckets.length - 1;
        Child previous = null;
        for (Child place = buckets[bucket]; place != null; place = place.next) {
            if (place.refersTo(child)) {
                if (previous == null) {
                    buckets[bucket] = place.next;
                    table = buckets;
                } else {
                    previous.next = place.next;
                }
                children--;
                return;
            }
            previous = place;
        }
    }

    /** A name that did not exist was made: {@code child} is the negative dentry of it. This monitor is held. */
    final Dentry instantiate(Dentry child, Inode made) {
        if (find(child.name, 0, child.name.length(), child.name.hashCode()) == child) {
            child.inode = made;
            child.trustedSince = System.nanoTime();
            child.trust = trustOf(this, made);
            return child;
        }
        Dentry fresh = new Dentry(this, child.name, made);
        insert(fresh, fresh.name.hashCode());
        return fresh;
    }

    /** The name {@code child} was removed. This monitor is held. */
    final void removed(Dentry child) {
        remove(child);
        child.dead = true;
    }

    /** Forgets what is known of a name that the file system itself changed, without calling it deleted. */
    public final synchronized void forget(String childName) {
        Dentry known = find(childName, 0, childName.length(), childName.hashCode());
        if (known != null && known.mounts == null) {
            remove(known);
        }
    }

    /** Moves {@code child} to {@code directory} as {@code newName}; whatever had that name is out of the table already. */
    static void move(Dentry child, Dentry directory, String newName) {
        child.parent.remove(child);
        long stamp = RENAMES.writeLock();
        try {
            child.parent = directory;
            child.name = newName;
        } finally {
            RENAMES.unlockWrite(stamp);
        }
        directory.insert(child, newName.hashCode());
    }

    /** Exchanges the places of two dentries (RENAME_EXCHANGE). */
    static void exchange(Dentry a, Dentry b) {
        Dentry parentA = a.parent;
        Dentry parentB = b.parent;
        String nameA = a.name;
        String nameB = b.name;
        parentA.remove(a);
        parentB.remove(b);
        long stamp = RENAMES.writeLock();
        try {
            a.parent = parentB;
            a.name = nameB;
            b.parent = parentA;
            b.name = nameA;
        } finally {
            RENAMES.unlockWrite(stamp);
        }
        parentB.insert(a, nameB.hashCode());
        parentA.insert(b, nameA.hashCode());
    }

    /** Whether this is {@code other} or below it. */
    public final boolean isBelow(Dentry other) {
        for (Dentry dentry = this; dentry != null; dentry = dentry.parent) {
            if (dentry == other) {
                return true;
            }
        }
        return false;
    }

    /** Reads parents and names so that no rename tears them. */
    static long beginRead() {
        return RENAMES.tryOptimisticRead();
    }

    static boolean validate(long stamp) {
        return stamp != 0 && RENAMES.validate(stamp);
    }

    static long lockNames() {
        return RENAMES.readLock();
    }

    static void unlockNames(long stamp) {
        RENAMES.unlockRead(stamp);
    }

    /** What is mounted here as seen through {@code through}, or null. */
    final Mount mountedOn(Mount through) {
        Mount[] here = mounts;
        if (here == null) {
            return null;
        }
        for (Mount mount : here) {
            if (mount.parent() == through) {
                return mount;
            }
        }
        return null;
    }
}
