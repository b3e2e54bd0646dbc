package gvj.e2e.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import gvj.e2e.Result;
import io.grpc.StatusRuntimeException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How containers of a pod start, are used and end. */
@Also(Handler.SANDBOXER)
class PodLifeTest extends PodTest {
    private static final String ON_TERM = "trap 'echo got TERM; exit 7' TERM; echo ready; while :; do sleep 0.1; done";

    @Test
    void execSync() {
        Container container = pod().start("one", "exec sleep 1000");
        assertThat(container.exec("echo out; echo err >&2; exit 5")).isEqualTo(new Result(5, "out\n", "err\n"));
        assertThat(container.exec("kill -9 $$").status()).isEqualTo(137);
        assertThat(container.exec("cat /proc/1/comm; pwd; id -u").out()).isEqualTo("sleep\n/\n0\n");
        long before = System.nanoTime();
        assertThatThrownBy(() -> container.exec("sleep 100", 1))
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessageContaining("timeout");
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(8));
        assertThat(container.print("ps -o args | grep -c '[s]leep 100$'")).isEqualTo("0\n");
        assertThat(container.exec("head -c 300000 /dev/zero | tr '\\0' x").out())
                .hasSize(300_000);
    }

    @Test
    void execOfNothing() {
        Container container = pod().start("one", "exec sleep 1000");
        assertThat(container.exec("/no/such").status()).isEqualTo(127);
        container.stop(0);
        assertThatThrownBy(() -> container.exec("true")).isInstanceOf(StatusRuntimeException.class);
    }

    @Test
    void logsHoldTimeStreamAndText() {
        Container container = pod().start("one", "echo out; echo err >&2; printf partial");
        assertThat(container.awaitExit()).isZero();
        container.awaitLog("partial");
        assertThat(container.lines()).allMatch(line -> line.matches("\\d{4}-\\d\\d-\\d\\dT\\S+ std(out|err) [FP] .*"));
        assertThat(container.lines().stream().map(line -> line.split(" ", 2)[1]))
                .containsExactlyInAnyOrder("stdout F out", "stderr F err", "stdout P partial");
    }

    @Test
    void aContainerEndsWithItsStatus() {
        Pod pod = pod();
        Container fails = pod.start("fails", "sleep 0.1; exit 42"); // containerd says when it has heard of the start
        Container other = pod.start("other", "exec sleep 1000");
        assertThat(fails.awaitExit()).isEqualTo(42);
        JsonNode status = fails.status();
        assertThat(status.path("reason").asText()).isEqualTo("Error");
        assertThat(status.path("finished_at").asLong())
                .isGreaterThan(status.path("started_at").asLong());
        assertThat(other.state()).isEqualTo("RUNNING");
        fails.remove();
        Container again = pod.start("fails", "exit 0");
        assertThat(again.awaitExit()).isZero();
        assertThat(again.status().path("reason").asText()).isEqualTo("Completed");
    }

    @Test
    void stopSendsTermAndKillsAfterItsTime() {
        Pod pod = pod();
        Container polite = pod.start("polite", ON_TERM);
        Container deaf = pod.start("deaf", "trap '' TERM; echo ready; while :; do sleep 0.1; done");
        polite.awaitLog("ready");
        deaf.awaitLog("ready");
        polite.stop(10);
        assertThat(polite.awaitExit()).isEqualTo(7);
        polite.awaitLog("got TERM");
        assertThat(deaf.state()).isEqualTo("RUNNING");
        long before = System.nanoTime();
        deaf.stop(1);
        assertThat(Duration.ofNanos(System.nanoTime() - before))
                .isBetween(Duration.ofMillis(900), Duration.ofSeconds(6));
        assertThat(deaf.awaitExit()).isEqualTo(137);
    }

    @Test
    void aStoppedPodEndsItsContainers() {
        Pod pod = pod();
        Container one = pod.start("one", "exec sleep 1000");
        Container two = pod.start("two", ON_TERM);
        pod.stop();
        assertThat(pod.status().path("state").asText()).isEqualTo("SANDBOX_NOTREADY");
        assertThat(one.awaitExit()).isEqualTo(137);
        assertThat(two.awaitExit()).isEqualTo(137);
        pod.remove();
        pod.remove(); // as often as the kubelet likes
    }

    @Test
    void aCommandThatIsNotThere() {
        Pod pod = pod();
        assertThatThrownBy(() -> pod.start(
                        "one", "", config -> config.putArray("command").add("/no/such")))
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessageContaining("no such file or directory");
        Container good = pod.start("good", "exit 3");
        assertThat(good.awaitExit()).isEqualTo(3);
    }

    @Test
    void environmentDirectoryAndArguments() {
        Container container = pod().start("one", "echo $A; pwd; echo $0 $1", config -> {
            config.putArray("envs").addObject().put("key", "A").put("value", "b c".getBytes(StandardCharsets.UTF_8));
            config.put("working_dir", "/var").putArray("args").add("zero").add("one");
        });
        assertThat(container.awaitExit()).isZero();
        container.awaitLog("b c\n/var\nzero one\n");
    }

    @Test
    void tenContainersComeAndGoInOnePod() {
        Pod pod = pod();
        for (int i = 0; i < 10; i++) {
            Container container = pod.start("c" + i, "exit " + i);
            assertThat(container.awaitExit()).isEqualTo(i);
            container.remove();
        }
    }
}
