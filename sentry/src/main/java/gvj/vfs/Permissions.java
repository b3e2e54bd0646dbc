package gvj.vfs;

import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Stat;
import gvj.kernel.Credentials;
import gvj.kernel.ErrnoException;
import gvj.kernel.UserNamespace;

/** Who may do what to an inode: path_resolution(7), capabilities(7). */
public final class Permissions {
    private Permissions() {}

    /** Throws EACCES unless {@code mask} (R_OK, W_OK, X_OK) is granted, EROFS for writing to a read-only file system. */
    public static void check(Credentials creds, Path path, int mask) {
        check(creds, path.mount(), path.inode(), mask);
    }

    static void check(Credentials creds, Mount mount, Inode inode, int mask) {
        if ((mask & Fcntl.W_OK) != 0 && inode.fileSystem().isReadOnly() && isContent(inode)) {
            throw ErrnoException.of(Errno.EROFS);
        }
        if (!inode.permits(creds, mask)) {
            throw ErrnoException.of(Errno.EACCES);
        }
    }

    /** Throws EACCES unless the directory may be searched. */
    static void search(Credentials creds, Inode directory) {
        if (!directory.permits(creds, Fcntl.X_OK)) {
            throw ErrnoException.of(Errno.EACCES);
        }
    }

    private static boolean isContent(Inode inode) {
        int type = inode.type();
        return type == Stat.S_IFREG || type == Stat.S_IFDIR || type == Stat.S_IFLNK;
    }

    /** The mode bits, and the capabilities that override them. */
    public static boolean modeAllows(Credentials creds, Inode inode, int mask) {
        int mode = inode.mode();
        int bits;
        if (creds.fsuid() == inode.uid()) {
            bits = mode >> 6;
        } else if ((mode >> 3 & 7) == (mode & 7)) {
            bits = mode;
        } else {
            bits = creds.inGroup(inode.gid()) ? mode >> 3 : mode;
        }
        if ((mask & ~bits) == 0) {
            return true;
        }
        if ((mode & Stat.S_IFMT) == Stat.S_IFDIR) {
            if ((mask & Fcntl.W_OK) == 0 && capable(creds, inode, Capability.CAP_DAC_READ_SEARCH)) {
                return true;
            }
            return capable(creds, inode, Capability.CAP_DAC_OVERRIDE);
        }
        if (mask == Fcntl.R_OK && capable(creds, inode, Capability.CAP_DAC_READ_SEARCH)) {
            return true;
        }
        boolean executable = (mask & Fcntl.X_OK) == 0 || (mode & 0111) != 0;
        return executable && capable(creds, inode, Capability.CAP_DAC_OVERRIDE);
    }

    /**
     * Whether a capability counts for this inode: its ids must mean something in the user namespace. Only the first one
     * maps ids of files so far, so others' capabilities never do.
     */
    public static boolean capable(Credentials creds, Inode inode, int capability) {
        return capable(creds, capability);
    }

    /** Whether a capability is held in the first user namespace: what concerns the whole system. */
    public static boolean capable(Credentials creds, int capability) {
        return creds.has(capability) && creds.userNamespace().parent() == creds.userNamespace();
    }

    /** Whether a capability counts against what {@code namespace} owns. */
    public static boolean capableIn(Credentials creds, UserNamespace namespace, int capability) {
        if (creds.userNamespace() == namespace) {
            return creds.has(capability);
        }
        for (UserNamespace n = namespace; n != n.parent(); n = n.parent()) {
            if (n.parent() == creds.userNamespace()) {
                return n.ownerUid() == creds.euid() || creds.has(capability);
            }
        }
        return false;
    }

    /** Whether the caller owns the inode or may act as if. */
    public static boolean ownerOrCapable(Credentials creds, Inode inode) {
        return creds.fsuid() == inode.uid() || capable(creds, inode, Capability.CAP_FOWNER);
    }

    /** May a name be made here: EACCES, ENOENT in a removed directory. */
    static void mayCreate(Credentials creds, Mount mount, Dentry directory) {
        if (directory.isDead()) {
            throw ErrnoException.of(Errno.ENOENT);
        }
        check(creds, mount, directory.inode(), Fcntl.W_OK | Fcntl.X_OK);
    }

    /**
     * May the name of {@code victim} be taken out of {@code directory}: EACCES, EPERM (sticky), ENOTDIR, EISDIR, EBUSY.
     */
    static void mayDelete(Credentials creds, Mount mount, Dentry directory, Dentry victim, boolean wantDirectory) {
        Inode inode = victim.inode();
        check(creds, mount, directory.inode(), Fcntl.W_OK | Fcntl.X_OK);
        if (isStickyFor(creds, directory.inode(), inode)) {
            throw ErrnoException.of(Errno.EPERM);
        }
        if (wantDirectory && !inode.isDirectory()) {
            throw ErrnoException.of(Errno.ENOTDIR);
        }
        if (wantDirectory && victim.isRoot()) {
            throw ErrnoException.of(Errno.EBUSY);
        }
        if (!wantDirectory && inode.isDirectory()) {
            throw ErrnoException.of(Errno.EISDIR);
        }
        if (directory.isDead()) {
            throw ErrnoException.of(Errno.ENOENT);
        }
    }

    private static boolean isStickyFor(Credentials creds, Inode directory, Inode inode) {
        return (directory.mode() & Stat.S_ISVTX) != 0
                && creds.fsuid() != inode.uid()
                && creds.fsuid() != directory.uid()
                && !capable(creds, inode, Capability.CAP_FOWNER);
    }
}
