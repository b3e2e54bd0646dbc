package gvj.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import gvj.host.Host;
import gvj.host.Mem;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Time by the counter: against the real one, and against hosts whose clocks do what clocks do. */
class TscClockTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long EPOCH = 1_800_000_000L * SECOND;

    private final long page = Host.malloc(4096);
    private final FakeHost host = new FakeHost();

    /** A counter of 2.5 GHz, and clocks that a test bends. */
    private static final class FakeHost implements TscClock.Source {
        long tsc = 1L << 40;
        double nanos = 1e12;
        double pace = 1;
        long toRealtime = EPOCH;

        /** Time goes on; the host's clocks may be too fast or too slow for the counter. */
        void pass(long trueNanos) {
            tsc += trueNanos * 5 / 2;
            nanos += trueNanos * pace;
        }

        @Override
        public long readTsc() {
            pass(10);
            return tsc;
        }

        @Override
        public void sampleClocks(long to) {
            Mem.putLong(to, tsc);
            Mem.putLong(to + 8, (long) nanos);
            pass(200);
            Mem.putLong(to + 16, toRealtime - 20);
            Mem.putLong(to + 24, toRealtime + 20);
        }
    }

    /** What the vDSO reads from the page, in C's order; -1 when it needs the Sentry. */
    private long fromPage(long tsc) {
        long cycles = tsc - Mem.getLong(page + 8);
        if ((Mem.getInt(page) & 1) != 0 || Long.compareUnsigned(cycles, Mem.getLong(page + 16)) >= 0) {
            return -1;
        }
        return Mem.getLong(page + 32) * SECOND + Mem.getLong(page + 40) + (cycles * Mem.getLong(page + 24) >>> 32);
    }

    /** Looks at the clock every {@code step} ns for a while; it must not run backwards. The greatest difference to the host. */
    private long follow(TscClock clock, long step, long length) {
        long last = clock.monotonic();
        long most = 0;
        for (long passed = 0; passed < length; passed += step) {
            host.pass(step);
            long byPage = fromPage(host.readTsc());
            long now = clock.monotonic();
            assertTrue(byPage == -1 || byPage >= last && byPage <= now, byPage + " between " + last + " and " + now);
            assertTrue(now >= last, now + " after " + last);
            last = now;
            most = Math.max(most, Math.abs(now - (long) host.nanos));
        }
        return most;
    }

    private TscClock started() {
        TscClock clock = new TscClock(new Vvar(page), host);
        host.pass(20_000_000);
        return clock;
    }

    @Test
    void followsTheHost() {
        TscClock clock = started();
        assertTrue(follow(clock, 100_000, 20 * SECOND) < 1000);
        assertTrue(fromPage(host.readTsc()) > 0);
        assertEquals(clock.monotonic() + EPOCH, clock.realtime(), 1000);
    }

    @Test
    void clocksThatAreSlewedAreFollowedWithoutAStepBack() {
        TscClock clock = started();
        follow(clock, 100_000, 3 * SECOND);
        for (double pace : new double[] {1.0005, 0.9995, 1.0005, 1, 0.9995}) {
            host.pace = pace;
            assertTrue(follow(clock, 300_000, 5 * SECOND) < 1_200_000);
            assertTrue(follow(clock, 300_000, 5 * SECOND) < 300_000);
        }
    }

    @Test
    void afterAnHourWithoutALookItIsRightAtOnce() {
        TscClock clock = started();
        follow(clock, 100_000, 2 * SECOND);
        host.pace = 1.00002;
        host.pass(3600 * SECOND);
        assertEquals(-1, fromPage(host.readTsc()));
        assertTrue(follow(clock, 100_000, 3 * SECOND) < 100_000);
    }

    @Test
    void theTimeOfDayMayBeSetAndMonotonicDoesNotNotice() {
        TscClock clock = started();
        follow(clock, 100_000, 2 * SECOND);
        long before = clock.realtime();
        host.toRealtime -= 3600 * SECOND;
        follow(clock, 100_000, 2 * SECOND);
        assertEquals(before - 3598 * SECOND, clock.realtime(), SECOND / 100);
    }

    @Test
    void aCounterThatStopsOrJumpsIsMeasuredAnew() {
        TscClock clock = started();
        follow(clock, 100_000, 2 * SECOND);
        host.tsc -= 1L << 39; // as after a suspend
        assertTrue(follow(clock, 100_000, 2 * SECOND) < SECOND + 1_000_000);
        host.tsc += 1L << 42;
        follow(clock, 100_000, 2 * SECOND);
        host.nanos += 50 * SECOND;
        follow(clock, 100_000, 2 * SECOND);
        assertTrue(follow(clock, 100_000, 5 * SECOND) < 100_000);
        assertTrue(fromPage(host.readTsc()) > 0);
    }

    @Test
    void aCounterThatIsNoClockIsGivenUp() {
        TscClock clock = started();
        for (int i = 0; i < 40; i++) {
            host.nanos += 20_000_000;
            follow(clock, 1_000_000, 30_000_000);
            host.pass(i * 3_000_000L);
        }
        assertEquals(0, Mem.getLong(page + 16));
        assertTrue(follow(clock, 100_000, SECOND) < 1000);
        assertEquals(-1, fromPage(host.readTsc()));
    }

    @Test
    void allThreadsSeeOneClock() throws Exception {
        assumeTrue(Host.tscIsClock());
        TscClock clock = new TscClock(new Vvar(page));
        AtomicLong latest = new AtomicLong();
        AtomicLong failures = new AtomicLong();
        Thread[] threads = new Thread[3];
        for (int i = 0; i < threads.length; i++) {
            threads[i] = new Thread(() -> {
                long end = System.nanoTime() + 1_500_000_000;
                long now;
                do {
                    long before = latest.get();
                    now = clock.monotonic();
                    failures.addAndGet(now < before ? 1 : 0);
                    latest.accumulateAndGet(now, Math::max);
                } while (now < end);
            });
            threads[i].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(0, failures.get());
        long host = System.nanoTime();
        long mine = clock.monotonic();
        assertTrue(mine - host > -100_000 && mine - host < 50_000_000, mine + " " + host);
    }
}
