package gvj.kernel;

/** The sandbox's time. All in nanoseconds. */
public final class Clock {
    /** Where time comes from once there is a vDSO that must agree; null for the host. */
    private static volatile TscClock tsc;

    private Clock() {}

    /** From now on time is computed from the processor's counter, in the Sentry and, by means of this page, in programs. */
    public static void followTsc(Vvar vvar) {
        tsc = new TscClock(vvar);
    }

    /** What the vDSO asks for when it finds the page too old. */
    static void renewPage() {
        TscClock clock = tsc;
        if (clock != null) {
            clock.renew();
        }
    }

    /** CLOCK_MONOTONIC: what every deadline in the Sentry is given in. */
    public static long monotonic() {
        TscClock clock = tsc;
        return clock != null ? clock.monotonic() : System.nanoTime();
    }

    /** CLOCK_REALTIME since 1970. */
    public static long realtime() {
        TscClock clock = tsc;
        if (clock != null) {
            return clock.realtime();
        }
        java.time.Instant now = java.time.Instant.now();
        return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }

    /** The {@link #monotonic} deadline for a time of CLOCK_REALTIME; {@link Task#FOREVER} for one that is too far away. */
    public static long fromRealtime(long realtimeNanos) {
        if (realtimeNanos == Long.MAX_VALUE) {
            return Task.FOREVER;
        }
        long realtime = realtime();
        long now = monotonic(); // in this order: what lies between the two makes the deadline late, not early
        long deadline = now + (realtimeNanos - realtime);
        return realtimeNanos > 0 && deadline - now < 0 && realtimeNanos > realtime ? Task.FOREVER : deadline;
    }
}
