package gvj.host;

/**
 * rtnetlink(7) questions to the host about the network namespace that this process is in. Conventions as in {@link Host}.
 *
 * <p>Nothing of an application is passed on: requests are put together in C, of a type and numbers. Nothing is changed: only
 * RTM_GET messages are sent. These are all host calls that are made:
 *
 * <pre>
 *   socket    AF_NETLINK, SOCK_RAW|SOCK_CLOEXEC, NETLINK_ROUTE
 *   bind      that socket, sockaddr_nl: port 0, groups {@link #GROUPS} or none
 *   sendto    that socket, up to 272 bytes, MSG_NOSIGNAL, sockaddr_nl: port 0 (the kernel), no groups
 *   recvfrom  that socket, MSG_TRUNC
 *   close     that socket
 * </pre>
 */
public final class HostNetlink {
    /** Changes that {@link #news} tells: links, neighbours, addresses, routes and rules of IPv4 and IPv6. */
    public static final int GROUPS = 1 | 1 << 2 | 1 << 4 | 1 << 6 | 1 << 7 | 1 << 8 | 1 << 10 | 1 << 18;
    /** Bytes that answers need at least: one part. */
    public static final int MIN_ROOM = 32 << 10;

    /**
     * Bytes of a question to {@link #route}: ints family, flags (RTM_F_LOOKUP_TABLE, RTM_F_FIB_MATCH), TOS, prefix lengths
     * of destination and source (0: none), interface in and out, mark, protocol, ports of source and target, whether there
     * are ports; then the addresses, 16 bytes each.
     */
    public static final int QUERY_BYTES = 80;

    static {
        HostLibrary.load();
    }

    private HostNetlink() {}

    /**
     * A socket for the other methods.
     *
     * @param groups {@link #GROUPS}, or 0 for a socket that asks
     */
    public static native int open(int groups);

    /**
     * Lists what there is: bytes of the answers, one after the other, each at a multiple of 4. After an error the socket may
     * hold a rest of them: it is of no use any more.
     *
     * @param type RTM_GETLINK, GETADDR, GETROUTE, GETNEIGH, GETRULE or GETQDISC
     * @param family AF_UNSPEC, AF_INET or AF_INET6
     * @return {@code -EINTR} if it changed meanwhile, {@code -ENOBUFS} if there is too little room
     */
    public static native long dump(int fd, int type, int family, int sequence, long to, long room);

    /** Which way a packet would go: the bytes of one answer. {@code query} are {@link #QUERY_BYTES}. */
    public static native long route(int fd, int sequence, long query, long to, long room);

    /** Waits for changes: bytes of messages. {@code -ENOBUFS} if some were lost. */
    public static native long news(int fd, long to, long room);
}
