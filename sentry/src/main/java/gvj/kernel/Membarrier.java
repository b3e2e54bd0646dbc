package gvj.kernel;

import gvj.abi.Errno;
import java.util.Collection;

/** membarrier(2): every thread meant has left application code once when the call returns, which orders its memory. */
public final class Membarrier {
    private static final int QUERY = 0, GLOBAL = 1, GLOBAL_EXPEDITED = 2, REGISTER_GLOBAL = 4;
    private static final int PRIVATE = 8, REGISTER_PRIVATE = 16, PRIVATE_SYNC_CORE = 32, REGISTER_SYNC_CORE = 64;
    private static final int GET_REGISTRATIONS = 512;
    private static final int COMMANDS = GLOBAL
            | GLOBAL_EXPEDITED
            | REGISTER_GLOBAL
            | PRIVATE
            | REGISTER_PRIVATE
            | PRIVATE_SYNC_CORE
            | REGISTER_SYNC_CORE
            | GET_REGISTRATIONS;

    private Membarrier() {}

    /** The system call. */
    public static long membarrier(Task task, int command, int flags) {
        if (flags != 0) {
            return -Errno.EINVAL;
        }
        ThreadGroup process = task.threadGroup;
        switch (command) {
            case QUERY -> {
                return COMMANDS;
            }
            case GLOBAL, GLOBAL_EXPEDITED -> {
                await(task, task.kernel.tasks.values());
                return 0;
            }
            case REGISTER_GLOBAL, REGISTER_PRIVATE, REGISTER_SYNC_CORE -> {
                process.membarriers |= command;
                return 0;
            }
            case PRIVATE, PRIVATE_SYNC_CORE -> {
                if ((process.membarriers & command << 1) == 0) {
                    return -Errno.EPERM;
                }
                await(task, process.threads());
                return 0;
            }
            case GET_REGISTRATIONS -> {
                return process.membarriers;
            }
            default -> {
                return -Errno.EINVAL;
            }
        }
    }

    /** Kicks every task that is in application code, and waits until it has come out. */
    private static void await(Task self, Collection<Task> tasks) {
        for (Task task : tasks) {
            if (task == self) {
                continue;
            }
            int entry = task.applicationEpoch;
            if (!task.inApplication) {
                continue;
            }
            task.context.interrupt();
            while (task.inApplication && task.applicationEpoch == entry && !task.exited) {
                gvj.host.HostProcess.schedYield();
            }
        }
    }
}
