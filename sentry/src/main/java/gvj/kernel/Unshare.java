package gvj.kernel;

import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.Sched;
import gvj.kernel.ipc.SemaphoreUndo;

/** unshare(2): the caller stops sharing what clone(2) let it share, and enters new namespaces. */
public final class Unshare {
    private static final long KNOWN = Clone.NEW_NAMESPACES
            | Sched.CLONE_NEWUSER
            | Sched.CLONE_THREAD
            | Sched.CLONE_FS
            | Sched.CLONE_SIGHAND
            | Sched.CLONE_VM
            | Sched.CLONE_FILES
            | Sched.CLONE_SYSVSEM;

    private Unshare() {}

    /** 0; EINVAL for what cannot be undone or flags that are unknown, EPERM, ENOSPC. */
    public static long unshare(Task task, long wanted) {
        long flags = wanted;
        if ((flags & Sched.CLONE_NEWUSER) != 0) {
            flags |= Sched.CLONE_THREAD | Sched.CLONE_FS;
        }
        if ((flags & Sched.CLONE_VM) != 0) {
            flags |= Sched.CLONE_SIGHAND;
        }
        if ((flags & Sched.CLONE_SIGHAND) != 0) {
            flags |= Sched.CLONE_THREAD;
        }
        if ((flags & Sched.CLONE_NEWNS) != 0) {
            flags |= Sched.CLONE_FS;
        }
        if ((flags & ~KNOWN) != 0) {
            return -Errno.EINVAL;
        }
        boolean threads = task.threadGroup.threads().size() > 1;
        if (((flags & (Sched.CLONE_THREAD | Sched.CLONE_SIGHAND)) != 0 && threads)
                || ((flags & Sched.CLONE_VM) != 0 && task.mm.users() > 1)) {
            return -Errno.EINVAL;
        }
        if ((flags & Sched.CLONE_NEWUSER) == 0
                && (flags & Clone.NEW_NAMESPACES) != 0
                && !task.credentials.has(Capability.CAP_SYS_ADMIN)) {
            return -Errno.EPERM;
        }
        Credentials creds = NamespaceChanges.credentials(task, flags);
        Namespaces changed = NamespaceChanges.forChild(task, creds, flags);
        if ((flags & Sched.CLONE_FS) != 0 && task.fs.users() > 1) {
            FsContext own = task.fs.copy();
            task.fs.decUsers();
            task.fs = own;
        }
        if ((flags & Sched.CLONE_FILES) != 0 && task.fds.users() > 1) {
            task.setFds(task.fds.copy());
        }
        if ((flags & Sched.CLONE_NEWNS) != 0) {
            changed = NamespaceChanges.moveToCopy(task.fs, task.namespaces, changed, creds.userNamespace());
        }
        if ((flags & (Sched.CLONE_NEWIPC | Sched.CLONE_SYSVSEM)) != 0) {
            SemaphoreUndo.leave(task); // the semaphores are of the namespace that it leaves
        }
        task.setNamespaces(changed);
        return 0;
    }
}
