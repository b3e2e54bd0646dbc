package gvj.shim.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import gvj.boot.BootException;
import gvj.proto.cri.LinuxContainerResources;
import gvj.proto.cri.LinuxPodSandboxConfig;
import gvj.proto.cri.LinuxSandboxSecurityContext;
import gvj.proto.cri.NamespaceMode;
import gvj.proto.cri.NamespaceOption;
import gvj.proto.cri.PodSandboxConfig;
import gvj.proto.cri.PodSandboxMetadata;
import gvj.proto.cri.UserNamespace;
import gvj.proto.sandbox.CreateSandboxRequest;
import gvj.runtime.Json;
import gvj.runtime.JsonWriter;
import gvj.shim.api.RpcException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class PodBundleTest {
    private static final CreateSandboxRequest REQUEST = CreateSandboxRequest.newBuilder()
            .setSandboxId("pod1")
            .setNetnsPath("/run/netns/cni-1")
            .putAnnotations("dev.gvisor.flag.debug", "true")
            .build();

    @Test
    void aPodHasNamespacesOfItsOwn() throws Exception {
        Json config = config(linux -> {});
        assertThat(namespaces(config)).containsExactly("mount:", "uts:", "network:/run/netns/cni-1", "pid:", "ipc:");
        assertThat(config.get("root").get("path").chars("")).isEqualTo("/lib/pause");
        assertThat(config.get("hostname").chars("")).isEqualTo("web-0");
        assertThat(config.get("process").get("user").get("uid").integer(0, 0, 1 << 20))
                .isEqualTo(65535);
    }

    @Test
    void whatIsTheHostsIsNotListed() throws Exception {
        Json config = config(linux -> linux.setSecurityContext(with(NamespaceOption.newBuilder()
                .setNetwork(NamespaceMode.NODE)
                .setIpc(NamespaceMode.NODE)
                .setPid(NamespaceMode.NODE))));
        assertThat(namespaces(config)).containsExactly("mount:");
    }

    @Test
    void cgroupsAreBelowThePods() throws Exception {
        assertThat(cgroups("")).isEqualTo("/k8s.io/pod1");
        assertThat(cgroups("/kubepods/podX")).isEqualTo("/kubepods/podX/pod1");
        assertThat(cgroups("/kubepods.slice/kubepods-podX.slice")).isEqualTo("kubepods-podX.slice:cri-containerd:pod1");
    }

    @Test
    void annotationsAreTheOnesThatContainerdWouldWrite() throws Exception {
        Json annotations = config(linux -> linux.setResources(LinuxContainerResources.newBuilder()
                        .setCpuQuota(50_000)
                        .setCpuPeriod(100_000)
                        .setMemoryLimitInBytes(1 << 20)))
                .get("annotations");
        assertThat(annotations.get("io.kubernetes.cri.container-type").chars(""))
                .isEqualTo("sandbox");
        assertThat(annotations.get("io.kubernetes.cri.sandbox-id").chars("")).isEqualTo("pod1");
        assertThat(annotations.get("io.kubernetes.cri.sandbox-namespace").chars(""))
                .isEqualTo("shop");
        assertThat(annotations.get("io.kubernetes.cri.sandbox-cpu-quota").chars(""))
                .isEqualTo("50000");
        assertThat(annotations.get("io.kubernetes.cri.sandbox-memory").chars(""))
                .isEqualTo("1048576");
        assertThat(annotations.get("dev.gvisor.flag.debug").chars("")).isEqualTo("true");
    }

    @Test
    void aUserNamespaceIsRefused() {
        assertThatThrownBy(() -> config(linux -> linux.setSecurityContext(with(NamespaceOption.newBuilder()
                        .setUsernsOptions(UserNamespace.newBuilder().setMode(NamespaceMode.POD))))))
                .isInstanceOf(RpcException.class)
                .hasMessageContaining("podsandbox");
    }

    private static String cgroups(String parent) throws Exception {
        return config(linux -> linux.setCgroupParent(parent))
                .get("linux")
                .get("cgroupsPath")
                .chars("");
    }

    private static LinuxSandboxSecurityContext with(NamespaceOption.Builder namespaces) {
        return LinuxSandboxSecurityContext.newBuilder()
                .setNamespaceOptions(namespaces)
                .build();
    }

    private static Json config(Consumer<LinuxPodSandboxConfig.Builder> change) throws Exception {
        LinuxPodSandboxConfig.Builder linux = LinuxPodSandboxConfig.newBuilder();
        change.accept(linux);
        PodSandboxConfig.Builder pod = PodSandboxConfig.newBuilder()
                .setHostname("web-0")
                .setMetadata(PodSandboxMetadata.newBuilder()
                        .setName("web")
                        .setNamespace("shop")
                        .setUid("1-2-3"))
                .setLinux(linux);
        String text = JsonWriter.compact(new PodBundle(REQUEST, pod.build(), "k8s.io").config("/lib/pause"));
        return Json.parse("config.json", text.getBytes(StandardCharsets.UTF_8));
    }

    private static List<String> namespaces(Json config) throws BootException {
        List<String> names = new ArrayList<>();
        for (Json namespace : config.get("linux").get("namespaces").elements()) {
            names.add(namespace.get("type").chars("") + ":"
                    + namespace.get("path").chars(""));
        }
        return names;
    }
}
