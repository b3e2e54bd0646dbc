package gvj.boot;

/**
 * The messages of a sandbox: packets on SOCK_SEQPACKET sockets. {@code launcher/control.h} is the same table in C.
 *
 * <pre>
 *   0        4        8        12
 *   +--------+--------+--------+----------------
 *   |  type  |   a    |   b    |  text ...        little endian, text only where said
 *   +--------+--------+--------+----------------
 * </pre>
 *
 * <p>There is one <em>control socket</em> between the launcher, which waits for the sandbox's end, and the Sentry. And
 * there is a <em>listening socket</em> at {@code control.sock} in the container's state directory, for everybody who may
 * enter that: a client connects, sends one request and gets {@link #OK} or {@link #ERROR}; what else it may say or hear
 * on that connection stands with the request. Answers come from a process that may be hostile: clients check them.
 */
public final class Control {
    /** Bytes before the text. */
    public static final int HEADER = 12;
    /** No packet is longer. */
    public static final int MAX = 65536;

    // ---- control socket, to the Sentry ----

    /**
     * The launcher got signal {@code a}; the sandbox's first process (or foreground group) is to have it. Also on the
     * connection of {@link #EXEC}, for its process.
     */
    public static final int SIGNAL = 1;
    /** The terminal now has {@code a} rows and {@code b} columns. Also on the connection of {@link #EXEC}. */
    public static final int WINDOW = 2;

    // ---- control socket, to the launcher ----

    /** The first process ended with status {@code a} (0-255), all output is written. Also {@link #EXEC}, {@link #WAIT}. */
    public static final int EXITED = 16;
    /** The first process was killed by signal {@code a}, all output is written. Also {@link #EXEC}, {@link #WAIT}. */
    public static final int SIGNALED = 17;
    /** The sandbox could not be made: the launcher prints the text, a line, and ends with status {@code a}. */
    public static final int FAILED = 18;
    /**
     * Bundles only: the gofer is to serve these trees, in this order; text: {@code ro|rw|up|uk SP host path NUL} each. There may
     * be thousands of them, in as many packets as it takes; {@code b} = 1 with the last one, which starts the gofer.
     */
    public static final int START_GOFER = 19;
    /** The first process is loaded and waits for {@link #START} (gated sandboxes only). */
    public static final int CREATED = 20;
    /** Application memory was used up, and process {@code a} was killed for it. */
    public static final int OOM = 21;

    // ---- listening socket: requests ----

    /** How it is: OK with {@code a} = {@link #STATE_CREATED} and so on, {@code b} = processes. */
    public static final int STATE = 32;
    /** Lets the first process of a gated sandbox run. */
    public static final int START = 33;
    /**
     * Sends signal {@code a} to the first process, or with {@code b} = 1 to all. An init, pid_namespaces(7), gets SIGKILL
     * and SIGSTOP, and others if it handles them. SIGKILL also ends one that was not started, or is paused.
     */
    public static final int KILL = 34;
    /**
     * Starts one more process. Descriptors that come along: first a file with the {@code process} object of a
     * config.json, then its standard input, output and error, then more that it is to have from 3 on. {@code a} = 1 if
     * they are one host terminal in raw mode, whose size follows as a {@link #WINDOW}. Answered by {@link #STARTED}, later
     * by {@link #EXITED} or {@link #SIGNALED} when all output is written; or by {@link #ERROR} with {@code b} = the status
     * to end with: 127 if there is no such program, 126 if it cannot be executed, 255. A client that hangs up kills the
     * process. In a paused sandbox it starts, and runs when that goes on.
     */
    public static final int EXEC = 35;
    /** Stops every task: none runs application code when the answer comes, until {@link #RESUME}. Clocks go on. */
    public static final int PAUSE = 36;

    /** Lets them go on. */
    public static final int RESUME = 37;
    /** Writes a JSON array of the processes to the descriptor that comes along: {@link ProcessList#json}. */
    public static final int PROCESSES = 38;
    /** Writes a JSON object of what the sandbox used to the descriptor that comes along: {@link Usage#json}. */
    public static final int STATS = 39;
    /**
     * New limits for memory and tasks: the descriptor that comes along has the {@code resources} object of a config.json.
     * {@link #ERROR} with EBUSY if more memory is in use; then nothing has changed.
     */
    public static final int UPDATE = 40;
    /** Answered by {@link #EXITED} or {@link #SIGNALED} when the first process has ended. */
    public static final int WAIT = 41;
    /** Answered by {@link #OK}, and from then on by an {@link #OOM} each time. */
    public static final int EVENTS = 42;

    // ---- listening socket: answers ----

    public static final int OK = 64;
    /** The text says why in a sentence; {@code a} is an errno where there is one, {@code b} see {@link #EXEC}. */
    public static final int ERROR = 65;
    /** {@code a} is the process's id inside the sandbox. */
    public static final int STARTED = 66;

    public static final int STATE_CREATED = 0;
    public static final int STATE_RUNNING = 1;
    public static final int STATE_PAUSED = 2;
    public static final int STATE_STOPPED = 3;

    private Control() {}
}
