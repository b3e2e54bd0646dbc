package gvj.e2e.kubernetes;

import gvj.e2e.Image;
import gvj.e2e.Result;
import gvj.e2e.Run;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.node.v1.RuntimeClassBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.ContainerResource;
import io.fabric8.kubernetes.client.dsl.ExecWatch;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Base of the tests with a Kubernetes. One cluster serves all of them: {@code e2e/kubernetes} runs them. */
@Tag("kubernetes")
@ExtendWith(KubernetesTest.Shared.class)
abstract class KubernetesTest {
    /** Name of the runtime class, and its handler's where the cluster is ours. */
    static final String HANDLER = System.getProperty("gvj.kubernetes.handler", "gvisor-java");

    static final String BUSYBOX = System.getProperty("gvj.image.busybox", Image.BUSYBOX);
    static final String REDIS = System.getProperty("gvj.image.redis", Image.REDIS);
    static final String NGINX = System.getProperty("gvj.image.nginx", Image.NGINX);

    private static final AtomicInteger COUNT = new AtomicInteger();
    static Cluster cluster;
    static KubernetesClient client;

    private final List<String> pods = new ArrayList<>();

    /** Starts the cluster with the first class, and ends it after the last. */
    static final class Shared implements BeforeAllCallback {
        @Override
        public void beforeAll(ExtensionContext context) {
            cluster = context.getRoot()
                    .getStore(ExtensionContext.Namespace.GLOBAL)
                    .computeIfAbsent(Cluster.class, type -> begin(), Cluster.class);
        }
    }

    private static Cluster begin() {
        Cluster started = new Cluster();
        client = started.client();
        runtimeClass();
        return started;
    }

    private static void runtimeClass() {
        var runtimeClasses = client.resources(io.fabric8.kubernetes.api.model.node.v1.RuntimeClass.class);
        if (runtimeClasses.withName(HANDLER).get() == null) {
            client.resource(new RuntimeClassBuilder()
                            .withNewMetadata()
                            .withName(HANDLER)
                            .endMetadata()
                            .withHandler(HANDLER)
                            .withNewOverhead()
                            .addToPodFixed("memory", new Quantity("160Mi"))
                            .endOverhead()
                            .build())
                    .create();
        }
    }

    @AfterEach
    void removePods() {
        pods.forEach(name -> client.pods().withName(name).withGracePeriod(0).delete());
        Cluster.until(
                60,
                "the pods are gone",
                () -> pods.stream()
                        .allMatch(name -> client.pods().withName(name).get() == null));
    }

    /** Words of awk(1) that make a string of 64 MiB, without many system calls. */
    static final String GROW = "s = 1000000000; while (length(s) < 60000000) s = s s";

    /** A container that runs a script. */
    static Container container(String name, String script) {
        return container(name).withCommand("sh", "-c", script).build();
    }

    static ContainerBuilder container(String name) {
        return new ContainerBuilder().withName(name).withImage(BUSYBOX).withImagePullPolicy("IfNotPresent");
    }

    /** A pod with these containers that is not started again. */
    static PodBuilder pod(Container... containers) {
        String name = "p" + COUNT.incrementAndGet();
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withLabels(Map.of("app", name))
                .endMetadata()
                .withNewSpec()
                .withRuntimeClassName(HANDLER)
                .withRestartPolicy("Never")
                .withTerminationGracePeriodSeconds(1L)
                .withContainers(containers)
                .endSpec();
    }

    /** The same of a specification in YAML. Containers have the image with a shell unless they name another. */
    static PodBuilder pod(String specification) {
        PodSpec spec = client.getKubernetesSerialization().unmarshal(specification, PodSpec.class);
        for (Container container : spec.getContainers()) {
            if (container.getImage() == null) {
                container.setImage(BUSYBOX);
                container.setImagePullPolicy("IfNotPresent");
            }
        }
        PodBuilder pod = pod();
        return pod.withSpec(new PodSpecBuilder(spec)
                .withRuntimeClassName(HANDLER)
                .withRestartPolicy(spec.getRestartPolicy() == null ? "Never" : spec.getRestartPolicy())
                .withTerminationGracePeriodSeconds(
                        spec.getTerminationGracePeriodSeconds() == null ? 1 : spec.getTerminationGracePeriodSeconds())
                .build());
    }

    /** Starts a pod. */
    Pod start(PodBuilder pod) {
        Pod started = client.resource(pod.build()).create();
        pods.add(started.getMetadata().getName());
        return started;
    }

    /** Starts a pod, and waits until it is ready. */
    Pod ready(PodBuilder pod) {
        Pod started = start(pod);
        return client.resource(started).waitUntilReady(120, TimeUnit.SECONDS);
    }

    static Pod now(Pod pod) {
        return client.resource(pod).get();
    }

    /** Waits for the end of a pod: its phase. */
    static String awaitEnd(Pod pod) {
        return client.resource(pod)
                .waitUntilCondition(
                        now -> now != null
                                && List.of("Succeeded", "Failed")
                                        .contains(now.getStatus().getPhase()),
                        120,
                        TimeUnit.SECONDS)
                .getStatus()
                .getPhase();
    }

    /** Runs a script in a container: what it prints, and its exit status. */
    static String exec(Pod pod, String container, String script) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ExecWatch watch = client.pods()
                .withName(pod.getMetadata().getName())
                .inContainer(container)
                .writingOutput(out)
                .exec("sh", "-c", "exec 2>&1\n" + script)) {
            int status = watch.exitCode().get(30, TimeUnit.SECONDS);
            return out.toString(StandardCharsets.UTF_8) + "=" + status;
        }
    }

    /** A container of a pod. */
    static ContainerResource container(Pod pod, String name) {
        return client.pods().withName(pod.getMetadata().getName()).inContainer(name);
    }

    /** {@code kubectl} with these words. */
    static Result kubectl(String... words) {
        List<String> command = new ArrayList<>(
                List.of(cluster.kubectl(), "--kubeconfig=" + cluster.kubeconfig(), "--namespace=default"));
        command.addAll(List.of(words));
        return Run.command(command.toArray(String[]::new)).run();
    }

    /** How a container is now, or was last. */
    static ContainerState state(Pod pod, String container) {
        return now(pod).getStatus().getContainerStatuses().stream()
                .filter(status -> status.getName().equals(container))
                .findFirst()
                .map(ContainerStatus::getState)
                .orElseGet(ContainerState::new);
    }

    static String log(Pod pod, String container) {
        return client.pods()
                .withName(pod.getMetadata().getName())
                .inContainer(container)
                .getLog();
    }

    /** The messages of the events of an object. */
    static String events(String name) {
        return events("default", name);
    }

    static String events(String namespace, String name) {
        StringBuilder all = new StringBuilder();
        client.v1()
                .events()
                .inNamespace(namespace)
                .withField("involvedObject.name", name)
                .list()
                .getItems()
                .forEach(event -> all.append(event.getReason())
                        .append(": ")
                        .append(event.getMessage())
                        .append('\n'));
        return all.toString();
    }
}
