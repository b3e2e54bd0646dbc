package gvj.vfs;

import gvj.abi.Errno;
import gvj.abi.Stat;
import gvj.fs.pipe.Fifo;
import gvj.kernel.Credentials;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;

/**
 * A file of some file system: Linux's inode with its operations. The VFS has checked permissions, mount flags and names
 * before it calls; an implementation guards its own state and does not call back into path resolution.
 *
 * <p>Names and link targets are Latin-1 strings: one char per byte. Errors are {@link ErrnoException}.
 * Directory operations on one directory are serialised by the VFS (the directory's dentry lock) for changes; lookups may
 * run concurrently.
 */
public abstract class Inode {
    private static final VarHandle WRITERS;
    private static final VarHandle LOCKS;

    static {
        try {
            WRITERS = MethodHandles.lookup().findVarHandle(Inode.class, "writers", int.class);
            LOCKS = MethodHandles.lookup().findVarHandle(Inode.class, "locks", FileLocks.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final FileSystem fileSystem;
    private volatile FsEvents watches;
    private volatile Object boundEndpoint;

    /** Descriptions open for writing, or negative: how many execute it and deny that (ETXTBSY). */
    @SuppressWarnings("FieldMayBeFinal")
    private volatile int writers;

    @SuppressWarnings("FieldMayBeFinal")
    private volatile FileLocks locks;

    protected Inode(FileSystem fileSystem) {
        this.fileSystem = fileSystem;
    }

    public final FileSystem fileSystem() {
        return fileSystem;
    }

    /** Who watches it (inotify); null for nobody. */
    public final FsEvents watches() {
        return watches;
    }

    public final void setWatches(FsEvents newWatches) {
        watches = newWatches;
    }

    /** The endpoint bound to a socket's name (AF_UNIX), or null. The VFS only keeps it. */
    public Object boundEndpoint() {
        return boundEndpoint;
    }

    public void setBoundEndpoint(Object endpoint) {
        boundEndpoint = endpoint;
    }

    /** The pipe behind a FIFO special file. */
    final Fifo fifo() {
        synchronized (WRITERS) {
            if (boundEndpoint == null) {
                boundEndpoint = new Fifo();
            }
            return (Fifo) boundEndpoint;
        }
    }

    /** What advisory locks there are; made when first asked for. */
    final FileLocks locks() {
        FileLocks now = locks;
        if (now == null) {
            LOCKS.compareAndSet(this, null, new FileLocks());
            now = locks;
        }
        return now;
    }

    /** As {@link #locks}, null if there never was a lock. */
    final FileLocks locksOrNull() {
        return locks;
    }

    /** Counts a writer; ETXTBSY while it is executed. */
    final void getWriteAccess() {
        while (true) {
            int now = writers;
            if (now < 0) {
                throw ErrnoException.of(Errno.ETXTBSY);
            }
            if (WRITERS.compareAndSet(this, now, now + 1)) {
                return;
            }
        }
    }

    final void putWriteAccess() {
        WRITERS.getAndAdd(this, -1);
    }

    /** Counts a program that runs from it; ETXTBSY while somebody writes. */
    final void denyWriteAccess() {
        while (true) {
            int now = writers;
            if (now > 0) {
                throw ErrnoException.of(Errno.ETXTBSY);
            }
            if (WRITERS.compareAndSet(this, now, now - 1)) {
                return;
            }
        }
    }

    final void allowWriteAccess() {
        WRITERS.getAndAdd(this, 1);
    }

    /** Whether a description is open for writing. */
    final boolean hasWriters() {
        return writers > 0;
    }

    public abstract long ino();

    /** Type and permission bits. */
    public abstract int mode();

    public abstract int uid();

    public abstract int gid();

    /** Fills in everything stat(2) shows (the VFS sets the device numbers). */
    public abstract void stat(Kstat out);

    /** Applies a checked change; ctime follows. */
    public void setAttr(SetAttr change) {
        throw ErrnoException.of(Errno.EPERM);
    }

    /** The S_IF* bits. */
    public final int type() {
        return mode() & Stat.S_IFMT;
    }

    public final boolean isDirectory() {
        return type() == Stat.S_IFDIR;
    }

    public final boolean isRegular() {
        return type() == Stat.S_IFREG;
    }

    public final boolean isSymlink() {
        return type() == Stat.S_IFLNK;
    }

    /** The child called {@code name} (never "." or ".."), or null if there is none. */
    public Inode lookup(String name) {
        throw ErrnoException.of(Errno.ENOTDIR);
    }

    /** Whether a dentry for this inode may be cached; /proc answers false so that every walk looks up anew. */
    public boolean cacheable() {
        return true;
    }

    /** A hint: names of {@code path} from {@code at} on are looked up next, from this directory down. */
    public void expect(String path, int at) {}

    /** Whether a cached child of a shared file system is still what the name means; may refresh attributes. */
    public boolean revalidate(String name, Inode child) {
        return true;
    }

    /** Makes a file of any type but directory and symlink; {@code mode} holds type and permissions, umask applied. */
    public Inode create(String name, int mode, int rdevMajor, int rdevMinor, Credentials creds) {
        throw ErrnoException.of(Errno.EPERM);
    }

    public Inode mkdir(String name, int mode, Credentials creds) {
        throw ErrnoException.of(Errno.EPERM);
    }

    public Inode symlink(String name, String target, Credentials creds) {
        throw ErrnoException.of(Errno.EPERM);
    }

    /** Gives {@code target}, of the same file system, one more name here. */
    public void link(String name, Inode target) {
        throw ErrnoException.of(Errno.EPERM);
    }

    public void unlink(String name, Inode child) {
        throw ErrnoException.of(Errno.EPERM);
    }

    /** ENOTEMPTY if it has entries. */
    public void rmdir(String name, Inode child) {
        throw ErrnoException.of(Errno.EPERM);
    }

    /**
     * Renames within the file system. The VFS has checked types and loops.
     *
     * @param replaced what {@code newName} is now, or null
     * @param flags RENAME_EXCHANGE, RENAME_WHITEOUT or 0 (RENAME_NOREPLACE was checked)
     */
    public void rename(String oldName, Inode child, Inode newDirectory, String newName, Inode replaced, int flags) {
        throw ErrnoException.of(Errno.EPERM);
    }

    /** It was read: atime follows, only if it is older than a day or than a change when {@code relatime}. */
    public void accessed(boolean relatime) {}

    /**
     * Permission beyond the mode bits or instead of them; the default is the mode bits with capabilities.
     *
     * @param mask R_OK, W_OK, X_OK together
     * @return whether it is granted
     */
    public boolean permits(Credentials creds, int mask) {
        return Permissions.modeAllows(creds, this, mask);
    }

    /**
     * Directory entries behind "." and "..".
     *
     * @param position 0, or what an earlier entry gave as the next position
     */
    public void readdir(Task task, long position, DirectorySink sink) {
        throw ErrnoException.of(Errno.ENOTDIR);
    }

    /** The target of a symlink. */
    public String readlink() {
        throw ErrnoException.of(Errno.EINVAL);
    }

    /** The target of a symlink as {@code reader} sees it: /proc/self is another for each. */
    public String readlink(Task reader) {
        return readlink();
    }

    /**
     * A magic link of /proc leads straight to a place; null for ordinary symlinks.
     *
     * @param task who follows it
     */
    public Path followMagic(Task task) {
        return null;
    }

    /**
     * Opens it; permissions were checked. {@code path} is where it was found.
     *
     * @param flags open(2) flags; O_TRUNC is still to be done by the implementation of {@link #setAttr}, the VFS calls it
     */
    public abstract FileDescription open(Task task, Path path, int flags);

    /**
     * O_TMPFILE in this directory: an inode without a name.
     *
     * @param linkable whether link(2) may give it one (no O_EXCL)
     */
    public Inode tmpfile(int mode, Credentials creds, boolean linkable) {
        throw ErrnoException.of(Errno.EOPNOTSUPP);
    }

    /** A value, or null if there is none. Namespaces (user. trusted. security.) were checked by the VFS. */
    public byte[] getXattr(String name) {
        throw ErrnoException.of(Errno.EOPNOTSUPP);
    }

    /** As {@link #getXattr}, null also where the file system has no such attributes. */
    public byte[] getXattrIfAny(String name) {
        return null;
    }

    public void setXattr(String name, byte[] value, int flags) {
        throw ErrnoException.of(Errno.EOPNOTSUPP);
    }

    public List<String> listXattr() {
        return List.of();
    }

    public void removeXattr(String name) {
        throw ErrnoException.of(Errno.EOPNOTSUPP);
    }
}
