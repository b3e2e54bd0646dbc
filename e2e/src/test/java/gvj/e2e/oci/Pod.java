package gvj.e2e.oci;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/** Containers as CRI's servers ask for them: a sandbox, and others in its network, UTS and IPC namespaces. */
final class Pod {
    private static final String TYPE = "io.kubernetes.cri.container-type";
    private static final String SANDBOX = "io.kubernetes.cri.sandbox-id";
    private static final Map<String, String> SHARED = Map.of("network", "net", "uts", "uts", "ipc", "ipc");

    final Container sandbox;

    private Pod(Container sandbox) {
        this.sandbox = sandbox;
    }

    /** A pod whose sandbox is created. */
    static Pod created(Container sandbox) {
        annotate(sandbox, "sandbox", sandbox.id);
        sandbox.create();
        return new Pod(sandbox);
    }

    /** A pod whose sandbox runs. */
    static Pod of(Container sandbox) {
        Pod pod = created(sandbox);
        sandbox.start();
        return pod;
    }

    /** A container becomes one of this pod, with a pid namespace of its own; it is not created yet. */
    Container add(Container container) {
        annotate(container, "container", sandbox.id);
        container.config.remove("hostname");
        long pid = sandbox.pid();
        for (Map.Entry<String, String> kind : SHARED.entrySet()) {
            namespace(container, kind.getKey()).put("path", "/proc/" + pid + "/ns/" + kind.getValue());
        }
        return container;
    }

    /** Gives {@code container} the pid namespace of {@code other}, which runs. */
    static Container sharePids(Container container, Container other) {
        namespace(container, "pid").put("path", "/proc/" + other.pid() + "/ns/pid");
        return container;
    }

    static void annotate(Container container, String type, String sandbox) {
        container.config.withObject("/annotations").put(TYPE, type).put(SANDBOX, sandbox);
    }

    static ObjectNode namespace(Container container, String type) {
        for (JsonNode one : container.linux().path("namespaces")) {
            if (one.path("type").asText().equals(type)) {
                return (ObjectNode) one;
            }
        }
        throw new AssertionError("no namespace of type " + type);
    }
}
