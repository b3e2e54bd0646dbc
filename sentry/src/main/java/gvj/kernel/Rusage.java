package gvj.kernel;

import gvj.abi.Bytes;

/**
 * struct rusage, getrusage(2): times, maximum resident set, faults and switches; everything else is zero, as on Linux or
 * because the host's block layer is not ours to see.
 */
public final class Rusage {
    /** Bytes of the structure. */
    public static final int BYTES = 144;

    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private Rusage() {}

    /** RUSAGE_THREAD. */
    public static void thread(Task task, byte[] to) {
        TaskTimes t = task.times();
        long[] counts = {t.minorFaults(), t.majorFaults(), t.voluntarySwitches(), t.involuntarySwitches()};
        encode(to, t.user(), t.system(), task.threadGroup.times.maxResident(), counts);
    }

    /** RUSAGE_SELF. */
    public static void self(ThreadGroup process, byte[] to) {
        ProcessTimes t = process.times;
        long user = t.user();
        encode(to, user, t.system(), t.maxResident(), t.counts());
    }

    /** RUSAGE_CHILDREN. */
    public static void children(ThreadGroup process, byte[] to) {
        ProcessTimes t = process.times;
        encode(to, t.childrenUser(), t.childrenSystem(), t.childrenMaxResident(), t.childrenCounts());
    }

    /** What wait4(2) reports of a child: itself and the children it waited for. */
    static void both(ThreadGroup process, byte[] to) {
        ProcessTimes t = process.times;
        long[] counts = t.counts();
        long[] below = t.childrenCounts();
        for (int i = 0; i < counts.length; i++) {
            counts[i] += below[i];
        }
        encode(
                to,
                t.user() + t.childrenUser(),
                t.system() + t.childrenSystem(),
                Math.max(t.maxResident(), t.childrenMaxResident()),
                counts);
    }

    private static void encode(byte[] to, long user, long system, long resident, long[] counts) {
        java.util.Arrays.fill(to, 0, BYTES, (byte) 0);
        putTimeval(to, 0, user);
        putTimeval(to, 16, system);
        Bytes.putLong(to, 32, resident >> 10);
        Bytes.putLong(to, 64, counts[0]);
        Bytes.putLong(to, 72, counts[1]);
        Bytes.putLong(to, 128, counts[2]);
        Bytes.putLong(to, 136, counts[3]);
    }

    /** A struct timeval of {@code nanos}. */
    static void putTimeval(byte[] to, int at, long nanos) {
        Bytes.putLong(to, at, nanos / NANOS_PER_SECOND);
        Bytes.putLong(to, at + 8, nanos % NANOS_PER_SECOND / 1000);
    }
}
