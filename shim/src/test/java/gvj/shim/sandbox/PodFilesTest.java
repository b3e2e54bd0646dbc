package gvj.shim.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import gvj.boot.BootException;
import gvj.proto.cri.DNSConfig;
import gvj.proto.cri.PodSandboxConfig;
import gvj.runtime.Json;
import gvj.shim.api.RpcException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PodFilesTest {
    @TempDir
    Path pod;

    @TempDir
    Path container;

    private PodFiles files;

    @BeforeEach
    void make() {
        files = new PodFiles(pod.toString());
    }

    @AfterEach
    void unmount() {
        files.unmount();
    }

    @Test
    void theResolverIsThePods() throws Exception {
        PodSandboxConfig.Builder config = PodSandboxConfig.newBuilder()
                .setHostname("web-0")
                .setDnsConfig(DNSConfig.newBuilder()
                        .addServers("10.0.0.10")
                        .addServers("10.0.0.11")
                        .addSearches("a.svc")
                        .addSearches("svc")
                        .addOptions("ndots:5"));
        files.make(config.build());
        assertThat(pod.resolve("etc/resolv.conf"))
                .hasContent("search a.svc svc\nnameserver 10.0.0.10\nnameserver 10.0.0.11\noptions ndots:5\n");
        assertThat(pod.resolve("etc/hostname")).hasContent("web-0\n");
        assertThat(Files.readString(Path.of("/proc/self/mounts"))).contains(pod + "/shm tmpfs");
        files.unmount();
        assertThat(Files.readString(Path.of("/proc/self/mounts"))).doesNotContain(pod + "/shm");
    }

    @Test
    void withoutOneItIsTheHosts() throws Exception {
        files.make(PodSandboxConfig.getDefaultInstance());
        assertThat(pod.resolve("etc/resolv.conf")).hasSameTextualContentAs(Path.of("/etc/resolv.conf"));
        assertThat(pod.resolve("etc/hosts")).hasSameTextualContentAs(Path.of("/etc/hosts"));
    }

    @Test
    void aContainerGetsWhatItHasNot() throws Exception {
        assertThat(mounts("""
                {"ociVersion": "1.1.0", "root": {"readonly": true}, "x": [1, 2.5e3, null, "\\u00e4"], "mounts": [
                  {"destination": "/dev/shm", "type": "tmpfs", "source": "shm"},
                  {"destination": "/etc/hosts", "type": "bind", "source": "/kubelet/hosts"}]}"""))
                .containsEntry("/etc/hosts", "/kubelet/hosts")
                .containsEntry("/etc/hostname", pod + "/etc/hostname")
                .containsEntry("/etc/resolv.conf", pod + "/etc/resolv.conf")
                .containsEntry("/dev/shm", pod + "/shm")
                .hasSize(4);
        assertThat(container.resolve("config.json"))
                .content()
                .contains("\"x\":[1,2.5e3,null,")
                .contains("\"ro\"");
    }

    @Test
    void aVolumeThatIsMountedAtShmStays() throws Exception {
        assertThat(mounts(
                        "{\"mounts\": [{\"destination\": \"/dev/shm\", \"type\": \"bind\", \"source\": \"/volume\"}]}"))
                .containsEntry("/dev/shm", "/volume");
    }

    @Test
    void aConfigThatIsNoneIsRefused() throws Exception {
        Files.writeString(container.resolve("config.json"), "{\"mounts\": 5}");
        assertThatThrownBy(() -> files.addTo(container.toString()))
                .isInstanceOf(RpcException.class)
                .hasMessageContaining("mounts must be an array");
        assertThat(container.resolve("config.json")).hasContent("{\"mounts\": 5}");
    }

    /** The sources by destination. */
    private Map<String, String> mounts(String config) throws Exception {
        Path file = container.resolve("config.json");
        Files.writeString(file, config);
        files.addTo(container.toString());
        Map<String, String> sources = new LinkedHashMap<>();
        for (Json mount : parse(file).get("mounts").elements()) {
            sources.put(mount.get("destination").chars(""), mount.get("source").chars(""));
        }
        return sources;
    }

    private static Json parse(Path file) throws BootException, java.io.IOException {
        return Json.parse(file.toString(), Files.readAllBytes(file));
    }
}
