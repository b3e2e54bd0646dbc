package gvj.kernel;

import gvj.syscalls.SyscallTable;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How often the tasks of a cgroup made each system call, and how often one failed with each errno. A task counts in arrays
 * of its own; what is here are the counts of tasks that have ended, and numbers too high for those arrays. The monitor
 * guards the moment at which a task's counts come here.
 */
public final class SyscallCounters {
    /** Numbers below are counted per task. */
    static final int DENSE = 512;
    /** One more than the greatest errno that is counted. */
    public static final int ERRORS = 134;

    private final Kernel kernel;
    private final Cgroup cgroup;
    private final AtomicLongArray ended = new AtomicLongArray(SyscallTable.SIZE);
    private final long[] endedErrors = new long[ERRORS];

    /** Of {@code cgroup}, without those below. */
    SyscallCounters(Kernel kernel, Cgroup cgroup) {
        this.kernel = kernel;
        this.cgroup = cgroup;
    }

    /** Counts one call. Only for the task's own thread. */
    void count(Task task, long number) {
        if (number >= 0 && number < DENSE) {
            task.syscallCounts[(int) number]++;
        } else if (number >= 0 && number < SyscallTable.SIZE) {
            ended.incrementAndGet((int) number);
        }
    }

    /** Counts a call that {@code result}, which is negative, is the answer of. Only for the task's own thread. */
    static void countError(Task task, long result) {
        if (result > -ERRORS) {
            long[] counts = task.errorCounts;
            if (counts == null) {
                counts = new long[ERRORS];
                task.errorCounts = counts;
            }
            counts[(int) -result]++;
        }
    }

    /** Takes over what {@code task} counted; it makes no more calls. */
    synchronized void merge(Task task) {
        for (int number = 0; number < DENSE; number++) {
            long count = task.syscallCounts[number];
            if (count != 0) {
                ended.addAndGet(number, count);
                task.syscallCounts[number] = 0;
            }
        }
        addErrors(task, endedErrors);
        task.errorCounts = null;
    }

    /** One more cgroup is gone. */
    synchronized void add(long[] calls, long[] errors) {
        for (int number = 0; number < calls.length; number++) {
            ended.addAndGet(number, calls[number]);
        }
        for (int errno = 0; errno < ERRORS; errno++) {
            endedErrors[errno] += errors[errno];
        }
    }

    private static void addErrors(Task task, long[] to) {
        long[] counts = task.errorCounts;
        for (int errno = 0; counts != null && errno < ERRORS; errno++) {
            to[errno] += counts[errno];
        }
    }

    /** Adds calls of every number so far to {@code sums}, of this cgroup alone. */
    synchronized void addCalls(long[] sums) {
        for (int number = 0; number < sums.length; number++) {
            sums[number] += ended.get(number);
        }
        for (Task task : kernel.tasks.values()) {
            for (int number = 0; task.cgroup == cgroup && number < DENSE; number++) {
                sums[number] += task.syscallCounts[number];
            }
        }
    }

    /** Adds failed calls by errno to {@code sums}, of this cgroup alone. */
    synchronized void addErrors(long[] sums) {
        for (int errno = 0; errno < ERRORS; errno++) {
            sums[errno] += endedErrors[errno];
        }
        for (Task task : kernel.tasks.values()) {
            if (task.cgroup == cgroup) {
                addErrors(task, sums);
            }
        }
    }
}
