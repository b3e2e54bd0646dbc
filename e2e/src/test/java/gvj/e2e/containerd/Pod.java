package gvj.e2e.containerd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import gvj.e2e.Image;
import gvj.e2e.Network;
import gvj.e2e.oci.Work;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A pod that runs, made as the kubelet makes one. */
final class Pod {
    private static final AtomicInteger COUNT = new AtomicInteger();

    final String id;
    final Cri cri;
    final ObjectNode config;
    /** Where the containers' logs are. */
    final Path logs;

    /**
     * Starts one.
     *
     * @param change what is not as usual in its PodSandboxConfig
     */
    Pod(Cri cri, Handler handler, Consumer<ObjectNode> change) {
        this.cri = cri;
        String name = "pod" + COUNT.incrementAndGet();
        logs = Work.directory(Work.temporary("logs"));
        config = Work.JSON.createObjectNode();
        config.putObject("metadata").put("name", name).put("uid", name).put("namespace", "default");
        config.put("hostname", name).put("log_directory", logs.toString());
        ObjectNode linux = config.putObject("linux").put("cgroup_parent", "/" + Network.NAME);
        namespaces(linux).put("pid", "CONTAINER");
        change.accept(config);
        ObjectNode request = Work.JSON.createObjectNode().put("runtime_handler", handler.toString());
        request.set("config", config);
        id = cri.call("RunPodSandbox", request).path("pod_sandbox_id").asText();
    }

    private Pod(Pod other, Cri cri) {
        this.cri = cri;
        id = other.id;
        config = other.config;
        logs = other.logs;
    }

    /** The same pod by another connection. */
    Pod of(Cri connection) {
        return new Pod(this, connection);
    }

    /** The namespaces in the {@code linux} of a pod's or a container's configuration. */
    static ObjectNode namespaces(ObjectNode linux) {
        return linux.withObjectProperty("security_context").withObjectProperty("namespace_options");
    }

    /** Makes a container that will run a script with busybox's shell. */
    Container create(String name, String script, Consumer<ObjectNode> change) {
        ObjectNode container = Work.JSON.createObjectNode();
        container.putObject("metadata").put("name", name);
        container.putObject("image").put("image", Image.BUSYBOX);
        container.putArray("command").add("sh").add("-c").add(script);
        container.put("log_path", name + ".log");
        namespaces(container.putObject("linux")).put("pid", "CONTAINER");
        change.accept(container);
        ObjectNode request = Work.JSON.createObjectNode().put("pod_sandbox_id", id);
        request.set("config", container);
        request.set("sandbox_config", config);
        return new Container(
                this,
                name,
                cri.call("CreateContainer", request).path("container_id").asText());
    }

    /** Makes one and starts it. */
    Container start(String name, String script, Consumer<ObjectNode> change) {
        Container container = create(name, script, change);
        cri.call("StartContainer", "container_id", container.id());
        return container;
    }

    Container start(String name, String script) {
        return start(name, script, config -> {});
    }

    /** A mount for a container's configuration. */
    static void mount(ObjectNode container, Path source, String target, boolean readOnly) {
        container
                .withArrayProperty("mounts")
                .addObject()
                .put("host_path", source.toString())
                .put("container_path", target)
                .put("readonly", readOnly);
    }

    JsonNode status() {
        return cri.call("PodSandboxStatus", "pod_sandbox_id", id).path("status");
    }

    void stop() {
        cri.call("StopPodSandbox", "pod_sandbox_id", id);
    }

    void remove() {
        cri.call("RemovePodSandbox", "pod_sandbox_id", id);
    }
}
