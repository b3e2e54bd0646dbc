package gvj.kernel;

import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.Sched;
import gvj.vfs.MountNamespace;
import gvj.vfs.Path;

/** New namespaces for a child (clone) or for the caller (unshare). */
final class NamespaceChanges {
    private NamespaceChanges() {}

    /** The credentials with CLONE_NEWUSER applied. */
    static Credentials credentials(Task task, long flags) {
        if ((flags & Sched.CLONE_NEWUSER) != 0) {
            throw ErrnoException.of(Errno.ENOSPC); // as where user.max_user_namespaces is 0
        }
        return task.credentials;
    }

    /** Every new namespace but the user one costs CAP_SYS_ADMIN. */
    static Namespaces forChild(Task task, Credentials creds, long flags) {
        Namespaces result = task.namespaces;
        if ((flags & Clone.NEW_NAMESPACES) == 0) {
            return result;
        }
        if (!creds.has(Capability.CAP_SYS_ADMIN)) {
            throw ErrnoException.of(Errno.EPERM);
        }
        UserNamespace owner = creds.userNamespace();
        if ((flags & Sched.CLONE_NEWUTS) != 0) {
            result = result.withUts(result.uts().copy(owner));
        }
        if ((flags & Sched.CLONE_NEWIPC) != 0) {
            result = result.withIpc(new IpcNamespace(owner));
        }
        if ((flags & Sched.CLONE_NEWNET) != 0) {
            result = result.withNet(new NetNamespace(owner));
        }
        if ((flags & Sched.CLONE_NEWPID) != 0) {
            result = result.withPid(newPidNamespace(task, result.pidForChildren(), owner));
        }
        if ((flags & Sched.CLONE_NEWNS) != 0) {
            result = result.withMount(null); // filled in by moveToCopy, which needs to know how places moved
        }
        return result;
    }

    private static PidNamespace newPidNamespace(Task task, PidNamespace parent, UserNamespace owner) {
        if (parent != task.pidNamespace()) {
            throw ErrnoException.of(Errno.EINVAL); // the first child of a fresh namespace comes first
        }
        if (parent.level + 1 > PidNamespace.MAX_DEPTH) {
            throw ErrnoException.of(Errno.ENOSPC);
        }
        return new PidNamespace(parent, owner);
    }

    /** CLONE_NEWNS: copies the mount tree and moves {@code fs} into the copy. */
    static Namespaces moveToCopy(FsContext fs, Namespaces old, Namespaces changed, UserNamespace owner) {
        MountNamespace.Copy copy = old.mount().copy(owner);
        Path root = copy.translate(fs.root());
        Path cwd = copy.translate(fs.workingDirectory());
        fs.setRoot(root);
        fs.setWorkingDirectory(cwd);
        return changed.withMount(copy.namespace());
    }
}
