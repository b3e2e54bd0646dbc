package gvj.syscalls;

import gvj.abi.Bytes;
import gvj.abi.Errno;
import gvj.abi.Sched;
import gvj.abi.Signals;
import gvj.abi.SyscallNumbers;
import gvj.kernel.PidFd;
import gvj.kernel.ProcessGroup;
import gvj.kernel.Rusage;
import gvj.kernel.SignalInfoLayout;
import gvj.kernel.Task;
import gvj.kernel.ThreadGroup;
import gvj.kernel.Wait;
import gvj.vfs.FileDescription;

/** wait4(2), waitid(2). */
final class WaitSyscalls {
    private static final int WAIT4_OPTIONS =
            Sched.WNOHANG | Sched.WUNTRACED | Sched.WCONTINUED | Sched.__WNOTHREAD | Sched.__WCLONE | Sched.__WALL;
    private static final int WAITID_OPTIONS = WAIT4_OPTIONS | Sched.WNOWAIT | Sched.WEXITED | Sched.WSTOPPED;

    private WaitSyscalls() {}

    static void register(SyscallTable t) {
        t.add(SyscallNumbers.SYS_wait4, "wait4", WaitSyscalls::wait4);
        t.add(SyscallNumbers.SYS_waitid, "waitid", WaitSyscalls::waitid);
    }

    static long wait4(Task task, long which, long status, long options, long rusage) {
        int pid = (int) which;
        int flags = (int) options;
        if ((flags & ~WAIT4_OPTIONS) != 0) {
            return -Errno.EINVAL;
        }
        if (pid == Integer.MIN_VALUE) {
            return -Errno.ESRCH;
        }
        int type = pid == -1 ? Wait.P_ALL : pid > 0 ? Wait.P_PID : Wait.P_PGID;
        ThreadGroup process = pid > 0 ? task.pidNamespace().threadGroup(pid) : null;
        Wait wait =
                new Wait(task, type, Math.max(pid, 0), process, group(task, pid > 0 ? 0 : -pid), flags | Sched.WEXITED);
        long result = wait.run();
        if (result != 0 || wait.pid == 0) {
            return result;
        }
        if (status != 0) {
            task.mm().writeInt(status, wait.status);
        }
        if (rusage != 0) {
            task.mm().copyOut(rusage, wait.rusage, 0, Rusage.BYTES);
        }
        return wait.pid;
    }

    private static ProcessGroup group(Task task, int id) {
        return id == 0 ? task.threadGroup().processGroup() : task.pidNamespace().processGroup(id);
    }

    static long waitid(Task task, long idType, long id, long info, long options, long rusage) {
        int flags = (int) options;
        int which = (int) id;
        if ((flags & ~WAITID_OPTIONS) != 0 || (flags & (Sched.WEXITED | Sched.WSTOPPED | Sched.WCONTINUED)) == 0) {
            return -Errno.EINVAL;
        }
        return switch ((int) idType) {
            case Wait.P_ALL -> report(task, new Wait(task, Wait.P_ALL, null, null, flags), info, rusage);
            case Wait.P_PID ->
                which <= 0
                        ? -Errno.EINVAL
                        : report(
                                task,
                                new Wait(
                                        task,
                                        Wait.P_PID,
                                        which,
                                        task.pidNamespace().threadGroup(which),
                                        null,
                                        flags),
                                info,
                                rusage);
            case Wait.P_PGID ->
                which < 0
                        ? -Errno.EINVAL
                        : report(task, new Wait(task, Wait.P_PGID, null, group(task, which), flags), info, rusage);
            case Wait.P_PIDFD -> which < 0 ? -Errno.EINVAL : byPidfd(task, which, info, flags, rusage);
            default -> -Errno.EINVAL;
        };
    }

    private static long byPidfd(Task task, int fd, long info, int flags, long rusage) {
        FileDescription file = task.file(fd);
        try {
            if (!(file instanceof PidFd pidfd)) {
                return -Errno.EBADF;
            }
            int options = flags | (file.isNonBlocking() ? Sched.WNOHANG : 0);
            Wait wait = new Wait(task, Wait.P_PIDFD, pidfd.process(), null, options);
            long result = report(task, wait, info, rusage);
            boolean wouldBlock = result == 0 && wait.pid == 0 && (flags & Sched.WNOHANG) == 0;
            return wouldBlock ? -Errno.EAGAIN : result;
        } finally {
            file.decRef();
        }
    }

    private static long report(Task task, Wait wait, long info, long rusage) {
        long result = wait.run();
        if (result != 0) {
            return result;
        }
        if (wait.pid != 0 && rusage != 0) {
            task.mm().copyOut(rusage, wait.rusage, 0, Rusage.BYTES);
        }
        if (info == 0) {
            return 0;
        }
        byte[] bytes = task.scratch(SignalInfoLayout.BYTES);
        java.util.Arrays.fill(bytes, 0, 28, (byte) 0);
        if (wait.pid != 0) {
            Bytes.putInt(bytes, 0, Signals.SIGCHLD);
            Bytes.putInt(bytes, 8, wait.code);
            Bytes.putInt(bytes, 16, wait.pid);
            Bytes.putInt(bytes, 20, wait.uid);
            Bytes.putInt(bytes, 24, wait.siStatus());
        }
        task.mm().copyOut(info, bytes, 0, 12);
        task.mm().copyOut(info + 16, java.util.Arrays.copyOfRange(bytes, 16, 28), 0, 12);
        return 0;
    }
}
