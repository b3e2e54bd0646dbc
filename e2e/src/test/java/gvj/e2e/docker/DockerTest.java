package gvj.e2e.docker;

import static org.assertj.core.api.Assertions.assertThat;

import gvj.e2e.Image;
import gvj.e2e.NothingLeft;
import gvj.e2e.PlatformCondition;
import gvj.e2e.Result;
import gvj.e2e.Run;
import gvj.e2e.oci.Runtime;
import gvj.e2e.oci.Runtimes;
import gvj.e2e.oci.Work;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ArgumentsSource;

/** Base of the tests with a dockerd: one for each runtime, and each test's containers go when it ends. */
@ParameterizedClass(name = "{0}", allowZeroInvocations = true)
@ArgumentsSource(Runtimes.Named.class)
@ExtendWith({PlatformCondition.class, NothingLeft.class})
abstract class DockerTest {
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static DockerDaemon daemon;

    @Parameter
    Runtime runtime;

    /** A name for this test's container. */
    String name;
    /** A new directory on the host. */
    Path volume;

    @BeforeParameterizedClassInvocation
    static void startDaemon(Runtime runtime) {
        daemon = new DockerDaemon(runtime);
        DockerDaemon.load();
    }

    @AfterParameterizedClassInvocation
    static void stopDaemon() {
        if (daemon != null) {
            daemon.close();
            daemon = null;
        }
    }

    @BeforeEach
    void names() {
        name = "c" + COUNT.incrementAndGet();
        volume = Work.directory(Work.temporary("volume"));
    }

    @AfterEach
    void removeContainers() {
        docker("ps", "-aq").out().lines().forEach(id -> docker("rm", "-fv", id));
    }

    static Result docker(String... words) {
        return DockerDaemon.docker(words).run();
    }

    /** A command that has to succeed: its output. */
    static String out(String... words) {
        Result result = docker(words);
        assertThat(result.status())
                .as("docker " + String.join(" ", words) + ": " + result.out() + result.err())
                .isZero();
        return result.out();
    }

    /** {@code docker run --rm} with these options, and a shell of the busybox image that runs the script. */
    static Result run(String script, String... options) {
        List<String> words = new ArrayList<>(List.of("run", "--rm"));
        words.addAll(List.of(options));
        words.addAll(List.of(Image.BUSYBOX, "sh", "-c", script));
        return docker(words.toArray(String[]::new));
    }

    /** The same, for its output. */
    static String print(String script, String... options) {
        Result result = run(script, options);
        assertThat(result.status()).as(result.out() + result.err()).isZero();
        return result.out();
    }

    /** Starts a container of this test's name that runs the script in the background. */
    void detached(String script, String... options) {
        List<String> words = new ArrayList<>(List.of("run", "--detach", "--name", name));
        words.addAll(List.of(options));
        words.addAll(List.of(Image.BUSYBOX, "sh", "-c", script));
        out(words.toArray(String[]::new));
    }

    /** A field of {@code docker inspect}. */
    String inspect(String field) {
        return out("inspect", "--format", "{{" + field + "}}", name).strip();
    }

    String logs() {
        Result result = docker("logs", name);
        return result.out() + result.err();
    }

    /** Waits until the container has written this. */
    void awaitLog(String text) {
        Work.until(text, () -> logs().contains(text));
    }

    /** Follows steps at a terminal: see {@code e2e/terminal.py}. */
    static void terminal(List<String> docker, String... steps) {
        List<String> command = new ArrayList<>(
                List.of("/usr/bin/python3", Run.ROOT.resolve("e2e/terminal.py").toString()));
        command.addAll(docker);
        Result result = Run.command(command.toArray(String[]::new))
                .input(String.join("\n", steps))
                .with("TERM", "xterm")
                .run();
        assertThat(result.status()).as(result.out() + result.err()).isZero();
    }
}
