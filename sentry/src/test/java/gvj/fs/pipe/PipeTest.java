package gvj.fs.pipe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import gvj.abi.Errno;
import gvj.abi.Poll;
import gvj.mm.ArrayIoBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** pipe(7) without a guest: slots, merging, packets, splicing. */
class PipeTest {
    private final Pipe pipe = new Pipe();

    @BeforeEach
    void openBothEnds() {
        pipe.opened(true, false);
        pipe.opened(false, true);
    }

    private long write(byte[] bytes, boolean packets) {
        return pipe.write(new ArrayIoBuffer(bytes, 0, bytes.length), packets);
    }

    private long write(int bytes) {
        return write(new byte[bytes], false);
    }

    private byte[] read(int room) {
        byte[] bytes = new byte[room];
        long n = pipe.read(new ArrayIoBuffer(bytes, 0, room));
        return n < 0 ? null : Arrays.copyOf(bytes, (int) n);
    }

    private static Pipe empty() {
        Pipe empty = new Pipe();
        empty.opened(true, true);
        return empty;
    }

    @Test
    void holdsSixteenPages() {
        assertEquals(65536, write(70000));
        assertEquals(-Errno.EAGAIN, write(1));
        assertEquals(65536, pipe.available());
        assertEquals(0, pipe.poll(false, true, 0) & Poll.POLLOUT);
        assertEquals(4095, read(4095).length);
        assertEquals(-Errno.EAGAIN, write(1), "a slot is free only when its page is empty");
        assertEquals(1, read(1).length);
        assertEquals(4096, write(5000));
    }

    @Test
    void smallWritesShareAPageOnlyIfAllOfThemFits() {
        int writes = 0;
        while (write(3000) == 3000) {
            writes++;
        }
        assertEquals(16, writes);
        read(1 << 20);
        int bytes = 0;
        while (write(1) == 1) {
            bytes++;
        }
        assertEquals(65536, bytes);
    }

    @Test
    void packetsKeepTheirBoundaries() {
        write(new byte[10], true);
        write(new byte[5000], true);
        write(new byte[3], true);
        assertEquals(4, read(4).length, "the rest of the packet is gone");
        assertEquals(4096, read(9000).length);
        assertEquals(904, read(9000).length);
        assertEquals(3, read(9000).length);
    }

    @Test
    void endsAndErrors() {
        assertEquals(-Errno.EAGAIN, pipe.read(new ArrayIoBuffer(new byte[1], 0, 1)));
        write(5);
        pipe.closed(false, true);
        assertEquals(Poll.POLLIN | Poll.POLLRDNORM | Poll.POLLHUP, pipe.poll(true, false, 0));
        assertEquals(5, read(10).length);
        assertEquals(0, read(10).length);
        pipe.opened(false, true);
        pipe.closed(true, false);
        assertEquals(-Errno.EPIPE, write(1));
        assertEquals(Poll.POLLERR, pipe.poll(false, true, 0) & Poll.POLLERR);
    }

    @Test
    void sizeFollowsTheRules() {
        write(5000);
        assertEquals(-Errno.EBUSY, pipe.setSlots(1));
        assertEquals(8192, pipe.setSlots(2));
        assertEquals(-Errno.EAGAIN, write(4096));
        assertEquals(1 << 20, pipe.setSlots(256));
        assertEquals((1 << 20) - 8192, write(1 << 20));
        assertEquals(5000 + (1 << 20) - 8192, read(1 << 20).length);
    }

    @Test
    void teeCopiesAndSpliceMoves() {
        Pipe other = new Pipe();
        other.opened(true, true);
        write(new byte[] {1, 2, 3}, false);
        assertEquals(3, Pipe.transfer(pipe, other, 100, false));
        assertEquals(3, pipe.available());
        assertEquals(2, Pipe.transfer(pipe, other, 2, true));
        assertEquals(1, pipe.available());
        assertEquals(5, other.available());
        assertEquals(-Errno.EAGAIN, Pipe.transfer(empty(), other, 1, true));
    }

    @Test
    void bytesComeOutAsTheyWentIn() {
        Random random = new Random(1);
        byte[] expected = new byte[1 << 20];
        random.nextBytes(expected);
        byte[] got = new byte[expected.length];
        int in = 0;
        int out = 0;
        while (out < expected.length) {
            int n = Math.min(random.nextInt(20000), expected.length - in);
            in += (int) Math.max(0, pipe.write(new ArrayIoBuffer(expected, in, n), false));
            int room = Math.min(random.nextInt(20000), got.length - out);
            out += (int) Math.max(0, pipe.read(new ArrayIoBuffer(got, out, room)));
            if (random.nextInt(50) == 0) {
                pipe.setSlots(1 << random.nextInt(7));
            }
        }
        assertArrayEquals(expected, got);
    }
}
