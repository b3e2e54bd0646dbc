package gvj.net;

import gvj.kernel.Task;

/** One address family of socket(2). */
public interface SocketFamily {
    /**
     * A new socket.
     *
     * @param type SOCK_STREAM and so on, without flags
     * @param flags O_NONBLOCK or 0
     * @throws gvj.kernel.ErrnoException ESOCKTNOSUPPORT, EPROTONOSUPPORT, EACCES
     */
    Sock create(Task task, int type, int protocol, int flags);

    /** socketpair(2): two connected sockets; EOPNOTSUPP where there is no such thing. */
    Sock[] pair(Task task, int type, int protocol, int flags);
}
