package gvj.e2e.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.Release;
import gvj.e2e.Image;
import gvj.e2e.Result;
import gvj.e2e.Run;
import gvj.e2e.oci.Work;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * The agent's image and the chart, as users install them: into the containerd that the cluster of the tests runs on. What
 * goes to a node's {@code /opt}, {@code /usr/local/bin} and {@code /etc} goes to a directory of the test.
 */
@Isolated("containerd starts again")
class InstallTest extends KubernetesTest {
    private static final Path CHART = Run.ROOT.resolve("deploy/helm/gvisor-java");
    private static final Path DIRECTORY = Work.ROOT.resolve("installed");
    private static final String NAMESPACE = "kube-system";
    private static final String RELEASE = "sandboxes";
    private static final String SELECTOR = "app.kubernetes.io/instance";
    private static final String READY = "gvisor-java.dev/ready";
    /** Runtime class and handler; the other one is in the configuration from the start. */
    private static final String INSTALLED = "installed";

    private final AtomicInteger restarts = new AtomicInteger();
    private Thread restarter;
    private String configuration;

    /** Stands for the node's init system: starts containerd again for whoever runs the script. */
    @BeforeEach
    void begin() throws IOException {
        assumeTrue(cluster.containerd() != null && HANDLER.equals("gvisor-java"), "containerd is not ours");
        Result imported =
                cluster.containerd().ctr("image", "import", Image.agent().toString());
        assertThat(imported.status()).as(imported.err()).isZero();
        configuration = Files.readString(cluster.containerd().configuration());
        Work.directory(DIRECTORY.resolve("bin")); // which nodes have
        Path request = DIRECTORY.resolve("request");
        Path script = Work.write(DIRECTORY.resolve("restart"), """
                #!/bin/sh
                : >%1$s
                while [ -e %1$s ]; do sleep 0.1; done
                """.formatted(request));
        assertThat(script.toFile().setExecutable(true)).isTrue();
        restarter = Thread.ofPlatform().daemon().start(() -> {
            while (!Thread.currentThread().isInterrupted()) {
                try {
                    if (Files.exists(request)) {
                        cluster.containerd().restart();
                        restarts.incrementAndGet();
                        Files.delete(request);
                    }
                    Thread.sleep(50);
                } catch (IOException | InterruptedException e) {
                    return;
                }
            }
        });
    }

    @AfterEach
    void end() throws InterruptedException {
        if (restarter != null) {
            restarter.interrupt();
            restarter.join();
            Work.remove(DIRECTORY);
        }
    }

    @Test
    void theChartIsInstalledUpgradedAndUninstalled() throws Exception {
        Release installed = Helm.install(CHART.toString())
                .withName(RELEASE)
                .withNamespace(NAMESPACE)
                .withKubeConfig(cluster.kubeconfig())
                .withValuesFile(values("platform: auto"))
                .call();
        assertThat(installed.getStatus()).isEqualTo("deployed");
        awaitAgent(1);
        theNodeHasTheRuntime();
        Pod first = ready(installedPod());
        assertThat(exec(first, "one", "exit 7")).isEqualTo("=7");
        assertThat(programs()).anyMatch(program -> program.startsWith(DIRECTORY + "/opt/0.1.0-"));
        theAgentTellsOf(first);

        Release upgraded = Helm.upgrade(CHART.toString())
                .withName(RELEASE)
                .withNamespace(NAMESPACE)
                .withKubeConfig(cluster.kubeconfig())
                .withValuesFile(values("platform: systrap"))
                .call();
        assertThat(upgraded.getStatus()).isEqualTo("deployed");
        assertThat(upgraded.getRevision()).isEqualTo("2");
        awaitAgent(2);
        assertThat(options()).contains("platform = \"systrap\"");
        assertThat(restarts)
                .as("only a block that changes starts containerd again")
                .hasValue(1);
        theAgentTellsOf(first);
        theAgentTellsOf(ready(installedPod()));

        assertThatThrownBy(InstallTest::uninstall).as("while pods run").isInstanceOf(RuntimeException.class);
        assertThat(node().getMetadata().getLabels()).containsEntry(READY, "true");
        assertThat(exec(first, "one", "true")).isEqualTo("=0");
        removePods();
        uninstall();
        nothingIsLeft();
    }

    /** A file of values: the node's paths, and one flag for sandboxes. */
    private static Path values(String flag) {
        return Work.write(Work.temporary("values"), """
                image: {pullPolicy: Never}
                runtimeClass: {name: %1$s, handler: %1$s}
                installer:
                  prefix: %2$s/opt
                  bin: %2$s/bin
                  containerd:
                    config: %3$s
                    options: %2$s/options.toml
                    socket: %4$s
                    restart: %2$s/restart
                    runtimePath: true
                  flags: {%5$s}
                """.formatted(
                        INSTALLED,
                        DIRECTORY,
                        cluster.containerd().configuration(),
                        cluster.containerd().socket(),
                        flag));
    }

    private static void uninstall() {
        Helm.uninstall(RELEASE)
                .withNamespace(NAMESPACE)
                .withKubeConfig(cluster.kubeconfig())
                .call();
    }

