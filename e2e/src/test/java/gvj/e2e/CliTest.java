package gvj.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code gvj} promises on its command line. */
class CliTest {
    @TempDir
    Path dir;

    private static String out(String... words) {
        Result result = Run.sandboxed(words).run();
        assertThat(result.status()).as(result.err()).isZero();
        return result.out();
    }

    @Test
    void helpAndVersionNeedNoSandbox() {
        assertThat(Run.gvj("--version").run().out()).matches("gvj version \\d+\\.\\d+\\.\\d+\nspec: 1\\.\\d+\\.\\d+\n");
        assertThat(Run.gvj("help").run().out()).contains("do ", "run ", "syscalls ");
        for (String command : List.of("do", "run", "syscalls")) {
            assertThat(Run.gvj(command, "--help").run().out()).startsWith("Usage: gvj " + command);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nonsense", "do --nope true", "do", "do --env=x true", "syscalls --format=xml"})
    void aWrongCommandLineIsOneLineAndStatus2(String line) {
        Result result = Run.gvj(line.split(" ")).in(bundle("true")).run();
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
        assertThat(result.err().lines()).hasSize(1);
        assertThat(result.err()).startsWith("gvj");
    }

    @Test
    void theTableComesInThreeFormats() {
        assertThat(Run.gvj("syscalls").run().out()).contains("getpid");
        assertThat(Run.gvj("syscalls", "--format=markdown").run().out()).contains("| `getpid` |");
        assertThat(Run.gvj("syscalls", "--format=json").run().out()).contains("\"name\": \"getpid\"");
    }

    @Test
    void aRootThatIsNotThereIsNamed() {
        Result result = Run.sandboxed("--root=/no/such", "--", "true").run();
        assertThat(result.status()).isEqualTo(125);
        assertThat(result.err()).isEqualTo("gvj: cannot serve /no/such to the sandbox: No such file or directory\n");
    }

    @Test
    @ExtendWith(PlatformCondition.class)
    void theStatusIsTheProgramsOwn() {
        assertThat(Run.sandboxed("--", "sh", "-c", "exit 42").run().status()).isEqualTo(42);
        assertThat(Run.sandboxed("--", "sh", "-c", "kill -9 $$").run().status()).isEqualTo(137);
        assertThat(Run.sandboxed("--", "/no/such").run().status()).isEqualTo(127);
        assertThat(Run.sandboxed("--", "/etc/passwd").run().status()).isEqualTo(126);
    }

    @Test
    void autoSaysWhatItChose() {
        Result result = Run.gvj("do", "--debug", "--", "echo", "hi").run();
        assertThat(result.out()).as(result.err()).isEqualTo("hi\n");
        assertThat(result.err()).containsPattern("(?m)^gvj: platform (kvm|systrap): ");
    }

    /** With something else in the place of /dev/kvm, in a mount namespace of its own. */
    @Test
    void aMachineWithoutKvmNeedsNone() {
        Result result = withoutKvm("--platform=auto");
        assertThat(result.out()).as(result.err()).isEqualTo("hi\n");
        assertThat(result.err()).contains("gvj: platform kvm is passed over: ", "gvj: platform systrap: ");
        result = withoutKvm("--platform=kvm");
        assertThat(result.status()).isEqualTo(125);
        assertThat(result.err().lines().filter(line -> line.contains("--platform=kvm: ")))
                .as(result.err())
                .hasSize(1);
    }

    private static Result withoutKvm(String option) {
        String command =
                "mount --bind /dev/null /dev/kvm 2>/dev/null; exec " + Run.GVJ + " do --debug " + option + " echo hi";
        return Run.command("unshare", "-m", "sh", "-c", command).run();
    }

    @Test
    @ExtendWith(PlatformCondition.class)
    void codeMayBeKeptAsItIs() {
        assertThat(out("--keep-code", "--", "sh", "-c", "echo hi; exec cat /etc/hostname"))
                .startsWith("hi\n");
    }

    @Test
    @ExtendWith(PlatformCondition.class)
    void optionsReachTheProgram() throws IOException {
        assertThat(out("--env", "A=1", "--env=B=x y", "--", "sh", "-c", "echo $A $B"))
                .isEqualTo("1 x y\n");
        assertThat(out("--cwd=/usr", "--", "pwd")).isEqualTo("/usr\n");
        assertThat(out("--hostname=box", "--", "uname", "-n")).isEqualTo("box\n");
        assertThat(out("--user=12:34", "--", "sh", "-c", "id -u; id -g")).isEqualTo("12\n34\n");
        assertThat(out("--user=daemon", "--", "id", "-un")).isEqualTo("daemon\n");
        assertThat(out("--", "printf", "%s|", "a b", "", "\u00ff")).startsWith("a b||");
        Files.createDirectories(dir.resolve("bin"));
        Files.copy(Path.of("/bin/busybox"), dir.resolve("bin/busybox"));
        assertThat(out("--root=" + dir, "--cwd=/", "--", "/bin/busybox", "ls", "/bin"))
                .isEqualTo("busybox\n");
    }

    @Test
    @ExtendWith(PlatformCondition.class)
    void volumesAreShownAndWritten() throws IOException {
        Files.writeString(dir.resolve("in"), "from the host\n");
        assertThat(out("--volume=" + dir + ":/mnt", "--", "sh", "-c", "cat /mnt/in; echo back >/mnt/out"))
                .isEqualTo("from the host\n");
        assertThat(Files.readString(dir.resolve("out"))).isEqualTo("back\n");
        Result refused = Run.sandboxed("--volume=" + dir + ":/mnt:ro", "--", "sh", "-c", "echo no >/mnt/out")
                .run();
        assertThat(refused.status()).isNotZero();
        assertThat(refused.err()).contains("Read-only file system");
        assertThat(Files.readString(dir.resolve("out"))).isEqualTo("back\n");
    }

    @Test
    @ExtendWith(PlatformCondition.class)
    void theHostIsNotWritten() {
        Path file = dir.resolve("new");
        assertThat(out("--", "sh", "-c", "echo x >" + file + "; cat " + file)).isEqualTo("x\n");
        assertThat(file).doesNotExist();
    }

    @Test
    @ExtendWith(PlatformCondition.class)
    void pipesCarryData() {
        String text = "0123456789abcdef\n".repeat(100_000);
        assertThat(Run.sandboxed("--", "cat").input(text).run().out()).isEqualTo(text);
    }

    @Test
    @ExtendWith(PlatformCondition.class)
    void aTraceShowsCallsAndACountEndsTheRun() throws IOException {
        Result traced = Run.sandboxed("--strace-syscalls=openat", "--", "cat", "/etc/hostname")
                .run();
        assertThat(traced.err())
                .contains("openat(")
                .contains("\"/etc/hostname\"")
                .doesNotContain("read(");
        Result counted = Run.sandboxed("--stats", "--", "true").run();
        assertThat(counted.err()).contains("system calls").contains("mmap");
        out("--debug", "--strace", "--debug-log=" + dir + "/logs/", "--", "true");
        try (Stream<Path> logs = Files.list(dir.resolve("logs"))) {
            assertThat(logs.map(log -> log.getFileName().toString().replaceAll("\\d", "N")))
                    .containsExactlyInAnyOrder(
                            "gvj.log.NNNNNNNN-NNNNNN.NNNNNN.boot.txt", "gvj.log.NNNNNNNN-NNNNNN.NNNNNN.gofer.txt");
        }
        out("--strace", "--debug-log=" + dir + "/x-%COMMAND%.log", "--", "true");
        assertThat(dir.resolve("x-boot.log")).content().contains("mmap(");
    }

    @Test
    @ExtendWith(PlatformCondition.class)
    void theAotCachesFit() {
        Result result = Run.gvj("--aot=on", "do", "--platform=" + Run.PLATFORM, "--", "echo", "hi")
                .run();
        assertThat(result).isEqualTo(new Result(0, "hi\n", ""));
    }

    /** A second after the start memory goes back; what comes back is what was there. */
    @Test
    @ExtendWith(PlatformCondition.class)
    void aSandboxGoesOnAfterItsStart() {
        Result result = Run.sandboxed("--debug", "--", "sh", "-c", "sleep 2; ls -d /etc; exit 3")
                .run();
        assertThat(result.out()).isEqualTo("/etc\n");
        assertThat(result.err()).contains("MiB that only starting needed");
        assertThat(result.status()).isEqualTo(3);
    }

    @Test
    @ExtendWith(PlatformCondition.class)
    void aBundleRuns() {
        Result result = Run.gvj(
                        "run", "--platform=" + Run.PLATFORM, "--bundle=" + bundle("id -u; hostname; pwd"), "one")
                .run();
        assertThat(result).isEqualTo(new Result(0, "3\nboxed\n/tmp\n", ""));
    }

    @Test
    @ExtendWith(PlatformCondition.class)
    void signalsAreForwarded() throws Exception {
        Process process = Run.sandboxed(
                        "--", "sh", "-c", "trap 'echo got; exit 5' TERM; echo ready; while :; do sleep 0.1; done")
                .start();
        byte[] ready = process.getInputStream().readNBytes(6);
        assertThat(new String(ready, java.nio.charset.StandardCharsets.US_ASCII))
                .isEqualTo("ready\n");
        // not destroy(): that closes the pipes, too
        Run.command("/bin/kill", Long.toString(process.pid())).run();
        assertThat(process.waitFor()).isEqualTo(5);
        assertThat(new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.US_ASCII))
                .isEqualTo("got\n");
    }

    /** A bundle whose process is a busybox shell that runs {@code script}. */
    private Path bundle(String script) {
        try {
            Path bin = Files.createDirectories(dir.resolve("rootfs/bin"));
            Files.createDirectories(dir.resolve("rootfs/tmp"));
            if (Files.notExists(bin.resolve("busybox"))) {
                Files.copy(Path.of("/bin/busybox"), bin.resolve("busybox"));
            }
            String busybox = script.replaceAll("(^|; )(id|hostname)", "$1/bin/busybox $2");
            Files.writeString(dir.resolve("config.json"), """
                    {"ociVersion": "1.2.0", "hostname": "boxed", "root": {"path": "rootfs"},
                     "process": {"args": ["/bin/busybox", "sh", "-c", "SCRIPT"], "cwd": "/tmp",
                       "env": ["PATH=/bin"], "user": {"uid": 3, "gid": 4}},
                     "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"}]}
                    """.replace("SCRIPT", busybox));
            return dir;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
