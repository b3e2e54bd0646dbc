package gvj.syscalls;

import java.nio.charset.StandardCharsets;

/** Latin-1 strings, one char per byte, to and from arrays. */
final class Text {
    private Text() {}

    /** Writes the bytes of {@code text} at {@code offset}, without a NUL. */
    @SuppressWarnings("deprecation") // for texts that are no Latin-1: ours are, and this copies at once
    static void put(String text, byte[] to, int offset) {
        text.getBytes(0, text.length(), to, offset);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
