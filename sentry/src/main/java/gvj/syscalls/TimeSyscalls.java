package gvj.syscalls;

import static gvj.abi.SyscallNumbers.*;

import gvj.abi.Bytes;
import gvj.abi.Errno;
import gvj.abi.Time;
import gvj.kernel.Clock;
import gvj.kernel.ClockId;
import gvj.kernel.ErrnoException;
import gvj.kernel.ProcessTimes;
import gvj.kernel.Task;

/** clock_gettime(2), gettimeofday(2), time(2), nanosleep(2), clock_nanosleep(2), times(2), adjtimex(2). */
final class TimeSyscalls {
    private static final long SECOND = 1_000_000_000L;
    private static final long TICK = 10_000_000L;
    /** struct timex: 0 modes, 40 status, 48 constant, 56 precision, 64 tolerance, 72 time, 88 tick ... 208 bytes. */
    private static final int TIMEX_BYTES = 208;

    private static final int TIME_ERROR = 5;

    private TimeSyscalls() {}

    static void register(SyscallTable t) {
        t.add(SYS_clock_gettime, "clock_gettime", TimeSyscalls::clockGettime);
        t.add(SYS_clock_getres, "clock_getres", TimeSyscalls::clockGetres);
        t.add(SYS_clock_settime, "clock_settime", TimeSyscalls::clockSettime);
        t.add(SYS_gettimeofday, "gettimeofday", TimeSyscalls::gettimeofday);
        t.add(SYS_settimeofday, "settimeofday", TimeSyscalls::settimeofday);
        t.add(SYS_time, "time", TimeSyscalls::time);
        t.add(SYS_nanosleep, "nanosleep", TimeSyscalls::nanosleep);
        t.add(SYS_clock_nanosleep, "clock_nanosleep", TimeSyscalls::clockNanosleep);
        t.add(SYS_times, "times", TimeSyscalls::times);
        t.add(SYS_adjtimex, "adjtimex", TimeSyscalls::adjtimex);
        t.add(SYS_clock_adjtime, "clock_adjtime", TimeSyscalls::clockAdjtime);
        String readOnly = "the clock belongs to the host: reading only";
        t.partial(SYS_clock_settime, readOnly);
        t.partial(SYS_settimeofday, readOnly);
        t.partial(SYS_adjtimex, readOnly);
        t.partial(SYS_clock_adjtime, readOnly);
    }

    private static long clockGettime(Task task, long id, long address) {
        Timeouts.putTimespec(task, address, ClockId.of(task, (int) id).now());
        return 0;
    }

    private static long clockGetres(Task task, long id, long address) {
        long resolution = ClockId.of(task, (int) id).resolution();
        if (address != 0) {
            Timeouts.putTimespec(task, address, resolution);
        }
        return 0;
    }

    private static long clockSettime(Task task, long id, long address) {
        if ((int) id != Time.CLOCK_REALTIME) {
            return -Errno.EINVAL;
        }
        Timeouts.timespec(task, address);
        return -Errno.EPERM;
    }

    private static long gettimeofday(Task task, long time, long zone) {
        if (time != 0) {
            Timeouts.putTimeval(task, time, Clock.realtime());
        }
        if (zone != 0) {
            task.mm().writeLong(zone, 0);
        }
        return 0;
    }

    private static long settimeofday(Task task, long time, long zone) {
        if (time != 0) {
            Timeouts.timeval(task, time);
        }
        return -Errno.EPERM;
    }

    private static long time(Task task, long address) {
        long seconds = Clock.realtime() / SECOND;
        if (address != 0) {
            task.mm().writeLong(address, seconds);
        }
        return seconds;
    }

    private static long nanosleep(Task task, long request, long remaining) {
        long nanos = Timeouts.timespec(task, request);
        ClockId clock = ClockId.of(task, Time.CLOCK_MONOTONIC);
        return sleep(task, clock, end(clock, nanos), remaining);
    }

    private static long end(ClockId clock, long nanos) {
        long end = clock.now() + nanos;
        return end < 0 ? Long.MAX_VALUE : end;
    }

    private static long clockNanosleep(Task task, long id, long flags, long request, long remaining) {
        ClockId clock = ClockId.of(task, (int) id);
        if (clock.isThreadOf(task)) {
            return -Errno.EINVAL;
        }
        if (!clock.canSleep()) {
            return -Errno.EOPNOTSUPP;
        }
        long nanos = Timeouts.timespec(task, request);
        if (((int) flags & Time.TIMER_ABSTIME) != 0) {
            return sleepUntil(task, clock, nanos) ? -Errno.ERESTARTNOHAND : 0;
        }
        return sleep(task, clock, end(clock, nanos), remaining);
    }

    /** A relative sleep: interrupted, it says what remains and goes on later to the same end. */
    private static long sleep(Task task, ClockId clock, long end, long remaining) {
        if (!sleepUntil(task, clock, end)) {
            return 0;
        }
        if (remaining != 0) {
            Timeouts.putTimespec(task, remaining, Math.max(end - clock.now(), 0));
        }
        task.setRestart(again -> sleep(again, clock, end, remaining));
        return -Errno.ERESTART_RESTARTBLOCK;
    }

    /** Whether it was interrupted before the clock reached {@code end}. */
    private static boolean sleepUntil(Task task, ClockId clock, long end) {
        while (clock.now() < end) {
            task.prepareToWait();
            if (task.park(clock.monotonicFor(end)) == Task.INTERRUPTED) {
                return clock.now() < end;
            }
        }
        return false;
    }

    /** struct tms: four counts of 10 ms; the answer is the time since boot in the same unit. */
    private static long times(Task task, long address) {
        if (address != 0) {
            ProcessTimes t = task.threadGroup().times();
            byte[] bytes = new byte[32];
            Bytes.putLong(bytes, 0, t.user() / TICK);
            Bytes.putLong(bytes, 8, t.system() / TICK);
            Bytes.putLong(bytes, 16, t.childrenUser() / TICK);
            Bytes.putLong(bytes, 24, t.childrenSystem() / TICK);
            task.mm().copyOut(address, bytes, 0, bytes.length);
        }
        return (Clock.monotonic() - task.kernel.bootMonotonic) / TICK;
    }

    private static long adjtimex(Task task, long address) {
        byte[] bytes = new byte[TIMEX_BYTES];
        task.mm().copyIn(address, bytes, 0, bytes.length);
        int modes = Bytes.getInt(bytes, 0);
        if (modes != 0 && modes != 0xa001) {
            return -Errno.EPERM;
        }
        java.util.Arrays.fill(bytes, 4, TIMEX_BYTES, (byte) 0);
        long now = Clock.realtime();
        Bytes.putInt(bytes, 40, Time.STA_UNSYNC);
        Bytes.putLong(bytes, 48, 7);
        Bytes.putLong(bytes, 56, 1);
        Bytes.putLong(bytes, 64, 32768000);
        Bytes.putLong(bytes, 72, now / SECOND);
        Bytes.putLong(bytes, 80, now % SECOND / 1000);
        Bytes.putLong(bytes, 88, 10000);
        task.mm().copyOut(address, bytes, 0, bytes.length);
        return TIME_ERROR;
    }

    private static long clockAdjtime(Task task, long id, long address) {
        ClockId.of(task, (int) id);
        if ((int) id != Time.CLOCK_REALTIME) {
            throw ErrnoException.of(Errno.EOPNOTSUPP);
        }
        return adjtimex(task, address);
    }
}
