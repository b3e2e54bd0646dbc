package gvj.net.inet;

import gvj.fs.host.HostPoller;
import gvj.kernel.Task;
import gvj.net.host.HostDescriptors;

/** The host's network: what the Sentry's own process reaches. */
public final class HostStack implements InetStack {
    private final HostPoller poller;

    /** A stack whose sockets are watched by {@code poller}. */
    public HostStack(HostPoller poller) {
        this.poller = poller;
        HostDescriptors.prepare();
    }

    @Override
    public InetSocket socket(Task task, int family, int type, int protocol, int flags) {
        int fd = HostDescriptors.socket(family, type, protocol);
        return new HostSocket(task, poller, fd, family, type, protocol, flags);
    }
}
