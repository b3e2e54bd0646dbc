package gvj.shim;

import gvj.shim.api.EventPublisher;
import gvj.shim.api.Log;
import gvj.shim.api.SandboxService;
import gvj.shim.api.ShimContext;
import gvj.shim.api.TaskService;
import gvj.shim.events.Publisher;
import gvj.shim.io.Streams;
import gvj.shim.server.Listener;
import java.io.File;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** One shim: its socket, its events, and what its services are told. */
final class Shim implements ShimContext {
    private static final long CONNECT_MILLIS = 60_000;
    private static final long DRAIN_MILLIS = 3_000;
    private static final long FLUSH_MILLIS = 10_000;

    private final Arguments arguments;
    private final Publisher events;
    private final AtomicBoolean stopping = new AtomicBoolean();
    private Listener listener;

    Shim(Arguments arguments) {
        this.arguments = arguments;
        this.events = new Publisher(arguments.eventsAddress(), arguments.namespace());
    }

    /** Serves until {@link #stop}, or until it is clear that nobody comes. */
    <S extends TaskService & SandboxService> void serve(S services) {
        listener = new Listener(arguments.listen(), services, services);
        listener.run(CONNECT_MILLIS);
        Log.warning("nobody is connected, and there is no container: this shim ends");
        end();
    }

    @Override
    public String namespace() {
        return arguments.namespace();
    }

    @Override
    public String root() {
        return arguments.root();
    }

    @Override
    public String gvj() {
        return arguments.gvj();
    }

    @Override
    public List<String> flags() {
        return arguments.flags();
    }

    @Override
    public boolean debug() {
        return arguments.debug();
    }

    @Override
    public EventPublisher events() {
        return events;
    }

    @Override
    public void log(String line) {
        Log.info(line);
    }

    @Override
    public void stop() {
        if (stopping.compareAndSet(false, true)) {
            new Thread(null, this::finish, "stop").start();
        }
    }

    /** A new shim of this group finds no socket, and makes its own, before we have sent our last event. */
    private void finish() {
        removeSocket();
        listener.drain(DRAIN_MILLIS);
        try {
            if (!events.flush(FLUSH_MILLIS)) {
                Log.warning("containerd has not taken all events");
            }
            Streams.awaitLoggers();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        System.exit(0);
    }

    private void end() {
        if (stopping.compareAndSet(false, true)) {
            removeSocket();
            System.exit(0);
        }
    }

    private void removeSocket() {
        if (!new File(arguments.socket()).delete()) {
            Log.warning(arguments.socket() + " is gone already");
        }
    }
}
