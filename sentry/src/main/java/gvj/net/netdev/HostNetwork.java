package gvj.net.netdev;

import gvj.abi.Bytes;
import gvj.abi.Errno;
import gvj.abi.Netlink;
import gvj.abi.Rtnetlink;
import gvj.abi.Socket;
import gvj.host.Host;
import gvj.host.HostNetlink;
import gvj.host.Mem;
import gvj.kernel.ErrnoException;
import java.util.ArrayList;
import java.util.List;

/**
 * The network namespace that the Sentry is in. The host is asked anew for each question, which takes some tens of
 * microseconds: nothing can be stale, and no thread has to keep a copy true. A socket that hears of changes, and a thread
 * that reads it, are made when the first application socket wants to hear of them.
 *
 * <p>Lock: the monitor guards the socket that asks, and its buffer.
 */
final class HostNetwork extends Network {
    private static final int ROOM = 128 << 10;
    /** So much of the host's tables is copied; a table that is longer answers ENOBUFS. */
    private static final long MAX_ROOM = 32 << 20;
    /** A table that changes all the time is shown as it was read last. */
    private static final int TRIES = 4;

    private int fd = -1;
    private int sequence;
    private long buffer;
    private long room;
    private boolean listening;

    /** Makes an entry of the message at {@code at}; null for one that cannot be. */
    private interface Decoder<E extends Entry> {
        E decode(byte[] message, int at, int end);
    }

    @Override
    public List<Link> links() {
        return list(Rtnetlink.RTM_GETLINK, Socket.AF_UNSPEC, Link::decode);
    }

    @Override
    public List<Address> addresses(int family) {
        return list(Rtnetlink.RTM_GETADDR, family, Address::decode);
    }

    @Override
    public List<Route> routes(int family) {
        return list(Rtnetlink.RTM_GETROUTE, family, Route::decode);
    }

    @Override
    public List<Neighbour> neighbours(int family) {
        return list(Rtnetlink.RTM_GETNEIGH, family, Neighbour::decode);
    }

    @Override
    public List<Rule> rules(int family) {
        return list(Rtnetlink.RTM_GETRULE, family, Rule::decode);
    }

    @Override
    public List<Qdisc> qdiscs() {
        return list(Rtnetlink.RTM_GETQDISC, Socket.AF_UNSPEC, Qdisc::decode);
    }

    private <E extends Entry> List<E> list(int type, int family, Decoder<E> decoder) {
        return parse(dump(type, family), type - 2, decoder);
    }

    private static <E extends Entry> List<E> parse(byte[] answer, int type, Decoder<E> decoder) {
        List<E> list = new ArrayList<>();
        int at = 0;
        while (answer.length - at >= Netlink.NLMSG_HDRLEN) {
            int length = Bytes.getInt(answer, at);
            if (length < Netlink.NLMSG_HDRLEN || length > answer.length - at) {
                break;
            }
            if (Bytes.getShort(answer, at + 4) == type) {
                E entry = decoder.decode(answer, at + Netlink.NLMSG_HDRLEN, at + length);
                if (entry != null) {
                    list.add(entry);
                }
            }
            at += Netlink.align(length);
        }
        return list;
    }

    private synchronized byte[] dump(int type, int family) {
        int tries = TRIES;
        while (true) {
            open();
            long n = HostNetlink.dump(fd, type, family, ++sequence, buffer, room);
            if (n >= 0) {
                return copy(n);
            }
            close();
            if (n == -Errno.ENOBUFS && room * 4 <= MAX_ROOM) {
                grow();
            } else if (n != -Errno.EINTR || --tries == 0) {
                throw ErrnoException.of((int) -n);
            }
        }
    }

    @Override
    public synchronized Route route(RouteQuery query) {
        open();
        long question = Host.malloc(HostNetlink.QUERY_BYTES);
        ErrnoException.check(question < 0 ? question : 0);
        try {
            encode(query, question);
            long n = HostNetlink.route(fd, ++sequence, question, buffer, room);
            if (n < 0) {
                close();
                throw ErrnoException.of((int) -n);
            }
            List<Route> routes = parse(copy(n), Rtnetlink.RTM_NEWROUTE, Route::decode);
            if (routes.isEmpty()) {
                throw ErrnoException.of(Errno.ENETUNREACH);
            }
            return routes.get(0);
        } finally {
            Host.free(question);
        }
    }

