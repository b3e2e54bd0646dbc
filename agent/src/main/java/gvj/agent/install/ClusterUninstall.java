package gvj.agent.install;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Uninstalls on every node that is labelled, each by a pod of its own, before a chart is deleted. Refuses before it touches
 * any node if pods of the runtime are left.
 */
public final class ClusterUninstall {
    private static final long PATIENCE_MINUTES = 5;

    private final KubernetesClient client;
    private final String namespace;
    private final Pod template;

    /**
     * Makes pods in {@code namespace}.
     *
     * @param template a pod that uninstalls on whatever node it is put to; JSON or YAML
     */
    public ClusterUninstall(KubernetesClient client, String namespace, String template) {
        this.client = client;
        this.namespace = namespace;
        this.template = client.getKubernetesSerialization().unmarshal(template, Pod.class);
    }

    /** All nodes. */
    public void run(String handler) throws InstallException {
        List<Node> nodes =
                client.nodes().withLabel(NodeMark.LABEL, "true").list().getItems();
        List<String> users = new ArrayList<>();
        for (Node node : nodes) {
            users.addAll(new NodeMark(client, node.getMetadata().getName()).users(handler));
        }
        if (!users.isEmpty()) {
            throw new InstallException("pods use " + handler + ": " + String.join(", ", users) + "; delete them first");
        }
        List<String> failed = new ArrayList<>();
        for (Node node : nodes) {
            String name = node.getMetadata().getName();
            String problem = uninstall(name);
            System.out.println("gvj-agent: " + name + ": " + (problem.isEmpty() ? "done" : problem));
            if (!problem.isEmpty()) {
                failed.add(name);
            }
        }
        if (!failed.isEmpty()) {
            throw new InstallException("not uninstalled on " + String.join(", ", failed));
        }
    }

    /** Answers what went wrong. */
    private String uninstall(String node) {
        Pod pod = new PodBuilder(template)
                .editMetadata()
                .withName(null)
                .withGenerateName("gvisor-java-uninstall-")
                .withNamespace(namespace)
                .endMetadata()
                .editSpec()
                .withNodeName(node)
                .withRestartPolicy("Never")
                .endSpec()
                .build();
        Pod made = client.pods().inNamespace(namespace).resource(pod).create();
        String name = made.getMetadata().getName();
        try {
            Pod ended = client.pods()
                    .inNamespace(namespace)
                    .withName(name)
                    .waitUntilCondition(ClusterUninstall::hasEnded, PATIENCE_MINUTES, TimeUnit.MINUTES);
            return ended != null && ended.getStatus().getPhase().equals("Succeeded")
                    ? ""
                    : client.pods()
                            .inNamespace(namespace)
                            .withName(name)
                            .getLog()
                            .strip();
        } catch (KubernetesClientException e) {
            return String.valueOf(e.getMessage());
        } finally {
            client.pods().inNamespace(namespace).withName(name).delete();
        }
    }

    private static boolean hasEnded(Pod pod) {
        String phase =
                pod == null || pod.getStatus() == null ? null : pod.getStatus().getPhase();
        return pod == null || "Succeeded".equals(phase) || "Failed".equals(phase);
    }
}
