package gvj.shim.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import gvj.host.Host;
import gvj.host.Mem;
import gvj.shim.api.RpcException;
import gvj.shim.runtime.CStrings;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A terminal's master comes as {@code gvj create} sends it. */
@Timeout(20)
class ConsoleSocketTest {
    @TempDir
    private Path directory;

    @Test
    void aBundleMayHaveALongPath() throws Exception {
        Path bundle = Files.createDirectories(directory.resolve("x".repeat(100)).resolve("y".repeat(100)));
        Files.createFile(bundle.resolve("console.sock")); // a shim that was killed leaves one
        int[] pipe = Sink.newPipe();
        try (ConsoleSocket socket = new ConsoleSocket(bundle.toString())) {
            assertThat(socket.path()).hasSizeLessThan(108);
            int peer = Host.connectUnix(CStrings.of(socket.path()), 1);
            assertThat(peer).isNotNegative();
            send(peer, pipe[0]);
            int received = socket.receive();
            assertThat(received).isNotNegative().isNotEqualTo(pipe[0]);
            assertThat(identity(received)).isEqualTo(identity(pipe[0]));
            Host.close(received);
            Host.close(peer);
        }
        assertThat(bundle).isEmptyDirectory();
        Host.close(pipe[0]);
        Host.close(pipe[1]);
    }

    @Test
    void whoSendsNoDescriptorHasSentNothing() throws Exception {
        try (ConsoleSocket socket = new ConsoleSocket(directory.toString())) {
            int peer = Host.connectUnix(CStrings.of(socket.path()), 1);
            send(peer);
            assertThatThrownBy(socket::receive).isInstanceOf(RpcException.class).hasMessage("no terminal came");
            Host.close(peer);
        }
    }

    @Test
    void thereMustBeADirectory() {
        assertThatThrownBy(() -> new ConsoleSocket(directory + "/none")).isInstanceOf(RpcException.class);
    }

    private static Path identity(int fd) throws Exception {
        return Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd));
    }

    private static void send(int peer, int... fds) {
        long packet = Host.malloc(Host.FDS_BYTES + 8);
        Mem.putInt(packet, fds.length);
        for (int i = 0; i < fds.length; i++) {
            Mem.putInt(packet + 4 + 4L * i, fds[i]);
        }
        assertThat(Host.sendmsg(peer, packet + Host.FDS_BYTES, 8, packet, 0)).isEqualTo(8);
        Host.free(packet);
    }
}
