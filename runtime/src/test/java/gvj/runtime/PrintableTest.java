package gvj.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class PrintableTest {
    private static String filtered(String bytes) {
        byte[] all = bytes.getBytes(StandardCharsets.ISO_8859_1);
        return new String(all, 0, Printable.filter(all, all.length), StandardCharsets.ISO_8859_1);
    }

    @Test
    void whatSteersATerminalIsReplaced() {
        assertThat(filtered("a\u001b[2Jb\nc\r\u007f")).isEqualTo("a [2Jb\nc  ");
        assertThat(filtered("x\u009b1m")).isEqualTo("x 1m");
        assertThat(filtered("\u00c2\u009b1m")).isEqualTo("\u00c2 1m");
    }

    @Test
    void utf8Stays() {
        String text = new String("größer – 漢字".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        assertThat(filtered(text)).isEqualTo(text);
    }
}