    private static void encode(RouteQuery query, long to) {
        int[] numbers = {
            query.family,
            query.flags,
            query.tos,
            query.dst == null ? 0 : query.dstLength,
            query.src == null ? 0 : query.srcLength,
            query.iif,
            query.oif,
            query.mark,
            query.protocol,
            query.sourcePort,
            query.targetPort,
            query.sourcePort | query.targetPort
        };
        for (int i = 0; i < numbers.length; i++) {
            Mem.putInt(to + i * 4L, numbers[i]);
        }
        long addresses = to + numbers.length * 4L;
        if (query.dst != null) {
            Mem.copy(query.dst, 0, addresses, query.dst.length);
        }
        if (query.src != null) {
            Mem.copy(query.src, 0, addresses + 16, query.src.length);
        }
    }

    private void open() {
        if (buffer == 0) {
            room = ROOM;
            buffer = allocate(room);
        }
        if (fd < 0) {
            fd = (int) ErrnoException.check(HostNetlink.open(0));
        }
    }

    private void close() {
        Host.close(fd);
        fd = -1;
    }

    private void grow() {
        Host.free(buffer);
        buffer = 0;
        room *= 4;
        buffer = allocate(room);
    }

    private static long allocate(long bytes) {
        long address = Host.malloc(bytes);
        if (address < 0) {
            throw ErrnoException.of(Errno.ENOMEM);
        }
        return address;
    }

    private byte[] copy(long bytes) {
        byte[] answer = new byte[(int) bytes];
        Mem.copy(buffer, answer, 0, answer.length);
        return answer;
    }

    @Override
    public synchronized void listen(Listener listener) {
        if (!listening) {
            int news = (int) ErrnoException.check(HostNetlink.open(HostNetlink.GROUPS));
            listening = true;
            Thread thread = new Thread(null, () -> read(news, listener), "netlink", 256 << 10);
            thread.setDaemon(true);
            thread.start();
        }
    }

    private static void read(int news, Listener listener) {
        long memory = allocate(HostNetlink.MIN_ROOM);
        byte[] bytes = new byte[HostNetlink.MIN_ROOM];
        while (true) {
            long n = HostNetlink.news(news, memory, HostNetlink.MIN_ROOM);
            if (n >= 0) {
                Mem.copy(memory, bytes, 0, (int) n);
                tell(bytes, (int) n, listener);
            } else if (n == -Errno.ENOBUFS) {
                listener.lost();
            } else if (n != -Errno.EINTR) {
                return;
            }
        }
    }

    private static void tell(byte[] bytes, int count, Listener listener) {
        int at = 0;
        while (count - at >= Netlink.NLMSG_HDRLEN) {
            int length = Bytes.getInt(bytes, at);
            if (length < Netlink.NLMSG_HDRLEN || length > count - at) {
                return;
            }
            int type = Bytes.getShort(bytes, at + 4);
            int from = at + Netlink.NLMSG_HDRLEN;
            Entry entry = decode(type, bytes, from, at + length);
            if (entry != null) {
                listener.changed(type, bytes[from] & 0xff, entry);
            }
            at += Netlink.align(length);
        }
    }

    private static Entry decode(int type, byte[] bytes, int from, int end) {
        return switch (type) {
            case Rtnetlink.RTM_NEWLINK, Rtnetlink.RTM_DELLINK -> Link.decode(bytes, from, end);
            case Rtnetlink.RTM_NEWADDR, Rtnetlink.RTM_DELADDR -> Address.decode(bytes, from, end);
            case Rtnetlink.RTM_NEWROUTE, Rtnetlink.RTM_DELROUTE -> Route.decode(bytes, from, end);
            case Rtnetlink.RTM_NEWNEIGH, Rtnetlink.RTM_DELNEIGH -> Neighbour.decode(bytes, from, end);
            case Rtnetlink.RTM_NEWRULE, Rtnetlink.RTM_DELRULE -> Rule.decode(bytes, from, end);
            default -> null;
        };
    }
}
