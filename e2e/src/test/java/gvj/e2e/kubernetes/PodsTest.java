package gvj.e2e.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Single pods: what their containers share, how they are looked at, and what happens when they do wrong. */
@Execution(ExecutionMode.CONCURRENT)
class PodsTest extends KubernetesTest {
    private static final String WAIT = "exec sleep 1000";

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
        Cluster.until(20, "what was prepared", () -> log(pod, "reader").equals("prepared\n"));
        assertThat(exec(pod, "writer", "echo more >>/shared/state; hostname; exit 3"))
                .isEqualTo(pod.getMetadata().getName() + "\n=3");
        assertThat(exec(pod, "reader", "cat /shared/state; ps -o args | grep -c '[c]at /shared'"))
                .startsWith("prepared\nmore\n");
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
                        .withCommand("awk", "BEGIN { " + GROW + " }")
                        .withNewResources()
                        .addToLimits("memory", new Quantity("32Mi"))
                        .endResources()
                        .build(),
                container("modest", "sleep 4; exit 5")));
        assertThat(awaitEnd(pod)).isEqualTo("Failed");
        assertThat(state(pod, "greedy").getTerminated().getReason()).isEqualTo("OOMKilled");
        assertThat(state(pod, "greedy").getTerminated().getExitCode()).isEqualTo(137);
        assertThat(state(pod, "modest").getTerminated().getExitCode()).isEqualTo(5);
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
}
