package gvj.shim.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import gvj.boot.BootException;
import gvj.runtime.Cgroups;
import gvj.runtime.Json;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a Sentry says of a container's use: numbers within their bounds, or nothing. */
class UsageTest {
    private static final String ANSWER = """
            {"memory":{"usage":4096,"peak":8192,"limit":1048576,"oom":1,"oom_kill":2,"anon":3,"cache":4,"shmem":5,
            "inactive_file":6,"pgfault":7,"pgmajfault":8},"cpu":{"user":9000,"system":1000,"periods":11,"throttled_periods":12,
            "throttled_time":13,"processes":[]},"pids":{"current":14,"limit":32768},"page_faults":15}""";

    private static Usage usage(String answer) throws BootException {
        return new Usage(Cgroups.NONE, Json.parse("answer", answer.getBytes(StandardCharsets.ISO_8859_1)), 0);
    }

    @Test
    void eachFigureHasItsPlace() throws BootException {
        var metrics = Metrics.version1(usage(ANSWER));
        assertThat(metrics.getMemory().getUsage().getUsage()).isEqualTo(4096);
        assertThat(metrics.getMemory().getUsage().getFailcnt()).isEqualTo(2);
        assertThat(metrics.getCpu().getUsage().getTotal()).isEqualTo(10_000);
        assertThat(metrics.getPids().getCurrent()).isEqualTo(14);
        assertThat(Metrics.version2(usage(ANSWER)).getCpu().getUsageUsec()).isEqualTo(10);
    }

    @Test
    void whatIsNoNumberIsRefused() {
        for (String wrong : new String[] {"-1", "1.5", "9223372036854775808", "\"1\"", "[]"}) {
            assertThatThrownBy(() -> usage(ANSWER.replace("4096", wrong))).isInstanceOf(BootException.class);
        }
    }

    @Test
    void sumsOfHugeNumbersAreNotNegative() throws BootException {
        String huge = Long.toString(Long.MAX_VALUE);
        assertThat(usage(ANSWER.replace("9000", huge).replace("1000", huge)).cpuTotal)
                .isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void anythingElseIsReadOrRefused() {
        Random random = new Random(1);
        for (int round = 0; round < 20_000; round++) {
            StringBuilder text = new StringBuilder(ANSWER);
            for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
                text.setCharAt(random.nextInt(text.length()), (char) random.nextInt(256));
            }
            text.setLength(random.nextInt(3) > 0 ? text.length() : random.nextInt(text.length() + 1));
            try {
                Usage usage = usage(text.toString());
                assertThat(Metrics.version1(usage)).isNotNull();
                assertThat(Metrics.version2(usage)).isNotNull();
            } catch (BootException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
    }
}
