package gvj.host;

/**
 * Host calls on sockets of the Internet families and of AF_PACKET: all that the Sentry ever asks the host's network for. Conventions as in
 * {@link Host}. Each call is checked once more in C, so that this list is complete; it is what a seccomp filter may allow:
 *
 * <table>
 * <caption>System calls and their arguments</caption>
 * <tr><th>call</th><th>arguments</th></tr>
 * <tr><td>socket</td><td>AF_INET or AF_INET6; SOCK_STREAM, SOCK_DGRAM or SOCK_RAW, always with SOCK_NONBLOCK and
 *     SOCK_CLOEXEC; protocol 0 to 262</td></tr>
 * <tr><td>socket</td><td>AF_PACKET; SOCK_RAW or SOCK_DGRAM with the same; protocol of 16 bits</td></tr>
 * <tr><td>bind, connect</td><td>at most 28 bytes of address: AF_INET, AF_INET6, AF_PACKET or AF_UNSPEC</td></tr>
 * <tr><td>listen, shutdown</td><td>any backlog; 0 to 2</td></tr>
 * <tr><td>accept4</td><td>no address, flags exactly SOCK_NONBLOCK and SOCK_CLOEXEC</td></tr>
 * <tr><td>getsockname, getpeername</td><td></td></tr>
 * <tr><td>getsockopt, setsockopt</td><td>SOL_SOCKET, IPPROTO_IP, IPPROTO_IPV6, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_UDPLITE,
 *     IPPROTO_RAW, IPPROTO_ICMPV6, SOL_PACKET; at most 4096 bytes; names are those of {@code gvj.net.inet.InetOptions} and
 *     {@code gvj.net.packet.PacketOptions}</td></tr>
 * <tr><td>sendmsg</td><td>always MSG_DONTWAIT and MSG_NOSIGNAL; of MSG_OOB, MSG_DONTROUTE, MSG_EOR, MSG_CONFIRM, MSG_MORE,
 *     MSG_FASTOPEN any</td></tr>
 * <tr><td>recvmsg</td><td>always MSG_DONTWAIT; of MSG_OOB, MSG_PEEK, MSG_TRUNC, MSG_ERRQUEUE any</td></tr>
 * <tr><td>ioctl</td><td>SIOCINQ (FIONREAD), SIOCOUTQ (TIOCOUTQ), SIOCOUTQNSD, SIOCATMARK</td></tr>
 * <tr><td>poll, ppoll</td><td>one descriptor, timeout 0; two descriptors</td></tr>
 * </table>
 *
 * <p>With them go close, eventfd2, read and write of an eventfd ({@link Host}), and the epoll calls of the poller.
 */
public final class HostNet {
    /** Bytes of the longest address: a struct sockaddr_in6. */
    public static final int MAX_ADDRESS = 28;
    /** UIO_MAXIOV: pieces of memory that one call moves. */
    public static final int MAX_VECTORS = 1024;
    /** Bytes of ancillary data that come or go with a message. */
    public static final int MAX_CONTROL = 2048;
    /** Bytes of an option. */
    public static final int MAX_OPTION = 4096;

    /** Offsets in the block that {@link #sendmsg} and {@link #recvmsg} take: lengths and flags are ints. */
    public static final int MESSAGE_NAME_LENGTH = 0;

    public static final int MESSAGE_CONTROL_LENGTH = 4;
    public static final int MESSAGE_FLAGS = 8;
    public static final int MESSAGE_NAME = 16;
    public static final int MESSAGE_CONTROL = 144;
    public static final int MESSAGE_BYTES = MESSAGE_CONTROL + MAX_CONTROL;

    /** Answers of {@link #await}, which may come together. */
    public static final int READY = 1;

    public static final int KICKED = 2;

    static {
        HostLibrary.load();
    }

    private HostNet() {}

    /** socket(2): nonblocking and close-on-exec. */
    public static native int socket(int domain, int type, int protocol);

    /** bind(2). */
    public static native int bind(int fd, long address, int length);

    /** connect(2): {@code -EINPROGRESS} where it would block. */
    public static native int connect(int fd, long address, int length);

    /** listen(2). */
    public static native int listen(int fd, int backlog);

    /** accept4(2): nonblocking and close-on-exec. */
    public static native int accept(int fd);

    /** shutdown(2). */
    public static native int shutdown(int fd, int how);

    /** getsockname(2) into {@link #MAX_ADDRESS} bytes: the length. */
    public static native int getsockname(int fd, long address);

    /** getpeername(2) into {@link #MAX_ADDRESS} bytes: the length. */
    public static native int getpeername(int fd, long address);

    /** getsockopt(2): the length of the value. */
    public static native int getsockopt(int fd, int level, int name, long value, int length);

    /** setsockopt(2). */
    public static native int setsockopt(int fd, int level, int name, long value, int length);

    /** sendmsg(2) of {@code count} struct iovec without an address. */
    public static native long send(int fd, long vectors, int count, int flags);

    /** recvmsg(2) into {@code count} struct iovec, whoever it is from. */
    public static native long receive(int fd, long vectors, int count, int flags);

    /** sendmsg(2) with the address and ancillary data of a message block; its flags are not looked at. */
    public static native long sendmsg(int fd, long vectors, int count, long message, int flags);

    /** recvmsg(2): fills a message block of {@link #MESSAGE_BYTES}. */
    public static native long recvmsg(int fd, long vectors, int count, long message, int flags);

    /** ioctl(SIOCINQ). */
    public static native long unread(int fd);

    /** ioctl(SIOCOUTQ). */
    public static native long unsent(int fd);

    /** ioctl(SIOCOUTQNSD). */
    public static native long notSent(int fd);

    /** ioctl(SIOCATMARK). */
    public static native long atMark(int fd);

    /** poll(2) without waiting: the POLL* bits that hold now. */
    public static native int poll(int fd, int events);

    /**
     * ppoll(2) for {@code events} of a socket and for an eventfd beside it.
     *
     * @param timeout nanoseconds, negative for ever
     * @return {@link #READY} and {@link #KICKED} bits, 0 when the time is over, or {@code -errno}
     */
    public static native int await(int fd, int events, int kick, long timeout);
}
