package gvj.net;

import gvj.abi.Bytes;
import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.Socket;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import java.util.concurrent.atomic.AtomicLong;

/** SOL_SOCKET options of one socket, socket(7). Fields are volatile or only remembered for getsockopt(2). */
public final class SocketOptions {
    /** net.core.wmem_default and wmem_max. */
    public static final int DEFAULT_BUFFER = 212_992;

    private static final int MAX_BUFFER = 212_992;
    private static final int MAX_FORCED_BUFFER = 1 << 25;
    private static final int MIN_SEND_BUFFER = 4608;
    private static final int MIN_RECEIVE_BUFFER = 2304;
    private static final int TIMEVAL_BYTES = 16;
    private static final AtomicLong NEXT_COOKIE = new AtomicLong(1);

    /** On or off options, which do nothing but be remembered: bits of {@link #switches} by option number. */
    private static final long SWITCHES = bit(Socket.SO_DEBUG)
            | bit(Socket.SO_REUSEADDR)
            | bit(Socket.SO_REUSEPORT)
            | bit(Socket.SO_KEEPALIVE)
            | bit(Socket.SO_BROADCAST)
            | bit(Socket.SO_DONTROUTE)
            | bit(Socket.SO_OOBINLINE)
            | bit(Socket.SO_NO_CHECK)
            | bit(Socket.SO_PASSCRED)
            | bit(Socket.SO_PASSSEC)
            | bit(Socket.SO_TIMESTAMP)
            | bit(Socket.SO_TIMESTAMPNS)
            | bit(Socket.SO_RXQ_OVFL)
            | bit(Socket.SO_WIFI_STATUS)
            | bit(Socket.SO_NOFCS)
            | bit(Socket.SO_BUSY_POLL)
            | bit(Socket.SO_SELECT_ERR_QUEUE)
            | bit(Socket.SO_ZEROCOPY);

    public volatile int sendBuffer = DEFAULT_BUFFER;
    public volatile int receiveBuffer = DEFAULT_BUFFER;
    public volatile int receiveLowWater = 1;
    /** 0 for none. */
    public volatile long receiveTimeoutNanos;

    public volatile long sendTimeoutNanos;
    /** Seconds, or -1 while SO_LINGER is off. */
    public volatile int lingerSeconds = -1;

    private volatile long switches;
    private volatile int priority;
    private volatile int mark;
    private final long cookie = NEXT_COOKIE.getAndIncrement();

    SocketOptions() {}

    private static long bit(int option) {
        return 1L << option;
    }

    /** Whether one of the on or off options is on. */
    public boolean isOn(int option) {
        return (switches & bit(option)) != 0;
    }

    /** SO_PASSCRED. */
    public boolean passesCredentials() {
        return isOn(Socket.SO_PASSCRED);
    }

    private synchronized void turn(int option, boolean on) {
        switches = on ? switches | bit(option) : switches & ~bit(option);
    }

    /** What accept(2) gives to the new socket. */
    public void inheritFrom(SocketOptions listener) {
        switches = listener.switches;
        sendBuffer = listener.sendBuffer;
        receiveBuffer = listener.receiveBuffer;
        receiveLowWater = listener.receiveLowWater;
        receiveTimeoutNanos = listener.receiveTimeoutNanos;
        sendTimeoutNanos = listener.sendTimeoutNanos;
        lingerSeconds = listener.lingerSeconds;
        priority = listener.priority;
        mark = listener.mark;
    }

    /** getsockopt(SOL_SOCKET): the value; ENOPROTOOPT. */
    public byte[] get(Task task, Sock sock, int option, int length) {
        if (option >= 0 && option < Long.SIZE && (SWITCHES & bit(option)) != 0) {
            return number(isOn(option) ? 1 : 0);
        }
        switch (option) {
            case Socket.SO_TYPE -> {
                return number(sock.type);
            }
            case Socket.SO_DOMAIN -> {
                return number(sock.family);
            }
            case Socket.SO_PROTOCOL -> {
                return number(sock.protocol);
            }
            case Socket.SO_ERROR -> {
                return number(sock.takeError());
            }
            case Socket.SO_ACCEPTCONN -> {
                return number(sock.isListening() ? 1 : 0);
            }
            case Socket.SO_SNDBUF -> {
                return number(sendBuffer);
            }
            case Socket.SO_RCVBUF -> {
                return number(receiveBuffer);
            }
            case Socket.SO_RCVLOWAT -> {
                return number(receiveLowWater);
            }
            case Socket.SO_SNDLOWAT -> {
                return number(1);
            }
            case Socket.SO_PRIORITY -> {
                return number(priority);
            }
            case Socket.SO_MARK -> {
                return number(mark);
            }
            case Socket.SO_LINGER -> {
                byte[] linger = new byte[8];
                Bytes.putInt(linger, 0, lingerSeconds >= 0 ? 1 : 0);
                Bytes.putInt(linger, 4, Math.max(0, lingerSeconds));
                return linger;
            }
            case Socket.SO_RCVTIMEO, Socket.SO_RCVTIMEO_NEW -> {
                return timeval(receiveTimeoutNanos);
            }
            case Socket.SO_SNDTIMEO, Socket.SO_SNDTIMEO_NEW -> {
                return timeval(sendTimeoutNanos);
            }
            case Socket.SO_COOKIE -> {
                if (length < 8) {
                    throw ErrnoException.of(Errno.EINVAL);
                }
                byte[] value = new byte[8];
                Bytes.putLong(value, 0, cookie);
                return value;
            }
            case Socket.SO_PEERCRED -> {
                byte[] value = new byte[SocketCredentials.BYTES];
                sock.peerCredentials().encode(task, value, 0);
                return value;
            }
            case Socket.SO_PEERGROUPS -> {
                return groups(sock.peerCredentials());
            }
            case Socket.SO_PEERNAME -> {
                return sock.peerAddress();
            }
            case Socket.SO_BINDTODEVICE, Socket.SO_GET_FILTER -> {
                return new byte[0];
            }
            case Socket.SO_PEEK_OFF, Socket.SO_INCOMING_CPU -> {
                return number(-1);
            }
            case Socket.SO_BPF_EXTENSIONS -> {
                return number(64);
            }
            default -> {
                return sock.getOption(task, Socket.SOL_SOCKET, option, length);
            }
        }
    }

