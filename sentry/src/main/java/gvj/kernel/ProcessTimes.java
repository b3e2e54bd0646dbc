package gvj.kernel;

import gvj.mm.MemoryManager;

/**
 * CPU time and counters of a process: live threads, threads that have ended, children that were waited for.
 *
 * <p>Lock: its monitor guards the sums; innermost.
 */
public final class ProcessTimes {
    private final ThreadGroup process;

    private long endedCpu;
    private long endedUser;
    private long[] endedCounts = new long[4];
    private long maxResident;

    private long childrenUser;
    private long childrenSystem;
    private long[] childrenCounts = new long[4];
    private long childrenMaxResident;

    ProcessTimes(ThreadGroup process) {
        this.process = process;
    }

    /** Takes over the times of a thread that ends. */
    synchronized void add(Task task) {
        long cpu = task.times.cpu();
        endedCpu += cpu;
        endedUser += task.times.user(cpu);
        addCounts(endedCounts, task.times);
    }

    /** Remembers the largest resident set: ru_maxrss. */
    synchronized void sawResident(MemoryManager mm) {
        if (mm != null) {
            maxResident = Math.max(maxResident, mm.residentBytes());
        }
    }

    /** Takes over the times of a child that was waited for, and of its children. */
    void addChild(ThreadGroup child) {
        long user = child.times.user() + child.times.childrenUser();
        long system = child.times.system() + child.times.childrenSystem();
        long resident = Math.max(child.times.maxResident(), child.times.childrenMaxResident());
        long[] counts = child.times.counts();
        long[] theirs = child.times.childrenCounts();
        synchronized (this) {
            childrenUser += user;
            childrenSystem += system;
            childrenMaxResident = Math.max(childrenMaxResident, resident);
            for (int i = 0; i < counts.length; i++) {
                childrenCounts[i] += counts[i] + theirs[i];
            }
        }
    }

    /** CPU time of all threads, nanoseconds. */
    public long cpu() {
        long sum;
        synchronized (this) {
            sum = endedCpu;
        }
        for (Task task : process.threads()) {
            sum += task.times.cpu();
        }
        return sum;
    }

    /** User time, nanoseconds. */
    public long user() {
        long sum;
        synchronized (this) {
            sum = endedUser;
        }
        for (Task task : process.threads()) {
            sum += task.times.user();
        }
        return sum;
    }

    /** System time, nanoseconds. */
    public long system() {
        return Math.max(cpu() - user(), 0);
    }

    public synchronized long childrenUser() {
        return childrenUser;
    }

    public synchronized long childrenSystem() {
        return childrenSystem;
    }

    /** Largest resident set in bytes. */
    public long maxResident() {
        Task some = process.anyThread();
        if (some != null) {
            sawResident(some.mm);
        }
        synchronized (this) {
            return maxResident;
        }
    }

    public synchronized long childrenMaxResident() {
        return childrenMaxResident;
    }

    /** Minor faults, major faults, voluntary and involuntary switches. */
    public long[] counts() {
        long[] sum;
        synchronized (this) {
            sum = endedCounts.clone();
        }
        for (Task task : process.threads()) {
            addCounts(sum, task.times);
        }
        return sum;
    }

    /** As {@link #counts}, of children that were waited for. */
    public synchronized long[] childrenCounts() {
        return childrenCounts.clone();
    }

    private static void addCounts(long[] sum, TaskTimes times) {
        sum[0] += times.minorFaults();
        sum[1] += times.majorFaults();
        sum[2] += times.voluntarySwitches();
        sum[3] += times.involuntarySwitches();
    }
}
