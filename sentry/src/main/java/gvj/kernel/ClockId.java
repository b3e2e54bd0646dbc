package gvj.kernel;

import gvj.abi.Errno;
import gvj.abi.Time;

/**
 * A clock that clock_gettime(2) can name: real, monotonic, or the CPU time of a process or thread.
 *
 * <p>Negative ids are those of pthread_getcpuclockid(3): {@code ~id << 3 | thread << 2 | kind}, kind 0 for user and
 * system time, 1 for user time, 2 for what the scheduler counted.
 */
public final class ClockId {
    private static final int KIND_MASK = 3;
    private static final int THREAD = 4;
    private static final int KIND_USER = 1;
    private static final int KIND_FD = 3;

    private enum Base {
        REALTIME,
        MONOTONIC,
        PROCESS_CPU,
        THREAD_CPU
    }

    private final Base base;
    private final int id;
    private final boolean userOnly;
    private final ThreadGroup process;
    private final Task thread;

    private ClockId(Base base, int id, boolean userOnly, ThreadGroup process, Task thread) {
        this.base = base;
        this.id = id;
        this.userOnly = userOnly;
        this.process = process;
        this.thread = thread;
    }

    /** The clock {@code id} as {@code task} names it; EINVAL if there is none. */
    public static ClockId of(Task task, int id) {
        if (id < 0) {
            return cpuClock(task, id);
        }
        return switch (id) {
            case Time.CLOCK_REALTIME, Time.CLOCK_REALTIME_COARSE, Time.CLOCK_TAI, Time.CLOCK_REALTIME_ALARM ->
                new ClockId(Base.REALTIME, id, false, null, null);
            case Time.CLOCK_MONOTONIC,
                    Time.CLOCK_MONOTONIC_COARSE,
                    Time.CLOCK_MONOTONIC_RAW,
                    Time.CLOCK_BOOTTIME,
                    Time.CLOCK_BOOTTIME_ALARM -> new ClockId(Base.MONOTONIC, id, false, null, null);
            case Time.CLOCK_PROCESS_CPUTIME_ID -> new ClockId(Base.PROCESS_CPU, id, false, task.threadGroup, null);
            case Time.CLOCK_THREAD_CPUTIME_ID -> new ClockId(Base.THREAD_CPU, id, false, task.threadGroup, task);
            default -> throw ErrnoException.of(Errno.EINVAL);
        };
    }

    private static ClockId cpuClock(Task task, int id) {
        if ((id & KIND_MASK) == KIND_FD) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        boolean user = (id & KIND_MASK) == KIND_USER;
        int pid = ~(id >> 3);
        if ((id & THREAD) != 0) {
            Task target = pid == 0 ? task : task.pidNamespace().task(pid);
            if (target == null || target.threadGroup != task.threadGroup) {
                throw ErrnoException.of(Errno.EINVAL);
            }
            return new ClockId(Base.THREAD_CPU, id, user, target.threadGroup, target);
        }
        ThreadGroup target = pid == 0 ? task.threadGroup : task.pidNamespace().threadGroup(pid);
        if (target == null) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        return new ClockId(Base.PROCESS_CPU, id, user, target, null);
    }

    /** Nanoseconds now. */
    public long now() {
        return switch (base) {
            case REALTIME -> Clock.realtime();
            case MONOTONIC -> Clock.monotonic();
            case PROCESS_CPU ->
                userOnly ? process.times().user() : process.times().cpu();
            case THREAD_CPU -> userOnly ? thread.times().user() : thread.times().cpu();
        };
    }

    /** Nanoseconds between ticks. */
    public long resolution() {
        boolean coarse = id == Time.CLOCK_REALTIME_COARSE || id == Time.CLOCK_MONOTONIC_COARSE;
        return coarse ? 4_000_000 : 1;
    }

    /** Whether it counts CPU time. */
    public boolean isCpu() {
        return base == Base.PROCESS_CPU || base == Base.THREAD_CPU;
    }

    /** Whether it counts the CPU time of {@code task} alone: nobody can sleep on that. */
    public boolean isThreadOf(Task task) {
        return base == Base.THREAD_CPU && thread == task;
    }

    /** Whether it jumps when the time of day is set. */
    public boolean isRealtime() {
        return base == Base.REALTIME;
    }

    /** Whether sleeps and timers take it: coarse and raw clocks they do not. */
    public boolean canSleep() {
        return switch (id) {
            case Time.CLOCK_REALTIME_COARSE, Time.CLOCK_MONOTONIC_COARSE, Time.CLOCK_MONOTONIC_RAW -> false;
            default -> true;
        };
    }

    /**
     * A {@link Clock#monotonic} time at which it cannot have reached {@code value} yet, or just has: when to look again. A
     * CPU clock runs at most as fast as its threads together.
     */
    public long monotonicFor(long value) {
        long left = value - now();
        if (left <= 0) {
            return Clock.monotonic();
        }
        if (isCpu()) {
            int threads = base == Base.PROCESS_CPU ? Math.max(process.threads().size(), 1) : 1;
            left = Math.max(left / threads, 1_000_000);
        }
        long now = Clock.monotonic();
        return left > Long.MAX_VALUE / 2 ? now + Long.MAX_VALUE / 2 : now + left;
    }
}
