package gvj.shim.process;

import gvj.boot.Control;
import gvj.host.Host;
import gvj.host.HostErrno;
import gvj.host.Mem;
import gvj.runtime.ControlClient;
import gvj.runtime.ToolException;

/**
 * A thread that hears how a container fares: that something was killed for want of memory, and its end. A Sentry that says
 * no more has ended.
 */
final class Watch extends Thread {
    private static final int POLLIN = 1;
    private static final long STACK = 128 * 1024;

    private final Container container;
    private final ControlClient end;
    private final ControlClient events;

    private Watch(Container container, ControlClient end, ControlClient events) {
        super(null, null, "watch-" + container.id(), STACK);
        this.container = container;
        this.end = end;
        this.events = events;
        setDaemon(true);
    }

    /** Begins to listen; the connections are made when this answers. */
    static void start(Container container, gvj.runtime.Container handle) throws ToolException {
        ControlClient end = handle.connect();
        try {
            end.send(Control.WAIT, 0, 0);
            ControlClient events = handle.connect();
            events.ask(Control.EVENTS);
            new Watch(container, end, events).start();
        } catch (ToolException e) {
            end.close();
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
            boolean over = await(hearsEvents);
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

    /** Whether the end has been told. */
    private boolean await(boolean hearsEvents) {
        long polled = Host.malloc(16);
        Mem.putInt(polled, end.socket());
        Mem.putInt(polled + 4, POLLIN);
        Mem.putInt(polled + 8, hearsEvents ? events.socket() : -1);
        Mem.putInt(polled + 12, POLLIN);
        int ready;
        do {
            ready = Host.poll(polled, 2, -1);
        } while (ready == -HostErrno.EINTR);
        boolean over = ready < 0 || Mem.getShort(polled + 6) != 0;
        Host.free(polled);
        return over;
    }
}
