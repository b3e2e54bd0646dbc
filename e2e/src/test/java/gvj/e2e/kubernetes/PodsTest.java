package gvj.e2e.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import gvj.e2e.oci.Work;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Single pods: what their containers share, how they are looked at, and what happens when they do wrong. */
class PodsTest extends KubernetesTest {
    private static final String WAIT = "exec sleep 1000";

    private static ContainerStateTerminated ended(Pod pod, String container) {
        return now(pod).getStatus().getContainerStatuses().stream()
                .filter(status -> status.getName().equals(container))
                .findFirst()
                .orElseThrow()
                .getState()
                .getTerminated();
    }

    @Test
    void anInitContainerAndTwoWorkersShareAVolume() throws Exception {
        PodBuilder builder = pod(
                        container("writer")
                                .withCommand("sh", "-c", WAIT)
                                .addNewVolumeMount()
                                .withName("shared")
                                .withMountPath("/shared")
                                .endVolumeMount()
                                .build(),
                        container("reader")
                                .withCommand("sh", "-c", "cat /shared/state; " + WAIT)
                                .addNewVolumeMount()
                                .withName("shared")
                                .withMountPath("/shared")
                                .endVolumeMount()
                                .build())
                .editSpec()
                .addToInitContainers(container("init")
                        .withCommand("sh", "-c", "echo prepared >/shared/state")
                        .addNewVolumeMount()
                        .withName("shared")
                        .withMountPath("/shared")
                        .endVolumeMount()
                        .build())
                .addNewVolume()
                .withName("shared")
                .withNewEmptyDir()
                .endEmptyDir()
                .endVolume()
                .endSpec();
        Pod pod = ready(builder);
        assertThat(log(pod, "reader")).isEqualTo("prepared\n");
        assertThat(exec(pod, "writer", "echo more >>/shared/state; hostname; exit 3"))
                .isEqualTo(pod.getMetadata().getName() + "\n=3");
        assertThat(exec(pod, "reader", "cat /shared/state; ps -o args | grep -c '[c]at /shared'"))
                .startsWith("prepared\nmore\n");
    }

    @Test
    void filesAreCopied() throws Exception {
        Pod pod = ready(pod(container("one", WAIT)));
        byte[] bytes = "text of a file\n".repeat(10_000).getBytes(StandardCharsets.UTF_8);
        var one = client.pods().withName(pod.getMetadata().getName()).inContainer("one");
        assertThat(one.file("/tmp/f").upload(new ByteArrayInputStream(bytes))).isTrue();
        assertThat(exec(pod, "one", "wc -c </tmp/f")).isEqualTo(bytes.length + "\n=0");
        Path copy = Work.temporary("copy");
        assertThat(one.file("/tmp/f").copy(copy)).isTrue();
        assertThat(Files.readAllBytes(copy)).isEqualTo(bytes);
    }

    @Test
    void aConfigMapThatChangesIsSeen() throws Exception {
        ConfigMap map = new ConfigMapBuilder()
                .withNewMetadata()
                .withName("settings")
                .endMetadata()
                .addToData("key", "old")
                .build();
        client.resource(map).create();
        try {
            Pod pod = ready(pod(container("one")
                            .withCommand("sh", "-c", WAIT)
                            .addNewVolumeMount()
                            .withName("settings")
                            .withMountPath("/settings")
                            .endVolumeMount()
                            .build())
                    .editSpec()
                    .addNewVolume()
                    .withName("settings")
                    .withNewConfigMap()
                    .withName("settings")
                    .endConfigMap()
                    .endVolume()
                    .endSpec());
            assertThat(exec(pod, "one", "cat /settings/key")).isEqualTo("old=0");
            client.resource(map)
                    .edit(now -> new ConfigMapBuilder(now)
                            .withData(Map.of("key", "new"))
                            .build());
            Cluster.until(
                    90,
                    "the new value",
                    () -> exec(pod, "one", "cat /settings/key").equals("new=0"));
        } finally {
            client.resource(map).delete();
        }
    }

