package gvj.syscalls;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Socket;
import gvj.abi.SyscallNumbers;
import gvj.kernel.Blocking;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import gvj.net.Sock;
import gvj.net.SocketFamilies;
import gvj.net.SocketFamily;
import gvj.vfs.FileDescription;

/** socket(2), socketpair(2), bind(2), listen(2), accept(2), connect(2), shutdown(2), names and options. */
final class SocketSyscalls {
    private static final int TYPE_MASK = 0xf;
    /** The longest struct sockaddr of any family: sockaddr_storage. */
    private static final int MAX_ADDRESS = 128;
    /** No option takes more. */
    private static final int MAX_OPTION = 4096;

    private SocketSyscalls() {}

    static void register(SyscallTable t) {
        t.add(SyscallNumbers.SYS_socket, "socket", SocketSyscalls::socket);
        t.partial(
                SyscallNumbers.SYS_socket,
                "AF_UNIX, AF_INET, AF_INET6 and of AF_NETLINK NETLINK_ROUTE (which lists and tells changes, and changes nothing),"
                        + " KOBJECT_UEVENT, USERSOCK and SOCK_DIAG (which knows no family: ENOENT); AF_PACKET without SOCK_PACKET (ESOCKTNOSUPPORT), not in a network namespace made inside (EAFNOSUPPORT); a network namespace made inside has a loopback interface that is down");
        t.add(SyscallNumbers.SYS_socketpair, "socketpair", SocketSyscalls::socketpair);
        t.add(SyscallNumbers.SYS_bind, "bind", SocketSyscalls::bind);
        t.add(SyscallNumbers.SYS_listen, "listen", SocketSyscalls::listen);
        t.add(SyscallNumbers.SYS_accept, "accept", SocketSyscalls::accept);
        t.add(SyscallNumbers.SYS_accept4, "accept4", SocketSyscalls::accept4);
        t.add(SyscallNumbers.SYS_connect, "connect", SocketSyscalls::connect);
        t.add(SyscallNumbers.SYS_shutdown, "shutdown", SocketSyscalls::shutdown);
        t.add(SyscallNumbers.SYS_getsockname, "getsockname", SocketSyscalls::getsockname);
        t.add(SyscallNumbers.SYS_getpeername, "getpeername", SocketSyscalls::getpeername);
        t.add(SyscallNumbers.SYS_getsockopt, "getsockopt", SocketSyscalls::getsockopt);
        t.add(SyscallNumbers.SYS_setsockopt, "setsockopt", SocketSyscalls::setsockopt);
        t.partial(
                SyscallNumbers.SYS_setsockopt,
                "AF_INET: no SO_ATTACH_FILTER, SO_ZEROCOPY, TCP_ULP, TCP_MD5SIG, TCP_REPAIR, IP_OPTIONS;"
                        + " AF_PACKET: no rings, fanout, filters, PACKET_VNET_HDR, PACKET_QDISC_BYPASS (ENOPROTOOPT)");
        MessageSyscalls.register(t);
    }

    /** The socket behind a descriptor, with a reference; EBADF, ENOTSOCK. */
    static Sock sock(Task task, long fd) {
        FileDescription file = task.file(fd);
        if (file instanceof Sock sock) {
            return sock;
        }
        file.decRef();
        throw ErrnoException.of(Errno.ENOTSOCK);
    }

    private static int checkedFlags(long type) {
        int flags = (int) type & ~TYPE_MASK;
        if ((flags & ~(Socket.SOCK_CLOEXEC | Socket.SOCK_NONBLOCK)) != 0) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        return flags;
    }

    private static int checkedType(long type) {
        int checked = (int) type & TYPE_MASK;
        if (checked > Socket.SOCK_PACKET) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        return checked;
    }

    static long socket(Task task, long family, long type, long protocol) {
        int flags = checkedFlags(type);
        SocketFamily found = SocketFamilies.get((int) family);
        Sock sock = found.create(task, checkedType(type), (int) protocol, flags & Fcntl.O_NONBLOCK);
        return Descriptors.install(task, sock, (flags & Socket.SOCK_CLOEXEC) != 0);
    }

    static long socketpair(Task task, long family, long type, long protocol, long fds) {
        int flags = checkedFlags(type);
        Sock[] pair = SocketFamilies.get((int) family)
                .pair(task, checkedType(type), (int) protocol, flags & Fcntl.O_NONBLOCK);
        return Descriptors.installPair(task, pair[0], pair[1], (flags & Socket.SOCK_CLOEXEC) != 0, fds);
    }

    /** An address argument; EINVAL for a length that cannot be. */
    static byte[] address(Task task, long address, long length) {
        int bytes = (int) length;
        if (bytes < 0 || bytes > MAX_ADDRESS) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        byte[] copy = new byte[bytes];
        if (bytes > 0) {
            task.mm().copyIn(address, copy, 0, bytes);
        }
        return copy;
    }

    /** Writes an address, cut off at the length the application gave, and its whole length. */
    static void putAddress(Task task, byte[] value, long address, long lengthAddress) {
        int room = task.mm().readInt(lengthAddress);
        if (room < 0) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        int bytes = Math.min(room, value.length);
        if (bytes > 0) {
            task.mm().copyOut(address, value, 0, bytes);
        }
        task.mm().writeInt(lengthAddress, value.length);
    }

