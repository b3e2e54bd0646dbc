package gvj.kernel;

import gvj.syscalls.SyscallTable;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How often each system call was made. A task counts in an array of its own; what is here are the counts of tasks that
 * have ended, and numbers too high for those arrays.
 */
public final class SyscallCounters {
    /** Numbers below are counted per task. */
    static final int DENSE = 512;

    private final AtomicLongArray ended = new AtomicLongArray(SyscallTable.SIZE);

    /** Counts one call. Only for the task's own thread. */
    void count(Task task, long number) {
        if (number >= 0 && number < DENSE) {
            task.syscallCounts[(int) number]++;
        } else if (number >= 0 && number < SyscallTable.SIZE) {
            ended.incrementAndGet((int) number);
        }
    }

    /** Takes over what {@code task} counted; it makes no more calls. */
    void merge(Task task) {
        for (int number = 0; number < DENSE; number++) {
            long count = task.syscallCounts[number];
            if (count != 0) {
                ended.addAndGet(number, count);
                task.syscallCounts[number] = 0;
            }
        }
    }

    /** Calls of every number so far, by all tasks. */
    public long[] snapshot(Kernel kernel) {
        long[] all = new long[SyscallTable.SIZE];
        for (int number = 0; number < all.length; number++) {
            all[number] = ended.get(number);
        }
        for (Task task : kernel.tasks.values()) {
            for (int number = 0; number < DENSE; number++) {
                all[number] += task.syscallCounts[number];
            }
        }
        return all;
    }
}
