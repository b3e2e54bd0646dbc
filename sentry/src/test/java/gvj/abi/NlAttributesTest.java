package gvj.abi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class NlAttributesTest {
    @Test
    void whatIsPutTogetherIsTakenApart() {
        NlMessage message = new NlMessage(18, 5, 7, 9).u8(1).u8(2).u16(3);
        int nest = message.begin(40);
        message.putInt(1, 0x01020304).put(2, "lo").end(nest);
        message.putByte(3, 200).put(4, new byte[] {1, 2, 3}).put(5, (byte[]) null);
        byte[] bytes = message.finish();
        assertEquals(bytes.length, Bytes.getInt(bytes, 0));
        assertEquals(0, bytes.length % 4);
        NlAttributes a = new NlAttributes(bytes, Netlink.NLMSG_HDRLEN + 4, bytes.length);
        assertTrue(a.next());
        assertEquals(40, a.type());
        NlAttributes inner = a.nested();
        assertTrue(inner.next());
        assertEquals(0x01020304, inner.intValue());
        assertTrue(inner.next());
        assertEquals("lo", inner.text());
        assertFalse(inner.next());
        assertTrue(a.next());
        assertEquals(200, a.byteValue());
        assertTrue(a.next());
        assertArrayEquals(new byte[] {1, 2, 3}, a.value());
        assertFalse(a.next());
        assertEquals(0, a.leftOver());
    }

    @Test
    void manyAttributesGrowTheMessage() {
        NlMessage message = new NlMessage(1, 0, 0, 0);
        for (int i = 0; i < 1000; i++) {
            message.putInt(i, i).u8(1).pad();
        }
        assertEquals(16 + 1000 * 12, message.finish().length);
    }

    @Test
    void noBytesLeadOutside() {
        Random random = new Random(1);
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = new byte[random.nextInt(64)];
            random.nextBytes(bytes);
            for (int at = 0; at + 1 < bytes.length && random.nextInt(4) > 0; at += 8) {
                Bytes.putShort(bytes, at, random.nextInt(20));
            }
            walk(new NlAttributes(bytes, 0, bytes.length), 0);
        }
    }

    private static void walk(NlAttributes a, int depth) {
        while (a.next()) {
            int length = a.length();
            assertEquals(length, a.value().length);
            assertTrue(a.text().length() <= length);
            long sum = a.intAt(length) + a.longAt(0) + a.shortValue() + a.byteValue() + a.intValue();
            assertEquals(sum, sum);
            if (depth < 4) {
                walk(a.nested(), depth + 1);
                walk(a.nested(100), depth + 1);
            }
        }
        assertTrue(a.leftOver() >= 0);
    }
}
