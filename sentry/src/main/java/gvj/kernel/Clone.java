package gvj.kernel;

import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.Sched;

/** fork(2), vfork(2), clone(2), clone3(2): making tasks. */
public final class Clone {
    /** Flags that make namespaces and need CAP_SYS_ADMIN. */
    static final long NEW_NAMESPACES = Sched.CLONE_NEWNS
            | Sched.CLONE_NEWUTS
            | Sched.CLONE_NEWIPC
            | Sched.CLONE_NEWPID
            | Sched.CLONE_NEWNET
            | Sched.CLONE_NEWCGROUP;

    private Clone() {}

    /**
     * Makes a task.
     *
     * @return its id as the caller sees it, or -errno: EINVAL for flags that contradict each other, EAGAIN at a limit,
     *     ENOMEM, EPERM, EUSERS
     */
    public static long clone(Task parent, CloneArgs args) {
        int error = check(parent, args);
        if (error != 0) {
            return -error;
        }
        if (parent.interrupted) {
            return -Errno.ERESTARTNOINTR; // as Linux: a signal is not to be duplicated by a fork
        }
        if (!Exit.mayFork(parent)) {
            return -Errno.EAGAIN;
        }
        return new TaskBuilder(parent, args).build();
    }

    /** CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN in the owner of each namespace whose ids are chosen; EINVAL for too many. */
    public static boolean maySetTid(Task task, CloneArgs args) {
        PidNamespace ns = task.namespaces.pidForChildren();
        int depth = ns.level + 1 + (args.has(Sched.CLONE_NEWPID) ? 1 : 0);
        if (args.setTid.length > depth) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        Credentials creds = task.credentials;
        return creds.has(Capability.CAP_CHECKPOINT_RESTORE) || creds.has(Capability.CAP_SYS_ADMIN);
    }

    private static int check(Task task, CloneArgs a) {
        if ((a.has(Sched.CLONE_NEWNS) || a.has(Sched.CLONE_NEWUSER)) && a.has(Sched.CLONE_FS)) {
            return Errno.EINVAL;
        }
        if (a.has(Sched.CLONE_THREAD) && !a.has(Sched.CLONE_SIGHAND)) {
            return Errno.EINVAL;
        }
        if (a.has(Sched.CLONE_SIGHAND) && (!a.has(Sched.CLONE_VM) || a.has(Sched.CLONE_CLEAR_SIGHAND))) {
            return Errno.EINVAL;
        }
        if (a.has(Sched.CLONE_PARENT) && task.threadGroup.unkillable) {
            return Errno.EINVAL;
        }
        boolean otherPidNamespace = task.namespaces.pidForChildren() != task.pidNamespace();
        if (a.has(Sched.CLONE_THREAD)
                && (a.has(Sched.CLONE_NEWUSER) || a.has(Sched.CLONE_NEWPID) || otherPidNamespace)) {
            return Errno.EINVAL;
        }
        if (a.has(Sched.CLONE_NEWIPC) && a.has(Sched.CLONE_SYSVSEM)) {
            return Errno.EINVAL;
        }
        if (a.has(Sched.CLONE_PIDFD)
                && (a.has(Sched.CLONE_DETACHED) || (a.has(Sched.CLONE_PARENT_SETTID) && a.pidfd == a.parentTid))) {
            return Errno.EINVAL;
        }
        if (a.has(NEW_NAMESPACES) && !a.has(Sched.CLONE_NEWUSER) && !task.credentials.has(Capability.CAP_SYS_ADMIN)) {
            return Errno.EPERM;
        }
        return 0;
    }
}
