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
 *
 * <p>A sandbox may hold several containers, a pod. A request says in its text which one it means, by id; no text means the
 * first one.
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
    /** Answered by {@link #OK}, and from then on by an {@link #OOM} each time something of that container is killed. */
    public static final int EVENTS = 42;
    /**
     * One more container in this sandbox. Text: its id NUL its bundle's path NUL the id of the container whose pid
     * namespace it is to share, or nothing, NUL. Descriptors: config.json, then the first process's standard input, output
     * and error, then more that it is to have. {@code a} and what follows with a terminal as with {@link #EXEC}. Answered by
     * {@link #TREES}, in as many packets as it takes; the client has the gofer serve those (at {@code gofer.sock}) and says
     * {@link #SERVED}; then by {@link #CREATED} or {@link #ERROR}. The connection is that of the container's monitor: it hears
     * {@link #EXITED} or {@link #SIGNALED}, and {@link #OOM} as after {@link #EVENTS}; says {@link #SIGNAL} and {@link #WINDOW},
     * not before it has said SERVED; and by hanging up kills the container.
     */
    public static final int CREATE = 43;
    /** On the connection of {@link #CREATE}: the gofer serves the trees, and the first one has index {@code a}. */
    public static final int SERVED = 44;
    /** Forgets a container that has ended, but for the first one: its mounts, trees and counters. EBUSY if it lives. */
    public static final int REMOVE = 45;
    /** Writes counters of the sandbox and each container to the descriptor that comes along, as JSON. */
    public static final int METRICS = 46;
    /**
     * Writes a line for each system call of the container to the descriptor that comes along, until the client hangs up.
     * Text: id NUL names of calls, separated by commas, or nothing for all. Answered by {@link #OK}.
     */
    public static final int TRACE = 47;
    /** Writes what each thread of the Sentry does to the descriptor that comes along. */
    public static final int STACKS = 48;
    /** Looks at the Sentry's threads for {@code a} milliseconds and writes folded stacks to the descriptor that comes along. */
    public static final int PROFILE = 49;

    // ---- listening socket: answers ----

    public static final int OK = 64;
    /** The text says why in a sentence; {@code a} is an errno where there is one, {@code b} see {@link #EXEC}. */
    public static final int ERROR = 65;
    /** {@code a} is the process's id inside the sandbox. */
    public static final int STARTED = 66;
    /** Trees that {@link #CREATE} needs, as {@link #START_GOFER} writes them; {@code b} = 1 in the last packet. */
    public static final int TREES = 67;

    public static final int STATE_CREATED = 0;
    public static final int STATE_RUNNING = 1;
    public static final int STATE_PAUSED = 2;
    public static final int STATE_STOPPED = 3;

    private Control() {}
}
