package gvj.agent.install;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainerdTest {
    /** An empty SETTINGS frame of HTTP/2. */
    private static final byte[] SETTINGS = {0, 0, 0, 4, 0, 0, 0, 0, 0};

    /** {@code /var/run} of most hosts is a link to their {@code /run}, which is not the agent's. */
    @Test
    void theSocketIsFoundThroughLinksOfTheHost(@TempDir Path host) throws Exception {
        Path run = Files.createDirectories(host.resolve("run"));
        Files.createSymbolicLink(Files.createDirectories(host.resolve("var")).resolve("run"), Path.of("/run"));
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(run.resolve("sock")));
            Thread answering = Thread.ofVirtual().start(() -> answer(server));
            new Containerd(new Commands(""), List.of("true"), new HostFiles(host), "/var/run/sock").restart();
            answering.join();
        }
        assertThat(run.resolve("sock")).exists();
    }

    private static void answer(ServerSocketChannel server) {
        try (SocketChannel client = server.accept()) {
            client.write(ByteBuffer.wrap(SETTINGS));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
