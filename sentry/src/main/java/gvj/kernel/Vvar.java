package gvj.kernel;

import gvj.host.Mem;

/**
 * The [vvar] page: what the vDSO's code in every process reads instead of making a system call. The layout is that of
 * {@code vvar.h}.
 *
 * <p>The line that clocks are computed from has one writer at a time: {@link TscClock} with its monitor.
 */
public final class Vvar {
    /**
     * The system call by which the vDSO asks for a page that is not too old. Any program may make it: it tells nothing and
     * changes nothing that it does not for clock_gettime(2).
     */
    static final int RENEW = 0x67766a;

    private static final int SEQUENCE = 0;
    private static final int CPU_IS_0 = 4;
    private static final int TSC = 8;
    private static final int LIMIT = 16;
    private static final int MULTIPLIER = 24;
    private static final int MONOTONIC = 32;
    private static final int REALTIME = 48;
    private static final long SECOND = 1_000_000_000L;

    private final long page;

    /** @param page the Sentry's address of a page of zeros: it says that there is nothing to know */
    public Vvar(long page) {
        this.page = page;
        Mem.putIntVolatile(page + CPU_IS_0, 1);
    }

    /** From here to {@link #end} nobody reads the clocks from the page; who tries makes a system call. */
    void begin() {
        Mem.putIntVolatile(page + SEQUENCE, Mem.getInt(page + SEQUENCE) + 1);
    }

    void end() {
        Mem.putIntVolatile(page + SEQUENCE, Mem.getInt(page + SEQUENCE) + 1);
    }

    /** The page tells no time. {@code hope}: but it may be worth asking for a new one. */
    void setClockless(boolean hope) {
        Mem.putLong(page + TSC, 0);
        Mem.putLong(page + LIMIT, hope ? 1 : 0);
    }

    void setClocks(TscClock.Line line) {
        Mem.putLong(page + TSC, line.tsc());
        Mem.putLong(page + LIMIT, line.limit());
        Mem.putLong(page + MULTIPLIER, line.multiplier());
        putTime(MONOTONIC, line.monotonic());
        putTime(REALTIME, line.monotonic() + line.toRealtime());
    }

    private void putTime(int at, long nanos) {
        Mem.putLong(page + at, Math.floorDiv(nanos, SECOND));
        Mem.putLong(page + at + 8, Math.floorMod(nanos, SECOND));
    }

    /** From now on getcpu(2) may answer something else than 0 to some thread. */
    public void setCpusDiffer() {
        Mem.putIntVolatile(page + CPU_IS_0, 0);
    }
}
