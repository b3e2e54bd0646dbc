package gvj.net.inet;

import gvj.fs.host.HostPoller;
import gvj.host.HostNet;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;

/** The host's network: what the Sentry's own process reaches. */
public final class HostStack implements InetStack {
    private final HostPoller poller;

    /** A stack whose sockets are watched by {@code poller}. */
    public HostStack(HostPoller poller) {
        this.poller = poller;
    }

    @Override
    public InetSocket socket(Task task, int family, int type, int protocol, int flags) {
        int fd = (int) ErrnoException.check(HostNet.socket(family, type, protocol));
        return new HostSocket(task, poller, fd, family, type, protocol, flags);
    }
}
