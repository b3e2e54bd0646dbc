package gvj.syscalls;

import static gvj.abi.SyscallNumbers.*;

import gvj.abi.Bytes;
import gvj.abi.Errno;
import gvj.abi.Signals;
import gvj.abi.Time;
import gvj.kernel.ClockId;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;

/** alarm(2), getitimer(2), setitimer(2), timer_create(2) and its family. */
final class TimerSyscalls {
    private static final long SECOND = 1_000_000_000L;

    private TimerSyscalls() {}

    static void register(SyscallTable t) {
        t.add(SYS_alarm, "alarm", TimerSyscalls::alarm);
        t.add(SYS_getitimer, "getitimer", TimerSyscalls::getitimer);
        t.add(SYS_setitimer, "setitimer", TimerSyscalls::setitimer);
        t.add(SYS_timer_create, "timer_create", TimerSyscalls::timerCreate);
        t.add(SYS_timer_settime, "timer_settime", TimerSyscalls::timerSettime);
        t.add(SYS_timer_gettime, "timer_gettime", TimerSyscalls::timerGettime);
        t.add(SYS_timer_getoverrun, "timer_getoverrun", TimerSyscalls::timerGetoverrun);
        t.add(SYS_timer_delete, "timer_delete", TimerSyscalls::timerDelete);
    }

    private static long alarm(Task task, long seconds) {
        long[] old =
                task.threadGroup().intervalTimers().set(task, Time.ITIMER_REAL, (seconds & 0xffffffffL) * SECOND, 0);
        long left = old[0] / SECOND;
        // at least one second for a running alarm, and rounded to the nearest
        return old[0] == 0 ? 0 : left == 0 || old[0] % SECOND >= SECOND / 2 ? left + 1 : left;
    }

    private static long getitimer(Task task, long which, long address) {
        if ((int) which < 0 || (int) which > Time.ITIMER_PROF) {
            return -Errno.EINVAL;
        }
        putTimes(task, address, task.threadGroup().intervalTimers().get(task, (int) which), 1000);
        return 0;
    }

    private static long setitimer(Task task, long which, long value, long old) {
        if ((int) which < 0 || (int) which > Time.ITIMER_PROF) {
            return -Errno.EINVAL;
        }
        long interval = 0;
        long first = 0;
        if (value != 0) {
            byte[] bytes = new byte[32];
            task.mm().copyIn(value, bytes, 0, 32);
            interval = timeval(bytes, 0);
            first = timeval(bytes, 16);
        }
        long[] before = task.threadGroup().intervalTimers().set(task, (int) which, first, interval);
        if (old != 0) {
            putTimes(task, old, before, 1000);
        }
        return 0;
    }

    private static long timeval(byte[] bytes, int at) {
        long micros = Bytes.getLong(bytes, at + 8);
        if (micros < 0 || micros >= 1_000_000) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        return Timeouts.nanos(Bytes.getLong(bytes, at), micros * 1000);
    }

    /** Interval and value as two timevals or timespecs. */
    private static void putTimes(Task task, long address, long[] valueAndInterval, long unit) {
        byte[] bytes = new byte[32];
        Bytes.putLong(bytes, 0, valueAndInterval[1] / SECOND);
        Bytes.putLong(bytes, 8, valueAndInterval[1] % SECOND / unit);
        Bytes.putLong(bytes, 16, valueAndInterval[0] / SECOND);
        Bytes.putLong(bytes, 24, valueAndInterval[0] % SECOND / unit);
        task.mm().copyOut(address, bytes, 0, 32);
    }

    /**
     * struct sigevent.
     *
     * <pre>0 sigev_value  8 sigev_signo  12 sigev_notify  16 sigev_notify_thread_id  ... (64 bytes)</pre>
     */
    private static long timerCreate(Task task, long clock, long event, long idAddress) {
        ClockId id = ClockId.of(task, (int) clock);
        if (!id.canSleep()) {
            return -Errno.EOPNOTSUPP;
        }
        int notify = Signals.SIGEV_SIGNAL;
        int signo = Signals.SIGALRM;
        long value = 0;
        Task target = null;
        if (event != 0) {
            byte[] bytes = new byte[64];
            task.mm().copyIn(event, bytes, 0, 64);
            value = Bytes.getLong(bytes, 0);
            signo = Bytes.getInt(bytes, 8);
            notify = Bytes.getInt(bytes, 12);
            target = notify == Signals.SIGEV_THREAD_ID ? thread(task, Bytes.getInt(bytes, 16)) : null;
            boolean known = notify == Signals.SIGEV_SIGNAL
                    || notify == Signals.SIGEV_NONE
                    || notify == Signals.SIGEV_THREAD
                    || target != null;
            boolean badSignal = notify != Signals.SIGEV_NONE && (signo <= 0 || signo > Signals.SIGRTMAX);
            if (!known || badSignal) {
                return -Errno.EINVAL;
            }
        }
        int made = task.threadGroup().posixTimers().create(id, notify, signo, value, target, event == 0);
        try {
            task.mm().writeInt(idAddress, made);
        } catch (ErrnoException e) {
            task.threadGroup().posixTimers().delete(made);
            throw e;
        }
        return 0;
    }

    private static Task thread(Task task, int tid) {
        Task target = task.pidNamespace().task(tid);
        return target != null && target.threadGroup() == task.threadGroup() ? target : null;
    }

    private static long timerSettime(Task task, long id, long flags, long value, long old) {
        if (value == 0) {
            return -Errno.EINVAL;
        }
        byte[] bytes = new byte[32];
        task.mm().copyIn(value, bytes, 0, 32);
        long interval = Timeouts.nanos(Bytes.getLong(bytes, 0), Bytes.getLong(bytes, 8));
        long first = Timeouts.nanos(Bytes.getLong(bytes, 16), Bytes.getLong(bytes, 24));
        boolean absolute = ((int) flags & Time.TIMER_ABSTIME) != 0;
        long[] before = task.threadGroup().posixTimers().get((int) id).settime(first, interval, absolute);
        if (old != 0) {
            putTimes(task, old, before, 1);
        }
        return 0;
    }

    private static long timerGettime(Task task, long id, long address) {
        putTimes(task, address, task.threadGroup().posixTimers().get((int) id).gettime(), 1);
        return 0;
    }

    private static long timerGetoverrun(Task task, long id) {
        return task.threadGroup().posixTimers().get((int) id).lastOverrun();
    }

    private static long timerDelete(Task task, long id) {
        task.threadGroup().posixTimers().delete((int) id);
        return 0;
    }
}
