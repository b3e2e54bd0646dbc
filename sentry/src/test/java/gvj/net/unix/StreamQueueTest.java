package gvj.net.unix;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gvj.abi.Errno;
import gvj.mm.ArrayIoBuffer;
import gvj.net.Message;
import gvj.net.SocketCredentials;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Bytes of stream sockets: the ring, and credentials that must not be mixed. */
class StreamQueueTest {
    private static final int LIMIT = 212_992;

    private final StreamQueue queue = new StreamQueue();

    private long append(int bytes, SocketCredentials credentials) {
        return queue.append(new ArrayIoBuffer(new byte[bytes], 0, bytes), LIMIT, credentials, null);
    }

    private long take(int room, Message message, boolean wantsCredentials, boolean peek) {
        return queue.take(new ArrayIoBuffer(new byte[room], 0, room), message, wantsCredentials, peek);
    }

    @Test
    void bytesComeOutAsTheyWentIn() {
        Random random = new Random(2);
        byte[] expected = new byte[1 << 21];
        random.nextBytes(expected);
        byte[] got = new byte[expected.length];
        int in = 0;
        int out = 0;
        while (out < expected.length) {
            int n = Math.min(random.nextInt(90000), expected.length - in);
            in += (int) Math.max(0, queue.append(new ArrayIoBuffer(expected, in, n), LIMIT, null, null));
            int room = Math.min(random.nextInt(90000), got.length - out);
            boolean peek = random.nextInt(3) == 0;
            long taken = queue.take(new ArrayIoBuffer(got, out, room), null, false, peek);
            out += peek ? 0 : (int) taken;
        }
        assertArrayEquals(expected, got);
    }

    @Test
    void fullIsSaidOnlyWhenTheLimitIsReached() {
        assertEquals(LIMIT - 1, append(LIMIT - 1, null));
        assertEquals(100, append(100, null), "a small send is not split");
        assertEquals(-Errno.EAGAIN, append(1, null));
    }

    @Test
    void writersAreNotMixedForOneWhoAsks() {
        SocketCredentials one = new SocketCredentials(null, 1, 1, new int[0]);
        SocketCredentials two = new SocketCredentials(null, 2, 2, new int[0]);
        append(3, one);
        append(4, one);
        append(5, two);
        append(6, null);
        Message message = new Message();
        assertEquals(7, take(100, message, true, true));
        assertEquals(7, take(100, message, true, false));
        assertTrue(one.same(message.credentials));
        assertEquals(5, take(100, message, true, false));
        assertTrue(two.same(message.credentials));
        assertEquals(6, take(100, message, true, false));
        assertTrue(SocketCredentials.NOBODY.same(message.credentials));
        append(3, one);
        append(4, two);
        assertEquals(7, take(100, null, false, false));
    }

    @Test
    void closedTakesNothing() {
        append(1, null);
        assertTrue(queue.close());
        assertEquals(-Errno.EPIPE, append(1, null));
        assertEquals(0, queue.size());
    }
}
