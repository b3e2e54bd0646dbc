package gvj.vfs;

import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.MiscFlags;
import gvj.kernel.Credentials;
import gvj.kernel.ErrnoException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * rename(2), renameat2(2).
 *
 * <p>Locks: {@link FileSystem#renameLock} if the directories differ, then the two directories (an ancestor first), then
 * a directory that is replaced.
 */
public final class Renames {
    private final Credentials creds;
    private final PathWalker from;
    private final PathWalker to;
    private final int flags;
    private final boolean exchange;

    private Renames(Credentials creds, PathWalker from, PathWalker to, int flags) {
        this.creds = creds;
        this.from = from;
        this.to = to;
        this.flags = flags;
        this.exchange = (flags & MiscFlags.RENAME_EXCHANGE) != 0;
    }

    /** Renames; RENAME_* flags as renameat2(2) has them. */
    public static void rename(Caller caller, int oldDirfd, String oldPath, int newDirfd, String newPath, int flags) {
        Names.checkRenameFlags(flags);
        PathWalker from = caller.lookupParent(oldDirfd, oldPath);
        PathWalker to = caller.lookupParent(newDirfd, newPath);
        new Renames(caller.creds(), from, to, flags).run();
    }

    private void run() {
        if (from.mount() != to.mount()) {
            throw ErrnoException.of(Errno.EXDEV);
        }
        if (from.lastType() != PathWalker.NORM) {
            throw ErrnoException.of(Errno.EBUSY);
        }
        if (to.lastType() != PathWalker.NORM) {
            throw ErrnoException.of((flags & MiscFlags.RENAME_NOREPLACE) != 0 ? Errno.EEXIST : Errno.EBUSY);
        }
        from.mount().wantWrite();
        Dentry a = from.dentry();
        Dentry b = to.dentry();
        if (a == b) {
            synchronized (a) {
                locked();
            }
            return;
        }
        ReentrantLock lock = a.inode().fileSystem().renameLock();
        lock.lock();
        try {
            Dentry first = a.isBelow(b) ? b : a;
            synchronized (first) {
                synchronized (first == a ? b : a) {
                    locked();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void locked() {
        Dentry source = from.lastChild();
        if (source.isNegative()) {
            throw ErrnoException.of(Errno.ENOENT);
        }
        Dentry target = to.lastChild();
        if ((flags & MiscFlags.RENAME_NOREPLACE) != 0 && !target.isNegative()) {
            throw ErrnoException.of(Errno.EEXIST);
        }
        if (exchange && target.isNegative()) {
            throw ErrnoException.of(Errno.ENOENT);
        }
        checkSlashes(source, target);
        if (to.dentry().isBelow(source)) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        if (from.dentry().isBelow(target)) {
            throw ErrnoException.of(exchange ? Errno.EINVAL : Errno.ENOTEMPTY);
        }
        if (source.inode() == target.inode()) {
            return;
        }
        checkPermissions(source, target);
        Names.refuseMountpoint(source);
        Names.refuseMountpoint(target);
        if (!exchange && !target.isNegative() && target.inode().isDirectory()) {
            synchronized (target) {
                apply(source, target);
            }
        } else {
            apply(source, target);
        }
    }

    private void checkSlashes(Dentry source, Dentry target) {
        if (exchange && !target.inode().isDirectory() && to.hasTrailingSlash()) {
            throw ErrnoException.of(Errno.ENOTDIR);
        }
        if (!source.inode().isDirectory() && (from.hasTrailingSlash() || !exchange && to.hasTrailingSlash())) {
            throw ErrnoException.of(Errno.ENOTDIR);
        }
    }

    private void checkPermissions(Dentry source, Dentry target) {
        boolean isDirectory = source.inode().isDirectory();
        boolean sameDirectory = from.dentry() == to.dentry();
        Permissions.mayDelete(creds, from.mount(), from.dentry(), source, isDirectory);
        if (target.isNegative()) {
            Permissions.mayCreate(creds, to.mount(), to.dentry());
        } else {
            boolean wanted = exchange ? target.inode().isDirectory() : isDirectory;
            Permissions.mayDelete(creds, to.mount(), to.dentry(), target, wanted);
        }
        if (!sameDirectory) {
            if (isDirectory) {
                Permissions.check(creds, from.mount(), source.inode(), Fcntl.W_OK);
            }
            if (exchange && target.inode().isDirectory()) {
                Permissions.check(creds, to.mount(), target.inode(), Fcntl.W_OK);
            }
        }
        if ((flags & MiscFlags.RENAME_WHITEOUT) != 0 && !Permissions.capable(creds, Capability.CAP_MKNOD)) {
            throw ErrnoException.of(Errno.EPERM);
        }
    }

    private void apply(Dentry source, Dentry target) {
        Dentry fromDirectory = from.dentry();
        Dentry toDirectory = to.dentry();
        String oldName = source.name();
        String newName = target.name();
        Inode moved = source.inode();
        Inode replaced = target.inode();
        int operation = flags & (MiscFlags.RENAME_EXCHANGE | MiscFlags.RENAME_WHITEOUT);
        fromDirectory.inode().rename(oldName, moved, toDirectory.inode(), newName, replaced, operation);
        if (exchange) {
            Dentry.exchange(source, target);
        } else {
            if (replaced != null) {
                toDirectory.removed(target);
            } else {
                toDirectory.forget(newName);
            }
            Dentry.move(source, toDirectory, newName);
        }
        Notify.moved(fromDirectory, oldName, toDirectory, newName, moved);
        if (exchange) {
            Notify.moved(toDirectory, newName, fromDirectory, oldName, replaced);
        } else if (replaced != null && replaced.watches() != null) {
            Kstat stat = new Kstat();
            replaced.stat(stat);
            if (!replaced.isDirectory()) {
                Notify.removed(replaced, false);
            }
            if (replaced.isDirectory() || stat.nlink == 0) {
                Notify.removed(replaced, true);
            }
        }
    }
}
