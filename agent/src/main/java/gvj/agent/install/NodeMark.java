package gvj.agent.install;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.node.v1.RuntimeClass;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What the cluster knows of this node: a label that RuntimeClasses select, and the version that is installed. */
public class NodeMark {
    /** {@code true} on nodes that can run sandboxes. */
    public static final String LABEL = "gvisor-java.dev/ready";
    /** The version installed. */
    public static final String VERSION = "gvisor-java.dev/version";

    private final KubernetesClient client;
    private final String name;

    /** Of node {@code name}. */
    public NodeMark(KubernetesClient client, String name) {
        this.client = client;
        this.name = name;
    }

    /** {@code containerd://1.7.24} and the like. */
    public String runtimeVersion() throws InstallException {
        return node().getStatus().getNodeInfo().getContainerRuntimeVersion();
    }

    private Node node() throws InstallException {
        Node node = client.nodes().withName(name).get();
        if (node == null) {
            throw new InstallException("the cluster has no node " + name);
        }
        return node;
    }

    /** Says that the node is ready with {@code version}. */
    public void set(String version) {
        client.nodes()
                .withName(name)
                .edit(node -> new NodeBuilder(node)
                        .editMetadata()
                        .addToLabels(LABEL, "true")
                        .addToAnnotations(VERSION, version)
                        .endMetadata()
                        .build());
    }

    /** Says that it is not. */
    public void clear() {
        client.nodes()
                .withName(name)
                .edit(node -> new NodeBuilder(node)
                        .editMetadata()
                        .removeFromLabels(LABEL)
                        .removeFromAnnotations(VERSION)
                        .endMetadata()
                        .build());
    }

    /** Pods of this node whose RuntimeClass has {@code handler}, and that have not ended; {@code namespace/name}. */
    public List<String> users(String handler) {
        Set<String> classes = new HashSet<>();
        for (RuntimeClass each : client.resources(RuntimeClass.class).list().getItems()) {
            if (handler.equals(each.getHandler())) {
                classes.add(each.getMetadata().getName());
            }
        }
        List<String> users = new ArrayList<>();
        for (Pod pod : client.pods()
                .inAnyNamespace()
                .withField("spec.nodeName", name)
                .list()
                .getItems()) {
            String phase = pod.getStatus() == null
                    ? ""
                    : String.valueOf(pod.getStatus().getPhase());
            String runtimeClass = pod.getSpec().getRuntimeClassName();
            if (runtimeClass != null
                    && classes.contains(runtimeClass)
                    && !phase.equals("Succeeded")
                    && !phase.equals("Failed")) {
                users.add(pod.getMetadata().getNamespace() + "/"
                        + pod.getMetadata().getName());
            }
        }
        return users;
    }
}
