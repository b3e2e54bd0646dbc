package gvj.e2e.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.client.LocalPortForward;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Deployments and jobs whose pods have the runtime class. */
class WorkloadsTest extends KubernetesTest {
    private static Deployment deployment(String name, int replicas, Container container) {
        return new DeploymentBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withReplicas(replicas)
                .withNewSelector()
                .addToMatchLabels("app", name)
                .endSelector()
                .withNewTemplate()
                .withNewMetadata()
                .addToLabels("app", name)
                .endMetadata()
                .withNewSpec()
                .withRuntimeClassName(HANDLER)
                .withTerminationGracePeriodSeconds(1L)
                .withContainers(container)
                .endSpec()
                .endTemplate()
                .endSpec()
                .build();
    }

    /** Those that stay. A kubelet may need a minute until it says that one that is deleted is gone. */
    private static List<Pod> podsOf(String name) {
        return client.pods().withLabel("app", name).list().getItems().stream()
                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                .toList();
    }

    private static void awaitReady(String name, int replicas) {
        Cluster.until(120, replicas + " pods of " + name + " are ready and updated", () -> {
            var status = client.apps().deployments().withName(name).get().getStatus();
            return Integer.valueOf(replicas).equals(status.getReadyReplicas())
                    && Integer.valueOf(replicas).equals(status.getUpdatedReplicas())
                    && Integer.valueOf(replicas).equals(status.getReplicas());
        });
    }

    private static void remove(String name) {
        client.apps().deployments().withName(name).delete();
        Cluster.until(60, "the pods of " + name + " are gone", () -> {
            client.pods().withLabel("app", name).withGracePeriod(0).delete();
            return client.pods().withLabel("app", name).list().getItems().isEmpty();
        });
    }

    @Test
    void nginxIsRolledOutScaledAndServes() throws Exception {
        Container nginx = container("nginx")
                .withImage(NGINX)
                .withNewReadinessProbe()
                .withNewHttpGet()
                .withPath("/")
                .withNewPort(80)
                .endHttpGet()
                .withPeriodSeconds(1)
                .endReadinessProbe()
                .build();
        client.resource(deployment("nginx", 1, nginx)).create();
        try {
            awaitReady("nginx", 1);
            String name = podsOf("nginx").getFirst().getMetadata().getName();
            try (LocalPortForward forward = client.pods().withName(name).portForward(80);
                    HttpClient http = HttpClient.newHttpClient()) {
                HttpRequest request = HttpRequest.newBuilder(
                                URI.create("http://127.0.0.1:" + forward.getLocalPort() + "/"))
                        .build();
                assertThat(http.send(request, BodyHandlers.ofString()).body()).contains("Welcome to nginx!");
            }
            client.apps().deployments().withName("nginx").scale(10);
            awaitReady("nginx", 10);
            client.apps().deployments().withName("nginx").scale(2);
            awaitReady("nginx", 2);
            client.apps()
                    .deployments()
                    .withName("nginx")
                    .edit(now -> new DeploymentBuilder(now)
                            .editSpec()
                            .editTemplate()
                            .editSpec()
                            .editFirstContainer()
                            .withEnv(new EnvVar("GENERATION", "2", null))
                            .endContainer()
                            .endSpec()
                            .endTemplate()
                            .endSpec()
                            .build());
            Cluster.until(
                    90,
                    "every pod is new",
                    () -> podsOf("nginx").size() == 2
                            && podsOf("nginx").stream()
                                    .allMatch(pod -> !pod.getSpec()
                                            .getContainers()
                                            .getFirst()
                                            .getEnv()
                                            .isEmpty()));
            awaitReady("nginx", 2);
        } finally {
            remove("nginx");
        }
    }

    @Test
    void redisIsAskedByAnotherPod() throws Exception {
        Container redis = container("redis")
                .withImage(REDIS)
                .withNewReadinessProbe()
                .withNewTcpSocket()
                .withNewPort(6379)
                .endTcpSocket()
                .withPeriodSeconds(1)
                .endReadinessProbe()
                .withNewLivenessProbe()
                .withNewExec()
                .withCommand("redis-cli", "ping")
                .endExec()
                .withPeriodSeconds(1)
                .withTimeoutSeconds(5)
                .endLivenessProbe()
                .build();
        client.resource(deployment("redis", 1, redis)).create();
        try {
            awaitReady("redis", 1);
            Pod server = podsOf("redis").getFirst();
            Pod asking = ready(pod(container("client")
                    .withImage(REDIS)
                    .withCommand("sleep", "1000")
                    .build()));
            String address = server.getStatus().getPodIP();
            assertThat(exec(asking, "client", "redis-cli -h " + address + " set key value"))
                    .isEqualTo("OK\n=0");
            assertThat(exec(server, "redis", "redis-cli get key")).isEqualTo("value\n=0");
            assertThat(now(server).getStatus().getContainerStatuses().getFirst().getRestartCount())
                    .isZero();
        } finally {
            remove("redis");
        }
    }

    @Test
    void aJobThatFailsIsTriedAgain() {
        Job job = new JobBuilder()
                .withNewMetadata()
                .withName("fails")
                .endMetadata()
                .withNewSpec()
                .withBackoffLimit(1)
                .withNewTemplate()
                .withNewMetadata()
                .withLabels(Map.of("app", "fails"))
                .endMetadata()
                .withNewSpec()
                .withRuntimeClassName(HANDLER)
                .withRestartPolicy("Never")
                .withContainers(container("one", "echo attempt; exit 3"))
                .endSpec()
                .endTemplate()
                .endSpec()
                .build();
        client.resource(job).create();
        try {
            client.resource(job)
                    .waitUntilCondition(
                            now -> now.getStatus().getConditions().stream()
                                    .anyMatch(condition -> condition.getType().equals("Failed")),
                            90,
                            TimeUnit.SECONDS);
            List<Pod> attempts = podsOf("fails");
            assertThat(attempts).hasSize(2);
            assertThat(attempts)
                    .allMatch(pod -> pod.getStatus()
                                    .getContainerStatuses()
                                    .getFirst()
                                    .getState()
                                    .getTerminated()
                                    .getExitCode()
                            == 3);
        } finally {
            client.resource(job).delete();
        }
    }
}
