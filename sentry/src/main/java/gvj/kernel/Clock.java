package gvj.kernel;

/** The sandbox's time. All in nanoseconds. */
public final class Clock {
    private Clock() {}

    /** CLOCK_MONOTONIC: what every deadline in the Sentry is given in. */
    public static long monotonic() {
        return System.nanoTime();
    }

    /** CLOCK_REALTIME since 1970. */
    public static long realtime() {
        java.time.Instant now = java.time.Instant.now();
        return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }

    /** The {@link #monotonic} deadline for a time of CLOCK_REALTIME; {@link Task#FOREVER} for one that is too far away. */
    public static long fromRealtime(long realtimeNanos) {
        if (realtimeNanos == Long.MAX_VALUE) {
            return Task.FOREVER;
        }
        long now = monotonic();
        long deadline = now + (realtimeNanos - realtime());
        return realtimeNanos > 0 && deadline - now < 0 && realtimeNanos > realtime() ? Task.FOREVER : deadline;
    }
}
