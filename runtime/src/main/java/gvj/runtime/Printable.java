package gvj.runtime;

/** Bytes of a Sentry, which may be hostile, on their way to a terminal. */
final class Printable {
    private static final int DEL = 0x7f;

    private Printable() {}

    /**
     * Puts a space in place of each control character but the ends of lines: of ASCII, and those from U+0080 to U+009F in
     * UTF-8, each of whose second bytes might arrive alone.
     *
     * @return {@code length}
     */
    static int filter(byte[] bytes, int length) {
        int before = 0;
        for (int i = 0; i < length; i++) {
            int b = bytes[i] & 0xff;
            boolean second = b >= 0x80 && b < 0xa0;
            if ((b < ' ' && b != '\n') || b == DEL || (second && (before == 0xc2 || before < 0x80))) {
                bytes[i] = ' ';
            }
            before = b;
        }
        return length;
    }
}
