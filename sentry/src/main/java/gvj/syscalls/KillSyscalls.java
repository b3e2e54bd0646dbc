package gvj.syscalls;

import gvj.abi.Bytes;
import gvj.abi.Errno;
import gvj.abi.Signals;
import gvj.abi.SyscallNumbers;
import gvj.kernel.PidFd;
import gvj.kernel.ProcessGroup;
import gvj.kernel.ProcessHandle;
import gvj.kernel.SignalInfo;
import gvj.kernel.SignalInfoLayout;
import gvj.kernel.SignalPermissions;
import gvj.kernel.Task;
import gvj.kernel.ThreadGroup;
import gvj.vfs.FileDescription;

/** kill(2), tkill(2), tgkill(2), rt_sigqueueinfo(2), and the pidfd calls. */
final class KillSyscalls {
    private static final int PIDFD_SIGNAL_THREAD = 1, PIDFD_SIGNAL_THREAD_GROUP = 2, PIDFD_SIGNAL_PROCESS_GROUP = 4;
    private static final int PIDFD_NONBLOCK = gvj.abi.Fcntl.O_NONBLOCK;

    private KillSyscalls() {}

    static void register(SyscallTable t) {
        t.add(SyscallNumbers.SYS_kill, "kill", KillSyscalls::kill);
        t.add(SyscallNumbers.SYS_tkill, "tkill", KillSyscalls::tkill);
        t.add(SyscallNumbers.SYS_tgkill, "tgkill", KillSyscalls::tgkill);
        t.add(SyscallNumbers.SYS_rt_sigqueueinfo, "rt_sigqueueinfo", KillSyscalls::sigqueueinfo);
        t.add(SyscallNumbers.SYS_rt_tgsigqueueinfo, "rt_tgsigqueueinfo", KillSyscalls::tgsigqueueinfo);
        t.add(SyscallNumbers.SYS_pidfd_open, "pidfd_open", KillSyscalls::pidfdOpen);
        t.add(SyscallNumbers.SYS_pidfd_send_signal, "pidfd_send_signal", KillSyscalls::pidfdSendSignal);
        t.add(SyscallNumbers.SYS_pidfd_getfd, "pidfd_getfd", KillSyscalls::pidfdGetfd);
    }

    private static boolean isSignalOrZero(int signo) {
        return signo >= 0 && signo <= Signals.SIGRTMAX;
    }

    static long kill(Task task, long pid, long signal) {
        int target = (int) pid;
        int signo = (int) signal;
        if (!isSignalOrZero(signo)) {
            return -Errno.EINVAL;
        }
        if (target > 0) {
            ThreadGroup process = process(task, target);
            return process == null
                    ? -Errno.ESRCH
                    : SignalPermissions.toProcess(
                            task, process, SignalPermissions.info(task, process, signo, Signals.SI_USER));
        }
        if (target == -1) {
            return SignalPermissions.toAll(task, signo);
        }
        if (target == Integer.MIN_VALUE) {
            return -Errno.ESRCH;
        }
        ProcessGroup group = target == 0
                ? task.threadGroup().processGroup()
                : task.pidNamespace().processGroup(-target);
        return group == null ? -Errno.ESRCH : SignalPermissions.toGroup(task, group, signo);
    }

    /** The process whose leader, or any thread, goes by {@code id}: as kill(2) and rt_sigqueueinfo(2) look it up. */
    private static ThreadGroup process(Task task, int id) {
        ThreadGroup process = task.pidNamespace().threadGroup(id);
        if (process != null) {
            return process;
        }
        Task thread = task.pidNamespace().task(id);
        return thread == null ? null : thread.threadGroup();
    }

    static long tkill(Task task, long tid, long signal) {
        return (int) tid <= 0 ? -Errno.EINVAL : toThread(task, 0, (int) tid, (int) signal);
    }

    static long tgkill(Task task, long tgid, long tid, long signal) {
        if ((int) tgid <= 0 || (int) tid <= 0) {
            return -Errno.EINVAL;
        }
        return toThread(task, (int) tgid, (int) tid, (int) signal);
    }

    private static long toThread(Task task, int tgid, int tid, int signo) {
        Task target = task.pidNamespace().task(tid);
        if (target == null || (tgid != 0 && task.pidNamespace().idOf(target.threadGroup()) != tgid)) {
            return -Errno.ESRCH;
        }
        if (!isSignalOrZero(signo)) {
            return -Errno.EINVAL;
        }
        return SignalPermissions.toTask(
                task, target, SignalPermissions.info(task, target.threadGroup(), signo, Signals.SI_TKILL));
    }

    private static SignalInfo readInfo(Task task, int signo, long address) {
        byte[] bytes = task.scratch(SignalInfoLayout.BYTES);
        task.mm().copyIn(address, bytes, 0, SignalInfoLayout.BYTES);
        return SignalInfoLayout.decode(signo, bytes, 0);
    }

