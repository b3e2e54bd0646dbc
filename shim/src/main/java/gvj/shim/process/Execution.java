package gvj.shim.process;

import gvj.abi.Signals;
import gvj.boot.Control;
import gvj.runtime.ControlClient;
import gvj.runtime.ToolException;
import gvj.shim.api.RpcException;
import gvj.shim.io.StdioPaths;
import gvj.shim.io.Streams;
import gvj.shim.runtime.Descriptors;
import gvj.shim.runtime.SmallThread;

/** One more process of a container. It lives as long as a connection to the Sentry, which is ours. */
public final class Execution extends Process {
    private static final long START_NANOS = 60_000_000_000L;

    private final Container container;
    private final String id;
    private final byte[] spec;
    private ControlClient connection;

    Execution(Container container, String id, StdioPaths paths, byte[] spec) {
        super(paths);
        this.container = container;
        this.id = id;
        this.spec = spec.clone();
    }

    /** What containerd calls it. */
    public String id() {
        return id;
    }

    /** Runs it by way of this connection, which is ours; {@link Container#start} has seen to that it may. */
    void start(ControlClient made) throws RpcException {
        try {
            start(made, Streams.open(paths()));
        } catch (RpcException e) {
            connection = null;
            made.close();
            throw e;
        }
    }

    private void start(ControlClient made, Streams opened) throws RpcException {
        open(opened);
        int[] terminal = {Descriptors.NONE, Descriptors.NONE};
        try {
            if (opened.hasTerminal()) {
                terminal = opened.openTerminal();
            }
            int slave = terminal[1];
            int[] stdio = slave >= 0 ? new int[] {slave, slave, slave} : opened.descriptors();
            made(ask(made, stdio, slave >= 0));
            connection = made;
            run();
            if (slave >= 0) {
                opened.attach(terminal[0]);
                terminal[0] = Descriptors.NONE;
                tellSize();
            } else {
                opened.handOver();
            }
        } catch (RpcException e) {
            Descriptors.close(terminal[0]);
            opened.close();
            throw e;
        } finally {
            Descriptors.close(terminal[1]);
        }
    }

    private int ask(ControlClient client, int[] stdio, boolean terminal) throws RpcException {
        int process = Descriptors.memory("process", spec);
        try {
            client.send(Control.EXEC, terminal ? 1 : 0, 0, process, stdio[0], stdio[1], stdio[2]);
            int heard = client.hear(START_NANOS);
            if (heard != Control.STARTED) {
                throw new RpcException(
                        RpcException.Code.UNKNOWN,
                        heard == 0 ? "the Sentry does not answer" : "the container's sandbox has ended");
            }
            return client.a();
        } catch (ToolException e) {
            throw new RpcException(RpcException.Code.UNKNOWN, e.getMessage(), e);
        } finally {
            Descriptors.close(process);
        }
    }

    /** Listens for its end from now on. */
    void watch() {
        new SmallThread("exec-" + id, this::listen).start();
    }

    private void listen() {
        int status = Exit.DEAD;
        try {
            int heard = connection.hear(-1);
            status = Ends.status(connection, heard);
        } catch (ToolException e) {
            container.note("the end of process " + id + " is not known: " + e.getMessage());
        } finally {
            hangUp();
            container.ended(this, status);
        }
    }

    synchronized void signal(int signal) throws RpcException {
        if (exit() != null || connection == null) {
            throw RpcException.notFound("process already finished: " + id);
        }
        try {
            connection.tell(Control.SIGNAL, signal, 0);
        } catch (ToolException e) {
            throw new RpcException(RpcException.Code.NOT_FOUND, "process already finished: " + id, e);
        }
    }

    /** Its size inside follows the terminal's. */
    @Override
    public synchronized void resize(int rows, int columns) {
        super.resize(rows, columns);
        tellSize();
    }

    private synchronized void tellSize() {
        if (connection == null || !paths().terminal() || rows() == 0 && columns() == 0) {
            return;
        }
        try {
            connection.tell(Control.WINDOW, rows(), columns());
        } catch (ToolException e) {
            container.note("process " + id + ": its terminal's size is not changed: " + e.getMessage());
        }
    }

    /** Kills it for certain. */
    void kill() {
        try {
            signal(Signals.SIGKILL);
        } catch (RpcException e) {
            container.note("process " + id + " cannot be killed: " + e.getMessage());
        }
    }

    private synchronized void hangUp() {
        if (connection != null) {
            connection.close();
            connection = null;
        }
    }
}
