package gvj.net.inet;

import gvj.kernel.Task;

/**
 * What carries out the sockets of one network namespace. The sandbox's first namespace has the host's ({@link HostStack}),
 * all others have none to speak of ({@link EmptyStack}).
 */
public interface InetStack {
    /**
     * socket(2) behind the checks of {@link InetFamily}.
     *
     * @param family AF_INET or AF_INET6
     * @param type SOCK_STREAM, SOCK_DGRAM or SOCK_RAW
     * @param protocol IPPROTO_*, never 0
     * @param flags O_NONBLOCK or 0
     * @throws gvj.kernel.ErrnoException EPROTONOSUPPORT, EACCES, EPERM, EMFILE
     */
    InetSocket socket(Task task, int family, int type, int protocol, int flags);
}
