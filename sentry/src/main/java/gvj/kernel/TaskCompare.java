package gvj.kernel;

import gvj.abi.Errno;
import gvj.vfs.FileDescription;

/** kcmp(2): whether two tasks share something. */
public final class TaskCompare {
    private static final int KCMP_FILE = 0, KCMP_VM = 1, KCMP_FILES = 2, KCMP_FS = 3, KCMP_SIGHAND = 4, KCMP_IO = 5;
    private static final int KCMP_SYSVSEM = 6, KCMP_EPOLL_TFD = 7;
    private static final int EQUAL = 0, LESS = 1, GREATER = 2, DIFFERENT = 3;

    private TaskCompare() {}

    /**
     * Compares what {@code type} says: 0 if it is the same, 1 or 2 for an order that lasts while both live, 3 without
     * one. EPERM, EBADF, EINVAL.
     */
    public static long compare(Task caller, Task a, Task b, int type, long first, long second) {
        if (!PtraceAccess.allows(caller, a) || !PtraceAccess.allows(caller, b)) {
            return -Errno.EPERM;
        }
        return switch (type) {
            case KCMP_FILE -> files(a, b, first, second);
            case KCMP_VM -> order(a.mm, b.mm);
            case KCMP_FILES -> order(a.fds, b.fds);
            case KCMP_FS -> order(a.fs, b.fs);
            case KCMP_SIGHAND -> order(a.threadGroup.handlers, b.threadGroup.handlers);
            case KCMP_IO -> order(a, b);
            case KCMP_SYSVSEM, KCMP_EPOLL_TFD -> -Errno.EOPNOTSUPP;
            default -> -Errno.EINVAL;
        };
    }

    private static long files(Task a, Task b, long first, long second) {
        if (first != (int) first || second != (int) second) {
            return -Errno.EBADF;
        }
        FileDescription one = a.fds.get((int) first);
        try {
            FileDescription other = b.fds.get((int) second);
            try {
                return order(one, other);
            } finally {
                other.decRef();
            }
        } finally {
            one.decRef();
        }
    }

    private static long order(Object a, Object b) {
        if (a == b) {
            return EQUAL;
        }
        int how = Integer.compare(System.identityHashCode(a), System.identityHashCode(b));
        return how < 0 ? LESS : how > 0 ? GREATER : DIFFERENT;
    }
}
