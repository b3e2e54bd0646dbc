package gvj.boot;

import gvj.abi.Signals;
import gvj.kernel.NewProcess;
import gvj.kernel.SignalInfo;

/** A process that joined the sandbox, and the client at the other end: {@link Control#EXEC} from its start to its end. */
final class ExecSession implements Session {
    private final ControlSocket client;
    private final Container container;
    private final NewProcess process;
    private final Stdio stdio;

    ExecSession(ControlSocket client, Container container, NewProcess process, Stdio stdio) {
        this.client = client;
        this.container = container;
        this.process = process;
        this.stdio = stdio;
    }

    /** Tells the client the process's id in its container and lets it run. */
    void start() {
        client.send(Control.STARTED, container.pids().idOf(process.process()));
        process.start();
    }

    @Override
    public void waitedForBy(Thread waiter) {
        container.audience().addSession(waiter);
    }

    @Override
    public void hear(ControlSocket from) {
        switch (from.type()) {
            case Control.SIGNAL -> signal(from.a());
            case Control.WINDOW -> stdio.resize(from.a(), from.b());
            default -> {
                // nothing else means anything here
            }
        }
    }

    private void signal(int signo) {
        if (signo > 0 && signo <= Signals.SIGRTMAX) {
            process.signal(SignalInfo.user(signo, 0, 0, 0));
        }
    }

    /** The process goes with the client. One that has ended does not mind. */
    @Override
    public void hangUp() {
        process.signal(SignalInfo.kernel(Signals.SIGKILL));
    }

    /** Says how the process ended, after everything that it wrote. */
    @Override
    public void awaitEnd() {
        try {
            int status = process.awaitExit();
            stdio.drain();
            stdio.close();
            ControlRequests.report(client, status);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            container.audience().removeSession(Thread.currentThread());
        }
    }
}
