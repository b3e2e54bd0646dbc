package gvj.e2e.oci;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import gvj.e2e.Result;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What is told of a container while it runs: {@code gvj metrics}, {@code trace}, {@code stacks} and {@code profile}. */
@GvjOnly
class OciDiagnosticsTest extends OciTest {
    /** A shell that calls kill(2) so often, by itself and in vain, and then waits. */
    private static String kills(int times) {
        return "i=0; while [ $i -lt " + times
                + " ]; do kill -0 99999 2>/dev/null; i=$((i+1)); done; echo done; sleep 100";
    }

    private static Container running(Container container) {
        container.create().start();
        Work.until("the loop is over", () -> container.written().contains("done"));
        return container;
    }

    private static JsonNode metrics(Container container) {
        Result result =
                container.command("metrics", "--format=json", container.id).run();
        assertThat(result.status()).as(result.err()).isZero();
        return Work.parse(result.out());
    }

    private static JsonNode of(Container container, JsonNode metrics) {
        for (JsonNode one : metrics.path("containers")) {
            if (one.path("id").asText().equals(container.id)) {
                return one;
            }
        }
        throw new AssertionError(container.id + " is not in " + metrics);
    }

    @Test
    void callsAndErrorsAreCountedExactlyAndApart() {
        Pod pod = Pod.of(container());
        Container few = running(pod.add(container()).script(kills(10)));
        Container many = running(pod.add(container()).script(kills(1010)));
        JsonNode metrics = metrics(pod.sandbox);
        JsonNode first = of(few, metrics);
        JsonNode second = of(many, metrics);
        assertThat(second.path("syscalls").path("kill").asLong()
                        - first.path("syscalls").path("kill").asLong())
                .isEqualTo(1000);
        assertThat(second.path("errors").path("ESRCH").asLong()
                        - first.path("errors").path("ESRCH").asLong())
                .isEqualTo(1000);
        assertThat(of(pod.sandbox, metrics).path("syscalls").has("kill")).isFalse();
        assertThat(first.path("state").asText()).isEqualTo("running");
        assertThat(first.path("processes").asInt()).isBetween(1, 2);
        assertThat(first.path("memory").path("usage").asLong()).isPositive();
        assertThat(metrics.path("phases").path("jvm").asLong()).isPositive();
    }

    @Test
    void aTraceIsOfOneContainerFromNowOnUntilItsEnd() throws InterruptedException {
        Pod pod = Pod.of(container());
        Container traced = pod.add(container())
                .script("while sleep 0.1; do cat /nosuch; done")
                .create()
                .start();
        pod.add(container())
                .script("while sleep 0.1; do ls /other; done")
                .create()
                .start();
        Path out = traced.bundle().resolve("trace");
        Process trace = traced.command("trace", "--calls=openat", traced.id)
                .output("trace", "trace-errors")
                .start();
        Work.until("the trace has lines", () -> Work.read(out).contains("ENOENT"));
        traced.kill("KILL").await("stopped");
        assertThat(trace.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(trace.exitValue()).isZero();
        assertThat(Work.read(out))
                .contains("cat] openat(AT_FDCWD, \"/nosuch\", O_RDONLY", "+++ exited with 1 +++")
                .contains("sh] +++ killed by SIGKILL +++")
                .doesNotContain("execve(", "/other");
    }

    @Test
    void aTracerThatDoesNotReadStopsNobody() {
        Container container =
                container().script("while true; do kill -0 1; done").create().start();
        Process trace = container.command("trace", container.id).piped(); // which nobody reads
        long before = kills(container);
        Work.until("it is traced, and goes on", () -> kills(container) > before + 20_000);
        trace.destroy();
    }

    private static long kills(Container container) {
        return of(container, metrics(container)).path("syscalls").path("kill").asLong();
    }

    @Test
    void threadsAndWhereTimeGoesAreShown() {
        Container container =
                container().script("while true; do kill -0 1; done").create().start();
        assertThat(container.command("stacks", container.id).run().out())
                .contains(", task 1:1, sh", "at gvj.kernel.TaskLoop.run");
        assertThat(container
                        .command("profile", "--seconds=1", container.id)
                        .run()
                        .out())
                .containsPattern("(?m)^sh;gvj\\.kernel\\.TaskLoop\\.run;[^ ]* \\d+$");
    }
}
