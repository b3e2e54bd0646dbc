package gvj.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gvj.abi.Errno;
import gvj.host.Host;
import gvj.host.Mem;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a client may send, and what becomes of the descriptors that come along. */
class ControlSocketTest {
    private final long buffer = Host.malloc(Control.MAX);
    private final long fds = Host.malloc(Host.FDS_BYTES);
    private final int peer;
    private final ControlSocket socket;

    ControlSocketTest() {
        Host.socketpair(Host.AF_UNIX, Host.SOCK_SEQPACKET | Host.SOCK_CLOEXEC, 0, fds);
        peer = Mem.getInt(fds);
        socket = ControlSocket.ofClient(Mem.getInt(fds + 4));
    }

    @AfterEach
    void close() {
        socket.close();
        Host.close(peer);
        Host.free(buffer);
        Host.free(fds);
    }

    private void send(int length, int... passed) {
        Mem.putInt(buffer, Control.KILL);
        Mem.putInt(buffer + 4, 9);
        Mem.putInt(buffer + 8, 1);
        Mem.putInt(fds, passed.length);
        for (int i = 0; i < passed.length; i++) {
            Mem.putInt(fds + 4 + 4L * i, passed[i]);
        }
        assertEquals(length, Host.sendmsg(peer, buffer, length, passed.length == 0 ? 0 : fds, 0));
    }

    private static boolean isOpen(int fd) {
        return Host.fcntl(fd, Host.F_GETFD, 0) >= 0;
    }

    @Test
    void aMessageIsThreeNumbers() {
        send(Control.HEADER);
        assertTrue(socket.receive());
        assertEquals(Control.KILL, socket.type());
        assertEquals(9, socket.a());
        assertEquals(1, socket.b());
        assertEquals("", socket.text());
        assertTrue(socket.takeDescriptors().isEmpty());
    }

    @Test
    void textIsAllThatFollows() {
        Mem.putByte(buffer + Control.HEADER, (byte) 'a');
        Mem.putByte(buffer + Control.HEADER + 1, (byte) 0);
        Mem.putByte(buffer + Control.HEADER + 2, (byte) 0xff);
        send(Control.HEADER + 3);
        assertTrue(socket.receive());
        assertEquals("a\0\u00ff", socket.text());
    }

    @Test
    void whatIsNoMessageEndsTheConnection() {
        send(Control.HEADER - 1);
        assertFalse(socket.receive());
        Host.shutdown(peer, Host.SHUT_RDWR);
        assertFalse(socket.receive());
    }

    @Test
    void descriptorsThatNobodyTakesAreClosed() {
        send(Control.HEADER, 1, 2);
        assertTrue(socket.receive());
        List<Integer> taken = socket.takeDescriptors();
        assertEquals(2, taken.size());
        assertTrue(isOpen(taken.get(0)));
        taken.forEach(Host::close);

        send(Control.HEADER, 1, 2);
        assertTrue(socket.receive());
        int left = taken.get(0); // the lowest free number again
        assertTrue(isOpen(left));
        send(Control.HEADER);
        assertTrue(socket.receive());
        assertFalse(isOpen(left));
    }

    @Test
    void aClientThatDoesNotListenKeepsNobody() {
        for (int i = 0; i < 10_000; i++) {
            socket.send(Control.OOM, i);
        }
        assertEquals(Control.HEADER, Host.recvmsg(peer, buffer, Control.MAX, 0, 0, Host.MSG_DONTWAIT));
        assertEquals(0, Mem.getInt(buffer + 4));
        while (Host.recvmsg(peer, buffer, Control.MAX, 0, 0, Host.MSG_DONTWAIT) > 0) {
            // what was kept
        }
        socket.send(Control.ERROR, Errno.EINVAL, 0, "why");
        assertEquals(Control.HEADER + 3, Host.recvmsg(peer, buffer, Control.MAX, 0, 0, Host.MSG_DONTWAIT));
    }
}
