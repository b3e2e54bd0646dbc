package gvj.kernel;

import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.Seccomp;

/** Installing seccomp(2) filters. */
public final class SeccompControl {
    /** MAX_INSNS_PER_PATH of Linux. */
    private static final int MAX_TOTAL = 32768;

    private SeccompControl() {}

    /** SECCOMP_SET_MODE_STRICT. */
    public static long strict(Task task) {
        if (task.seccomp != null && task.seccomp != SeccompFilters.STRICT) {
            return -Errno.EINVAL;
        }
        task.seccomp = SeccompFilters.STRICT;
        return 0;
    }

    /**
     * SECCOMP_SET_MODE_FILTER: 0, EACCES without no_new_privs or CAP_SYS_ADMIN, EINVAL for a bad program, ENOMEM for too
     * many, or with TSYNC the id of a thread that has other filters.
     */
    public static long filter(Task task, byte[] program, int flags) {
        Credentials creds = task.credentials;
        if (!creds.noNewPrivs() && !creds.has(Capability.CAP_SYS_ADMIN)) {
            return -Errno.EACCES;
        }
        if (task.seccomp == SeccompFilters.STRICT) {
            return -Errno.EINVAL;
        }
        SeccompFilters chain = new SeccompFilters(new BpfProgram(program), task.seccomp);
        if (chain.totalLength() > MAX_TOTAL) {
            return -Errno.ENOMEM;
        }
        if ((flags & Seccomp.SECCOMP_FILTER_FLAG_TSYNC) == 0) {
            task.seccomp = chain;
            return 0;
        }
        return synchronise(task, chain, (flags & Seccomp.SECCOMP_FILTER_FLAG_TSYNC_ESRCH) != 0);
    }

    private static long synchronise(Task task, SeccompFilters chain, boolean esrch) {
        synchronized (task.threadGroup.signalLock) {
            for (Task other : task.threadGroup.threads) {
                SeccompFilters theirs = other.seccomp;
                boolean ancestor = theirs == null || (task.seccomp != null && task.seccomp.contains(theirs));
                if (other != task && (!ancestor || theirs == SeccompFilters.STRICT)) {
                    return esrch ? -Errno.ESRCH : task.pidNamespace().idOf(other);
                }
            }
            for (Task other : task.threadGroup.threads) {
                other.seccomp = chain;
                if (task.credentials.noNewPrivs() && !other.credentials.noNewPrivs()) {
                    other.credentials = other.credentials.withNoNewPrivs();
                }
            }
        }
        return 0;
    }

    /** SECCOMP_GET_ACTION_AVAIL. */
    public static boolean isAvailable(int action) {
        return action == Seccomp.SECCOMP_RET_KILL_PROCESS
                || action == Seccomp.SECCOMP_RET_KILL_THREAD
                || action == Seccomp.SECCOMP_RET_TRAP
                || action == Seccomp.SECCOMP_RET_ERRNO
                || action == Seccomp.SECCOMP_RET_TRACE
                || action == Seccomp.SECCOMP_RET_LOG
                || action == Seccomp.SECCOMP_RET_ALLOW;
    }

    /** How many filters {@code task} runs under: Seccomp_filters of /proc/PID/status. */
    public static int filterCount(Task task) {
        SeccompFilters filters = task.seccomp;
        return filters == null ? 0 : filters.count();
    }
}
