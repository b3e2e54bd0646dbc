package gvj.net.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gvj.abi.Bytes;
import gvj.abi.Netlink;
import java.util.List;
import org.junit.jupiter.api.Test;

class DumpTest {
    @Test
    void partsHoldWholeMessages() {
        Dump dump = new Dump(List.of(new byte[40], new byte[30], new byte[500], new byte[4]), 2, 7, 8, -22, null);
        assertEquals(72, dump.nextPart(100).length);
        assertEquals(500, dump.nextPart(100).length); // one that is longer goes alone
        assertEquals(4, dump.nextPart(100).length);
        assertFalse(dump.isDone());
        byte[] end = dump.nextPart(100);
        assertTrue(dump.isDone());
        assertEquals(20, end.length);
        assertEquals(Netlink.NLMSG_DONE, Bytes.getShort(end, 4));
        assertEquals(7, Bytes.getInt(end, 8));
        assertEquals(-22, Bytes.getInt(end, 16));
    }

    @Test
    void wordsComeBehindTheError() {
        byte[] end = new Dump(List.of(), 2, 0, 0, -2, "no").nextPart(100);
        assertEquals(28, end.length);
        assertEquals(2 | Netlink.NLM_F_ACK_TLVS, Bytes.getShort(end, 6));
        assertEquals('n', end[24]);
    }

    @Test
    void nothingIsAnEnd() {
        Dump dump = new Dump(List.of(), 2, 0, 0, 0, null);
        assertEquals(20, dump.nextPart(100).length);
        assertTrue(dump.isDone());
    }
}
