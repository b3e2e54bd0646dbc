package gvj.syscalls;

import gvj.abi.Sched;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import gvj.vfs.FdTable;
import gvj.vfs.FileDescription;

/** Giving new files to the caller, for system calls that answer with descriptors. */
final class Descriptors {
    private Descriptors() {}

    /** Puts {@code file} at the lowest free descriptor; its reference moves. EMFILE closes it. */
    static int install(Task task, FileDescription file, boolean cloexec) {
        long limit = task.rlimit(Sched.RLIMIT_NOFILE);
        try {
            return task.fds().install(file, 0, cloexec, limit < 0 ? FdTable.NR_OPEN : limit);
        } catch (ErrnoException e) {
            file.decRef();
            throw e;
        }
    }

    /** Puts two files at descriptors and writes those to the application as two ints; all or nothing. */
    static long installPair(Task task, FileDescription first, FileDescription second, boolean cloexec, long address) {
        int a;
        try {
            a = install(task, first, cloexec);
        } catch (ErrnoException e) {
            second.decRef();
            throw e;
        }
        int b = -1;
        try {
            b = install(task, second, cloexec);
            task.mm().writeLong(address, a & 0xffffffffL | (long) b << 32);
            return 0;
        } catch (ErrnoException e) {
            close(task, a);
            if (b >= 0) {
                close(task, b);
            }
            throw e;
        }
    }

    private static void close(Task task, int fd) {
        task.fds().remove(fd).decRef();
    }
}
