package gvj.kernel;

import gvj.abi.Errno;
import gvj.abi.Signals;
import java.util.HashMap;
import java.util.Map;

/**
 * The timers that timer_create(2) made in a process. A timer has at most one signal waiting; expiries meanwhile count as
 * its overrun. The monitor guards the table.
 */
public final class PosixTimers {
    private static final int SI_TIMER = -2;
    private static final int DELAYTIMER_MAX = Integer.MAX_VALUE;

    private final ThreadGroup process;
    private final Map<Integer, PosixTimer> byId = new HashMap<>();
    private int nextId;

    PosixTimers(ThreadGroup process) {
        this.process = process;
    }

    /**
     * Makes a timer.
     *
     * @param notify SIGEV_SIGNAL, SIGEV_NONE or SIGEV_THREAD_ID
     * @param target the thread for SIGEV_THREAD_ID, else null
     * @param useId whether the value delivered is the timer's id (no sigevent was given)
     * @return its id
     */
    public synchronized int create(ClockId clock, int notify, int signo, long value, Task target, boolean useId) {
        long limit = process.limits().soft(gvj.abi.Sched.RLIMIT_SIGPENDING);
        if (limit >= 0 && byId.size() >= limit) {
            throw ErrnoException.of(Errno.EAGAIN);
        }
        int id = nextId++;
        byId.put(id, new PosixTimer(clock, id, notify, signo, useId ? id : value, target));
        return id;
    }

    /** The timer {@code id}; EINVAL. */
    public synchronized PosixTimer get(int id) {
        PosixTimer timer = byId.get(id);
        if (timer == null) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        return timer;
    }

    /** timer_delete(2); EINVAL. */
    public void delete(int id) {
        PosixTimer timer = get(id);
        synchronized (this) {
            byId.remove(id);
        }
        timer.cancel();
    }

    synchronized void deleteAll() {
        for (PosixTimer timer : byId.values()) {
            timer.cancel();
        }
        byId.clear();
    }

    /** A signal was taken off a queue: if it is a timer's, its overrun is known now and the next may be sent. */
    static void delivered(SignalInfo info) {
        if (info.source instanceof PosixTimer timer) {
            info.overrun = timer.delivered();
        }
    }

    /** One timer. */
    public final class PosixTimer extends PeriodicTimer {
        private final int id;
        private final int notify;
        private final int signo;
        private final long value;
        private final Task target;
        private boolean waiting;
        private long overrun;
        private int lastOverrun;

        PosixTimer(ClockId clock, int id, int notify, int signo, long value, Task target) {
            super(process.kernel.timers, clock);
            this.id = id;
            this.notify = notify;
            this.signo = signo;
            this.value = value;
            this.target = target;
        }

        /** timer_settime(2): nanoseconds left and the interval before. */
        public long[] settime(long first, long newInterval, boolean absolute) {
            long[] old = gettime();
            synchronized (this) {
                waiting = false;
                overrun = 0;
                lastOverrun = 0;
            }
            set(first, newInterval, absolute);
            return old;
        }

        /** timer_gettime(2). */
        public long[] gettime() {
            return new long[] {left(), interval()};
        }

        /** timer_getoverrun(2): of the signal delivered last. */
        public synchronized int lastOverrun() {
            return lastOverrun;
        }

        private synchronized int delivered() {
            waiting = false;
            lastOverrun = (int) Math.min(overrun, DELAYTIMER_MAX);
            overrun = 0;
            return lastOverrun;
        }

        @Override
        protected void expired(long times) {
            if (notify == Signals.SIGEV_NONE) {
                return;
            }
            synchronized (this) {
                if (waiting) {
                    overrun += times;
                    return;
                }
                if (!process.signalAction(signo).isIgnore()) {
                    waiting = true;
                }
                overrun = times - 1;
            }
            SignalInfo info = new SignalInfo(signo, SI_TIMER);
            info.timerId = id;
            info.value = value;
            info.source = this;
            if (target != null) {
                target.sendSignal(info);
            } else {
                process.sendSignal(info);
            }
        }
    }
}
