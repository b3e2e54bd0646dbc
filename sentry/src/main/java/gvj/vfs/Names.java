package gvj.vfs;

import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.MiscFlags;
import gvj.abi.Poll;
import gvj.abi.Stat;
import gvj.kernel.ErrnoException;

/** Making and removing names: mknod, mkdir, symlink, link, unlink, rmdir of section 2. rename is {@link Renames}. */
public final class Names {
    private Names() {}

    /** What makes an inode once everything was checked. */
    private interface Maker {
        Inode make(Inode directory, String name);
    }

    /**
     * mknod(2). EPERM for a directory or without CAP_MKNOD for a device, EINVAL for an unknown type.
     *
     * @param mode type (0 means regular) and permissions, umask not yet applied
     */
    public static Path mknod(Caller caller, int dirfd, String path, int mode, int major, int minor) {
        int type = mode & Stat.S_IFMT;
        switch (type) {
            case 0, Stat.S_IFREG, Stat.S_IFCHR, Stat.S_IFBLK, Stat.S_IFIFO, Stat.S_IFSOCK -> {}
            case Stat.S_IFDIR -> throw ErrnoException.of(Errno.EPERM);
            default -> throw ErrnoException.of(Errno.EINVAL);
        }
        boolean isWhiteout = type == Stat.S_IFCHR && major == 0 && minor == 0;
        boolean isDevice = type == Stat.S_IFCHR || type == Stat.S_IFBLK;
        int full = (type == 0 ? Stat.S_IFREG : type) | mode & 07777 & ~caller.umask();
        return make(caller, dirfd, path, false, (directory, name) -> {
            if (isDevice && !isWhiteout && !Permissions.capable(caller.creds(), Capability.CAP_MKNOD)) {
                throw ErrnoException.of(Errno.EPERM);
            }
            return directory.create(name, full, major, minor, caller.creds());
        });
    }

    /** mkdir(2). */
    public static Path mkdir(Caller caller, int dirfd, String path, int mode) {
        int full = mode & 01777 & ~caller.umask();
        return make(caller, dirfd, path, true, (directory, name) -> directory.mkdir(name, full, caller.creds()));
    }

    /** symlink(2). */
    public static Path symlink(Caller caller, String target, int dirfd, String path) {
        if (target.isEmpty()) {
            throw ErrnoException.of(Errno.ENOENT);
        }
        return make(caller, dirfd, path, false, (directory, name) -> directory.symlink(name, target, caller.creds()));
    }

    private static Path make(Caller caller, int dirfd, String path, boolean isDirectory, Maker maker) {
        PathWalker walker = caller.lookupParent(dirfd, path);
        Dentry directory = walker.dentry();
        Dentry made;
        synchronized (directory) {
            Dentry child = freeName(walker, isDirectory);
            Permissions.mayCreate(caller.creds(), walker.mount(), directory);
            made = directory.instantiate(child, maker.make(directory.inode(), child.name()));
        }
        Notify.entry(directory, Poll.IN_CREATE, made.name(), isDirectory);
        return new Path(walker.mount(), made);
    }

    /** The negative dentry of the last component: EEXIST, ENOENT for a trailing slash, EROFS. */
    private static Dentry freeName(PathWalker walker, boolean isDirectory) {
        if (walker.lastType() != PathWalker.NORM) {
            throw ErrnoException.of(Errno.EEXIST);
        }
        Dentry child = walker.lastChild();
        if (!child.isNegative()) {
            throw ErrnoException.of(Errno.EEXIST);
        }
        if (walker.hasTrailingSlash() && !isDirectory) {
            throw ErrnoException.of(Errno.ENOENT);
        }
        int refused = walker.dentry().inode().fileSystem().createErrno(true);
        if (refused != 0) {
            throw ErrnoException.of(refused);
        }
        walker.mount().wantWrite();
        return child;
    }

    /** link(2), linkat(2): {@code target} was looked up by the caller. EXDEV, EPERM for directories, EMLINK. */
    public static void link(Caller caller, Path target, int dirfd, String path) {
        PathWalker walker = caller.lookupParent(dirfd, path);
        Dentry directory = walker.dentry();
        Inode inode = target.inode();
        synchronized (directory) {
            Dentry child = freeName(walker, false);
            if (target.mount() != walker.mount()) {
                throw ErrnoException.of(Errno.EXDEV);
            }
            Permissions.mayCreate(caller.creds(), walker.mount(), directory);
            if (inode.fileSystem() != directory.inode().fileSystem()) {
                throw ErrnoException.of(Errno.EXDEV);
            }
            if (inode.isDirectory()) {
                throw ErrnoException.of(Errno.EPERM);
            }
            directory.inode().link(child.name(), inode);
            directory.instantiate(child, inode);
        }
        Notify.entry(directory, Poll.IN_CREATE, walker.last(), false);
        Notify.removed(inode, false);
    }

