package gvj.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The examples do what their texts say. */
@ExtendWith(PlatformCondition.class)
class ExamplesTest {
    @Test
    void aSystemCallIsAdded() {
        Result result = Run.command(Run.ROOT.resolve("examples/square/try").toString(), "--platform=" + Run.PLATFORM)
                .timeout(300)
                .run();
        assertThat(result.out()).as(result.err()).isEqualTo("25\n25\n");
        assertThat(result.status()).isZero();
        Result table = Run.gvj("syscalls", "--plugin-path=" + Run.ROOT.resolve("build/square/square.jar"))
                .run();
        assertThat(table.out()).containsPattern("400 +square +full +square.jar");
    }
}
