package gvj.agent.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import gvj.boot.BootException;
import gvj.runtime.Json;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A Sentry's answer, cut and changed: it is taken with numbers from 0 on and known names only, or dropped as a whole. */
class AnswerTest {
    @Test
    void randomChanges() {
        Random random = new Random(1);
        int taken = 0;
        for (int round = 0; round < 20_000; round++) {
            StringBuilder text = new StringBuilder(MetricsServerTest.GOOD);
            for (int changes = random.nextInt(3); changes > 0; changes--) {
                text.setCharAt(random.nextInt(text.length()), (char) random.nextInt(256));
            }
            text.setLength(random.nextInt(4) > 0 ? text.length() : random.nextInt(text.length() + 1));
            try {
                byte[] bytes = text.toString().getBytes(StandardCharsets.ISO_8859_1);
                check(Answer.check(Json.parse("answer", bytes), Set.of("s1", "c1")));
                taken++;
            } catch (BadAnswer | BootException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
        assertThat(taken).isGreaterThan(1000);
    }

    private static void check(Answer answer) {
        assertThat(answer.uptimeNanos()).isNotNegative();
        assertThat(answer.goferRequests().keySet()).isSubsetOf(KnownNames.OPERATIONS);
        for (Answer.Counters container : answer.containers()) {
            assertThat(container.id()).isIn("s1", "c1");
            assertThat(container.userNanos()).isNotNegative();
            assertThat(container.errors().keySet()).isSubsetOf(KnownNames.ERRNOS);
            assertThat(container.syscalls().keySet()).allMatch(KnownNames::isSyscall);
        }
    }
}
