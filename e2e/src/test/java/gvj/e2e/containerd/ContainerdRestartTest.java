package gvj.e2e.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import gvj.e2e.Result;
import gvj.e2e.oci.Work;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

/** A containerd that is killed and comes back finds its pods, and hears what has happened meanwhile. */
class ContainerdRestartTest extends PodTest {
    @Test
    void podsLiveOnWithoutContainerd() throws Exception {
        var volume = volume();
        Pod before = pod();
        Container one = before.start("one", "while :; do echo beat; sleep 0.1; done");
        Container ends = before.start(
                "ends",
                "until [ -e /shared/go ]; do sleep 0.05; done; touch /shared/gone; exit 9",
                config -> Pod.mount(config, volume, "/shared", false));
        one.awaitLog("beat");
        containerd.kill();
        Files.createFile(volume.resolve("go"));
        Work.until("a container ends meanwhile", () -> Files.exists(volume.resolve("gone")));
        containerd.start();
        Pod pod = before.of(containerd.cri());
        Container alive = new Container(pod, "one", one.id());
        assertThat(pod.status().path("state").asText()).isEqualTo("SANDBOX_READY");
        assertThat(alive.state()).isEqualTo("RUNNING");
        int status = new Container(pod, "ends", ends.id()).awaitExit();
        if (node.handler().sandboxed()) {
            assertThat(status).isEqualTo(9);
        } else {
            assertThat(status)
                    .isIn(9, 255); // from 1.7 on containerd takes a shim of runc without processes for a leaked one
        }
        assertThat(alive.exec("echo well")).isEqualTo(new Result(0, "well\n", ""));
        int lines = alive.lines().size();
        Work.until("its log goes on", () -> alive.lines().size() > lines);
        Container later = pod.start("later", "exit 4");
        assertThat(later.awaitExit()).isEqualTo(4);
        alive.stop(0);
        assertThat(alive.awaitExit()).isEqualTo(137);
    }
}
