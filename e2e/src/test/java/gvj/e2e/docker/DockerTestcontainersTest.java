package gvj.e2e.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import gvj.e2e.Image;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.BindMode;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.output.OutputFrame;
import org.testcontainers.containers.startupcheck.OneShotStartupCheckStrategy;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.utility.DockerImageName;

/** Docker as test suites use it: Testcontainers, with the runtime set for each container. */
class DockerTestcontainersTest extends DockerTest {
    /** When the JVM ends, Testcontainers looks for containers of its own once more; by then the dockerd is gone, too. */
    @AfterAll
    static void nobodyIsAskedAtTheEnd() {
        Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> {
            if (Stream.of(thrown.getStackTrace())
                    .noneMatch(frame -> frame.getClassName().contains("ResourceReaper"))) {
                thrown.printStackTrace();
            }
        });
    }

    /** Connections to the dockerd of the runtime before are still in the client's pool: a ping finds each of them broken. */
    @BeforeEach
    void forgetTheDaemonBefore() {
        int broken = 0;
        while (!isReached()) {
            assertThat(++broken).as("connections to a dockerd that is gone").isLessThan(100);
        }
    }

    private static boolean isReached() {
        try {
            DockerClientFactory.instance().client().pingCmd().exec();
            return true;
        } catch (RuntimeException e) {
            return false;
        }
    }

    /** A container of a local image under the runtime of this run. */
    private GenericContainer<?> container(String image) {
        return new GenericContainer<>(DockerImageName.parse(image))
                .withCreateContainerCmdModifier(
                        command -> command.getHostConfig().withRuntime(runtime.toString()))
                .withStartupTimeout(Duration.ofSeconds(30));
    }

    private GenericContainer<?> shell(String script) {
        return container(Image.BUSYBOX).withCommand("sh", "-c", script);
    }

    private GenericContainer<?> once(String script) {
        return shell(script)
                .withStartupCheckStrategy(new OneShotStartupCheckStrategy().withTimeout(Duration.ofSeconds(30)));
    }

    @Test
    void theRuntimeIsTheContainers() {
        try (GenericContainer<?> container = shell("exec sleep 100")) {
            container.start();
            assertThat(container.getCurrentContainerInfo().getHostConfig().getRuntime())
                    .isEqualTo(runtime.toString());
        }
    }

    @Test
    void oneShot() {
        try (GenericContainer<?> container = once("echo hello; echo err >&2")) {
            container.start();
            assertThat(container.getLogs(OutputFrame.OutputType.STDOUT)).isEqualTo("hello\n");
            assertThat(container.getLogs(OutputFrame.OutputType.STDERR)).isEqualTo("err\n");
        }
    }

    @Test
    void aFailingOneShotFails() {
        try (GenericContainer<?> container = once("exit 3")) {
            assertThatThrownBy(container::start).hasMessageContaining("Container startup failed");
        }
    }

    @Test
    void aLogLineIsAwaited() {
        try (GenericContainer<?> container =
                shell("sleep 0.3; echo now ready; exec sleep 100").waitingFor(Wait.forLogMessage(".*ready.*", 1))) {
            container.start();
            assertThat(container.isRunning()).isTrue();
        }
    }

    @Test
    void anHttpServerIsAwaited() throws IOException {
        try (GenericContainer<?> container = shell(
                        "mkdir /www; echo page >/www/index.html; exec httpd -f -h /www -p 80")
                .withExposedPorts(80)
                .waitingFor(Wait.forHttp("/").forStatusCode(200))) {
            container.start();
            URI uri = URI.create("http://" + container.getHost() + ":" + container.getMappedPort(80) + "/");
            assertThat(uri.toURL().openStream().readAllBytes())
                    .asString(StandardCharsets.US_ASCII)
                    .isEqualTo("page\n");
        }
    }

    @Test
    void aPortIsAwaitedByAConnection() throws IOException {
        try (GenericContainer<?> redis = container(Image.REDIS).withExposedPorts(6379)) {
            redis.start();
            try (Socket socket = new Socket(redis.getHost(), redis.getFirstMappedPort())) {
                socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
                assertThat(socket.getInputStream().readNBytes(7))
                        .asString(StandardCharsets.US_ASCII)
                        .isEqualTo("+PONG\r\n");
            }
        }
    }

    @Test
    void commandsAreExecuted() throws Exception {
        try (GenericContainer<?> container =
                shell("exec sleep 100").withEnv("A", "b c").withWorkingDirectory("/var")) {
            container.start();
            ExecResult result = container.execInContainer("sh", "-c", "echo $A; pwd; echo err >&2; exit 4");
            assertThat(result.getExitCode()).isEqualTo(4);
            assertThat(result.getStdout()).isEqualTo("b c\n/var\n");
            assertThat(result.getStderr()).isEqualTo("err\n");
        }
    }

    @Test
    void filesAreCopied() {
        try (GenericContainer<?> container = shell("cat /given; echo made >/made; exec sleep 100")
                .withCopyToContainer(Transferable.of("given\n"), "/given")
                .waitingFor(Wait.forLogMessage("given\n", 1))) {
            container.start();
            String made = container.copyFileFromContainer(
                    "/made", in -> new String(in.readAllBytes(), StandardCharsets.US_ASCII));
            assertThat(made).isEqualTo("made\n");
        }
    }

    @Test
    @SuppressWarnings("deprecation")
    void aDirectoryIsBound() throws IOException {
        Files.writeString(volume.resolve("in"), "in\n");
        try (GenericContainer<?> container = once("cat /data/in; echo out >/data/out")
                .withFileSystemBind(volume.toString(), "/data", BindMode.READ_WRITE)) {
            container.start();
            assertThat(container.getLogs()).isEqualTo("in\n");
        }
        assertThat(Files.readString(volume.resolve("out"))).isEqualTo("out\n");
    }

    @Test
    void limitsAreSet() {
        try (GenericContainer<?> container = shell("exec sleep 100")
                .withCreateContainerCmdModifier(command ->
                        command.getHostConfig().withMemory(512L << 20).withPidsLimit(200L))) {
            container.start();
            assertThat(container.getCurrentContainerInfo().getHostConfig().getMemory())
                    .isEqualTo(512L << 20);
        }
    }

    /** What a compose file with two services would make. */
    @Test
    void twoContainersOnOneNetwork() throws Exception {
        try (Network network = Network.newNetwork();
                GenericContainer<?> redis =
                        container(Image.REDIS).withNetwork(network).withNetworkAliases("store");
                GenericContainer<?> client =
                        container(Image.REDIS).withNetwork(network).withCommand("sleep", "100")) {
            redis.waitingFor(Wait.forLogMessage(".*Ready to accept connections.*", 1))
                    .start();
            client.start();
            assertThat(client.execInContainer("redis-cli", "-h", "store", "set", "k", "v")
                            .getStdout())
                    .isEqualTo("OK\n");
            assertThat(redis.execInContainer("redis-cli", "get", "k").getStdout())
                    .isEqualTo("v\n");
        }
    }
}
