package gvj.shim.process;

import gvj.boot.Control;
import gvj.runtime.ControlClient;
import gvj.runtime.ToolException;
import gvj.shim.runtime.Descriptors;
import gvj.shim.runtime.SmallThread;

/**
 * A thread that hears how a container fares: that something was killed for want of memory, and its end. A Sentry that says
 * no more has ended.
 */
final class Watch extends SmallThread {
    private final Container container;
    private final ControlClient end;
    private final ControlClient events;

    private Watch(Container container, ControlClient end, ControlClient events) {
        super("watch-" + container.id());
        this.container = container;
        this.end = end;
        this.events = events;
    }

    /** One that has its connections, and listens when it is started. */
    static Watch connect(Container container, gvj.runtime.Container handle) throws ToolException {
        ControlClient end = handle.connect();
        ControlClient events = null;
        try {
            end.send(Control.WAIT, 0, 0);
            events = handle.connect();
            events.ask(Control.EVENTS);
            return new Watch(container, end, events);
        } catch (ToolException e) {
            end.close();
            if (events != null) {
                events.close();
            }
            throw e;
        }
    }

    @Override
    public void run() {
        int status = Exit.DEAD;
        try {
            status = listen();
        } catch (ToolException e) {
            container.note("its end is not known: " + e.getMessage());
        } finally {
            end.close();
            events.close();
            container.ended(status);
        }
    }

    private int listen() throws ToolException {
        boolean hearsEvents = true;
        while (true) {
            boolean over =
                    Descriptors.awaitInput(-1, end.socket(), hearsEvents ? events.socket() : Descriptors.NONE) == 0;
            while (hearsEvents) { // what was said before the end is told before the end
                int heard = events.hear(0);
                if (heard == 0) {
                    break;
                }
                hearsEvents = heard > 0;
                if (heard == Control.OOM) {
                    container.ranOutOfMemory();
                }
            }
            if (over) {
                return Ends.status(end, end.hear(-1));
            }
        }
    }
}
