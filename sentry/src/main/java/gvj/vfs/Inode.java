package gvj.vfs;

import gvj.abi.Errno;
import gvj.abi.Stat;
import gvj.kernel.Credentials;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
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
    private final FileSystem fileSystem;

    protected Inode(FileSystem fileSystem) {
        this.fileSystem = fileSystem;
    }

    public final FileSystem fileSystem() {
        return fileSystem;
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

    /** The target of a symlink. */
    public String readlink() {
        throw ErrnoException.of(Errno.EINVAL);
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

    /** O_TMPFILE in this directory: an inode without a name. */
    public Inode tmpfile(int mode, Credentials creds) {
        throw ErrnoException.of(Errno.EOPNOTSUPP);
    }

    /** A value, or null if there is none. Namespaces (user. trusted. security.) were checked by the VFS. */
    public byte[] getXattr(String name) {
        throw ErrnoException.of(Errno.EOPNOTSUPP);
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
