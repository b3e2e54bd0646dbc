package gvj.kernel;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Stat;
import gvj.vfs.Caller;
import gvj.vfs.FileDescription;
import gvj.vfs.Mount;
import gvj.vfs.Path;
import gvj.vfs.PathWalker;
import gvj.vfs.Permissions;

/** Opening files for execution: the right to execute counts, the right to read does not, execve(2). */
final class ExecFiles {
    private static final int MAY_EXEC = 1;

    private final Task task;

    ExecFiles(Task task) {
        this.task = task;
    }

    /** The file that {@code args} names: ENOENT, EACCES, ELOOP and so on; the caller drops the reference. */
    FileDescription open(ExecArgs args) {
        boolean empty = (args.flags() & Fcntl.AT_EMPTY_PATH) != 0;
        boolean follow = (args.flags() & Fcntl.AT_SYMLINK_NOFOLLOW) == 0;
        int walk = (follow ? PathWalker.FOLLOW : 0) | (empty ? PathWalker.EMPTY : 0);
        Path path = Caller.of(task).lookup(args.dirfd(), args.path(), walk);
        if (path.inode().isSymlink()) {
            throw ErrnoException.of(Errno.ELOOP);
        }
        return open(path);
    }

    /** An interpreter, by path. */
    FileDescription open(String path) {
        return open(Caller.of(task).lookup(Fcntl.AT_FDCWD, path, PathWalker.FOLLOW));
    }

    private FileDescription open(Path path) {
        if (path.inode().type() != Stat.S_IFREG || (path.mount().flags() & Mount.NOEXEC) != 0) {
            throw ErrnoException.of(Errno.EACCES);
        }
        Permissions.check(task.credentials, path, MAY_EXEC);
        return path.inode().open(task, path, Fcntl.O_RDONLY);
    }

    /** The name for AT_EXECFN and scripts: what was given, or the descriptor it was given by. */
    String name(ExecArgs args) {
        return Exec.byDescriptor(args) ? Exec.descriptorName(args.dirfd(), args.path()) : args.path();
    }
}
