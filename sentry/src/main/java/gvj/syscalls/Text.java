package gvj.syscalls;

import java.nio.charset.StandardCharsets;

/** Latin-1 strings, one char per byte, to and from arrays. */
final class Text {
    private Text() {}

    /** Writes the bytes of {@code text} at {@code offset}, without a NUL. */
    static void put(String text, byte[] to, int offset) {
        for (int i = 0; i < text.length(); i++) {
            to[offset + i] = (byte) text.charAt(i);
        }
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
