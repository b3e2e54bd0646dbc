package gvj.e2e.docker;

import static org.assertj.core.api.Assertions.assertThat;

import gvj.e2e.Image;
import gvj.e2e.NothingLeft;
import gvj.e2e.PlatformCondition;
import gvj.e2e.Result;
import gvj.e2e.Run;
import gvj.e2e.oci.Runtime;
import gvj.e2e.oci.Work;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The tutorial's path: a daemon.json with logs and traces, hello, and what the logs then show. */
@ExtendWith({PlatformCondition.class, NothingLeft.class})
class DockerTutorialTest {
    @Test
    void logsShowWhatAContainerDid() throws IOException {
        Path logs = Work.directory(Work.temporary("logs"));
        try (DockerDaemon daemon = new DockerDaemon(Runtime.GVJ, "--debug-log=" + logs + "/", "--debug", "--strace")) {
            assertThat(daemon).isNotNull();
            DockerDaemon.load();
            Result hello = DockerDaemon.docker("run", "--rm", Image.BUSYBOX, "echo", "hello from the tutorial")
                    .run();
            assertThat(hello).isEqualTo(new Result(0, "hello from the tutorial\n", ""));
        }
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.list(logs)) {
            for (Path file : files.toList()) {
                assertThat(file.getFileName().toString()).startsWith("gvj.log.").endsWith(".txt");
                all.append(Work.read(file));
            }
        }
        assertThat(all).contains("brk(", "write(1, \"hello from the tutorial", "platform ");
    }

    /** examples/square: a system call from a plug-in, made by a Go program in a container. */
    @Test
    void aPlugInAddsASystemCall() throws IOException {
        Path built = Run.ROOT.resolve("build/square");
        Result made = Run.command(Run.ROOT.resolve("examples/square/try").toString(), "--platform=" + Run.PLATFORM)
                .timeout(300)
                .run();
        assertThat(made.status()).as(made.err()).isZero();
        Path volume = Work.directory(Work.temporary("volume"));
        Files.copy(built.resolve("square-go"), volume.resolve("square-go"));
        try (DockerDaemon daemon = new DockerDaemon(Runtime.GVJ, "--plugin-path=" + built.resolve("square.jar"))) {
            assertThat(daemon).isNotNull();
            DockerDaemon.load();
            Result result = DockerDaemon.docker("run", "--rm", "-v", volume + ":/go:ro", Image.BUSYBOX, "/go/square-go")
                    .run();
            assertThat(result).isEqualTo(new Result(0, "25\n", ""));
        }
    }
}
