package gvj.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The launcher by itself, between a caller and JVMs that {@code e2e/stand-in-java.py} plays. Needs no /dev/kvm. */
class LauncherTest {
    @TempDir
    static Path home;

    private static String gvj;

    @BeforeAll
    static void install() throws IOException {
        Files.createDirectories(home.resolve("lib"));
        Path bin = Files.createDirectories(home.resolve("bin"));
        Path java = Files.createDirectories(home.resolve("jre/bin")).resolve("java");
        Files.copy(Path.of(Run.GVJ), bin.resolve("gvj"));
        Files.copy(Run.ROOT.resolve("e2e/stand-in-java.py"), java);
        assertThat(java.toFile().setExecutable(true)).isTrue();
        gvj = bin.resolve("gvj").toString();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "exit       | 7   | ''",
                "signaled   | 143 | ''",
                "failed     | 127 | ''",
                "last-words | 9   | ''",
                "die        | 125 | gvj: the Sentry died of signal 9 (Killed)",
                "leave      | 125 | gvj: the Sentry ended by itself with status 3",
            })
    void howTheSentryEndsIsHowTheLauncherEnds(String what, int status, String line) {
        Result result = Run.command(gvj, "--jail=off", "do", "--", what).run();
        assertThat(result.status()).isEqualTo(status);
        assertThat(result.err().strip()).isEqualTo(line);
    }

    @Test
    void argumentsArriveByteForByte() {
        Result result = Run.command(
                        gvj, "--jail=off", "do", "--root=/usr", "--env", "A=b c", "--", "x", "", "arguments")
                .run();
        assertThat(result.out()).isEqualTo("--jail=off|do|--root=/usr|--env|A=b c|--|x||arguments");
    }

    /** Boot message, control socket, two channels, /dev/kvm, and nothing of the caller's; a fixed environment. */
    @Test
    void childrenGetNothingElse() {
        Result result = Run.command(
                        "bash", "-c", "exec 7</etc/passwd 9<&0; SECRET=1 exec " + gvj + " --jail=off do -- descriptors")
                .run();
        int count = Files.isWritable(Path.of("/dev/kvm")) ? 5 : 4;
        assertThat(result.out()).isEqualTo(count + " ['LC_ALL', 'MALLOC_ARENA_MAX', 'TZ']\n");
    }

    @Test
    void signalsBecomeMessages() throws Exception {
        Process process = Run.command(gvj, "--jail=off", "do", "--", "signals").start();
        assertThat(process.getInputStream().readNBytes(6))
                .asString(StandardCharsets.US_ASCII)
                .isEqualTo("ready\n");
        for (String signal : new String[] {"USR1", "HUP"}) {
            Run.command("/bin/kill", "-" + signal, Long.toString(process.pid())).run();
            Thread.sleep(200); // two pending signals have no order
        }
        assertThat(process.waitFor()).isZero();
        assertThat(process.getInputStream().readAllBytes())
                .asString(StandardCharsets.US_ASCII)
                .isEqualTo("(1, 10, 0)\n(1, 1, 0)\n");
    }

    @Test
    void aBundleWithoutConfigIsNamed() {
        Result result = Run.command(gvj, "run", "--bundle=/no/such", "one").run();
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.err()).isEqualTo("gvj: cannot read the bundle /no/such: No such file or directory\n");
    }
}