    /** unlink(2). */
    public static void unlink(Caller caller, int dirfd, String path) {
        PathWalker walker = caller.lookupParent(dirfd, path);
        if (walker.lastType() != PathWalker.NORM) {
            throw ErrnoException.of(Errno.EISDIR);
        }
        walker.mount().wantWrite();
        Dentry directory = walker.dentry();
        Dentry child;
        synchronized (directory) {
            child = walker.lastChild();
            if (child.isNegative()) {
                throw ErrnoException.of(Errno.ENOENT);
            }
            if (walker.hasTrailingSlash()) {
                throw ErrnoException.of(child.inode().isDirectory() ? Errno.EISDIR : Errno.ENOTDIR);
            }
            Permissions.mayDelete(caller.creds(), walker.mount(), directory, child, false);
            refuseMountpoint(child);
            directory.inode().unlink(child.name(), child.inode());
            directory.removed(child);
        }
        afterRemoval(directory, child);
    }

    /** rmdir(2). */
    public static void rmdir(Caller caller, int dirfd, String path) {
        PathWalker walker = caller.lookupParent(dirfd, path);
        switch (walker.lastType()) {
            case PathWalker.DOTDOT -> throw ErrnoException.of(Errno.ENOTEMPTY);
            case PathWalker.DOT -> throw ErrnoException.of(Errno.EINVAL);
            case PathWalker.ROOT -> throw ErrnoException.of(Errno.EBUSY);
            default -> {}
        }
        walker.mount().wantWrite();
        Dentry directory = walker.dentry();
        Dentry child;
        synchronized (directory) {
            child = walker.lastChild();
            if (child.isNegative()) {
                throw ErrnoException.of(Errno.ENOENT);
            }
            Permissions.mayDelete(caller.creds(), walker.mount(), directory, child, true);
            refuseMountpoint(child);
            synchronized (child) {
                directory.inode().rmdir(child.name(), child.inode());
                directory.removed(child);
            }
        }
        afterRemoval(directory, child);
    }

    static void refuseMountpoint(Dentry dentry) {
        if (dentry.mounts != null) {
            throw ErrnoException.of(Errno.EBUSY);
        }
    }

    static void afterRemoval(Dentry directory, Dentry child) {
        Inode inode = child.inode();
        if (directory.inode().watches() == null && inode.watches() == null) {
            return;
        }
        Kstat stat = new Kstat();
        inode.stat(stat);
        if (!inode.isDirectory()) {
            Notify.removed(inode, false);
        }
        Notify.entry(directory, Poll.IN_DELETE, child.name(), inode.isDirectory());
        if (inode.isDirectory() || stat.nlink == 0) {
            Notify.removed(inode, true);
        }
    }

    /** The mode a new file gets: a setgid directory hands its bit to directories, and strips it where it would be a right. */
    public static int newMode(Inode directory, int mode, gvj.kernel.Credentials creds) {
        if ((directory.mode() & Stat.S_ISGID) == 0) {
            return mode;
        }
        if ((mode & Stat.S_IFMT) == Stat.S_IFDIR) {
            return mode | Stat.S_ISGID;
        }
        int both = Stat.S_ISGID | Stat.S_IXGRP;
        boolean mayKeep = creds.inGroup(directory.gid()) || Permissions.capable(creds, Capability.CAP_FSETID);
        return (mode & both) == both && !mayKeep ? mode & ~Stat.S_ISGID : mode;
    }

    /** The group a new file gets: the directory's if that is setgid. */
    public static int newGid(Inode directory, gvj.kernel.Credentials creds) {
        return (directory.mode() & Stat.S_ISGID) != 0 ? directory.gid() : creds.fsgid();
    }

    /** Checks flags of renameat2(2). */
    static void checkRenameFlags(int flags) {
        int known = MiscFlags.RENAME_NOREPLACE | MiscFlags.RENAME_EXCHANGE | MiscFlags.RENAME_WHITEOUT;
        boolean exchange = (flags & MiscFlags.RENAME_EXCHANGE) != 0;
        if ((flags & ~known) != 0 || exchange && flags != MiscFlags.RENAME_EXCHANGE) {
            throw ErrnoException.of(Errno.EINVAL);
        }
    }

    /** Whether following the last symlink is asked for by linkat's flags. */
    public static int linkFlags(int flags) {
        return ((flags & Fcntl.AT_SYMLINK_FOLLOW) != 0 ? PathWalker.FOLLOW : 0)
                | ((flags & Fcntl.AT_EMPTY_PATH) != 0 ? PathWalker.EMPTY : 0);
    }
}
