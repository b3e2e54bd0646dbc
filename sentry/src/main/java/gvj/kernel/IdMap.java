package gvj.kernel;

/**
 * The ids that a user namespace has, as /proc/PID/uid_map lists them, user_namespaces(7). What they are outside is the
 * host's business: inside nothing is translated.
 */
public final class IdMap {
    /** Every id but -1, as it is. */
    public static final IdMap ALL = new IdMap(new long[] {0, 0, 0xffff_ffffL});

    /** Triples: first id inside, first id outside, how many. */
    private final long[] ranges;

    /** @param ranges triples: first id inside, first id outside, how many; none overlap */
    public IdMap(long[] ranges) {
        this.ranges = ranges.clone();
    }

    /** Whether there is such an id inside. -1 is none. */
    public boolean has(int id) {
        long wanted = Integer.toUnsignedLong(id);
        for (int i = 0; i < ranges.length; i += 3) {
            if (wanted >= ranges[i] && wanted - ranges[i] < ranges[i + 2]) {
                return true;
            }
        }
        return false;
    }

    /** The same, or -1, which leaves an id as it is. */
    boolean hasOrKeeps(int id) {
        return id == -1 || has(id);
    }

    /** The lines of /proc/PID/uid_map. */
    public String lines() {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < ranges.length; i++) {
            String number = Long.toString(ranges[i]);
            lines.repeat(' ', 10 - number.length()).append(number).append(i % 3 == 2 ? '\n' : ' ');
        }
        return lines.toString();
    }
}
