package gvj.shim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import gvj.host.Host;
import gvj.proto.runtime.BootstrapParams;
import gvj.proto.runtime.Extension;
import gvj.proto.runtime.Options;
import gvj.proto.task.DeleteResponse;
import gvj.proto.types.RuntimeInfo;
import gvj.shim.ShimProgram.Ended;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What containerd runs and reads: start, delete and -info of the installed program. A listening socket stands for a shim that lives. */
@Timeout(30)
class LauncherTest {
    @TempDir
    private Path directory;

    private Path bundle;
    private Path sockets;

    @BeforeEach
    void make() throws IOException {
        assumeThat(ShimProgram.INSTALLED).exists();
        bundle = Files.createDirectory(directory.resolve("bundle"));
        sockets = Files.createDirectory(directory.resolve("s"));
    }

    @Test
    void aContainerOfAPodFindsThePodsShim() throws Exception {
        config("io.kubernetes.cri.sandbox-id");
        Path path = Path.of(address("pod").substring("unix://".length()));
        try (UnixServer living = UnixServer.listen(path)) {
            Ended ended = start("one", bootstrap("root = '" + directory + "'"));
            assertThat(ended.text()).isEqualTo("unix://" + living.path());
            assertThat(ended.status()).isZero();
            assertThat(bundle.resolve("address")).hasContent(ended.text());
        }
    }

    @Test
    void criOsAnnotationsCountToo() throws Exception {
        config("io.kubernetes.cri-o.SandboxID");
        try (UnixServer living = UnixServer.listen(Path.of(address("pod").substring("unix://".length())))) {
            assertThat(start("one", bootstrap("")).text()).isEqualTo("unix://" + living.path());
        }
    }

    @Test
    void whatIsWrongIsTheOnlyThingSaid() throws Exception {
        Ended ended = start("one", bootstrap("[flags]\\nno-such-flag = true"));
        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.text())
                .isEqualTo("gvj: the runtime's options: line 2: gvj has no flag --no-such-flag for this file\n");
        assertThat(start("one", bootstrap("colour = 'red'")).text()).contains("unknown key colour");
        assertThat(start("a/b", bootstrap("")).text()).contains("invalid container id");
        assertThat(start("one", new byte[] {10, 100, 1}).text()).contains("malformed");
    }

    @Test
    void deletingNothingSucceeds() throws Exception {
        for (int i = 0; i < 2; i++) {
            Ended ended = run(
                    new byte[0], "-namespace", "test", "-id=one", "--bundle", bundle.toString(), "-debug", "delete");
            assertThat(ended.status()).isZero();
            DeleteResponse response = DeleteResponse.parseFrom(ended.output());
            assertThat(response.getExitStatus()).isEqualTo(137);
            assertThat(response.getExitedAt().getSeconds()).isPositive();
        }
    }

    @Test
    void aSocketThatNobodyServesGoesWithItsPod() throws Exception {
        Path stale = sockets.resolve("stale");
        UnixServer server = UnixServer.listen(stale);
        Files.writeString(
                bundle.resolve("shim.json"),
                "{\"root\":\"" + directory + "/root\",\"group\":\"pod\",\"socket\":\"" + stale + "\"}");
        run(new byte[0], "-namespace", "test", "-id", "pod", "-bundle", bundle.toString(), "delete");
        assertThat(stale).exists();
        Host.close(server.fd());
        run(new byte[0], "-namespace", "test", "-id", "one", "-bundle", bundle.toString(), "delete");
        assertThat(stale).exists();
        run(new byte[0], "-namespace", "test", "-id", "pod", "-bundle", bundle.toString(), "delete");
        assertThat(stale).doesNotExist();
    }

    @Test
    void itSaysWhatItIs() throws Exception {
        RuntimeInfo info = RuntimeInfo.parseFrom(run(new byte[0], "-info").output());
        assertThat(info.getName()).isEqualTo("io.containerd.gvisor-java.v1");
        assertThat(info.getVersion().getVersion()).isNotEmpty();
        assertThat(run(new byte[0], "-v").text()).startsWith("containerd-shim-gvisor-java-v1");
    }

    private void config(String annotation) throws IOException {
        Files.writeString(bundle.resolve("config.json"), "{\"annotations\":{\"" + annotation + "\":\"pod\"}}");
    }

    private String address(String group) throws Exception {
        String name = "/run/containerd.sock/test/" + group;
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
        return "unix://" + sockets.resolve(HexFormat.of().formatHex(digest));
    }

    private byte[] bootstrap(String toml) {
        Options options = Options.newBuilder()
                .setConfigBody(ByteString.copyFromUtf8(toml.replace("\\n", "\n")))
                .build();
        Any any = Any.newBuilder()
                .setTypeUrl("runtimeoptions.v1.Options")
                .setValue(options.toByteString())
                .build();
        return BootstrapParams.newBuilder()
                .setContainerdVersion("2.3.0")
                .setSocketDir(sockets.toString())
                .addExtensions(Extension.newBuilder().setValue(any))
                .build()
                .toByteArray();
    }

    private Ended start(String id, byte[] input) throws Exception {
        return run(input, "-namespace", "test", "-address", "/run/containerd.sock", "-id", id, "start");
    }

    private Ended run(byte[] input, String... arguments) throws Exception {
        Ended ended = ShimProgram.run(ShimProgram.INSTALLED, bundle, input, Map.of(), arguments);
        if (!ended.hasRead()) {
            assertThat(input).isNotEmpty(); // it had something to complain about before it read that
        }
        return ended;
    }
}