    /** Nobody may pretend to be the kernel, or to be kill(2), to others than itself. */
    private static boolean isForged(SignalInfo info) {
        return info.code >= 0 || info.code == Signals.SI_TKILL;
    }

    static long sigqueueinfo(Task task, long pid, long signal, long address) {
        int signo = (int) signal;
        SignalInfo info = readInfo(task, signo, address);
        if (isForged(info) && (int) pid != task.pidNamespace().idOf(task)) {
            return -Errno.EPERM;
        }
        ThreadGroup process = (int) pid <= 0 ? null : process(task, (int) pid);
        if (process == null) {
            return -Errno.ESRCH;
        }
        return isSignalOrZero(signo) ? SignalPermissions.toProcess(task, process, info) : -Errno.EINVAL;
    }

    static long tgsigqueueinfo(Task task, long tgid, long tid, long signal, long address) {
        int signo = (int) signal;
        SignalInfo info = readInfo(task, signo, address);
        if ((int) tgid <= 0 || (int) tid <= 0) {
            return -Errno.EINVAL;
        }
        if (isForged(info) && (int) tid != task.pidNamespace().idOf(task)) {
            return -Errno.EPERM;
        }
        Task target = task.pidNamespace().task((int) tid);
        if (target == null || task.pidNamespace().idOf(target.threadGroup()) != (int) tgid) {
            return -Errno.ESRCH;
        }
        return isSignalOrZero(signo) ? SignalPermissions.toTask(task, target, info) : -Errno.EINVAL;
    }

    static long pidfdOpen(Task task, long pid, long flags) {
        int wanted = (int) flags;
        if ((wanted & ~(PIDFD_NONBLOCK | PidFd.PIDFD_THREAD)) != 0 || (int) pid <= 0) {
            return -Errno.EINVAL;
        }
        boolean thread = (wanted & PidFd.PIDFD_THREAD) != 0;
        Task target = task.pidNamespace().task((int) pid);
        if (target == null) {
            return -Errno.ESRCH;
        }
        if (!thread && target.threadGroup().leader() != target) {
            return -Errno.ENOENT;
        }
        PidFd file = PidFd.open(target, thread, wanted & PIDFD_NONBLOCK);
        return Descriptors.install(task, file, true);
    }

    static long pidfdSendSignal(Task task, long fd, long signal, long address, long flags) {
        int signo = (int) signal;
        int scope = (int) flags;
        if (flags < 0 || scope > PIDFD_SIGNAL_PROCESS_GROUP || Integer.bitCount(scope) > 1) {
            return -Errno.EINVAL;
        }
        FileDescription file = task.file(fd);
        try {
            if (file instanceof PidFd pidfd) {
                return send(task, pidfd.process(), pidfd.task(), pidfd.isOfThread(), signo, address, scope);
            }
            if (file.inode() instanceof ProcessHandle handle && handle.process() != null) {
                ThreadGroup process = handle.process();
                return send(task, process, process.leader(), false, signo, address, scope);
            }
            return -Errno.EBADF;
        } finally {
            file.decRef();
        }
    }

    private static long send(
            Task task, ThreadGroup process, Task target, boolean ofThread, int signo, long address, int scope) {
        boolean thread = scope == PIDFD_SIGNAL_THREAD || (scope == 0 && ofThread);
        if (!isSignalOrZero(signo)) {
            return -Errno.EINVAL;
        }
        SignalInfo info = SignalPermissions.info(task, process, signo, thread ? Signals.SI_TKILL : Signals.SI_USER);
        if (address != 0) {
            info = readInfo(task, signo, address);
            if (signo != Bytes.getInt(task.scratch(SignalInfoLayout.BYTES), 0)) {
                return -Errno.EINVAL;
            }
            if (isForged(info) && target != task) {
                return -Errno.EPERM;
            }
        }
        if (process.isReaped()) {
            return -Errno.ESRCH;
        }
        if (task.pidNamespace().idOf(process) == 0) {
            return -Errno.EINVAL;
        }
        if (scope == PIDFD_SIGNAL_PROCESS_GROUP) {
            return SignalPermissions.toGroup(task, process.processGroup(), signo);
        }
        return thread ? SignalPermissions.toTask(task, target, info) : SignalPermissions.toProcess(task, process, info);
    }

    static long pidfdGetfd(Task task, long fd, long targetFd, long flags) {
        if (flags != 0) {
            return -Errno.EINVAL;
        }
        FileDescription file = task.file(fd);
        try {
            if (!(file instanceof PidFd pidfd)) {
                return -Errno.EBADF;
            }
            Task target = pidfd.task();
            if (target.threadGroup().isReaped() || target.threadGroup().isZombie()) {
                return -Errno.ESRCH;
            }
            if (!gvj.kernel.PtraceAccess.allows(task, target)) {
                return -Errno.EPERM;
            }
            FileDescription theirs = target.fds().get((int) targetFd);
            return Descriptors.install(task, theirs, true);
        } finally {
            file.decRef();
        }
    }
}
