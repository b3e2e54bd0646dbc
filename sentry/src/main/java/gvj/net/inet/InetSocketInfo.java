package gvj.net.inet;

/** What /proc/net and the like tell of a socket. */
public interface InetSocketInfo {
    /** AF_INET or AF_INET6. */
    int family();

    /** IPPROTO_*. */
    int protocol();

    /** SOCK_STREAM, SOCK_DGRAM or SOCK_RAW. */
    int type();

    /** An encoded sockaddr of its family. */
    byte[] localAddress();

    /** An encoded sockaddr of its family; null without a peer. */
    byte[] remoteAddress();

    /** TCP_ESTABLISHED 1, ..., TCP_LISTEN 10, TCP_CLOSE 7, as /proc/net/tcp has them; 7 or 1 for what is not TCP. */
    int state();

    /** Whose it is. */
    int uid();

    /** The number in the link of /proc/PID/fd. */
    long inodeNumber();

    /** Bytes sent and not acknowledged. */
    long sendQueue();

    /** Bytes received and not read. */
    long receiveQueue();
}
