package gvj.vfs;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Poll;
import gvj.abi.Stat;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;

/** open(2), openat2(2): from flags to an open file. */
public final class Opener {
    private static final int TMPFILE = Fcntl.O_TMPFILE & ~Fcntl.O_DIRECTORY;
    private static final int PATH_FLAGS = Fcntl.O_DIRECTORY | Fcntl.O_NOFOLLOW | Fcntl.O_PATH | Fcntl.O_CLOEXEC;
    /** Every flag there is; open(2) ignores others, openat2(2) refuses them. */
    public static final int VALID_FLAGS = Fcntl.O_ACCMODE
            | Fcntl.O_CREAT
            | Fcntl.O_EXCL
            | Fcntl.O_NOCTTY
            | Fcntl.O_TRUNC
            | Fcntl.O_APPEND
            | Fcntl.O_NONBLOCK
            | Fcntl.O_SYNC
            | Fcntl.O_ASYNC
            | Fcntl.O_DIRECT
            | Fcntl.O_LARGEFILE
            | Fcntl.O_DIRECTORY
            | Fcntl.O_NOFOLLOW
            | Fcntl.O_NOATIME
            | Fcntl.O_CLOEXEC
            | Fcntl.O_PATH
            | Fcntl.O_TMPFILE;

    private static final int TRIES = 16;

    private final Caller caller;
    private final int flags;
    private final int mode;
    private final int resolve;
    /** What is being opened, or in place of which a file is being made. */
    private Dentry at;

    private Opener(Caller caller, int flags, int mode, int resolve) {
        this.caller = caller;
        this.flags = flags;
        this.mode = mode;
        this.resolve = resolve;
    }

    /**
     * Opens a file.
     *
     * @param mode permissions of a file that is made, before the umask
     * @param resolve RESOLVE_* of openat2(2), 0 otherwise
     * @return with one reference, the caller's
     */
    public static FileDescription open(Caller caller, int dirfd, String path, int flags, int mode, int resolve) {
        int wanted = normalise(flags & VALID_FLAGS);
        boolean scoped = (resolve & (Fcntl.RESOLVE_IN_ROOT | Fcntl.RESOLVE_BENEATH)) != 0;
        Path base = scoped ? caller.directory(dirfd) : caller.base(dirfd, path);
        return new Opener(caller, wanted, mode & 07777, resolve).persist(base, path);
    }

    /** Opens what a path that was walked already leads to, as open(2) without O_CREAT does. */
    public static FileDescription open(Caller caller, Path path, int flags) {
        return new Opener(caller, normalise(flags & VALID_FLAGS), 0, 0).finish(path, false);
    }

    private static int normalise(int flags) {
        if ((flags & Fcntl.O_PATH) != 0) {
            return flags & PATH_FLAGS;
        }
        boolean writes = (flags & Fcntl.O_ACCMODE) == Fcntl.O_WRONLY || (flags & Fcntl.O_ACCMODE) == Fcntl.O_RDWR;
        if ((flags & TMPFILE) != 0 && ((flags & Fcntl.O_DIRECTORY) == 0 || (flags & Fcntl.O_CREAT) != 0 || !writes)) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        if ((flags & TMPFILE) == 0
                && (flags & (Fcntl.O_CREAT | Fcntl.O_DIRECTORY)) == (Fcntl.O_CREAT | Fcntl.O_DIRECTORY)) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        return flags | Fcntl.O_LARGEFILE;
    }

    private boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /** Begins again when names turn out to have changed since the walk: others may change a tree, too. */
    private FileDescription persist(Path base, String path) {
        for (int tries = 0; ; tries++) {
            try {
                return run(base, path);
            } catch (ErrnoException e) {
                boolean old = e.errno() == Errno.ESTALE || e.errno() == Errno.EEXIST && !has(Fcntl.O_EXCL);
                if (!old || at == null || tries == TRIES) {
                    throw e;
                }
                at.doubt();
            }
        }
    }

    private FileDescription run(Path base, String path) {
        if ((resolve & Fcntl.RESOLVE_CACHED) != 0 && has(Fcntl.O_TRUNC | Fcntl.O_CREAT | TMPFILE)) {
            throw ErrnoException.of(Errno.EAGAIN);
        }
        if (has(Fcntl.O_CREAT)) {
            return create(base, path);
        }
        int walk =
                (has(Fcntl.O_NOFOLLOW) ? 0 : PathWalker.FOLLOW) | (has(Fcntl.O_DIRECTORY) ? PathWalker.DIRECTORY : 0);
        Path found = caller.walker(resolve).walk(base, path, walk);
        if (has(TMPFILE)) {
            return tmpfile(found);
        }
        if (has(Fcntl.O_PATH)) {
            return new PathDescription(found, flags);
        }
        return finish(found, false);
    }