    private static PodBuilder installedPod() {
        return pod(container("one", "exec sleep 1000"))
                .editSpec()
                .withRuntimeClassName(INSTALLED)
                .endSpec();
    }

    /** Waits until the one pod of the DaemonSet's {@code generation} is ready. */
    private static void awaitAgent(long generation) {
        var agents = client.apps().daemonSets().inNamespace(NAMESPACE).withName(RELEASE + "-gvisor-java");
        try {
            Cluster.until(60, "the agent is ready", () -> {
                var status = agents.get().getStatus();
                return status.getObservedGeneration() == generation
                        && Integer.valueOf(1).equals(status.getUpdatedNumberScheduled())
                        && Integer.valueOf(1).equals(status.getNumberAvailable());
            });
        } catch (AssertionError e) {
            StringBuilder said = new StringBuilder();
            for (Pod pod : agentPods()) {
                String name = pod.getMetadata().getName();
                said.append(events(NAMESPACE, name));
                said.append(client.pods()
                                .inNamespace(NAMESPACE)
                                .withName(name)
                                .inContainer("install")
                                .getLog())
                        .append('\n');
            }
            throw new AssertionError(said.toString(), e);
        }
    }

    private static List<Pod> agentPods() {
        return client.pods()
                .inNamespace(NAMESPACE)
                .withLabel(SELECTOR, RELEASE)
                .list()
                .getItems();
    }

    private static Node node() {
        return client.nodes().list().getItems().getFirst();
    }

    private static String options() throws IOException {
        return Files.readString(DIRECTORY.resolve("options.toml"));
    }

    private void theNodeHasTheRuntime() throws IOException {
        assertThat(node().getMetadata().getLabels()).containsEntry(READY, "true");
        assertThat(node().getMetadata().getAnnotations().get("gvisor-java.dev/version"))
                .startsWith("0.1.0-");
        assertThat(Files.readString(cluster.containerd().configuration()))
                .startsWith(configuration)
                .contains("runtimes." + INSTALLED + "]");
        assertThat(options()).contains("platform = \"auto\"");
        assertThat(restarts).hasValue(1);
        assertThat(Run.command(DIRECTORY + "/bin/gvj", "--version").run().status())
                .isZero();
    }

    /** What is executed on the machine. */
    private static List<String> programs() {
        return ProcessHandle.allProcesses()
                .flatMap(process -> process.info().command().stream())
                .toList();
    }

    /** Asks the agent itself, as Prometheus would. */
    private static void theAgentTellsOf(Pod pod) {
        String agent = agentPods().stream()
                .filter(each -> each.getMetadata().getDeletionTimestamp() == null)
                .findFirst()
                .orElseThrow()
                .getMetadata()
                .getName();
        String metrics = client.raw("/api/v1/namespaces/" + NAMESPACE + "/pods/" + agent + ":9464/proxy/metrics");
        String labels = "namespace=\"default\",pod=\"" + pod.getMetadata().getName() + "\"";
        assertThat(metrics.lines().filter(line -> line.contains(labels)))
                .as(metrics)
                .anyMatch(line -> line.startsWith("gvj_sandbox_up{") && line.contains("container=\"POD\""))
                .anyMatch(line -> line.startsWith("gvj_syscalls_total{")
                        && line.contains("container=\"one\"")
                        && line.contains("syscall=\"execve\""));
    }

    private void nothingIsLeft() throws IOException {
        assertThat(node().getMetadata().getLabels()).doesNotContainKey(READY);
        assertThat(node().getMetadata().getAnnotations()).doesNotContainKey("gvisor-java.dev/version");
        assertThat(cluster.containerd().configuration()).hasContent(configuration);
        assertThat(restarts).hasValue(2);
        try (Stream<Path> files = Files.list(DIRECTORY)) {
            assertThat(files).containsExactlyInAnyOrder(DIRECTORY.resolve("restart"), DIRECTORY.resolve("bin"));
        }
        assertThat(DIRECTORY.resolve("bin")).isEmptyDirectory();
        Map<String, Long> left = new TreeMap<>();
        Cluster.until(30, "nothing of the release is left", () -> {
            left.clear();
            for (String kind : List.of(
                    "/api/v1/namespaces/kube-system/pods",
                    "/api/v1/namespaces/kube-system/configmaps",
                    "/api/v1/namespaces/kube-system/services",
                    "/api/v1/namespaces/kube-system/serviceaccounts",
                    "/apis/apps/v1/namespaces/kube-system/daemonsets",
                    "/apis/batch/v1/namespaces/kube-system/jobs",
                    "/apis/rbac.authorization.k8s.io/v1/clusterroles",
                    "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
                    "/apis/rbac.authorization.k8s.io/v1/roles",
                    "/apis/rbac.authorization.k8s.io/v1/rolebindings",
                    "/apis/node.k8s.io/v1/runtimeclasses")) {
                long count = Work.parse(client.raw(kind + "?labelSelector=" + SELECTOR + "%3D" + RELEASE))
                        .path("items")
                        .size();
                if (count > 0) {
                    left.put(kind, count);
                }
            }
            return left.isEmpty();
        });
        assertThat(Helm.list()
                        .withNamespace(NAMESPACE)
                        .withKubeConfig(cluster.kubeconfig())
                        .call())
                .isEmpty();
    }
}
