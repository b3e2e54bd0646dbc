package gvj.shim.sandbox;

import gvj.proto.cri.LinuxContainerResources;
import gvj.proto.cri.LinuxPodSandboxConfig;
import gvj.proto.cri.LinuxSandboxSecurityContext;
import gvj.proto.cri.NamespaceMode;
import gvj.proto.cri.NamespaceOption;
import gvj.proto.cri.PodSandboxConfig;
import gvj.proto.sandbox.CreateSandboxRequest;
import gvj.shim.api.RpcException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The {@code config.json} of a pod's first container, from what CRI says of the pod. Its program is our own {@code pause}; nothing is
 * mounted in it, and nobody ever looks into it.
 */
final class PodBundle {
    private static final String OCI_VERSION = "1.1.0";
    private static final String PROGRAM = "/pause";
    /** Who containerd's pause image runs as. */
    private static final long NOBODY = 65535;

    private static final int OOM_SCORE = -998;
    private static final String PREFIX = "io.kubernetes.cri.";

    private final CreateSandboxRequest request;
    private final PodSandboxConfig pod;
    private final LinuxPodSandboxConfig linux;
    private final NamespaceOption namespaces;
    private final String namespace;

    /** Of the pod that {@code request} says; {@code namespace} is containerd's. */
    PodBundle(CreateSandboxRequest request, PodSandboxConfig pod, String namespace) throws RpcException {
        this.request = request;
        this.pod = pod;
        this.linux = pod.getLinux();
        this.namespaces = linux.getSecurityContext().getNamespaceOptions();
        this.namespace = namespace;
        check();
    }

    private void check() throws RpcException {
        if (namespaces.hasUsernsOptions() && namespaces.getUsernsOptions().getMode() == NamespaceMode.POD) {
            throw RpcException.invalidArgument(
                    "a pod with a user namespace needs containerd's sandboxer \"podsandbox\"");
        }
    }

    /** The whole document, as {@link gvj.runtime.JsonWriter} takes it. */
    Map<String, Object> config(String rootfs) {
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("ociVersion", OCI_VERSION);
        config.put("hostname", pod.getHostname());
        config.put("process", process());
        config.put("root", Map.of("path", rootfs, "readonly", true));
        config.put("mounts", List.of());
        config.put("annotations", annotations());
        Map<String, Object> rest = new LinkedHashMap<>();
        rest.put("cgroupsPath", cgroupsPath());
        rest.put("namespaces", namespaces());
        rest.put("sysctl", linux.getSysctlsMap());
        config.put("linux", rest);
        return config;
    }

    private Map<String, Object> process() {
        LinuxSandboxSecurityContext context = linux.getSecurityContext();
        Map<String, Object> process = new LinkedHashMap<>();
        process.put(
                "user",
                Map.of(
                        "uid",
                        context.hasRunAsUser() ? context.getRunAsUser().getValue() : NOBODY,
                        "gid",
                        context.hasRunAsGroup() ? context.getRunAsGroup().getValue() : NOBODY));
        process.put("args", List.of(PROGRAM));
        process.put("cwd", "/");
        process.put("noNewPrivileges", true);
        process.put("oomScoreAdj", OOM_SCORE);
        return process;
    }

    /** What is not listed is the host's. */
    private List<Map<String, String>> namespaces() {
        List<Map<String, String>> list = new ArrayList<>();
        list.add(Map.of("type", "mount"));
        if (namespaces.getNetwork() != NamespaceMode.NODE) {
            list.add(Map.of("type", "uts"));
            list.add(Map.of("type", "network", "path", request.getNetnsPath()));
        }
        if (namespaces.getPid() != NamespaceMode.NODE) {
            list.add(Map.of("type", "pid"));
        }
        if (namespaces.getIpc() != NamespaceMode.NODE) {
            list.add(Map.of("type", "ipc"));
        }
        return list;
    }

    private String cgroupsPath() {
        String parent = linux.getCgroupParent();
        String id = request.getSandboxId();
        if (parent.isEmpty()) {
            return "/" + namespace + "/" + id;
        }
        String slice = parent.substring(parent.lastIndexOf('/') + 1);
        return slice.endsWith(".slice") ? slice + ":cri-containerd:" + id : parent + "/" + id;
    }

    /**
     * What containerd would have written. The pod's own annotations are not among them: with this sandboxer containerd does not keep
     * back those that its {@code pod_annotations} do not name.
     */
    private Map<String, String> annotations() {
        Map<String, String> all = new LinkedHashMap<>(request.getAnnotationsMap());
        LinuxContainerResources resources = linux.getResources();
        all.put(PREFIX + "container-type", "sandbox");
        all.put(PREFIX + "sandbox-id", request.getSandboxId());
        all.put(PREFIX + "sandbox-name", pod.getMetadata().getName());
        all.put(PREFIX + "sandbox-namespace", pod.getMetadata().getNamespace());
        all.put(PREFIX + "sandbox-uid", pod.getMetadata().getUid());
        all.put(PREFIX + "sandbox-log-directory", pod.getLogDirectory());
        all.put(PREFIX + "sandbox-cpu-period", Long.toString(resources.getCpuPeriod()));
        all.put(PREFIX + "sandbox-cpu-quota", Long.toString(resources.getCpuQuota()));
        all.put(PREFIX + "sandbox-cpu-shares", Long.toString(resources.getCpuShares()));
        all.put(PREFIX + "sandbox-memory", Long.toString(resources.getMemoryLimitInBytes()));
        return all;
    }
}
