package gvj.kernel;

import gvj.host.Host;
import gvj.host.Mem;
import java.util.concurrent.locks.LockSupport;

/**
 * CLOCK_MONOTONIC and CLOCK_REALTIME as a line through the time stamp counter, published for the vDSO. The Sentry takes
 * its own time from the same line, so whatever a thread asks, vDSO or system call, its clock never runs backwards.
 *
 * <p>A line is good for a second, at first for as long as its slope was measured. Whoever finds it older, in the Sentry or
 * by the system call that the vDSO makes then, draws the next one: nothing wakes up for it, and a sandbox that does not
 * look at the clock does not draw any. The next line goes through the host's clock again, but begins no lower than the last
 * one ended; what it is ahead it loses by a smaller slope.
 *
 * <p>Why no reader sees a step back: reading the counter comes before the second look at the line (or at the page's
 * sequence), and taking the old line away comes before reading the counter that the new one begins with. So whoever got a
 * time from the old line did so at an earlier counter, and within its limit.
 *
 * <p>Lock: the monitor guards everything but {@link #current}; nothing is called with it but the host.
 */
final class TscClock {
    private static final long SECOND = 1_000_000_000L;
    /** Over less than this a slope cannot be measured. */
    private static final long SHORTEST = 1_000_000;
    /** By which part the slope may be too small while the line waits for the host's clock. */
    private static final int SLOWER_SHIFT = 10;
    /** How often in a row the counter may be off by more before it is not believed any more. */
    private static final int MAX_CHANGES = 8;

    /**
     * Time by the counter.
     *
     * @param tsc where it begins
     * @param limit how many cycles long it is
     * @param multiplier its slope: nanoseconds per cycle, times 2^32
     * @param monotonic CLOCK_MONOTONIC where it begins
     * @param toRealtime what CLOCK_REALTIME is ahead
     */
    record Line(long tsc, long limit, long multiplier, long monotonic, long toRealtime) {
        long at(long cycles) {
            return monotonic + (cycles * multiplier >>> 32);
        }
    }

    /** Where counter and clocks are read: the host, or what a test thinks up. */
    interface Source {
        /** {@link Host#readTsc}. */
        long readTsc();

        /** {@link Host#sampleClocks}. */
        void sampleClocks(long to);
    }

    /** The host. */
    private static final class HostSource implements Source {
        @Override
        public long readTsc() {
            return Host.readTsc();
        }

        @Override
        public void sampleClocks(long to) {
            Host.sampleClocks(to);
        }
    }

    private final Source source;
    private final Vvar vvar;
    private final long sample = Host.malloc(32);

    /** What time is computed from; null while it changes and when there is none. */
    private volatile Line current;

    /** The last line, also when it is no longer current. */
    private Line last;
    /** No answer may be less. */
    private long floor;
    /** Where the slope is measured from. */
    private long anchorTsc;

    private long anchorNanos;
    /** The last slope measured; 0 if there is none. */
    private double slope;

    private int changes;
    private long toRealtime;

    TscClock(Vvar vvar) {
        this(vvar, new HostSource());
    }

    TscClock(Vvar vvar, Source source) {
        this.source = source;
        this.vvar = vvar;
        source.sampleClocks(sample);
        anchor();
        toRealtime = Mem.getLong(sample + 16);
        withdraw();
    }

    long monotonic() {
        Line line = current;
        if (line != null) {
            long cycles = source.readTsc() - line.tsc;
            if (Long.compareUnsigned(cycles, line.limit) < 0 && current == line) {
                return line.at(cycles);
            }
        }
        return renewed(false);
    }

    long realtime() {
        Line line = current;
        if (line != null) {
            long cycles = source.readTsc() - line.tsc;
            if (Long.compareUnsigned(cycles, line.limit) < 0 && current == line) {
                return line.at(cycles) + line.toRealtime;
            }
        }
        return renewed(true);
    }

    /** Sees to it that there is a line that is not too old: waits for as long as measuring a slope takes, if it must. */
    void renew() {
        monotonic();
        if (current == null && isHopeful()) {
            LockSupport.parkNanos(2 * SHORTEST);
            monotonic();
        }
    }

    private synchronized boolean isHopeful() {
        return changes < MAX_CHANGES;
    }

    /** The time when there is no line, or it is too old. */
    private synchronized long renewed(boolean realtime) {
        Line line = current;
        long monotonic;
        long cycles = line == null ? 0 : source.readTsc() - line.tsc;
        if (line != null && Long.compareUnsigned(cycles, line.limit) < 0) {
            monotonic = line.at(cycles);
        } else {
            source.sampleClocks(sample);
            keepDifference();
            monotonic = draw() ? last.monotonic : Math.max(Mem.getLong(sample + 8), floor);
        }
        return realtime ? monotonic + toRealtime : monotonic;
    }

    /** CLOCK_REALTIME and CLOCK_MONOTONIC run alike, unless somebody sets the time: then this finds it out. */
    private void keepDifference() {
        long atLeast = Mem.getLong(sample + 16);
        long atMost = Mem.getLong(sample + 24);
        if (toRealtime < atLeast || toRealtime > atMost) {
            toRealtime = atLeast + (atMost - atLeast) / 2;
        }
    }

    private void anchor() {
        anchorTsc = Mem.getLong(sample);
        anchorNanos = Mem.getLong(sample + 8);
    }

    /** Draws the next line; false if the time is the sample's, because there cannot be one now. */
    private boolean draw() {
        long sampleTsc = Mem.getLong(sample);
        long sampleNanos = Mem.getLong(sample + 8);
        long nanos = sampleNanos - anchorNanos;
        long cycles = sampleTsc - anchorTsc;
        if (last != null) {
            floor = Math.max(floor, last.at(last.limit));
        }
        if (!isHopeful() || nanos < SHORTEST) {
            return withdraw();
        }
        if (!measure(nanos, cycles)) {
            anchor();
            return withdraw();
        }
        long length = Math.min(nanos, SECOND);
        if (nanos >= SECOND / 2) {
            anchor();
        }
        current = null;
        vvar.begin();
        long tsc = source.readTsc();
        long since = tsc - sampleTsc;
        boolean good = since >= 0 && since < cycles && since * slope < SECOND;
        if (good) {
            long multiplier = (long) (slope * (1L << 32));
            long host = sampleNanos + (since * multiplier >>> 32);
            long begin = Math.max(host, floor);
            long slower = Math.min(begin - host, length >> SLOWER_SHIFT);
            multiplier -= multiplier * slower / length;
            last = new Line(tsc, (long) (length / slope), multiplier, begin, toRealtime);
            vvar.setClocks(last);
        } else {
            vvar.setClockless(true); // something kept us from going on: this sample is old already
        }
        vvar.end();
        current = good ? last : null;
        return good;
    }

    /** Finds the slope; false if the counter is out of step with the host's clock since the anchor. */
    private boolean measure(long nanos, long cycles) {
        double measured = cycles > 0 ? (double) nanos / cycles : 0;
        boolean fits = slope == 0 || Math.abs(measured - slope) < slope / (1 << SLOWER_SHIFT);
        slope = fits ? measured : 0;
        if (!fits) {
            changes++;
        } else if (nanos >= SECOND / 2) {
            changes = 0;
        }
        return fits && measured > 1e-3 && measured < 1e3;
    }

    private boolean withdraw() {
        current = null;
        vvar.begin();
        vvar.setClockless(isHopeful());
        vvar.end();
        return false;
    }
}
