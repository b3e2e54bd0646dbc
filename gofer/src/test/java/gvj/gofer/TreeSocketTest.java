package gvj.gofer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gvj.host.Host;
import gvj.host.HostErrno;
import gvj.host.HostFiles;
import gvj.host.Mem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trees that come over a socket. */
class TreeSocketTest {
    @TempDir
    private Path dir;

    private final GoferServer server = new GoferServer(1000, 64, line -> {});
    private final long packet = Host.malloc(128);
    private final long fds = Host.malloc(Host.FDS_BYTES);
    private int ours;
    private int theirs;

    @BeforeEach
    void connect() {
        Host.socketpair(Host.AF_UNIX, Host.SOCK_SEQPACKET | Host.SOCK_CLOEXEC, 0, packet);
        ours = Mem.getInt(packet);
        theirs = Mem.getInt(packet + 4);
    }

    @AfterEach
    void free() {
        Host.free(packet);
        Host.free(fds);
    }

    /** A packet that says it has {@code count} trees, all writable, with {@code sent} descriptors. */
    private void send(int count, int sent) {
        Mem.putInt(packet, count);
        Mem.putInt(fds, sent);
        int top = Host.open((dir + "\0").getBytes(StandardCharsets.UTF_8), HostFiles.O_PATH, 0);
        for (int i = 0; i < Math.max(count, sent); i++) {
            Mem.putInt(packet + 4 + 4L * i, 1);
            Mem.putInt(fds + 4 + 4L * i, top);
        }
        Host.sendmsg(ours, packet, 4 + 4L * count, sent == 0 ? 0 : fds, 0);
        Host.close(top);
    }

    private String receive() {
        Host.close(ours);
        return TreeSocket.receive(theirs, server);
    }

    @Test
    void mountsAreNumberedInOrder() {
        send(2, 2);
        send(16, 16);
        send(0, 0);
        assertEquals("", receive());
        assertNotNull(server.mount(17));
        assertNull(server.mount(18));
    }

    @Test
    void aListWithoutEndIsRefused() {
        send(2, 2);
        assertTrue(receive().contains("no end"));
    }

    @Test
    void everyTreeNeedsItsDescriptor() {
        send(2, 1);
        assertTrue(receive().contains("malformed"));
    }

    @Test
    void aFileIsTheSameAfterItsNameBecameAnothers() throws IOException {
        Path file = Files.writeString(dir.resolve("f"), "one");
        int fd = Host.open((file + "\0").getBytes(StandardCharsets.UTF_8), HostFiles.O_RDWR, 0);
        Mem.putInt(packet, 1);
        Mem.putInt(packet + 4, 1);
        Mem.putInt(fds, 1);
        Mem.putInt(fds + 4, fd);
        Host.sendmsg(ours, packet, 8, fds, 0);
        send(0, 0);
        Host.close(fd);
        assertEquals("", receive());
        Files.move(Files.writeString(dir.resolve("g"), "two"), file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        Call call = new Call(server);
        int opened = call.open(server.mount(0).root, HostFiles.O_RDWR);
        assertEquals("one", GoferFixture.read(opened));
        Host.close(opened);
        call.free();
    }

    /** What the other side of a connection is told. */
    private int served() {
        TreeSocket.serve(theirs, server);
        long length = Host.recvmsg(ours, packet, 128, 0, 0, 0);
        Host.close(ours);
        assertEquals(4, length);
        return Mem.getInt(packet);
    }

    @Test
    void treesThatComeLaterAreAnsweredWithTheirNumber() {
        send(3, 3);
        send(0, 0);
        assertEquals("", receive());
        connect();
        send(2, 2);
        send(0, 0);
        assertEquals(3, served());
        assertNotNull(server.mount(4));
    }

    @Test
    void oneBadTreeMakesAllOfThemBad() {
        int nodes = server.nodes();
        send(2, 2);
        send(3, 2);
        assertEquals(-HostErrno.EINVAL, served());
        assertNull(server.mount(0));
        assertEquals(nodes, server.nodes());
    }

    @Test
    void treesOfSomebodyWhoIsGoneAreNotKept() {
        send(2, 2);
        send(0, 0);
        Host.close(ours);
        TreeSocket.serve(theirs, server);
        assertNull(server.mount(0));
        assertEquals(0, server.nodes());
    }
}
