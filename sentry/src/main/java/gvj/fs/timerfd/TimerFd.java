package gvj.fs.timerfd;

import gvj.abi.Bytes;
import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Poll;
import gvj.abi.Time;
import gvj.kernel.Clock;
import gvj.kernel.FileText;
import gvj.kernel.Kernel;
import gvj.kernel.Task;
import gvj.kernel.Timers;
import gvj.kernel.WaitEntry;
import gvj.kernel.WaitQueue;
import gvj.mm.IoBuffer;
import gvj.vfs.FileDescription;

/**
 * A timer of timerfd_create(2).
 *
 * <p>An interval timer stops when it expires and is armed again by the one who reads or asks for it, so that the shortest
 * interval costs nothing while nobody looks. The monitor guards everything; {@link Timers} is called under it.
 */
public final class TimerFd extends FileDescription {
    private static final long SECOND = 1_000_000_000L;

    /** Time and interval of a timer in nanoseconds; a time of 0 is a timer that is off. */
    public record Setting(long value, long interval) {}

    private final Kernel kernel;
    private final int clock;
    private final WaitQueue queue = new WaitQueue();
    private final byte[] transfer = new byte[8];

    private final Timers.Timer timer = new Timers.Timer() {
        @Override
        protected void fire() {
            expire();
        }
    };

    private boolean armed;
    private boolean expired;
    /** In time of {@link #clock}. */
    private long next;

    private long interval;
    private long ticks;
    private int setFlags;

    /**
     * A timer that is off.
     *
     * @param clock CLOCK_*, checked
     * @param flags TFD_NONBLOCK
     */
    public TimerFd(Kernel kernel, int clock, int flags) {
        super(kernel.anonFs.newPath("anon_inode:[timerfd]", 0600, 0, 0), Fcntl.O_RDWR | flags & Poll.TFD_NONBLOCK);
        this.kernel = kernel;
        this.clock = clock;
    }

    private boolean isRealtime() {
        return clock == Time.CLOCK_REALTIME || clock == Time.CLOCK_REALTIME_ALARM;
    }

    private long now() {
        return isRealtime() ? Clock.realtime() : Clock.monotonic();
    }

    /** timerfd_settime(2) with checked values; answers what was set before. */
    public Setting set(Setting wanted, int flags) {
        Setting old;
        synchronized (this) {
            old = current();
            kernel.timers.cancel(timer);
            expired = false;
            ticks = 0;
            setFlags = flags;
            interval = wanted.interval;
            armed = wanted.value != 0;
            if (armed) {
                boolean absolute = (flags & Poll.TFD_TIMER_ABSTIME) != 0;
                next = absolute ? wanted.value : saturatedAdd(now(), wanted.value);
                arm();
            }
        }
        return old;
    }

    private static long saturatedAdd(long a, long b) {
        long sum = a + b;
        return a > 0 && b > 0 && sum < 0 ? Long.MAX_VALUE : sum;
    }

    private void arm() {
        long left = saturatedAdd(next, -now());
        kernel.timers.arm(timer, saturatedAdd(Clock.monotonic(), Math.min(left, Long.MAX_VALUE / 4)));
    }

    private void expire() {
        synchronized (this) {
            if (!armed || expired) {
                return;
            }
            if (now() < next) {
                arm();
                return;
            }
            expired = true;
            ticks++;
        }
        queue.wake(Poll.POLLIN);
    }

    /** Counts the intervals that passed since it expired and arms it for the next one. */
    private void forward() {
        if (!expired) {
            return;
        }
        expired = false;
        if (interval == 0) {
            armed = false;
            return;
        }
        long passed = Math.max(0, now() - next) / interval + 1;
        ticks += passed - 1;
        next = saturatedAdd(next, passed * interval);
        arm();
    }

    private Setting current() {
        forward();
        return new Setting(armed ? Math.max(1, next - now()) : 0, interval);
    }

    /** timerfd_gettime(2). */
    public synchronized Setting get() {
        return current();
    }

    @Override
    public synchronized long read(Task task, IoBuffer to) {
        if (to.remaining() < 8) {
            return -Errno.EINVAL;
        }
        if (ticks == 0) {
            return -Errno.EAGAIN;
        }
        forward();
        Bytes.putLong(transfer, 0, ticks);
        ticks = 0;
        to.copyOut(transfer, 0, 8);
        return 8;
    }

    @Override
    public synchronized int poll(int mask) {
        return ticks != 0 ? mask & Poll.POLLIN : 0;
    }

    @Override
    public boolean isPollable() {
        return true;
    }

    @Override
    public void addWaiter(WaitEntry entry) {
        queue.add(entry);
    }

    @Override
    public void removeWaiter(WaitEntry entry) {
        queue.remove(entry);
    }

    @Override
    protected void release() {
        synchronized (this) {
            armed = false;
            kernel.timers.cancel(timer);
        }
    }

    @Override
    public synchronized String fdInfo() {
        Setting now = current();
        return FileText.format(
                "clockid: %d\nticks: %d\nsettime flags: 0%o\nit_value: (%d, %d)\nit_interval: (%d, %d)\n",
                clock,
                ticks,
                setFlags,
                now.value / SECOND,
                now.value % SECOND,
                now.interval / SECOND,
                now.interval % SECOND);
    }
}
