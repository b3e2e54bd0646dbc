package gvj.boot;

/**
 * The messages between launcher and Sentry: packets on one SOCK_SEQPACKET pair. {@code launcher/control.h} is the same
 * table in C.
 *
 * <pre>
 *   0        4        8        12
 *   +--------+--------+--------+----------------
 *   |  type  |   a    |   b    |  text ...        little endian, text only where said
 *   +--------+--------+--------+----------------
 * </pre>
 */
public final class Control {
    /** Bytes before the text. */
    public static final int HEADER = 12;
    /** No packet is longer. */
    public static final int MAX = 65536;

    /** To the Sentry: the launcher got signal {@code a}; the sandbox's first process (or foreground group) is to have it. */
    public static final int SIGNAL = 1;
    /** To the Sentry: the terminal now has {@code a} rows and {@code b} columns. */
    public static final int WINDOW = 2;

    /** To the launcher: the first process ended with status {@code a} (0-255), all output is written. */
    public static final int EXITED = 16;
    /** To the launcher: the first process was killed by signal {@code a}, all output is written. */
    public static final int SIGNALED = 17;
    /** To the launcher: the sandbox could not be made; the reason is on fd 2 already. The launcher ends with status {@code a}. */
    public static final int FAILED = 18;
    /** To the launcher ({@code run} only): start the gofer with these trees; text: {@code ro|rw SP host path NUL} each. */
    public static final int START_GOFER = 19;

    private Control() {}
}
