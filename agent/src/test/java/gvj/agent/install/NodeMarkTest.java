package gvj.agent.install;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodListBuilder;
import io.fabric8.kubernetes.api.model.node.v1.RuntimeClass;
import io.fabric8.kubernetes.api.model.node.v1.RuntimeClassBuilder;
import io.fabric8.kubernetes.api.model.node.v1.RuntimeClassListBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import org.junit.jupiter.api.Test;

@EnableKubernetesMockClient
class NodeMarkTest {
    KubernetesMockServer server;
    KubernetesClient client;

    @Test
    void podsOfTheHandlerThatHaveNotEndedUseTheNode() {
        server.expect()
                .get()
                .withPath("/apis/node.k8s.io/v1/runtimeclasses")
                .andReturn(
                        200,
                        new RuntimeClassListBuilder()
                                .addToItems(runtimeClass("sandboxed", "gvisor-java"), runtimeClass("plain", "runc"))
                                .build())
                .once();
        server.expect()
                .get()
                .withPath("/api/v1/pods?fieldSelector=spec.nodeName%3Dworker-1")
                .andReturn(
                        200,
                        new PodListBuilder()
                                .addToItems(
                                        pod("cart", "sandboxed", "Running"),
                                        pod("starting", "sandboxed", "Pending"),
                                        pod("job", "sandboxed", "Succeeded"),
                                        pod("other", "plain", "Running"),
                                        pod("none", null, "Running"))
                                .build())
                .once();
        assertThat(new NodeMark(client, "worker-1").users("gvisor-java")).containsExactly("shop/cart", "shop/starting");
    }

    private static RuntimeClass runtimeClass(String name, String handler) {
        return new RuntimeClassBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withHandler(handler)
                .build();
    }

    private static Pod pod(String name, String runtimeClass, String phase) {
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace("shop")
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withRuntimeClassName(runtimeClass)
                .endSpec()
                .withNewStatus()
                .withPhase(phase)
                .endStatus()
                .build();
    }
}