    private FileDescription create(Path base, String path) {
        PathWalker walker = caller.walker(resolve).walkParent(base, path);
        boolean follow = !has(Fcntl.O_EXCL) && !has(Fcntl.O_NOFOLLOW);
        while (true) {
            if (walker.lastType() != PathWalker.NORM || walker.hasTrailingSlash()) {
                throw ErrnoException.of(Errno.EISDIR);
            }
            Dentry child = walker.lastChild();
            boolean made = false;
            if (child.isNegative()) {
                synchronized (walker.dentry()) {
                    child = walker.lastChild();
                    if (child.isNegative()) {
                        child = make(walker, child);
                        made = true;
                    }
                }
            }
            if (made) {
                Notify.entry(walker.dentry(), Poll.IN_CREATE, child.name(), false);
                return finish(new Path(walker.mount(), child), true);
            }
            if (has(Fcntl.O_EXCL)) {
                throw ErrnoException.of(Errno.EEXIST);
            }
            if (!child.inode().isSymlink() || !follow) {
                walker.enter(child);
                return existing(walker.here());
            }
            if (walker.continueParent(child)) {
                return existing(walker.here());
            }
        }
    }

    private FileDescription existing(Path path) {
        if (path.inode().isDirectory()) {
            throw ErrnoException.of(Errno.EISDIR);
        }
        return finish(path, false);
    }

    private Dentry make(PathWalker walker, Dentry child) {
        walker.mount().wantWrite();
        Dentry directory = walker.dentry();
        int refused = directory.inode().fileSystem().createErrno(false);
        if (refused != 0) {
            throw ErrnoException.of(refused);
        }
        Permissions.mayCreate(caller.creds(), walker.mount(), directory);
        at = child;
        int full = Stat.S_IFREG | mode & ~caller.umask();
        return directory.instantiate(child, directory.inode().create(child.name(), full, 0, 0, caller.creds()));
    }

    private FileDescription tmpfile(Path directory) {
        directory.mount().wantWrite();
        Permissions.mayCreate(caller.creds(), directory.mount(), directory.dentry());
        Inode inode =
                directory.inode().tmpfile(Stat.S_IFREG | mode & ~caller.umask(), caller.creds(), !has(Fcntl.O_EXCL));
        Dentry dentry = new Dentry(directory.dentry(), "#" + inode.ino(), inode).markDead();
        return finish(new Path(directory.mount(), dentry), true);
    }

    private FileDescription finish(Path path, boolean made) {
        at = path.dentry();
        Inode inode = path.inode();
        int type = inode.type();
        boolean truncates = has(Fcntl.O_TRUNC) && type == Stat.S_IFREG && !made;
        checkType(path, type);
        if (!made) {
            int mask = accessMask();
            Permissions.check(caller.creds(), path, mask);
        }
        if (has(Fcntl.O_NOATIME) && !Permissions.ownerOrCapable(caller.creds(), inode)) {
            throw ErrnoException.of(Errno.EPERM);
        }
        boolean writes = writes();
        boolean content = type == Stat.S_IFREG || type == Stat.S_IFDIR;
        if ((writes || truncates) && content) {
            path.mount().wantWrite();
        }
        boolean counted = type == Stat.S_IFREG && (writes || truncates);
        if (counted) {
            inode.getWriteAccess();
        }
        boolean done = false;
        try {
            int opening = truncates || type != Stat.S_IFREG ? flags : flags & ~Fcntl.O_TRUNC;
            FileDescription file = inode.open(caller.task(), path, opening & ~TMPFILE);
            if (truncates) {
                truncate(file);
            }
            if (counted && writes) {
                file.holdsWriteAccess();
                done = true;
            }
            Notify.file(path.dentry(), Poll.IN_OPEN);
            return file;
        } finally {
            if (counted && !done) {
                inode.putWriteAccess();
            }
        }
    }

    private void truncate(FileDescription file) {
        try {
            Attributes.truncate(caller.creds(), file.path(), file.inode(), 0);
        } catch (ErrnoException e) {
            file.decRef();
            throw e;
        }
    }

    private void checkType(Path path, int type) {
        switch (type) {
            case Stat.S_IFLNK -> throw ErrnoException.of(Errno.ELOOP);
            case Stat.S_IFDIR -> {
                if (writes() || has(Fcntl.O_TRUNC)) {
                    throw ErrnoException.of(Errno.EISDIR);
                }
            }
            case Stat.S_IFCHR, Stat.S_IFBLK -> {
                if (path.mount().has(Mount.NODEV)) {
                    throw ErrnoException.of(Errno.EACCES);
                }
            }
            default -> {}
        }
    }

    private boolean writes() {
        int access = flags & Fcntl.O_ACCMODE;
        return access == Fcntl.O_WRONLY || access == Fcntl.O_RDWR;
    }

    private int accessMask() {
        int mask = switch (flags & Fcntl.O_ACCMODE) {
            case Fcntl.O_RDONLY -> Fcntl.R_OK;
            case Fcntl.O_WRONLY -> Fcntl.W_OK;
            default -> Fcntl.R_OK | Fcntl.W_OK;
        };
        return has(Fcntl.O_TRUNC) ? mask | Fcntl.W_OK : mask;
    }

    /** open(2) of a file that is neither regular nor a directory, for file systems that can hold every type. */
    public static FileDescription openSpecial(Task task, Path path, int flags) {
        switch (path.inode().type()) {
            case Stat.S_IFCHR -> {
                Kstat stat = new Kstat();
                path.inode().stat(stat);
                return task.kernel.devices.open(task, path, flags, stat.rdevMajor, stat.rdevMinor);
            }
            case Stat.S_IFIFO -> {
                return path.inode().fifo().open(task, path, flags);
            }
            default -> throw ErrnoException.of(Errno.ENXIO);
        }
    }
}
