package gvj.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** What the host may do to the processes of the systrap platform. Runs for that platform only: see pom.xml. */
@EnabledIfSystemProperty(named = "gvj.platform", matches = "systrap")
class StubsTest {
    /** The Sentry's children in the order in which they were made. */
    private static List<ProcessHandle> stubs(Process launcher) throws IOException {
        List<ProcessHandle> found = new ArrayList<>();
        Path tasks = Path.of("/proc/"
                + LeftoversTest.child(launcher, "gvj.runtime.SandboxMain").pid() + "/task");
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(tasks)) {
            for (Path thread : threads) {
                for (String pid : children(thread)) {
                    if (!pid.isEmpty()) {
                        ProcessHandle.of(Long.parseLong(pid)).ifPresent(found::add);
                    }
                }
            }
        }
        return found;
    }

    private static String[] children(Path thread) throws IOException {
        try {
            return Files.readString(thread.resolve("children")).split(" ");
        } catch (NoSuchFileException e) {
            return new String[0]; // the thread has ended
        }
    }

    @Test
    void aKilledFirstStubIsReported() throws Exception {
        Process launcher = LeftoversTest.running();
        List<ProcessHandle> all = launcher.descendants().toList();
        stubs(launcher).getFirst().destroyForcibly();
        LeftoversTest.assertFailure(launcher, "gvj: the Sentry ended by itself with status 125\n");
        LeftoversTest.assertAllGone(all);
    }

    /** Whatever a process does when its stub is killed, it alone ends, and with a line that says so. */
    @Test
    void aKilledStubEndsItsProcessOnly() throws Exception {
        String program = "echo ready; while :; do (trap : TERM; for i in {1..50}; do kill -TERM $BASHPID; done); done";
        Process launcher = Run.sandboxed("--", "bash", "-c", program).start();
        List<ProcessHandle> all;
        try {
            launcher.getInputStream().readNBytes(6);
            for (int i = 0; i < 20; i++) {
                stubs(launcher).getLast().destroyForcibly();
                Thread.sleep(50);
            }
            assertThat(launcher.isAlive()).isTrue();
        } finally {
            all = launcher.descendants().toList();
            launcher.toHandle().destroyForcibly(); // not destroy(): that closes the pipes, too
        }
        assertThat(new String(launcher.getErrorStream().readAllBytes(), StandardCharsets.US_ASCII))
                .contains("the host ended the process's stub with signal 9 (Killed)")
                .doesNotContain("internal error");
        LeftoversTest.assertAllGone(all);
    }
}
