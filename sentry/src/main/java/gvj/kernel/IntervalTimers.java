package gvj.kernel;

import gvj.abi.Signals;
import gvj.abi.Time;

/** The three interval timers of a process, setitimer(2), and its RLIMIT_CPU. */
public final class IntervalTimers {
    private static final long SECOND = 1_000_000_000L;
    private static final int CPU_PROCESS = ~0 << 3;
    private static final int CPU_USER = CPU_PROCESS | 1;

    private final ThreadGroup process;
    private final PeriodicTimer[] timers = new PeriodicTimer[3];
    private CpuLimit cpuLimit;

    IntervalTimers(ThreadGroup process) {
        this.process = process;
    }

    /** The timer ITIMER_REAL, ITIMER_VIRTUAL or ITIMER_PROF of {@code task}'s process. */
    private synchronized PeriodicTimer timer(Task task, int which) {
        if (timers[which] == null) {
            int[] clocks = {Time.CLOCK_MONOTONIC, CPU_USER, CPU_PROCESS};
            int[] signals = {Signals.SIGALRM, Signals.SIGVTALRM, Signals.SIGPROF};
            timers[which] = new SignalTimer(process.kernel.timers, ClockId.of(task, clocks[which]), signals[which]);
        }
        return timers[which];
    }

    /** Nanoseconds left and the interval. */
    public long[] get(Task task, int which) {
        PeriodicTimer timer = timer(task, which);
        return new long[] {timer.left(), timer.interval()};
    }

    /** Sets a timer; answers what {@link #get} would have. */
    public long[] set(Task task, int which, long value, long interval) {
        long[] old = get(task, which);
        timer(task, which).set(value, interval, false);
        return old;
    }

    /** RLIMIT_CPU was set or inherited: SIGXCPU at the soft limit and every second from then on, SIGKILL at the hard one. */
    public synchronized void watchCpuLimit(Task task) {
        if (cpuLimit != null) {
            cpuLimit.cancel();
            cpuLimit = null;
        }
        long soft = process.limits().soft(gvj.abi.Sched.RLIMIT_CPU);
        if (soft != ResourceLimits.INFINITY) {
            cpuLimit = new CpuLimit(process.kernel.timers, ClockId.of(task, CPU_PROCESS));
            long seconds = Math.max(soft, 1);
            cpuLimit.set(seconds > Long.MAX_VALUE / SECOND ? Long.MAX_VALUE : seconds * SECOND, SECOND, true);
        }
    }

    synchronized void cancelAll() {
        for (PeriodicTimer timer : timers) {
            if (timer != null) {
                timer.cancel();
            }
        }
        if (cpuLimit != null) {
            cpuLimit.cancel();
        }
    }

    private final class SignalTimer extends PeriodicTimer {
        private final int signo;

        SignalTimer(Timers timers, ClockId clock, int signo) {
            super(timers, clock);
            this.signo = signo;
        }

        @Override
        protected void expired(long times) {
            process.sendSignal(SignalInfo.kernel(signo));
        }
    }

    private final class CpuLimit extends PeriodicTimer {
        CpuLimit(Timers timers, ClockId clock) {
            super(timers, clock);
        }

        @Override
        protected void expired(long times) {
            long hard = process.limits().hard(gvj.abi.Sched.RLIMIT_CPU);
            boolean over = hard != ResourceLimits.INFINITY && clock().now() / SECOND >= Math.max(hard, 1);
            process.sendSignal(SignalInfo.kernel(over ? Signals.SIGKILL : Signals.SIGXCPU));
        }
    }
}
