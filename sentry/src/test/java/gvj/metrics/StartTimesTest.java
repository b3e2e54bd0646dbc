package gvj.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class StartTimesTest {
    @Test
    void phasesFollowEachOther() throws InterruptedException {
        StartTimes times = new StartTimes();
        assertEquals(0, times.nanos(StartTimes.JVM), "nobody said when the JVM was started");
        Thread.sleep(2);
        times.done(StartTimes.KERNEL);
        long kernel = times.nanos(StartTimes.KERNEL);
        times.done(StartTimes.MOUNTS);
        assertTrue(kernel >= 2_000_000);
        assertEquals(kernel, times.nanos(StartTimes.KERNEL));
        assertTrue(times.uptime() >= kernel + times.nanos(StartTimes.MOUNTS));
    }
}
