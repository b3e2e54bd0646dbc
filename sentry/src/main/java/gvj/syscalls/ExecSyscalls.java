package gvj.syscalls;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Sched;
import gvj.abi.SyscallNumbers;
import gvj.kernel.ErrnoException;
import gvj.kernel.Exec;
import gvj.kernel.ExecArgs;
import gvj.kernel.Task;
import java.util.ArrayList;
import java.util.List;

/** execve(2), execveat(2). */
final class ExecSyscalls {
    /** MAX_ARG_STRLEN: a string with its NUL. */
    private static final int MAX_STRING = 128 << 10;

    private static final int VALID_FLAGS = Fcntl.AT_EMPTY_PATH | Fcntl.AT_SYMLINK_NOFOLLOW;

    private ExecSyscalls() {}

    static void register(SyscallTable t) {
        t.add(SyscallNumbers.SYS_execve, "execve", ExecSyscalls::execve);
        t.add(SyscallNumbers.SYS_execveat, "execveat", ExecSyscalls::execveat);
        t.partial(SyscallNumbers.SYS_execve, "file capabilities are not honoured");
        t.partial(SyscallNumbers.SYS_execveat, "file capabilities are not honoured");
    }

    static long execve(Task task, long path, long argv, long envp) {
        return exec(task, Fcntl.AT_FDCWD, path, argv, envp, 0);
    }

    static long execveat(Task task, long dirfd, long path, long argv, long envp, long flags) {
        if (((int) flags & ~VALID_FLAGS) != 0) {
            return -Errno.EINVAL;
        }
        return exec(task, (int) dirfd, path, argv, envp, (int) flags);
    }

    private static long exec(Task task, int dirfd, long path, long argv, long envp, int flags) {
        String name = task.mm().readPath(path);
        Budget budget = new Budget(task);
        List<String> args = budget.strings(argv);
        List<String> env = budget.strings(envp);
        return Exec.exec(task, new ExecArgs(dirfd, name, flags, args, env));
    }

    /** Counts bytes while reading, so that a hostile array cannot fill the Sentry's heap: a quarter of RLIMIT_STACK. */
    private static final class Budget {
        private static final long MIN = 128 << 10, MAX = 6 << 20;

        private final Task task;
        private long left;

        Budget(Task task) {
            this.task = task;
            long limit = task.rlimit(Sched.RLIMIT_STACK);
            long quarter = limit < 0 ? MAX : limit / 4;
            left = Math.max(Math.min(quarter, MAX), MIN);
        }

        List<String> strings(long array) {
            List<String> all = new ArrayList<>();
            if (array == 0) {
                return all;
            }
            for (long at = array; ; at += 8) {
                long pointer = task.mm().readLong(at);
                if (pointer == 0) {
                    return all;
                }
                String text = task.mm().readCString(pointer, MAX_STRING, Errno.E2BIG);
                left -= text.length() + 1 + 8;
                if (left < 0) {
                    throw ErrnoException.of(Errno.E2BIG);
                }
                all.add(text);
            }
        }
    }
}
