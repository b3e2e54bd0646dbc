package gvj.boot;

import gvj.trace.TracePipe;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The clients that want to hear of one container, beside the one that made it. */
final class Audience {
    /** How long clients of exec may take to hear how their processes ended when the container does. */
    private static final long LAST_WORDS_MILLIS = 2000;

    private final List<ControlSocket> waiters = new CopyOnWriteArrayList<>();
    private final List<ControlSocket> watchers = new CopyOnWriteArrayList<>();
    private final List<Thread> sessions = new CopyOnWriteArrayList<>();
    private final List<TracePipe> traces = new CopyOnWriteArrayList<>();

    /** {@code client} is to hear how the container ended: now, if it has. */
    void addWaiter(ControlSocket client, Container container) {
        waiters.add(client);
        int status = container.exitStatus();
        if (status >= 0) {
            ControlRequests.report(client, status);
        }
    }

    /** {@code client} is to hear what happens to the container. */
    void addWatcher(ControlSocket client) {
        watchers.add(client);
    }

    /** {@code thread} waits for a process that joined. */
    void addSession(Thread thread) {
        sessions.add(thread);
    }

    void removeSession(Thread thread) {
        sessions.remove(thread);
    }

    /** Lines about the container are written to {@code pipe}. */
    void addTrace(TracePipe pipe) {
        traces.add(pipe);
    }

    void removeTrace(TracePipe pipe) {
        traces.remove(pipe);
    }

    /** Nothing of the container runs any more: whoever traces it gets the last lines, and then the end. */
    void endTraces() {
        for (TracePipe trace : traces) {
            trace.end();
        }
    }

    /** The client is gone. */
    void remove(ControlSocket client) {
        waiters.remove(client);
        watchers.remove(client);
    }

    /** Memory was used up, and the process that is {@code pid} inside was killed. */
    void outOfMemory(int pid) {
        for (ControlSocket watcher : watchers) {
            watcher.send(Control.OOM, pid);
        }
    }

    /** Those who joined hear first how their processes ended. */
    void awaitSessions() throws InterruptedException {
        long deadline = System.nanoTime() + LAST_WORDS_MILLIS * 1_000_000;
        for (Thread session : sessions) {
            session.join(Math.max(1, (deadline - System.nanoTime()) / 1_000_000));
        }
    }

    /** The container has ended. */
    void tellEnd(int status) {
        for (ControlSocket waiter : waiters) {
            ControlRequests.report(waiter, status);
        }
    }
}
