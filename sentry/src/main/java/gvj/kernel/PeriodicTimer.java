package gvj.kernel;

/**
 * A timer of a clock with a first expiry and an interval: behind setitimer(2) and timer_settime(2). The monitor guards it;
 * {@link #expired} is called without it.
 */
abstract class PeriodicTimer extends Timers.Timer {
    private final Timers timers;
    private ClockId clock;
    private long expiry;
    private long interval;
    private boolean armed;

    PeriodicTimer(Timers timers, ClockId clock) {
        this.timers = timers;
        this.clock = clock;
    }

    /** {@code times} expiries have passed since the last call; at least 1. */
    protected abstract void expired(long times);

    ClockId clock() {
        return clock;
    }

    /** Uses another clock from the next {@link #set} on. */
    synchronized void setClock(ClockId other) {
        clock = other;
    }

    /**
     * Arms it, or disarms it with {@code value} 0.
     *
     * @param value nanoseconds from now, or a time of the clock if {@code absolute}
     */
    synchronized void set(long value, long newInterval, boolean absolute) {
        timers.cancel(this);
        interval = newInterval;
        armed = value != 0;
        if (armed) {
            expiry = absolute ? value : saturated(clock.now(), value);
            timers.arm(this, clock.monotonicFor(expiry));
        }
    }

    private static long saturated(long a, long b) {
        return a + b < 0 ? Long.MAX_VALUE : a + b;
    }

    /** Nanoseconds to the next expiry, 0 if it is not armed. */
    synchronized long left() {
        return armed ? Math.max(expiry - clock.now(), 1) : 0;
    }

    synchronized long interval() {
        return interval;
    }

    synchronized void cancel() {
        armed = false;
        timers.cancel(this);
    }

    @Override
    protected final void fire() {
        long times = advance();
        if (times > 0) {
            expired(times);
        }
    }

    /** How many expiries have passed; arms the timer for the next. */
    private synchronized long advance() {
        if (!armed) {
            return 0;
        }
        long now = clock.now();
        if (now < expiry) {
            timers.arm(this, clock.monotonicFor(expiry));
            return 0;
        }
        if (interval == 0) {
            armed = false;
            return 1;
        }
        long times = 1 + (now - expiry) / interval;
        expiry = saturated(expiry, times * interval);
        timers.arm(this, clock.monotonicFor(expiry));
        return times;
    }
}
