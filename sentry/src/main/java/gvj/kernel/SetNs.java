package gvj.kernel;

import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.Sched;
import gvj.kernel.ipc.SemaphoreUndo;
import gvj.vfs.FileDescription;
import gvj.vfs.MountNamespace;
import gvj.vfs.Path;

/** setns(2): the caller enters namespaces that a file of /proc/PID/ns or a pidfd stands for. */
public final class SetNs {
    private static final long KINDS = Sched.CLONE_NEWNS
            | Sched.CLONE_NEWUTS
            | Sched.CLONE_NEWIPC
            | Sched.CLONE_NEWPID
            | Sched.CLONE_NEWNET
            | Sched.CLONE_NEWUSER;

    private SetNs() {}

    /** 0; EINVAL for what is no namespace or of another kind than {@code kinds}, EPERM, ESRCH. */
    public static long setns(Task task, FileDescription file, int kinds) {
        if (file instanceof NamespaceFile namespace) {
            Object target = namespace.namespace();
            int kind = kind(target);
            if (kind == 0 || (kinds != 0 && kinds != kind)) {
                return -Errno.EINVAL;
            }
            return enter(task, target);
        }
        if (file instanceof PidFd pidfd) {
            return enterAll(task, pidfd, kinds);
        }
        return -Errno.EINVAL;
    }

    private static long enterAll(Task task, PidFd pidfd, int kinds) {
        if (kinds == 0 || (kinds & ~KINDS) != 0) {
            return -Errno.EINVAL;
        }
        Task target = pidfd.task();
        if (pidfd.process().hasExited()) {
            return -Errno.ESRCH;
        }
        if (!PtraceAccess.allows(task, target)) {
            return -Errno.EPERM;
        }
        Namespaces theirs = target.namespaces;
        Object[] all = {
            target.credentials.userNamespace(),
            theirs.uts(),
            theirs.ipc(),
            theirs.net(),
            target.pidNamespace(),
            theirs.mount()
        };
        for (Object namespace : all) {
            if ((kinds & kind(namespace)) != 0) {
                long result = enter(task, namespace);
                if (result != 0) {
                    return result;
                }
            }
        }
        return 0;
    }

    /** The CLONE_NEW* flag of a namespace, 0 for none that can be entered. */
    private static int kind(Object namespace) {
        return switch (namespace) {
            case UtsNamespace uts -> Sched.CLONE_NEWUTS;
            case IpcNamespace ipc -> Sched.CLONE_NEWIPC;
            case NetNamespace net -> Sched.CLONE_NEWNET;
            case PidNamespace pid -> Sched.CLONE_NEWPID;
            case MountNamespace mount -> Sched.CLONE_NEWNS;
            case UserNamespace user -> Sched.CLONE_NEWUSER;
            default -> 0;
        };
    }

    private static long enter(Task task, Object namespace) {
        if (namespace instanceof UserNamespace) {
            return -Errno.EINVAL; // there is only the one the caller is in
        }
        if (!task.credentials.has(Capability.CAP_SYS_ADMIN)) {
            return -Errno.EPERM;
        }
        Namespaces mine = task.namespaces;
        switch (namespace) {
            case UtsNamespace uts -> task.namespaces = mine.withUts(uts);
            case IpcNamespace ipc -> {
                SemaphoreUndo.leave(task);
                task.namespaces = mine.withIpc(ipc);
            }
            case NetNamespace net -> task.namespaces = mine.withNet(net);
            case PidNamespace pid -> {
                if (!task.pidNamespace().contains(pid)) {
                    return -Errno.EINVAL;
                }
                task.namespaces = mine.withPid(pid);
            }
            case MountNamespace mount -> {
                return enterMounts(task, mount);
            }
            default -> {
                return -Errno.EINVAL;
            }
        }
        return 0;
    }

    private static long enterMounts(Task task, MountNamespace mount) {
        if (!task.credentials.has(Capability.CAP_SYS_CHROOT)) {
            return -Errno.EPERM;
        }
        if (task.fs.users() > 1) {
            return -Errno.EINVAL;
        }
        task.namespaces = task.namespaces.withMount(mount);
        Path root = mount.rootPath();
        task.fs.setRoot(root);
        task.fs.setWorkingDirectory(root);
        return 0;
    }
}
