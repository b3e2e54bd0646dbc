package gvj.shim.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import gvj.host.Host;
import gvj.shim.Scripts;
import gvj.shim.StandInGvj;
import gvj.shim.api.RpcException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Programs of the host have what they are to have and nothing else; what they complain about is what is answered. */
@Timeout(20)
class ProgramsTest {
    @TempDir
    private Path directory;

    private static Programs.Result sh(String script) throws RpcException {
        return Programs.run(List.of("/bin/sh", "-c", script), Descriptors.NONE);
    }

    // ---- Programs ----

    @Test
    void theirEndIsTheirStatus() throws Exception {
        assertThat(sh("exit 3").status()).isEqualTo(3);
        assertThat(sh("kill -TERM $$").status()).isEqualTo(128 + 15);
        assertThatThrownBy(() -> Programs.run(List.of("/no/such/program"), Descriptors.NONE))
                .isInstanceOf(RpcException.class)
                .hasMessage("cannot start /no/such/program: no such file or directory");
        assertThatThrownBy(() -> Programs.run(List.of("/etc/passwd"), Descriptors.NONE))
                .hasMessage("cannot start /etc/passwd: permission denied");
    }

    @Test
    void bothOutputsAreOneInTheirOrder() throws Exception {
        assertThat(sh("echo one; echo two >&2; echo three").output()).isEqualTo("one\ntwo\nthree\n");
        assertThat(sh("head -c 100000 /dev/zero").output()).hasSize(64 * 1024);
    }

    @Test
    void theirInputIsTheDescriptorOrNothing() throws Exception {
        assertThat(sh("cat").output()).isEmpty();
        int file = Descriptors.memory("input", "text".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        assertThat(Programs.run(List.of("/bin/cat"), file).output()).isEqualTo("text");
        Host.close(file);
    }

    @Test
    void theyInheritNothing() throws Exception {
        try (var open = Files.newInputStream(Path.of("/etc/passwd"))) {
            assertThat(open.available()).isPositive();
            assertThat(sh("ls /proc/self/fd").output().lines().toList())
                    .containsExactly("0", "1", "2", "3"); // ls's own
        }
        assertThat(sh("env").output().lines().map(line -> line.substring(0, line.indexOf('='))))
                .containsOnly("PATH", "PWD");
        // of the signals that a JVM handles, blocks or ignores, none is blocked or ignored; 32 and above are the C
        // library's
        assertThat(sh("grep -E '^Sig(Blk|Ign)' /proc/self/status").output())
                .matches("SigBlk:\t0{16}\nSigIgn:\t[0-9a-f]{8}[08]0{7}\n");
        // who is in another process group is not hit by what is meant for ours
        assertThat(sh("ps -o pgid= -p $$ | tr -d ' '; echo $$").output().lines().distinct())
                .hasSize(1);
    }

    // ---- Gvj ----

    @Test
    void whatCreateLogsLastIsItsFailure() throws Exception {
        Path bundle = Files.createDirectory(directory.resolve("bundle"));
        String log = bundle + "/log.json";
        Gvj gvj = gvj("""
                echo '{"level":"warning","msg":"a warning"}' >LOG
                echo '{"level":"error","msg":"first"}' >>LOG
                echo '{"level":"error","msg":"second: \\\\"quoted\\\\""}' >>LOG
                exit 1""".replace("LOG", log));
        Files.writeString(Path.of(log), "{\"level\":\"error\",\"msg\":\"of another time\"}\n");
        assertThatThrownBy(() -> gvj.create("one", bundle.toString(), null, new int[0]))
                .isInstanceOf(RpcException.class)
                .hasMessage("second: \"quoted\"");
    }

    @Test
    void oneThatLogsNothingHasAStatus() throws Exception {
        Path bundle = Files.createDirectory(directory.resolve("bundle"));
        Files.writeString(bundle.resolve("log.json"), "{\"level\":\"error\",\"msg\":\"of another time\"}\n");
        assertThatThrownBy(() -> gvj("exit 125").create("one", bundle.toString(), null, new int[0]))
                .hasMessage("gvj create ended with status 125");
        assertThatThrownBy(() -> gvj("echo nonsense >" + bundle + "/log.json; exit 1")
                        .create("one", bundle.toString(), null, new int[0]))
                .hasMessage("gvj create ended with status 1");
        assertThatThrownBy(() -> gvj("exit 0").create("one", bundle.toString(), null, new int[0]))
                .hasMessageStartingWith("gvj create wrote no process id");
    }

    @Test
    void whatAnyOtherCommandPrintsIsItsFailure() throws Exception {
        assertFailure("echo 'gvj: container is busy' >&2; exit 1", RpcException.Code.UNKNOWN, "container is busy");
        assertFailure("exit 9", RpcException.Code.UNKNOWN, "gvj start ended with status 9");
        assertFailure(
                "echo 'gvj: container does not exist: one'; exit 1",
                RpcException.Code.NOT_FOUND,
                "container does not exist: one");
        assertFailure(
                "echo 'gvj: container not running: one'; exit 1",
                RpcException.Code.NOT_FOUND,
                "container not running: one");
    }

    private void assertFailure(String script, RpcException.Code code, String message) throws Exception {
        Gvj gvj = gvj(script);
        assertThatThrownBy(() -> gvj.run("start", "one"))
                .hasMessage(message)
                .extracting(e -> ((RpcException) e).code())
                .isEqualTo(code);
    }

    /** With a program that is this script. */
    private Gvj gvj(String script) throws Exception {
        Path place = Files.createTempDirectory(directory, "gvj");
        StandInGvj context = new StandInGvj(place);
        Scripts.program(Path.of(context.gvj()), script);
        return new Gvj(context);
    }
}
