package gvj.boot;

import gvj.abi.Signals;
import gvj.kernel.NewProcess;
import gvj.kernel.SignalInfo;

/** A process that joined the sandbox, and the client at the other end: {@link Control#EXEC} from its start to its end. */
final class ExecSession {
    private final ControlSocket client;
    private final NewProcess process;
    private final Stdio stdio;

    ExecSession(ControlSocket client, NewProcess process, Stdio stdio) {
        this.client = client;
        this.process = process;
        this.stdio = stdio;
    }

    /** Tells the client the process's id and lets it run. */
    void start() {
        client.send(Control.STARTED, process.process().pid);
        process.start();
    }

    /** Acts on the message that the client sent last. */
    void hear(ControlSocket from) {
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

    /** The client is gone, and the process with it. One that has ended does not mind. */
    void hangUp() {
        process.signal(SignalInfo.kernel(Signals.SIGKILL));
    }

    /** Waits for the process's end and says how it was, after everything that it wrote. */
    void awaitEnd() {
        try {
            int status = process.awaitExit();
            stdio.drain();
            stdio.close();
            ControlRequests.report(client, status);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
