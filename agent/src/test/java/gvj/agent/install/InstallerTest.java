package gvj.agent.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@EnableKubernetesMockClient(crud = true)
class InstallerTest {
    private static final String NODE = "worker-1";

    KubernetesClient client;

    @TempDir
    Path directory;

    private final FakeContainerd containerd = new FakeContainerd();
    private Path host;
    private Path config;

    /** A containerd that comes back, or does not, as a test wants. */
    private static final class FakeContainerd extends Containerd {
        private final List<String> done = new ArrayList<>();
        private boolean comesBack = true;

        FakeContainerd() {
            super(new Commands(""), List.of(), new HostFiles(Path.of("/nowhere")), "/socket");
        }

        @Override
        void check(String path) {
            done.add("check " + path);
        }

        @Override
        void restart() throws InstallException {
            done.add("restart");
            if (!comesBack) {
                comesBack = true;
                throw new InstallException("containerd did not come back");
            }
        }
    }

    @BeforeEach
    void aHostWithContainerd() throws IOException {
        host = directory.resolve("host");
        config = host.resolve("etc/containerd/config.toml");
        Files.createDirectories(config.getParent());
        Files.writeString(config, ContainerdConfigTest.defaults("1.7"));
        Files.setPosixFilePermissions(config, PosixFilePermissions.fromString("rw-r-----"));
        Path bin = Files.createDirectories(directory.resolve("source/bin"));
        for (String command : List.of("gvj", "containerd-shim-gvisor-java-v1")) {
            Files.setPosixFilePermissions(
                    Files.writeString(bin.resolve(command), command), PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        Files.createDirectories(directory.resolve("proc"));
        client.resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(NODE)
                        .addToLabels("kept", "yes")
                        .endMetadata()
                        .withNewStatus()
                        .withNewNodeInfo()
                        .withContainerRuntimeVersion("containerd://1.7.24")
                        .endNodeInfo()
                        .endStatus()
                        .build())
                .create();
    }

    private Installer installer() {
        return installer(new NodeMark(client, NODE));
    }

    private Installer installer(NodeMark node) {
        InstallPlan plan = new InstallPlan(
                host,
                directory.resolve("source"),
                "0.1.0",
                "/opt/gvisor-java",
                "/usr/local/bin",
                "/etc/containerd/config.toml",
                "/etc/containerd/gvisor-java.toml",
                "gvisor-java",
                false,
                Map.of("platform", "systrap"));
        return new Installer(plan, containerd, node, directory.resolve("proc"));
    }

    private Node node() {
        return client.nodes().withName(NODE).get();
    }

    @Test
    void installsOnceAndUninstallsWithoutATrace() throws Exception {
        String before = Files.readString(config);
        List<String> files = tree();
        installer().install();
        assertThat(containerd.done).containsExactly("check /etc/containerd/config.toml.trial", "restart");
        assertThat(Files.getPosixFilePermissions(config)).isEqualTo(PosixFilePermissions.fromString("rw-r-----"));
        assertThat(Files.readString(host.resolve("etc/containerd/gvisor-java.toml")))
                .contains("platform = \"systrap\"");
        assertThat(Files.readString(host.resolve("opt/gvisor-java/current/bin/gvj")))
                .isEqualTo("gvj");
        assertThat(Files.readSymbolicLink(host.resolve("usr/local/bin/gvj")))
                .hasToString("/opt/gvisor-java/current/bin/gvj");
        assertThat(node().getMetadata().getLabels())
                .containsEntry(NodeMark.LABEL, "true")
                .containsEntry("kept", "yes");
        assertThat(node().getMetadata().getAnnotations().get(NodeMark.VERSION)).startsWith("0.1.0-");

        installer().install();
        assertThat(containerd.done).hasSize(2);

        installer().uninstall();
        assertThat(Files.readString(config)).isEqualTo(before);
        assertThat(tree()).isEqualTo(files);
        assertThat(node().getMetadata().getLabels())
                .doesNotContainKey(NodeMark.LABEL)
                .containsEntry("kept", "yes");
        installer().uninstall();
        assertThat(containerd.done).hasSize(4);
    }

    @Test
    void aNewVersionStandsBesideTheOldOneWhileThatRuns() throws Exception {
        installer().install();
        String old =
                Files.readSymbolicLink(host.resolve("opt/gvisor-java/current")).toString();
        Path process = Files.createDirectories(directory.resolve("proc/77"));
        Files.createSymbolicLink(process.resolve("exe"), Path.of("/opt/gvisor-java/" + old + "/bin/gvj"));
        Files.writeString(directory.resolve("source/bin/gvj"), "newer");
        installer().install();
        assertThat(Files.readString(host.resolve("opt/gvisor-java/current/bin/gvj")))
                .isEqualTo("newer");
        assertThat(host.resolve("opt/gvisor-java").resolve(old)).exists();
        assertThatThrownBy(() -> installer().uninstall()).hasMessageContaining("sandboxes run from " + old);
        Files.delete(process.resolve("exe"));
        installer().install();
        assertThat(host.resolve("opt/gvisor-java").resolve(old)).doesNotExist();
        assertThat(containerd.done).hasSize(2);
    }

    @Test
    void aContainerdThatDoesNotComeBackGetsItsOldConfiguration() throws Exception {
        String before = Files.readString(config);
        containerd.comesBack = false;
        assertThatThrownBy(() -> installer().install())
                .hasMessageContaining("did not come back")
                .hasMessageContaining("is as before");
        assertThat(Files.readString(config)).isEqualTo(before);
        assertThat(containerd.done).filteredOn("restart"::equals).hasSize(2);
        assertThat(node().getMetadata().getLabels()).doesNotContainKey(NodeMark.LABEL);
    }

    @Test
    void aConfigurationThatCannotBeEditedChangesNothing() throws Exception {
        Files.writeString(config, "disabled_plugins = [\"cri\"]\n");
        List<String> files = tree();
        assertThatThrownBy(() -> installer().install())
                .hasMessageContaining("/etc/containerd/config.toml: disabled_plugins turns CRI off");
        assertThat(tree()).isEqualTo(files);
    }

    @Test
    void refusesToUninstallWhilePodsUseIt() throws Exception {
        installer().install();
        NodeMark busy = new NodeMark(client, NODE) {
            @Override
            public List<String> users(String handler) {
                return List.of("shop/cart");
            }
        };
        assertThatThrownBy(() -> installer(busy).uninstall()).hasMessageContaining("shop/cart");
        assertThat(node().getMetadata().getLabels()).containsEntry(NodeMark.LABEL, "true");
    }

    @Test
    void aForeignFileInTheWayStays() throws Exception {
        Path foreign = host.resolve("usr/local/bin/gvj");
        Files.createDirectories(foreign.getParent());
        Files.writeString(foreign, "somebody's");
        assertThatThrownBy(() -> installer().install()).hasMessageContaining("/usr/local/bin/gvj");
        assertThat(Files.readString(foreign)).isEqualTo("somebody's");
        assertThat(containerd.done).isEmpty();
    }

    @Test
    void linksOfTheHostStayInsideOfTheHost() throws Exception {
        Path real = Files.createDirectories(host.resolve("var/etc-containerd"));
        Files.move(config, real.resolve("config.toml"));
        Files.delete(config.getParent());
        Files.createSymbolicLink(config.getParent(), Path.of("/var/etc-containerd"));
        installer().install();
        assertThat(Files.readString(real.resolve("config.toml"))).contains(ContainerdConfig.BEGIN);
    }

    private List<String> tree() throws IOException {
        try (Stream<Path> all = Files.walk(host)) {
            return all.filter(Files::isRegularFile).map(Path::toString).sorted().toList();
        }
    }
}