    @Test
    void aLivenessProbeThatFailsStartsTheContainerAgain() {
        Pod pod = start(pod(container("one")
                        .withCommand("sh", "-c", "touch /alive; sleep 3; rm /alive; " + WAIT)
                        .withNewLivenessProbe()
                        .withNewExec()
                        .withCommand("test", "-e", "/alive")
                        .endExec()
                        .withInitialDelaySeconds(1)
                        .withPeriodSeconds(1)
                        .withFailureThreshold(1)
                        .endLivenessProbe()
                        .build())
                .editSpec()
                .withRestartPolicy("Always")
                .endSpec());
        client.resource(pod)
                .waitUntilCondition(
                        now -> !now.getStatus().getContainerStatuses().isEmpty()
                                && now.getStatus()
                                                .getContainerStatuses()
                                                .getFirst()
                                                .getRestartCount()
                                        > 0,
                        60,
                        TimeUnit.SECONDS);
    }

    @Test
    void aContainerThatUsesTooMuchMemoryIsKilled() {
        Pod pod = start(pod(
                container("greedy")
                        .withCommand("sh", "-c", "a=$(head -c 100000000 /dev/zero | tr '\\0' x); echo grown; sleep 5")
                        .withNewResources()
                        .addToLimits("memory", new Quantity("32Mi"))
                        .endResources()
                        .build(),
                container("modest", "sleep 4; exit 5")));
        assertThat(awaitEnd(pod)).isEqualTo("Failed");
        assertThat(ended(pod, "greedy").getReason()).isEqualTo("OOMKilled");
        assertThat(ended(pod, "greedy").getExitCode()).isEqualTo(137);
        assertThat(ended(pod, "modest").getExitCode()).isEqualTo(5);
    }

    @Test
    void anUnknownFlagIsAnEvent() {
        assumeThat(HANDLER).startsWith("gvisor-java");
        Pod pod = start(pod(container("one", WAIT))
                .editMetadata()
                .addToAnnotations("dev.gvisor.flag.nosuch", "x")
                .endMetadata());
        String name = pod.getMetadata().getName();
        Cluster.until(60, "an event", () -> events(name).contains("nosuch"));
        assertThat(events(name)).contains("FailedCreatePodSandBox");
    }

    @Test
    void aPrivilegedContainerIsRefusedWithAnEvent() {
        assumeThat(HANDLER).startsWith("gvisor-java");
        Pod pod = start(pod(container("one")
                .withCommand("sh", "-c", WAIT)
                .withNewSecurityContext()
                .withPrivileged(true)
                .endSecurityContext()
                .build()));
        String name = pod.getMetadata().getName();
        Cluster.until(60, "an event", () -> events(name).contains("privileged containers are refused"));
    }

    /** What {@code kubectl top} shows comes from here. */
    @Test
    void theKubeletKnowsWhatEachContainerUses() {
        Pod pod = ready(pod(
                container("big", "a=$(head -c 40000000 /dev/zero | tr '\\0' x); while :; do :; done"),
                container("small", WAIT)));
        String name = pod.getMetadata().getName();
        String node = now(pod).getSpec().getNodeName();
        Cluster.until(60, "statistics of both containers", () -> {
            long big = -1;
            long small = -1;
            for (JsonNode one : Work.parse(client.raw("/api/v1/nodes/" + node + "/proxy/stats/summary"))
                    .path("pods")) {
                if (one.path("podRef").path("name").asText().equals(name)) {
                    for (JsonNode container : one.path("containers")) {
                        long used =
                                container.path("memory").path("workingSetBytes").asLong(-1);
                        if (container.path("name").asText().equals("big")) {
                            big = used;
                        } else {
                            small = used;
                        }
                    }
                }
            }
            return big > 30_000_000 && small >= 0 && small < 20_000_000;
        });
    }
}
