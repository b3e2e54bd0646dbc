package gvj.kernel.ipc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import gvj.abi.Errno;
import gvj.abi.Ipc;
import gvj.kernel.ErrnoException;
import gvj.kernel.UserNamespace;
import gvj.vfs.Vfs;
import org.junit.jupiter.api.Test;

/** Which message msgrcv(2) takes. */
class MessageQueueTest {
    private final MessageQueue queue = new MessageQueue(
            new IpcIds<>(4), Ipc.IPC_PRIVATE, 0600, Vfs.rootCredentials(new UserNamespace(null, 0)), 16384);

    private void send(long... types) {
        for (long type : types) {
            assertEquals(0, queue.send(new MessageQueue.Message(type, new byte[(int) type]), null));
        }
    }

    private long type(long wanted, int flags) {
        return queue.poll(wanted, 100, flags, null).type();
    }

    @Test
    void choosesByType() {
        send(5, 3, 4, 3);
        assertEquals(4, type(4, 0));
        assertEquals(3, type(-4, 0));
        assertEquals(3, type(5, Ipc.MSG_EXCEPT));
        assertNull(queue.poll(-4, 100, 0, null));
        assertEquals(5, type(0, 0));
    }

    @Test
    void copyLeavesTheMessage() {
        send(7, 8);
        assertEquals(8, type(1, Ipc.MSG_COPY));
        assertEquals(2, queue.count());
        assertNull(queue.poll(2, 100, Ipc.MSG_COPY, null));
    }

    @Test
    void tooLongIsAnErrorUnlessItMayBeCut() {
        send(9);
        ErrnoException e = assertThrows(ErrnoException.class, () -> queue.poll(0, 3, 0, null));
        assertEquals(Errno.E2BIG, e.errno());
        assertEquals(9, queue.poll(0, 3, Ipc.MSG_NOERROR, null).text().length);
    }

    @Test
    void fullAndRemoved() {
        for (int i = 0; i < 2; i++) {
            assertEquals(0, queue.send(new MessageQueue.Message(1, new byte[8192]), null));
        }
        assertEquals(-Errno.EAGAIN, queue.send(new MessageQueue.Message(1, new byte[1]), null));
        queue.remove();
        assertEquals(-Errno.EIDRM, queue.send(new MessageQueue.Message(1, new byte[1]), null));
    }
}
