package gvj.kernel;

/**
 * How much of the processors' time a cgroup may have: so many microseconds in each period, cpu.max of cgroups. Below the
 * top the Sentry sees to it: whoever has had a period's share is held until the next, {@link Pause}. It looks as seldom as
 * it can without missing the moment, and not at all while the cgroup is idle: the first task that runs again says so.
 *
 * <p>Lock: the monitor, taken before that of the cgroups' tree.
 */
public final class CpuBandwidth {
    /** The period where nobody says another, microseconds. */
    public static final long DEFAULT_PERIOD = 100_000;

    private static final long MICRO = 1000;
    private static final long SOON_NANOS = 1_000_000;

    private final Cgroup cgroup;
    private final Timers.Timer look = new Timers.Timer() {
        @Override
        protected void fire() {
            look();
        }
    };
    private volatile long quota;
    private volatile long period = DEFAULT_PERIOD;

    private boolean watching;
    private boolean throttled;
    private long throttledSince;
    private long periodEnd;
    /** Nanoseconds that are left of this period's share; negative if it was overdrawn, which the next one pays. */
    private long left;

    private long usedAtLook;
    private long usedAtPeriod;
    private long periods;
    private long throttledPeriods;
    private long throttledNanos;

    CpuBandwidth(Cgroup cgroup) {
        this.cgroup = cgroup;
    }

    /** Microseconds in each period; 0 for no limit. */
    public long quota() {
        return quota;
    }

    /** Microseconds. */
    public long period() {
        return period;
    }

    /** Periods in which somebody ran: nr_periods of cpu.stat. */
    public synchronized long periods() {
        return periods;
    }

    /** Periods in which tasks were held: nr_throttled. */
    public synchronized long throttledPeriods() {
        return throttledPeriods;
    }

    /** How long they were held, nanoseconds: throttled_usec. */
    public synchronized long throttledNanos() {
        return throttledNanos;
    }

    /** See {@link Cgroup#setCpuQuota}. */
    synchronized void set(long newQuota, long newPeriod) {
        quota = Math.max(newQuota, 0);
        period = newPeriod > 0 ? newPeriod : DEFAULT_PERIOD;
        stop();
        if (quota > 0 && cgroup.parent != null) {
            cgroup.pause.watch(true);
        }
    }

    /** The cgroup is gone. */
    synchronized void close() {
        quota = 0;
        stop();
    }

    private void stop() {
        cgroup.kernel.timers.cancel(look);
        watching = false;
        unthrottle(Clock.monotonic());
        cgroup.pause.watch(false);
    }

    /** A task is about to run application code while nobody looked. */
    synchronized void wakeUp() {
        if (quota == 0 || watching || cgroup.parent == null) {
            return;
        }
        long now = Clock.monotonic();
        watching = true;
        usedAtLook = used();
        usedAtPeriod = usedAtLook;
        left = quota * MICRO;
        periodEnd = now + period * MICRO;
        cgroup.pause.watch(false);
        lookAgain(now);
    }

    private long used() {
        TaskTotals.Sums sums = cgroup.sums();
        return sums.user() + sums.system();
    }

    private synchronized void look() {
        if (!watching) {
            return;
        }
        long now = Clock.monotonic();
        long used = used();
        left -= used - usedAtLook;
        usedAtLook = used;
        if (now >= periodEnd && !nextPeriod(now)) {
            return;
        }
        if (left <= 0 && !throttled) {
            throttled = true;
            throttledSince = now;
            throttledPeriods++;
            cgroup.pause.throttle(true);
        }
        lookAgain(now);
    }

    /** There is a new share; false if nobody runs and nobody needs to look. */
    private boolean nextPeriod(long now) {
        boolean idle = usedAtLook == usedAtPeriod && !throttled;
        usedAtPeriod = usedAtLook;
        if (idle) {
            watching = false;
            cgroup.pause.watch(true);
            return false;
        }
        periods++;
        long share = quota * MICRO;
        left = Math.min(Math.max(left, -share), 0) + share;
        periodEnd = now + period * MICRO;
        if (left > 0) {
            unthrottle(now);
        } else {
            throttledPeriods += throttled ? 1 : 0;
        }
        return true;
    }

    private void unthrottle(long now) {
        if (throttled) {
            throttled = false;
            throttledNanos += now - throttledSince;
            cgroup.pause.throttle(false);
        }
    }

    /** At the end of the period, or when all processors together could have used the share up. */
    private void lookAgain(long now) {
        long next = periodEnd;
        if (!throttled) {
            next = Math.min(next, now + Math.max(left / cgroup.kernel.rootCgroup.cpus(), SOON_NANOS));
        } else if (cgroup.pause.interruptAll()) {
            next = Math.min(next, now + SOON_NANOS); // somebody was just going in
        }
        cgroup.kernel.timers.arm(look, next);
    }
}
