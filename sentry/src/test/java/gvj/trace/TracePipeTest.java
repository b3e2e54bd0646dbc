package gvj.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gvj.host.Host;
import gvj.host.Mem;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Readers that are quick, slow and dead. */
@Timeout(20)
class TracePipeTest {
    private static final int CHUNK = 64 << 10;

    private final long fds = Host.malloc(CHUNK);
    private final int reader;
    private final TracePipe pipe;

    TracePipeTest() {
        Host.pipe2(fds, 0);
        reader = Mem.getInt(fds);
        pipe = new TracePipe(Mem.getInt(fds + 4));
    }

    @AfterEach
    void close() throws InterruptedException {
        Host.close(reader);
        pipe.abandon();
        pipe.awaitWritten();
        Host.free(fds);
    }

    /** All that comes until the end. */
    private String rest() {
        StringBuilder all = new StringBuilder();
        byte[] chunk = new byte[CHUNK];
        long n;
        while ((n = Host.read(reader, fds, CHUNK)) > 0) {
            Mem.copy(fds, chunk, 0, (int) n);
            all.append(new String(chunk, 0, (int) n, StandardCharsets.ISO_8859_1));
        }
        return all.toString();
    }

    @Test
    void linesArriveInOrderAndThenTheEnd() {
        pipe.line("one");
        pipe.line("two");
        pipe.end();
        pipe.line("too late");
        assertEquals("one\ntwo\n", rest());
    }

    @Test
    void whatASlowReaderMissesIsCounted() {
        String line = "x".repeat(999);
        int lines = 4 * TracePipe.ROOM / 1000;
        for (int i = 0; i < lines; i++) {
            pipe.line(line); // waits for nobody
        }
        pipe.end();
        String[] read = rest().split("\n");
        String note = read[read.length - 1];
        assertTrue(note.matches("\\.\\.\\. \\d+ lines lost"), note);
        long lost = Long.parseLong(note.split(" ")[1]);
        assertTrue(lost > 0 && lost < lines, note);
        assertTrue(read.length - 1 <= lines - lost, "more lines than there were");
    }

    @Test
    void aReaderThatNeverReadsIsNotWaitedForLong() throws InterruptedException {
        for (int i = 0; i < 2000; i++) {
            pipe.line("x".repeat(100));
        }
        pipe.end();
        pipe.awaitWritten();
    }

    @Test
    void aDeadReaderEndsTheWriting() throws InterruptedException {
        Host.close(reader);
        pipe.line("for nobody");
        pipe.awaitWritten();
        pipe.line("for nobody");
    }
}