    static long bind(Task task, long fd, long address, long length) {
        Sock sock = sock(task, fd);
        try {
            return sock.bind(task, address(task, address, length));
        } finally {
            sock.decRef();
        }
    }

    static long listen(Task task, long fd, long backlog) {
        Sock sock = sock(task, fd);
        try {
            return sock.listen(task, (int) backlog);
        } finally {
            sock.decRef();
        }
    }

    static long connect(Task task, long fd, long address, long length) {
        Sock sock = sock(task, fd);
        try {
            return sock.connect(task, address(task, address, length), sock.isNonBlocking());
        } finally {
            sock.decRef();
        }
    }

    static long accept(Task task, long fd, long address, long length) {
        return accept4(task, fd, address, length, 0);
    }

    static long accept4(Task task, long fd, long address, long length, long flagBits) {
        int flags = (int) flagBits;
        if ((flags & ~(Socket.SOCK_CLOEXEC | Socket.SOCK_NONBLOCK)) != 0) {
            return -Errno.EINVAL;
        }
        Sock listener = sock(task, fd);
        try {
            Sock accepted = acceptWaiting(task, listener);
            if ((flags & Socket.SOCK_NONBLOCK) != 0) {
                accepted.setFlags(accepted.flags() | Fcntl.O_NONBLOCK);
            }
            if (address != 0) {
                putPeer(task, accepted, address, length);
            }
            return Descriptors.install(task, accepted, (flags & Socket.SOCK_CLOEXEC) != 0);
        } finally {
            listener.decRef();
        }
    }

    private static void putPeer(Task task, Sock accepted, long address, long length) {
        try {
            putAddress(task, accepted.peerAddress(), address, length);
        } catch (ErrnoException e) {
            accepted.decRef();
            throw e.errno() == Errno.ENOTCONN ? ErrnoException.of(Errno.ECONNABORTED) : e;
        }
    }

    private static Sock acceptWaiting(Task task, Sock listener) {
        try {
            return listener.accept(task);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EAGAIN || listener.isNonBlocking()) {
                throw e;
            }
        }
        Sock[] accepted = new Sock[1];
        long timeout = listener.readTimeoutNanos();
        ErrnoException.check(Blocking.await(task, listener, Blocking.READ_EVENTS, timeout, new Blocking.Attempt() {
            @Override
            protected long once() {
                try {
                    accepted[0] = listener.accept(task);
                    return 0;
                } catch (ErrnoException e) {
                    return -e.errno();
                }
            }
        }));
        return accepted[0];
    }

    static long shutdown(Task task, long fd, long how) {
        Sock sock = sock(task, fd);
        try {
            return switch ((int) how) {
                case Socket.SHUT_RD -> sock.shutdown(Sock.RCV_SHUTDOWN);
                case Socket.SHUT_WR -> sock.shutdown(Sock.SEND_SHUTDOWN);
                case Socket.SHUT_RDWR -> sock.shutdown(Sock.SHUTDOWN_MASK);
                default -> -Errno.EINVAL;
            };
        } finally {
            sock.decRef();
        }
    }

    static long getsockname(Task task, long fd, long address, long length) {
        Sock sock = sock(task, fd);
        try {
            putAddress(task, sock.localAddress(), address, length);
            return 0;
        } finally {
            sock.decRef();
        }
    }

    static long getpeername(Task task, long fd, long address, long length) {
        Sock sock = sock(task, fd);
        try {
            putAddress(task, sock.peerAddress(), address, length);
            return 0;
        } finally {
            sock.decRef();
        }
    }

    static long getsockopt(Task task, long fd, long level, long name, long value, long length) {
        Sock sock = sock(task, fd);
        try {
            int room = sock.optionRoom((int) level, task.mm().readInt(length));
            byte[] bytes = sock.option(task, (int) level, (int) name, room);
            boolean allOrNothing = (int) level == Socket.SOL_SOCKET && (int) name == Socket.SO_PEERGROUPS;
            if (allOrNothing && room < bytes.length) {
                task.mm().writeInt(length, bytes.length);
                return -Errno.ERANGE;
            }
            int n = Math.min(room, bytes.length);
            if (n > 0) {
                task.mm().copyOut(value, bytes, 0, n);
            }
            task.mm().writeInt(length, n);
            return 0;
        } finally {
            sock.decRef();
        }
    }

    static long setsockopt(Task task, long fd, long level, long name, long value, long length) {
        if ((int) length < 0) {
            return -Errno.EINVAL;
        }
        Sock sock = sock(task, fd);
        try {
            sock.checkOption((int) level, (int) name, (int) length);
            byte[] bytes = new byte[Math.min((int) length, MAX_OPTION)];
            if (bytes.length > 0) {
                task.mm().copyIn(value, bytes, 0, bytes.length);
            }
            return sock.changeOption(task, (int) level, (int) name, bytes);
        } finally {
            sock.decRef();
        }
    }
}
