package gvj.fs.tty;

import gvj.abi.Ioctl;
import gvj.mm.IoBuffer;

/**
 * The way in: line editing and echo of N_TTY, termios(3).
 *
 * <pre>
 *   read ............ committed ............ end        positions grow, indexes are positions % SIZE
 *   | lines a reader may have | line being edited |
 * </pre>
 *
 * A position that ends a line is marked; an end-of-file character is stored with its own mark and never read.
 * Without ICANON everything up to {@code end} may be read. Guarded by the terminal's lock.
 */
final class TtyInput {
    private static final int SIZE = 4096;
    private static final byte LINE_END = 1;
    private static final byte END_OF_FILE = 2;

    private final Termios[] termios;
    private final TtyOutput output;
    private final byte[] data = new byte[SIZE];
    private final byte[] marks = new byte[SIZE];
    private long read;
    private long committed;
    private long end;
    private boolean literalNext;
    /** Where the cursor stood when the line being edited began: what a tab is erased back to. */
    private int lineStartColumn;

    TtyInput(Termios[] termios, TtyOutput output) {
        this.termios = termios;
        this.output = output;
    }

    /** Whether the settings let a reader have something now. {@code min} counts only without ICANON. */
    boolean isReadable(int min) {
        return termios[0].isCanonical() ? committed > read : end - read >= Math.max(min, 1);
    }

    /** Bytes FIONREAD answers. */
    int available() {
        return (int) ((termios[0].isCanonical() ? committed : end) - read);
    }

    /** Whether another character can be taken without loss. */
    boolean hasRoom() {
        return end - read < SIZE - 1 || termios[0].isCanonical() && committed == read;
    }

    void flush() {
        read = 0;
        committed = 0;
        end = 0;
        literalNext = false;
    }

    /** After ICANON changed: what was being edited becomes readable, or the reverse from here on. */
    void modeChanged() {
        committed = end;
    }

    /** Takes a character that is not a signal or flow control one (those are the terminal's). */
    void take(int raw) {
        Termios t = termios[0];
        if (literalNext) {
            literalNext = false;
            append(raw, (byte) 0);
            echo(raw);
            return;
        }
        int c = map(t, raw);
        if (c < 0) {
            return;
        }
        if (t.isCanonical() && edit(t, c)) {
            return;
        }
        if (!t.isCanonical() || end - read < SIZE - 1) {
            append(c, (byte) 0);
            echo(c);
        }
    }

    boolean isLiteralNext() {
        return literalNext;
    }

    private static int map(Termios t, int raw) {
        int c = t.input(Ioctl.ISTRIP) ? raw & 0x7f : raw;
        if (t.input(Ioctl.IUCLC) && t.local(Ioctl.IEXTEN) && c >= 'A' && c <= 'Z') {
            c += 32;
        }
        if (c == '\r') {
            if (t.input(Ioctl.IGNCR)) {
                return -1;
            }
            return t.input(Ioctl.ICRNL) ? '\n' : c;
        }
        return c == '\n' && t.input(Ioctl.INLCR) ? '\r' : c;
    }

    /** The editing characters of canonical mode; whether {@code c} was one. */
    private boolean edit(Termios t, int c) {
        boolean extended = t.local(Ioctl.IEXTEN);
        if (t.is(Ioctl.VERASE, c)) {
            eraseCharacter(t);
        } else if (t.is(Ioctl.VKILL, c)) {
            eraseLine(t);
        } else if (extended && t.is(Ioctl.VWERASE, c)) {
            eraseWord(t);
        } else if (extended && t.is(Ioctl.VLNEXT, c)) {
            literalNext = true;
            if (t.local(Ioctl.ECHO) && t.local(Ioctl.ECHOCTL)) {
                output.putRaw('^');
                output.putRaw('\b');
            }
        } else if (extended && t.local(Ioctl.ECHO) && t.is(Ioctl.VREPRINT, c)) {
            reprint(t);
        } else if (c == '\n') {
            if (t.local(Ioctl.ECHO) || t.local(Ioctl.ECHONL)) {
                output.put('\n');
            }
            endLine(c, LINE_END);
        } else if (t.is(Ioctl.VEOF, c)) {
            endLine(0, END_OF_FILE);
        } else if (t.is(Ioctl.VEOL, c) || extended && t.is(Ioctl.VEOL2, c)) {
            echo(c);
            endLine(c, LINE_END);
        } else {
            return false;
        }
        return true;
    }

    private void endLine(int c, byte mark) {
        if (end - read < SIZE) {
            append(c, mark);
        } else {
            marks[(int) ((end - 1) % SIZE)] = mark;
        }
        committed = end;
        lineStartColumn = output.column();
    }

    private void append(int c, byte mark) {
        if (end - read >= SIZE) {
            return;
        }
        if (end == committed) {
            lineStartColumn = output.column();
        }
        int at = (int) (end % SIZE);
        data[at] = (byte) c;
        marks[at] = mark;
        end++;
        if (!termios[0].isCanonical()) {
            committed = end;
        }
    }

