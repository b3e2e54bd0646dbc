package gvj.fs.tty;

import gvj.abi.Ioctl;
import gvj.mm.MemoryManager;

/**
 * The settings of a terminal, termios(3).
 *
 * <pre>
 * struct termios:   0 c_iflag  4 c_oflag  8 c_cflag  12 c_lflag  16 c_line  17 c_cc[19]   (36 bytes)
 * struct termios2:  the same, then 36 c_ispeed  40 c_ospeed                               (44 bytes)
 * </pre>
 */
final class Termios {
    static final int BYTES = 36;
    static final int BYTES2 = 44;
    private static final int NCCS = 19;
    /** What a new terminal's control characters are: ^C ^\ DEL ^U ^D 0 1 0 ^Q ^S ^Z 0 ^R ^O ^W ^V 0. */
    private static final byte[] DEFAULT_CC = {3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22, 0, 0, 0};

    int iflag = Ioctl.ICRNL | Ioctl.IXON;
    int oflag = Ioctl.OPOST | Ioctl.ONLCR;
    int cflag = Ioctl.B38400 | Ioctl.CS8 | Ioctl.CREAD;
    int lflag = Ioctl.ISIG
            | Ioctl.ICANON
            | Ioctl.ECHO
            | Ioctl.ECHOE
            | Ioctl.ECHOK
            | Ioctl.ECHOCTL
            | Ioctl.ECHOKE
            | Ioctl.IEXTEN;
    int line;
    final byte[] cc = DEFAULT_CC.clone();
    int ispeed = 38400;
    int ospeed = 38400;

    boolean isCanonical() {
        return (lflag & Ioctl.ICANON) != 0;
    }

    boolean local(int bits) {
        return (lflag & bits) != 0;
    }

    boolean input(int bits) {
        return (iflag & bits) != 0;
    }

    boolean output(int bits) {
        return (oflag & bits) != 0;
    }

    /** Whether {@code c} is the control character at {@code index}, which is disabled when it is 0. */
    boolean is(int index, int c) {
        return cc[index] != 0 && (cc[index] & 0xff) == c;
    }

    int min() {
        return cc[Ioctl.VMIN] & 0xff;
    }

    /** Tenths of a second. */
    int time() {
        return cc[Ioctl.VTIME] & 0xff;
    }

    void copyOut(MemoryManager mm, long address, boolean termios2) {
        byte[] bytes = new byte[termios2 ? BYTES2 : BYTES];
        putInt(bytes, 0, iflag);
        putInt(bytes, 4, oflag);
        putInt(bytes, 8, cflag);
        putInt(bytes, 12, lflag);
        bytes[16] = (byte) line;
        System.arraycopy(cc, 0, bytes, 17, NCCS);
        if (termios2) {
            putInt(bytes, 36, ispeed);
            putInt(bytes, 40, ospeed);
        }
        mm.copyOut(address, bytes, 0, bytes.length);
    }

    static Termios copyIn(MemoryManager mm, long address, boolean termios2) {
        byte[] bytes = new byte[termios2 ? BYTES2 : BYTES];
        mm.copyIn(address, bytes, 0, bytes.length);
        Termios t = new Termios();
        t.iflag = getInt(bytes, 0);
        t.oflag = getInt(bytes, 4);
        // a pseudo terminal has eight data bits and no parity, whatever is asked for
        t.cflag = getInt(bytes, 8) & ~(Ioctl.CSIZE | Ioctl.PARENB) | Ioctl.CS8 | Ioctl.CREAD;
        t.lflag = getInt(bytes, 12);
        t.line = bytes[16];
        System.arraycopy(bytes, 17, t.cc, 0, NCCS);
        if (termios2) {
            t.ispeed = getInt(bytes, 36);
            t.ospeed = getInt(bytes, 40);
        }
        return t;
    }

    private static void putInt(byte[] bytes, int at, int value) {
        for (int i = 0; i < 4; i++) {
            bytes[at + i] = (byte) (value >>> 8 * i);
        }
    }

    private static int getInt(byte[] bytes, int at) {
        return bytes[at] & 0xff | (bytes[at + 1] & 0xff) << 8 | (bytes[at + 2] & 0xff) << 16 | bytes[at + 3] << 24;
    }
}
