package gvj.kernel;

import gvj.abi.Errno;

/** Sessions and process groups: setsid(2), setpgid(2). */
public final class Jobs {
    private Jobs() {}

    /** setpgid(2); both ids as the caller sees them. */
    public static int setpgid(Task task, int pid, int pgid) {
        if (pgid < 0) {
            return -Errno.EINVAL;
        }
        PidNamespace ns = task.pidNamespace();
        task.kernel.taskLock.lock();
        try {
            ThreadGroup process = pid == 0 ? task.threadGroup : ns.threadGroup(pid);
            if (process == null) {
                return ns.task(pid) != null ? -Errno.EINVAL : -Errno.ESRCH;
            }
            int error = check(task, process);
            if (error != 0) {
                return error;
            }
            int wanted = pgid == 0 ? ns.idOf(process) : pgid;
            return move(task, process, wanted, ns);
        } finally {
            task.kernel.taskLock.unlock();
        }
    }

    private static int check(Task task, ThreadGroup process) {
        ThreadGroup mine = task.threadGroup;
        if (process != mine) {
            if (process.parent() != mine) {
                return -Errno.ESRCH;
            }
            if (process.processGroup.session != mine.processGroup.session) {
                return -Errno.EPERM;
            }
            if (process.executed) {
                return -Errno.EACCES;
            }
        }
        return process.processGroup.session.leader == process ? -Errno.EPERM : 0;
    }

    private static int move(Task task, ThreadGroup process, int wanted, PidNamespace ns) {
        Session session = task.threadGroup.processGroup.session;
        ProcessGroup group = ns.processGroup(wanted);
        if (wanted != ns.idOf(process) && (group == null || group.session != session)) {
            return -Errno.EPERM;
        }
        if (group == process.processGroup) {
            return 0;
        }
        ProcessGroup old = process.processGroup;
        ProcessGroup to = group != null ? group : new ProcessGroup(task.kernel, process.id, session);
        to.add(process);
        old.remove(process);
        return 0;
    }

    /** setsid(2): the new session's id as the caller sees it. */
    public static int setsid(Task task) {
        ThreadGroup process = task.threadGroup;
        task.kernel.taskLock.lock();
        try {
            if (process.processGroup.session.leader == process || process.id.group != null) {
                return -Errno.EPERM;
            }
            ProcessGroup old = process.processGroup;
            Session session = new Session(process);
            new ProcessGroup(task.kernel, process.id, session).add(process);
            old.remove(process);
            return task.pidNamespace().idOf(session);
        } finally {
            task.kernel.taskLock.unlock();
        }
    }
}
