package gvj.e2e.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import gvj.e2e.oci.GvjOnly;
import gvj.e2e.oci.Work;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a pod is on the host: its processes, and what is left when one of them is killed. */
@GvjOnly
@Also({Handler.V3, Handler.SANDBOXER})
class PodProcessesTest extends PodTest {
    private static final String WAIT = "exec sleep 1000";

    /** A shim ends when it has sent its last events, which is after containerd has answered. */
    @BeforeEach
    void awaitTheEndOfOthers() {
        Work.until("the shims of earlier tests have ended", () -> host().javas().isEmpty());
    }

    @Test
    void aPodIsOneShimOneSentryAndOneGofer() {
        Pod pod = pod();
        pod.start("one", WAIT);
        List<Long> first = host().javas();
        assertThat(first).as("a shim, a Sentry, a gofer").hasSize(3);
        Container two = pod.start("two", WAIT);
        pod.start("three", WAIT);
        assertThat(host().javas()).isEqualTo(first);
        assertThat(Files.exists(host().bundle(two.id()).resolve("shim.json")))
                .as("the shim's program is run for a container")
                .isEqualTo(node.handler() != Handler.V3);
        Pod other = pod();
        other.start("one", WAIT);
        assertThat(host().javas()).hasSize(6);
        other.stop();
        if (node.handler() == Handler.SANDBOXER) { // there it is the shim that knows of a pod that has ended
            Work.until("its Sentry and gofer end", () -> host().javas().size() == 4);
            other.remove();
        }
        Work.until("its processes end", () -> host().javas().equals(first));
    }

    @Test
    void aSentryThatIsKilledIsTheEndOfItsPodAlone() {
        Pod pod = pod();
        List<Container> containers = List.of(pod.start("one", WAIT), pod.start("two", WAIT), pod.start("three", WAIT));
        Pod other = pod();
        Container well = other.start("well", WAIT);
        PodHost.signal(host().sentry(pod), "KILL");
        for (Container container : containers) {
            assertThat(container.awaitExit()).isEqualTo(137);
        }
        Work.until(
                "the pod is not ready",
                () -> pod.status().path("state").asText().equals("SANDBOX_NOTREADY"));
        assertThat(well.print("echo well")).isEqualTo("well\n");
    }

    @Test
    void aContainersMonitorThatIsKilledIsTheEndOfThatContainer() {
        Pod pod = pod();
        Container one = pod.start("one", WAIT);
        Container two = pod.start("two", WAIT);
        PodHost.signal(host().task(one.id()), "KILL");
        assertThat(one.awaitExit()).isEqualTo(137);
        assertThat(two.print("echo well")).isEqualTo("well\n");
    }

    @Test
    void nothingIsLeftOfAPodWhoseShimIsKilled() {
        Pod pod = pod();
        Container one = pod.start("one", WAIT);
        Container two = pod.start("two", WAIT);
        PodHost.signal(host().shim(pod), "KILL");
        one.awaitExit();
        two.awaitExit();
        Work.until("every process of the pod ends", () -> host().javas().isEmpty());
        pod.stop();
        pod.remove();
        assertThat(host().bundles()).isEmpty();
        Pod next = pod();
        assertThat(next.start("one", "exit 5").awaitExit()).isEqualTo(5);
    }

    @Test
    void aPodIsGoneWhenItIsRemoved() {
        Pod pod = pod();
        pod.start("one", WAIT);
        pod.start("two", WAIT);
        Path socket = host().socket(pod.id);
        assertThat(socket).exists();
        pod.stop();
        pod.remove();
        Work.until("its processes end", () -> host().javas().isEmpty());
        assertThat(host().bundles()).isEmpty();
        Work.until("its socket is gone", () -> Files.notExists(socket));
    }

    @Test
    void tenPodsOfThreeContainers() throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        List<Integer> statuses = java.util.Collections.synchronizedList(new ArrayList<>());
        for (int i = 0; i < 10; i++) {
            threads.add(Thread.ofVirtual().start(() -> {
                Pod pod = pod();
                Container one = pod.start("one", "exit 1");
                Container two = pod.start("two", "exit 2");
                Container three = pod.start("three", "echo text; exit 3");
                statuses.addAll(List.of(one.awaitExit(), two.awaitExit(), three.awaitExit()));
                pod.stop();
                pod.remove();
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(statuses).hasSize(30).filteredOn(status -> status == 2).hasSize(10);
        Work.until("every process ends", () -> host().javas().isEmpty());
    }
}
