package gvj.fs.tty;

import gvj.abi.Ioctl;

/**
 * The way out: what programs write and what the terminal echoes, through output processing to the master's side.
 *
 * <p>Guarded by the terminal's lock.
 */
final class TtyOutput {
    private static final int CAPACITY = 16 << 10;
    /** One character can become at most this many bytes: a tab of eight blanks. */
    static final int MAX_EXPANSION = 8;

    private final Termios[] termios;
    final ByteRing ring = new ByteRing(CAPACITY);
    private int column;

    /** {@code termios} is a one-element array: the terminal's current settings. */
    TtyOutput(Termios[] termios) {
        this.termios = termios;
    }

    int column() {
        return column;
    }

    boolean hasRoom() {
        return ring.free() >= MAX_EXPANSION;
    }

    /** Writes a character with output processing. */
    void put(int c) {
        Termios t = termios[0];
        if (!t.output(Ioctl.OPOST)) {
            ring.put(c);
            return;
        }
        switch (c) {
            case '\n' -> newline(t);
            case '\r' -> carriageReturn(t);
            case '\t' -> tab(t);
            case '\b' -> {
                column = Math.max(0, column - 1);
                ring.put(c);
            }
            default -> {
                int out = t.output(Ioctl.OLCUC) && c >= 'a' && c <= 'z' ? c - 32 : c;
                if (c >= ' ' && c != 127 && !isContinuation(t, c)) {
                    column++;
                }
                ring.put(out);
            }
        }
    }

    /** Writes a byte as it is. */
    void putRaw(int c) {
        ring.put(c);
    }

    void resetColumn() {
        column = 0;
    }

    private void newline(Termios t) {
        if (t.output(Ioctl.ONLRET)) {
            column = 0;
        }
        if (t.output(Ioctl.ONLCR)) {
            column = 0;
            ring.put('\r');
        }
        ring.put('\n');
    }

    private void carriageReturn(Termios t) {
        if (t.output(Ioctl.ONOCR) && column == 0) {
            return;
        }
        if (t.output(Ioctl.OCRNL)) {
            if (t.output(Ioctl.ONLRET)) {
                column = 0;
            }
            ring.put('\n');
            return;
        }
        column = 0;
        ring.put('\r');
    }

    private void tab(Termios t) {
        int blanks = 8 - column % 8;
        column += blanks;
        if ((t.oflag & Ioctl.TABDLY) != Ioctl.XTABS) {
            ring.put('\t');
            return;
        }
        for (int i = 0; i < blanks; i++) {
            ring.put(' ');
        }
    }

    static boolean isContinuation(Termios t, int c) {
        return t.input(Ioctl.IUTF8) && (c & 0xc0) == 0x80;
    }
}
