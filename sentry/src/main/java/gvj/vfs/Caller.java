package gvj.vfs;

import gvj.abi.Fcntl;
import gvj.kernel.Credentials;
import gvj.kernel.FsContext;
import gvj.kernel.Task;

/**
 * On whose behalf the VFS acts: a task at one moment, or the Sentry itself while it sets a sandbox up.
 *
 * @param task null for the Sentry itself
 */
public record Caller(Task task, Credentials creds, Path root, Path workingDirectory, int umask) {
    /** The task as it is now. */
    public static Caller of(Task task) {
        FsContext fs = task.fs();
        return new Caller(task, task.credentials(), fs.root(), fs.workingDirectory(), fs.umask());
    }

    /** A walk of this caller. */
    PathWalker walker(int resolve) {
        return new PathWalker(task, creds, root, resolve);
    }

    /** Where a relative {@code path} starts; EBADF. An absolute path does not look at {@code dirfd}. */
    Path base(int dirfd, String path) {
        if (!path.isEmpty() && path.charAt(0) == '/') {
            return root;
        }
        return directory(dirfd);
    }

    /** The place a directory descriptor stands for, AT_FDCWD included; EBADF. */
    public Path directory(int dirfd) {
        if (dirfd == Fcntl.AT_FDCWD) {
            return workingDirectory;
        }
        FileDescription file = task.fds().get(dirfd);
        try {
            return file.path();
        } finally {
            file.decRef();
        }
    }

    /**
     * Resolves a path.
     *
     * @param flags of {@link PathWalker}
     */
    public Path lookup(int dirfd, String path, int flags) {
        return walker(0).walk(base(dirfd, path), path, flags);
    }

    /** Resolves all but the last component. */
    PathWalker lookupParent(int dirfd, String path) {
        return walker(0).walkParent(base(dirfd, path), path);
    }
}
