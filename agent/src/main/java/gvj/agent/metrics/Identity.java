package gvj.agent.metrics;

import gvj.boot.BootException;
import gvj.runtime.Json;

/**
 * Who a container is, from the annotations that containerd or CRI-O gave it.
 *
 * @param namespace the pod's; empty outside Kubernetes
 * @param pod its name; empty outside Kubernetes
 * @param container the name in the pod; for a pod's sandbox {@code POD}, outside Kubernetes the id
 * @param id the runtime's id
 */
record Identity(String namespace, String pod, String container, String id) {
    /** What the kubelet calls a pod's first container in its own metrics. */
    private static final String SANDBOX = "POD";

    static Identity of(String id, Json annotations) throws BootException {
        String namespace = first(annotations, "io.kubernetes.cri.sandbox-namespace", "io.kubernetes.pod.namespace");
        String pod = first(annotations, "io.kubernetes.cri.sandbox-name", "io.kubernetes.pod.name");
        String container = first(annotations, "io.kubernetes.cri.container-name", "io.kubernetes.container.name");
        if (container.isEmpty()) {
            container = pod.isEmpty() ? id : SANDBOX;
        }
        return new Identity(namespace, pod, container, id);
    }

    private static String first(Json annotations, String one, String other) throws BootException {
        String value = annotations.get(one).chars("");
        return value.isEmpty() ? annotations.get(other).chars("") : value;
    }
}
