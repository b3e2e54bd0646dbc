package gvj.boot;

import gvj.host.HostProcess;

/** A further container and its monitor at the other end: {@link Control#CREATE}. */
final class ContainerSession implements Session {
    private final ControlSocket monitor;
    private final Container container;

    ContainerSession(ControlSocket monitor, Container container) {
        this.monitor = monitor;
        this.container = container;
        container.audience().addWatcher(monitor);
    }

    @Override
    public void waitedForBy(Thread waiter) {
        // nobody has to wait for that one
    }

    @Override
    public void hear(ControlSocket client) {
        switch (client.type()) {
            case Control.SIGNAL -> container.signal(client.a());
            case Control.WINDOW -> container.stdio().resize(client.a(), client.b());
            default -> {
                // nothing else means anything here
            }
        }
    }

    /** The container goes with its monitor. */
    @Override
    public void hangUp() {
        container.abandon();
    }

    /** The monitor hears last, when all output is written and nothing of the container is left. */
    @Override
    public void awaitEnd() {
        try {
            if (!container.awaitEnd(Sentry.STARTED_NANOS)) {
                HostProcess.trim(); // what making it needed
            }
            int status = container.awaitEnd();
            container.stdio().drain();
            container.audience().endTraces();
            container.audience().awaitSessions();
            container.release();
            container.ended(status);
            container.audience().tellEnd(status);
            ControlRequests.report(monitor, status);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
