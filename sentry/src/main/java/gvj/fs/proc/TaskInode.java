package gvj.fs.proc;

import gvj.kernel.Credentials;
import gvj.kernel.Task;

/** Inode numbers and owners of the files about a task: made anew at each lookup, yet always the same. */
final class TaskInode {
    private TaskInode() {}

    /** The inode number of the {@code index}th file about thread {@code tid} of the root pid namespace. */
    static long ino(int tid, int index) {
        return (long) tid << 20 | 1 << 19 | index;
    }

    /** A task's files belong to its effective user, to root while it is not dumpable. */
    static int uid(Task task) {
        return task.threadGroup().dumpable() == 1 ? credentials(task).euid() : 0;
    }

    static int gid(Task task) {
        return task.threadGroup().dumpable() == 1 ? credentials(task).egid() : 0;
    }

    private static Credentials credentials(Task task) {
        return task.credentials();
    }
}