    void echo(int c) {
        Termios t = termios[0];
        if (!t.local(Ioctl.ECHO)) {
            return;
        }
        if (isControl(c) && t.local(Ioctl.ECHOCTL) && c != '\t' && c != '\n') {
            output.put('^');
            output.put(c ^ 0x40);
        } else {
            output.put(c);
        }
    }

    private static boolean isControl(int c) {
        return c < ' ' || c == 127;
    }

    private void eraseCharacter(Termios t) {
        if (end > committed) {
            eraseOne(t);
        }
    }

    /** Takes the last character (all bytes of it) off the line and off the screen. */
    private void eraseOne(Termios t) {
        int c;
        do {
            end--;
            c = data[(int) (end % SIZE)] & 0xff;
        } while (end > committed && TtyOutput.isContinuation(t, c));
        if (!t.local(Ioctl.ECHO)) {
            return;
        }
        if (t.local(Ioctl.ECHOPRT)) {
            output.put(c);
        } else if (!t.local(Ioctl.ECHOE)) {
            echo(t.cc[Ioctl.VERASE] & 0xff);
        } else if (c == '\t') {
            eraseTab();
        } else {
            int width = isControl(c) ? t.local(Ioctl.ECHOCTL) ? 2 : 0 : 1;
            for (int i = 0; i < width; i++) {
                rubOut();
            }
        }
    }

    private void rubOut() {
        output.put('\b');
        output.put(' ');
        output.put('\b');
    }

    /** Goes back to the column where the erased tab began. */
    private void eraseTab() {
        int column = lineStartColumn;
        for (long at = committed; at < end; at++) {
            int c = data[(int) (at % SIZE)] & 0xff;
            if (c == '\t') {
                column += 8 - column % 8;
            } else if (isControl(c)) {
                column += termios[0].local(Ioctl.ECHOCTL) ? 2 : 0;
            } else if (!TtyOutput.isContinuation(termios[0], c)) {
                column++;
            }
        }
        for (int back = output.column() - column; back > 0; back--) {
            output.put('\b');
        }
    }

    private void eraseWord(Termios t) {
        while (end > committed && !isWord(data[(int) ((end - 1) % SIZE)] & 0xff)) {
            eraseOne(t);
        }
        while (end > committed && isWord(data[(int) ((end - 1) % SIZE)] & 0xff)) {
            eraseOne(t);
        }
    }

    private static boolean isWord(int c) {
        return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '_' || c >= 0x80;
    }

    private void eraseLine(Termios t) {
        if (t.local(Ioctl.ECHO) && !(t.local(Ioctl.ECHOK) && t.local(Ioctl.ECHOKE) && t.local(Ioctl.ECHOE))) {
            end = committed;
            echo(t.cc[Ioctl.VKILL] & 0xff);
            if (t.local(Ioctl.ECHOK)) {
                output.put('\n');
            }
            return;
        }
        while (end > committed) {
            eraseOne(t);
        }
    }

    private void reprint(Termios t) {
        echo(t.cc[Ioctl.VREPRINT] & 0xff);
        output.put('\n');
        for (long at = committed; at < end; at++) {
            echo(data[(int) (at % SIZE)] & 0xff);
        }
    }

    /** Gives a reader what it may have: a line at most in canonical mode, else all that fits. Returns the bytes. */
    int drainTo(IoBuffer to) {
        return termios[0].isCanonical() ? drainLine(to) : drainRaw(to);
    }

    private int drainLine(IoBuffer to) {
        long at = read;
        long limit = Math.min(committed, read + to.remaining());
        while (at < limit && marks[(int) (at % SIZE)] == 0) {
            at++;
        }
        boolean endOfFile = at < committed && marks[(int) (at % SIZE)] == END_OF_FILE;
        if (at < limit && !endOfFile) {
            at++;
        }
        int n = copy(to, (int) (at - read));
        if (endOfFile && read == at) {
            marks[(int) (at % SIZE)] = 0;
            read++;
        }
        return n;
    }

    private int drainRaw(IoBuffer to) {
        int n = 0;
        while (read < end && to.remaining() > 0) {
            if (marks[(int) (read % SIZE)] == END_OF_FILE) {
                marks[(int) (read % SIZE)] = 0;
                data[(int) (read % SIZE)] = termios[0].cc[Ioctl.VEOF];
            }
            n += copy(to, 1);
        }
        committed = end;
        return n;
    }

    private int copy(IoBuffer to, int bytes) {
        int done = 0;
        while (done < bytes) {
            int at = (int) (read % SIZE);
            int run = Math.min(bytes - done, SIZE - at);
            int n = to.copyOut(data, at, run);
            java.util.Arrays.fill(marks, at, at + n, (byte) 0);
            read += n;
            done += n;
            if (n < run) {
                break;
            }
        }
        return done;
    }
}
