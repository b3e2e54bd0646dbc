package gvj.agent.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import gvj.agent.install.ContainerdConfig.Runtime;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContainerdConfigTest {
    private static final Runtime RUNTIME = new Runtime("gvisor-java", "", "/etc/containerd/gvisor-java.toml");

    @ParameterizedTest
    @CsvSource({
        "1.6, 1, io.containerd.grpc.v1.cri",
        "1.7, 1, io.containerd.grpc.v1.cri",
        "2, 2, io.containerd.cri.v1.runtime"
    })
    void theDefaultsOfEachVersionGetABlockAndLoseIt(String version, int major, String plugin) throws Exception {
        String before = defaults(version);
        String after = ContainerdConfig.add(before, RUNTIME, major);
        assertThat(after).startsWith(before).contains("[plugins.\"" + plugin + "\".containerd.runtimes.gvisor-java]\n");
        assertThat(TomlScan.of(after).value("plugins", plugin, "containerd", "runtimes", "gvisor-java", "runtime_type"))
                .isEqualTo("\"io.containerd.gvisor-java.v1\"");
        assertThat(ContainerdConfig.add(after, RUNTIME, major)).isEqualTo(after);
        assertThat(ContainerdConfig.remove(after)).isEqualTo(before);
    }

    @Test
    void aNewBlockReplacesAnOlderOne() throws Exception {
        String older = ContainerdConfig.add("version = 2\n", RUNTIME, 1);
        String newer = ContainerdConfig.add(older, new Runtime("other", "/opt/shim", "/etc/x.toml"), 1);
        assertThat(newer)
                .contains("runtimes.other]", "runtime_path = \"/opt/shim\"")
                .doesNotContain("gvisor-java]");
    }

    @Test
    void aFileThatIsNotThereIsMade() throws Exception {
        assertThat(ContainerdConfig.add("", RUNTIME, 1)).contains("\nversion = 2\n", "io.containerd.grpc.v1.cri");
        String made = ContainerdConfig.add("", RUNTIME, 2);
        assertThat(made).contains("\nversion = 3\n", "sandboxer");
        assertThat(ContainerdConfig.remove(made)).isEmpty();
    }

    @Test
    void whatTheUserWroteAfterTheBlockStays() throws Exception {
        String text = ContainerdConfig.add("version = 2 # ours\n[debug]\n  level = \"info\"", RUNTIME, 1)
                + "[metrics]\n  address = \"\"\n";
        assertThat(ContainerdConfig.remove(text))
                .isEqualTo("version = 2 # ours\n[debug]\n  level = \"info\"\n[metrics]\n  address = \"\"\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "disabled_plugins = [\"cri\"]",
                "disabled_plugins = [\"cri\"]\nversion = 2",
                "version = 1",
                "version = 3",
                "version = 2\n[plugins.'io.containerd.grpc.v1.cri'.containerd.runtimes.gvisor-java]\n",
                "version = 2\n[plugins.'io.containerd.grpc.v1.cri'.containerd]\nruntimes = {}\n",
                "version = 2\nplugins.'io.containerd.grpc.v1.cri'.containerd.runtimes.runc.runtime_type = 'x'\n",
                "version = 2\n[[plugins.'io.containerd.grpc.v1.cri'.containerd]]\n",
                "version = 2\n[plugins\n",
                "version = 2\na = \"\"\"never ends\n",
                "version = 2\na = [1,\n",
                "version = 2\na = \n",
                "root = '/x'",
                "version = 2\n# ---- gvisor-java: end ----\n",
            })
    void whatItCannotEditSafelyIsRefused(String text) {
        assertThatThrownBy(() -> ContainerdConfig.add(text, RUNTIME, 1)).isInstanceOf(InstallException.class);
    }

    @Test
    void textThatOnlyLooksLikeATableIsNone() throws Exception {
        String text =
                "version = 2\na = '''\n[plugins.'io.containerd.grpc.v1.cri'.containerd.runtimes.gvisor-java]\n'''\n"
                        + "b = [ # [x]\n  \"]\", { c = 1 } ]\n# [d]\ne = \"\\\"[\" # f\n";
        TomlScan scan = TomlScan.of(text);
        assertThat(scan.tables).isEmpty();
        assertThat(scan.keys).extracting(key -> key.path().getFirst()).containsExactly("version", "a", "b", "e");
        assertThat(ContainerdConfig.remove(ContainerdConfig.add(text, RUNTIME, 1)))
                .isEqualTo(text);
    }

    static String defaults(String version) throws IOException {
        try (InputStream in =
                ContainerdConfigTest.class.getResourceAsStream("/containerd/default-" + version + ".toml")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
