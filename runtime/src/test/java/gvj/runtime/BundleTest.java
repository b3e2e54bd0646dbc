package gvj.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import gvj.boot.BootException;
import gvj.boot.BootSpec;
import gvj.boot.MountSpec;
import gvj.boot.ProcessSpec;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class BundleTest {
    private static final String PROCESS = """
            "process": {"args": ["/bin/sh", "-c", "id"], "env": ["A=1"], "cwd": "/", "user": {"uid": 5, "gid": 6,
              "additionalGids": [7]}, "terminal": true}""";

    private static Bundle bundle(String members) throws BootException {
        return Bundle.parse("/b", ("{" + members + "}").getBytes(StandardCharsets.UTF_8));
    }

    private static BootSpec spec(String members) throws BootException, UsageException {
        return bundle(members).spec(Options.parse(Command.RUN, List.of()), BootMessageTest.message());
    }

    @Test
    void aBundleBecomesABootSpec() throws Exception {
        String members = PROCESS + ", \"hostname\": \"h\", \"root\": {\"path\": \"rootfs\", \"readonly\": true}";
        BootSpec spec = spec(members);
        assertThat(spec.process().args()).containsExactly("/bin/sh", "-c", "id");
        assertThat(spec.process().env()).containsExactly("A=1");
        assertThat(spec.process().user()).isEqualTo(new ProcessSpec.User("", 5, 6, List.of(7), 0022));
        assertThat(spec.hostname()).isEqualTo("h");
        assertThat(spec.process().terminal().rows()).isEqualTo(24);
        assertThat(spec.mounts()).containsExactly(MountSpec.gofer("/", 0, true, false));
        assertThat(bundle(members).trees()).containsExactly("ro /b/rootfs");
    }

    @Test
    void mountsAreTheGofersOrTheSentrys() throws Exception {
        Bundle bundle = bundle(PROCESS + """
                , "root": {"path": "/r"}, "mounts": [
                  {"destination": "/proc", "type": "proc", "source": "proc"},
                  {"destination": "/dev", "type": "tmpfs", "options": ["nosuid", "mode=755", "size=64k"]},
                  {"destination": "/data", "source": "/host", "options": ["rbind", "ro"]}]""");
        List<MountSpec> mounts = bundle.spec(Options.parse(Command.RUN, List.of()), BootMessageTest.message())
                .mounts();
        assertThat(mounts)
                .containsExactly(
                        MountSpec.gofer("/", 0, false, false),
                        MountSpec.internal("/proc", "proc", ""),
                        MountSpec.internal("/dev", "devtmpfs", "mode=755,size=64k"),
                        MountSpec.gofer("/data", 1, true, false));
        assertThat(bundle.trees()).containsExactly("rw /r", "ro /host");
    }

    @Test
    void whatIsWrongIsNamedByItsPath() {
        String root = ", \"root\": {\"path\": \"r\"}";
        assertThatThrownBy(() -> spec(PROCESS)).hasMessage("/b/config.json: root is missing");
        assertThatThrownBy(() -> spec("\"root\": {\"path\": \"r\"}")).hasMessage("/b/config.json: process is missing");
        assertThatThrownBy(() -> spec("\"process\": {\"args\": []}" + root))
                .hasMessage("/b/config.json: process.args must name a program");
        assertThatThrownBy(() -> spec("\"process\": {\"args\": [\"a\"], \"cwd\": \"x\"}" + root))
                .hasMessage("/b/config.json: process.cwd must be an absolute path");
        assertThatThrownBy(() -> spec(PROCESS + root + ", \"mounts\": [{\"destination\": \"/x\", \"type\": \"zfs\"}]"))
                .hasMessage("/b/config.json: mounts[0].type is \"zfs\", which is no file system of the Sentry");
    }
}
