package gvj.net.inet;

import gvj.fs.host.HostPoller;
import gvj.kernel.Task;
import gvj.net.host.HostDescriptors;

/** A network namespace without interfaces: sockets are there and have options, but lead nowhere. */
final class EmptyStack implements InetStack {
    private final HostPoller poller = new HostPoller();

    @Override
    public InetSocket socket(Task task, int family, int type, int protocol, int flags) {
        int fd = HostDescriptors.socket(family, type, protocol);
        return new UnreachableSocket(task, poller, fd, family, type, protocol, flags);
    }
}
