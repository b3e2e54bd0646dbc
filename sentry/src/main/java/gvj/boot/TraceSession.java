package gvj.boot;

import gvj.trace.Strace;
import gvj.trace.TracePipe;
import gvj.trace.TraceViewer;
import java.util.Set;

/** Somebody who reads which system calls a container makes: {@link Control#TRACE}. */
final class TraceSession implements Session {
    private final Strace strace;
    private final Container container;
    private final TracePipe pipe;
    private final TraceViewer viewer;

    /** Begins to write to {@code fd}, which is ours from now on; {@code calls} are the wanted ones, all if it is empty. */
    TraceSession(Strace strace, Container container, Set<String> calls, int fd) {
        this.strace = strace;
        this.container = container;
        pipe = new TracePipe(fd);
        viewer = new TraceViewer(container.cgroup(), calls, pipe);
        container.audience().addTrace(pipe);
        strace.add(viewer);
    }

    @Override
    public void waitedForBy(Thread waiter) {
        container.audience().addSession(waiter);
    }

    @Override
    public void hear(ControlSocket client) {
        // a trace is only read
    }

    @Override
    public void hangUp() {
        pipe.abandon();
    }

    /** The end of the pipe is what the client hears. */
    @Override
    public void awaitEnd() {
        try {
            pipe.awaitWritten();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            strace.remove(viewer);
            container.audience().removeTrace(pipe);
            container.audience().removeSession(Thread.currentThread());
        }
    }
}