    private static byte[] groups(SocketCredentials peer) {
        if (peer.process() == null) {
            throw ErrnoException.of(Errno.ENODATA);
        }
        byte[] value = new byte[peer.groups().length * 4];
        for (int i = 0; i < peer.groups().length; i++) {
            Bytes.putInt(value, i * 4, peer.groups()[i]);
        }
        return value;
    }

    private static byte[] number(int value) {
        byte[] bytes = new byte[4];
        Bytes.putInt(bytes, 0, value);
        return bytes;
    }

    private static byte[] timeval(long nanos) {
        byte[] bytes = new byte[TIMEVAL_BYTES];
        Bytes.putLong(bytes, 0, nanos / 1_000_000_000L);
        Bytes.putLong(bytes, 8, nanos % 1_000_000_000L / 1000);
        return bytes;
    }

    /** setsockopt(SOL_SOCKET): 0 or -errno. */
    public long set(Task task, Sock sock, int option, byte[] value) {
        if (value.length < 4) {
            return -Errno.EINVAL;
        }
        int number = Bytes.getInt(value, 0);
        boolean admin = task.credentials().has(Capability.CAP_NET_ADMIN);
        switch (option) {
            case Socket.SO_DEBUG -> {
                if (number != 0 && !admin) {
                    return -Errno.EACCES;
                }
                turn(option, number != 0);
            }
            case Socket.SO_SNDBUF -> sendBuffer = Math.max(clamp(number, MAX_BUFFER) * 2, MIN_SEND_BUFFER);
            case Socket.SO_RCVBUF -> receiveBuffer = Math.max(clamp(number, MAX_BUFFER) * 2, MIN_RECEIVE_BUFFER);
            case Socket.SO_SNDBUFFORCE, Socket.SO_RCVBUFFORCE -> {
                if (!admin) {
                    return -Errno.EPERM;
                }
                int bytes = Math.max(0, Math.min(number, MAX_FORCED_BUFFER)) * 2;
                if (option == Socket.SO_SNDBUFFORCE) {
                    sendBuffer = Math.max(bytes, MIN_SEND_BUFFER);
                } else {
                    receiveBuffer = Math.max(bytes, MIN_RECEIVE_BUFFER);
                }
            }
            case Socket.SO_RCVLOWAT -> receiveLowWater = number < 0 ? Integer.MAX_VALUE : Math.max(number, 1);
            case Socket.SO_PRIORITY -> {
                if ((number < 0 || number > 6) && !admin) {
                    return -Errno.EPERM;
                }
                priority = number;
            }
            case Socket.SO_MARK -> {
                if (!admin) {
                    return -Errno.EPERM;
                }
                mark = number;
            }
            case Socket.SO_LINGER -> {
                if (value.length < 8) {
                    return -Errno.EINVAL;
                }
                lingerSeconds = number == 0 ? -1 : Math.max(0, Bytes.getInt(value, 4));
            }
            case Socket.SO_RCVTIMEO, Socket.SO_RCVTIMEO_NEW -> receiveTimeoutNanos = timeout(value);
            case Socket.SO_SNDTIMEO, Socket.SO_SNDTIMEO_NEW -> sendTimeoutNanos = timeout(value);
            case Socket.SO_PEEK_OFF -> {
                return -Errno.EOPNOTSUPP;
            }
            case Socket.SO_TYPE, Socket.SO_DOMAIN, Socket.SO_PROTOCOL, Socket.SO_ERROR, Socket.SO_ACCEPTCONN -> {
                return -Errno.ENOPROTOOPT;
            }
            default -> {
                if (option < 0 || option >= Long.SIZE || (SWITCHES & bit(option)) == 0) {
                    return sock.setOption(task, Socket.SOL_SOCKET, option, value);
                }
                turn(option, number != 0);
            }
        }
        return 0;
    }

    /** As Linux compares: a negative number is a very large one. */
    private static int clamp(int wanted, int max) {
        return wanted < 0 || wanted > max ? max : wanted;
    }

    private static long timeout(byte[] value) {
        if (value.length < TIMEVAL_BYTES) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        long seconds = Bytes.getLong(value, 0);
        long micros = Bytes.getLong(value, 8);
        if (micros < 0 || micros >= 1_000_000) {
            throw ErrnoException.of(Errno.EDOM);
        }
        if (seconds < 0) {
            return 1;
        }
        return seconds >= Long.MAX_VALUE / 1_000_000_000L - 1 ? 0 : seconds * 1_000_000_000L + micros * 1000;
    }
}
