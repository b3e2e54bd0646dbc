package gvj.e2e.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import gvj.e2e.oci.Work;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What containers of a pod have in common, and what each has for itself. */
@OneContainerd
class PodSharingTest extends PodTest {
    private static final String WAIT = "exec sleep 1000";

    @Test
    void anInitContainerTwoWorkersAndASidecar() {
        Path volume = volume();
        Consumer<ObjectNode> shared = container -> Pod.mount(container, volume, "/shared", false);
        Pod pod = pod();
        Container init = pod.start("init", "echo prepared >/shared/state; exit 3", shared);
        assertThat(init.awaitExit()).isEqualTo(3);
        Container server = pod.start(
                "server",
                "cat /shared/state; mkdir /www; echo page >/www/index.html; httpd -f -p 8080 -h /www & wait",
                shared);
        Container client = pod.start(
                "client", "until wget -qO- http://127.0.0.1:8080/; do sleep 0.05; done; hostname; exit 4", shared);
        Container sidecar = pod.start("sidecar", WAIT, shared);
        assertThat(client.awaitExit()).isEqualTo(4);
        client.awaitLog("page\n" + pod.config.path("hostname").asText() + "\n");
        server.awaitLog("prepared\n");
        assertThat(server.print("ps -o args")).contains("httpd").doesNotContain("sleep");
        assertThat(sidecar.print("ps -o args")).contains("sleep 1000").doesNotContain("httpd");
        assertThat(sidecar.print("hostname; cat /shared/state; ls /www"))
                .startsWith(pod.config.path("hostname").asText() + "\nprepared\n")
                .contains("No such file");
        assertThat(server.state()).isEqualTo("RUNNING");
        assertThat(pod.status().path("state").asText()).isEqualTo("SANDBOX_READY");
    }

    @Test
    void aFileOfAVolumeIsTheSameForAll() {
        Path volume = volume();
        Consumer<ObjectNode> shared = container -> Pod.mount(container, volume, "/shared", false);
        Pod pod = pod();
        Container one = pod.start("one", WAIT, shared);
        Container two = pod.start("two", WAIT, shared);
        one.print("echo first >/shared/f");
        assertThat(two.print("cat /shared/f; echo second >>/shared/f; mkfifo /shared/pipe"))
                .isEqualTo("first\n");
        assertThat(one.print("cat /shared/f; test -p /shared/pipe && echo pipe"))
                .isEqualTo("first\nsecond\npipe\n");
        assertThat(Work.read(volume.resolve("f"))).isEqualTo("first\nsecond\n");
    }

    @Test
    void sharedMemoryIsThePods() {
        Pod pod = pod();
        Container one = pod.start("one", WAIT);
        Container two = pod.start("two", WAIT);
        one.print("echo text >/dev/shm/f");
        assertThat(two.print("cat /dev/shm/f")).isEqualTo("text\n");
    }

    @Test
    void processesAreSharedWhereThePodSaysSo() {
        Pod pod =
                pod(config -> Pod.namespaces((ObjectNode) config.path("linux")).put("pid", "POD"));
        Consumer<ObjectNode> inPod = container ->
                Pod.namespaces((ObjectNode) container.path("linux")).put("pid", "POD");
        Container one = pod.start("one", "exec sleep 1001", inPod);
        Container two = pod.start("two", "exec sleep 1002", inPod);
        assertThat(one.print("ps -o pid,args")).contains("1 /pause", "sleep 1001", "sleep 1002");
        two.print("kill -9 $(ps -o pid,args | awk '/[s]leep 1001/ {print $1}')");
        assertThat(one.awaitExit()).isEqualTo(137);
        assertThat(two.state()).isEqualTo("RUNNING");
    }

    @Test
    void aContainerLooksAtAnothersProcesses() {
        Pod pod = pod();
        Container target = pod.start("target", "exec sleep 1001");
        pod.start("other", "exec sleep 1002");
        Container debugger = pod.start(
                "debugger",
                WAIT,
                container -> Pod.namespaces((ObjectNode) container.path("linux"))
                        .put("pid", "TARGET")
                        .put("target_id", target.id()));
        assertThat(debugger.print("ps -o pid,args")).contains("1 sleep 1001").doesNotContain("sleep 1002");
        debugger.stop(1);
        assertThat(target.state()).isEqualTo("RUNNING");
    }

    @Test
    void oneFileIsMounted() throws IOException {
        Path file = Files.writeString(volume().resolve("settings"), "a=b\n");
        Container container = pod().start("one", WAIT, config -> Pod.mount(config, file, "/etc/settings", true));
        assertThat(container.print("cat /etc/settings; echo c >/etc/settings"))
                .startsWith("a=b\n")
                .contains("Read-only file system");
    }

    /** How the kubelet changes what a ConfigMap's volume holds: a link to a directory is replaced. */
    @Test
    void aLinkThatChangesOnTheHostIsFollowedAtOnce() throws IOException {
        Path volume = volume();
        Files.writeString(Work.directory(volume.resolve("..1")).resolve("key"), "old\n");
        Files.writeString(Work.directory(volume.resolve("..2")).resolve("key"), "new\n");
        Files.createSymbolicLink(volume.resolve("..data"), Path.of("..1"));
        Files.createSymbolicLink(volume.resolve("key"), Path.of("..data/key"));
        Container container = pod().start("one", WAIT, config -> Pod.mount(config, volume, "/config", true));
        assertThat(container.print("cat /config/key")).isEqualTo("old\n");
        Files.createSymbolicLink(volume.resolve("..tmp"), Path.of("..2"));
        Files.move(volume.resolve("..tmp"), volume.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
        assertThat(container.print("cat /config/key")).isEqualTo("new\n");
    }
}
