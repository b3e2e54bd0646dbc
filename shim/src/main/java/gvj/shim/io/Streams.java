package gvj.shim.io;

import gvj.shim.api.RpcException;

/**
 * Standard input, output and error of a process. Without a terminal the process has the ends of the FIFOs themselves, and
 * nothing of ours is between; with one, {@link Terminal} copies.
 */
public final class Streams implements AutoCloseable {
    private final StdioPaths paths;
    private Source stdin;
    private Sink stdout;
    private Sink stderr;
    private Logger logger;
    private Terminal terminal;
    private int rows;
    private int columns;

    private Streams(StdioPaths paths) {
        this.paths = paths;
    }

    /** Opens what {@code paths} name; none of it waits for the other side, but a logger has to become ready. */
    public static Streams open(StdioPaths paths) throws RpcException {
        return open(paths, Patience.USUAL);
    }

    static Streams open(StdioPaths paths, Patience patience) throws RpcException {
        Streams streams = new Streams(paths);
        try {
            streams.stdin = Source.open(paths.stdin());
            streams.openOutput(patience);
            return streams;
        } catch (RpcException e) {
            streams.close();
            throw e;
        }
    }

    private void openOutput(Patience patience) throws RpcException {
        if (paths.stdout().startsWith(Logger.SCHEME)) {
            logger = Logger.start(paths.stdout(), paths, patience);
            stdout = logger.stdout();
            stderr = logger.stderr();
            return;
        }
        stdout = Sink.open(paths.stdout());
        boolean same = paths.terminal()
                || paths.stderr().equals(paths.stdout())
                || paths.stdout().startsWith(Sink.FILE); // which is both streams' for containerd
        stderr = same ? stdout : Sink.open(paths.stderr());
    }

    /** Whether the process has a terminal. */
    public boolean hasTerminal() {
        return paths.terminal();
    }

    /** What a process without a terminal is to have as 0, 1 and 2. They stay ours until {@link #handOver}. */
    public int[] descriptors() {
        return new int[] {stdin.readEnd(), stdout.writeEnd(), stderr.writeEnd()};
    }

    /** The process has its descriptors: with its last copy of them the streams end. */
    public synchronized void handOver() {
        stdin.closeReadEnd();
        stdout.closeWriteEnd();
        stderr.closeWriteEnd();
    }

    /** A new terminal: its master, for {@link #attach}, and its slave, for the process. */
    public int[] openTerminal() throws RpcException {
        return Terminal.open();
    }

    /** Copies between the terminal {@code master} and the streams from now on. The descriptor is ours. */
    public synchronized void attach(int master) throws RpcException {
        terminal = new Terminal(paths.id(), master, stdin, stdout);
        if (rows > 0 || columns > 0) {
            terminal.resize(rows, columns);
        }
    }

    /** The terminal's new size, now or when there is one; nothing without. */
    public synchronized void resize(int newRows, int newColumns) {
        rows = newRows;
        columns = newColumns;
        if (terminal != null) {
            terminal.resize(newRows, newColumns);
        }
    }

    /** No more input, once clients that are there have sent theirs. */
    public void closeStdin() {
        stdin.end();
    }

    /** Waits until the output of a process that has ended is copied. */
    public void drain(long millis) throws InterruptedException {
        Terminal copied = terminal;
        if (copied != null) {
            copied.drain(millis);
        }
    }

    /** Waits until no logger runs whose streams are closed; each ends, or is made to. */
    public static void awaitLoggers() throws InterruptedException {
        LoggerProgram.awaitAll();
    }

    @Override
    public synchronized void close() {
        if (terminal != null) {
            terminal.close();
            terminal = null;
        }
        if (logger != null) {
            logger.close();
            logger = null;
        }
        for (AutoCloseable one : new AutoCloseable[] {stdin, stdout, stderr}) {
            close(one);
        }
    }

    private static void close(AutoCloseable one) {
        if (one instanceof Source source) {
            source.close();
        } else if (one instanceof Sink sink) {
            sink.close();
        }
    }
}
