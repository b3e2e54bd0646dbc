package gvj.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever dies, everything of the sandbox goes with it, and a person is told. */
@ExtendWith(PlatformCondition.class)
class LeftoversTest {
    private static final String ENDLESS = "echo ready; while :; do :; done & while :; do sleep 1; done";

    /** A sandbox whose program has said that it runs. */
    static Process running() throws IOException {
        Process process = Run.sandboxed("--", "sh", "-c", ENDLESS).start();
        assertThat(new String(process.getInputStream().readNBytes(6), StandardCharsets.US_ASCII))
                .isEqualTo("ready\n");
        return process;
    }

    static ProcessHandle child(Process launcher, String mainClass) throws IOException {
        for (ProcessHandle handle : launcher.children().toList()) {
            if (Files.readString(Path.of("/proc/" + handle.pid() + "/cmdline"), StandardCharsets.ISO_8859_1)
                    .contains(mainClass)) {
                return handle;
            }
        }
        throw new AssertionError("no child runs " + mainClass);
    }

    static void assertAllGone(List<ProcessHandle> processes) throws Exception {
        for (ProcessHandle process : processes) {
            process.onExit().get(10, TimeUnit.SECONDS);
            assertThat(process.isAlive()).isFalse();
        }
    }

    private static void kill(ProcessHandle process) {
        assertThat(process.destroyForcibly()).isTrue();
    }

    static void assertFailure(Process launcher, String line) throws Exception {
        assertThat(launcher.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(launcher.exitValue()).isEqualTo(125);
        assertThat(new String(launcher.getErrorStream().readAllBytes(), StandardCharsets.US_ASCII))
                .endsWith(line); // the program may have complained before
    }

    @Test
    void nothingOutlivesTheProgram() throws Exception {
        Process launcher = Run.sandboxed("--", "sh", "-c", "sleep 100 & sleep 100 & echo ready; sleep 0.5")
                .start();
        launcher.getInputStream().readNBytes(6);
        List<ProcessHandle> all = launcher.descendants().toList();
        assertThat(all).hasSizeGreaterThanOrEqualTo(2);
        assertThat(launcher.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertAllGone(all);
    }

    @Test
    void aKilledSentryIsReported() throws Exception {
        Process launcher = running();
        List<ProcessHandle> all = launcher.descendants().toList();
        kill(child(launcher, "gvj.runtime.SandboxMain"));
        assertFailure(launcher, "gvj: the Sentry died of signal 9 (Killed)\n");
        assertAllGone(all);
    }

    @Test
    void aKilledGoferIsReported() throws Exception {
        Process launcher = running();
        List<ProcessHandle> all = launcher.descendants().toList();
        kill(child(launcher, "gvj.gofer.Main"));
        assertFailure(launcher, "gvj: the gofer died of signal 9 (Killed)\n");
        assertAllGone(all);
    }

    @Test
    void aKilledLauncherTakesAllAlong() throws Exception {
        Process launcher = running();
        List<ProcessHandle> all = launcher.descendants().toList();
        kill(launcher.toHandle());
        assertAllGone(all);
    }

    @Test
    void aGoferKilledWhileFilesAreReadIsReported() throws Exception {
        String reader = "echo ready; while :; do cat /etc/* /usr/bin/* >/dev/null 2>&1; done";
        Process launcher = Run.sandboxed("--", "sh", "-c", reader).start();
        launcher.getInputStream().readNBytes(6);
        Thread.sleep(300);
        List<ProcessHandle> all = launcher.descendants().toList();
        kill(child(launcher, "gvj.gofer.Main"));
        assertFailure(launcher, "gvj: the gofer died of signal 9 (Killed)\n");
        assertAllGone(all);
    }

    @ParameterizedTest
    @CsvSource({"TERM, 143", "HUP, 129", "INT, 130"})
    void signalsOfTheLauncherReachTheProgram(String signal, int status) throws Exception {
        String program = "trap 'exit 130' INT; echo ready; while :; do :; done";
        Process launcher = Run.sandboxed("--", "sh", "-c", program).start();
        launcher.getInputStream().readNBytes(6);
        List<ProcessHandle> all = launcher.descendants().toList();
        Result sent =
                Run.command("kill", "-" + signal, Long.toString(launcher.pid())).run();
        assertThat(sent.status()).isZero();
        assertThat(launcher.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(launcher.exitValue()).isEqualTo(status);
        assertAllGone(all);
    }

    /** No mount and no file in /tmp outlives a sandbox, however it ends. */
    @Test
    void noMountAndNoFileIsLeft() throws Exception {
        List<String> mounts = Files.readAllLines(Path.of("/proc/self/mounts"));
        Set<String> files = ours();
        Process launcher = running();
        List<ProcessHandle> all = launcher.descendants().toList();
        kill(launcher.toHandle());
        assertAllGone(all);
        assertThat(Files.readAllLines(Path.of("/proc/self/mounts"))).isEqualTo(mounts);
        assertThat(files).containsAll(ours());
    }

    private static Set<String> ours() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/tmp"))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.contains("gvj") || name.startsWith("hs"))
                    .collect(Collectors.toSet());
        }
    }
}
