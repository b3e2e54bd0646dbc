package gvj.syscalls;

import gvj.abi.Bytes;
import gvj.abi.Errno;
import gvj.abi.Socket;
import gvj.abi.SyscallNumbers;
import gvj.kernel.Clock;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import gvj.mm.IoBuffer;
import gvj.net.Message;
import gvj.net.Sock;

/** send(2), recv(2) and their many-argument forms. */
final class MessageSyscalls {
    private static final int IOV_MAX = 1024;
    private static final long MAX_COUNT = 0x7ffff000L;
    /** Bytes of a struct msghdr, and of a struct mmsghdr with msg_len behind it. */
    private static final int MSGHDR = 56;

    private static final int MMSGHDR = 64;

    /** A struct msghdr copied from the application. */
    private record Header(long name, int nameLength, long iov, long iovCount, long control, long controlLength) {
        static Header read(Task task, long address) {
            byte[] bytes = task.scratch(MSGHDR);
            task.mm().copyIn(address, bytes, 0, MSGHDR);
            Header header = new Header(
                    Bytes.getLong(bytes, 0),
                    Bytes.getInt(bytes, 8),
                    Bytes.getLong(bytes, 16),
                    Bytes.getLong(bytes, 24),
                    Bytes.getLong(bytes, 32),
                    Bytes.getLong(bytes, 40));
            if (header.name != 0 && header.nameLength < 0) {
                throw ErrnoException.of(Errno.EINVAL);
            }
            if (header.iovCount < 0 || header.iovCount > IOV_MAX) {
                throw ErrnoException.of(Errno.EMSGSIZE);
            }
            return header;
        }

        IoBuffer data(Task task) {
            return task.mm().iovec(iov, (int) iovCount);
        }
    }

    private MessageSyscalls() {}

    static void register(SyscallTable t) {
        t.add(SyscallNumbers.SYS_sendto, "sendto", MessageSyscalls::sendto);
        t.add(SyscallNumbers.SYS_recvfrom, "recvfrom", MessageSyscalls::recvfrom);
        t.add(SyscallNumbers.SYS_sendmsg, "sendmsg", MessageSyscalls::sendmsg);
        t.add(SyscallNumbers.SYS_recvmsg, "recvmsg", MessageSyscalls::recvmsg);
        t.add(SyscallNumbers.SYS_sendmmsg, "sendmmsg", MessageSyscalls::sendmmsg);
        t.add(SyscallNumbers.SYS_recvmmsg, "recvmmsg", MessageSyscalls::recvmmsg);
    }

    static long sendto(Task task, long fd, long buffer, long length, long flags, long name, long nameLength) {
        Sock sock = SocketSyscalls.sock(task, fd);
        try {
            IoBuffer data = buffer(task, buffer, length);
            Message message = null;
            if (name != 0) {
                byte[] address = SocketSyscalls.address(task, name, nameLength);
                if (address.length > 0) {
                    message = new Message();
                    message.address = address;
                }
            }
            return SocketIo.send(task, sock, data, message, (int) flags);
        } finally {
            sock.decRef();
        }
    }

    private static IoBuffer buffer(Task task, long address, long length) {
        return task.mm().buffer(address, Long.compareUnsigned(length, MAX_COUNT) > 0 ? MAX_COUNT : length);
    }

    static long recvfrom(Task task, long fd, long buffer, long length, long flags, long name, long nameLength) {
        Sock sock = SocketSyscalls.sock(task, fd);
        try {
            IoBuffer data = buffer(task, buffer, length);
            Message message = name == 0 ? null : new Message();
            long n = SocketIo.receive(task, sock, data, message, (int) flags);
            if (message != null) {
                message.close();
                if (n >= 0) {
                    byte[] from = message.address == null ? new byte[0] : message.address;
                    SocketSyscalls.putAddress(task, from, name, nameLength);
                }
            }
            return n;
        } finally {
            sock.decRef();
        }
    }

    static long sendmsg(Task task, long fd, long header, long flags) {
        Sock sock = SocketSyscalls.sock(task, fd);
        try {
            return sendOne(task, sock, header, (int) flags);
        } finally {
            sock.decRef();
        }
    }

    private static long sendOne(Task task, Sock sock, long address, int flags) {
        Header header = Header.read(task, address);
        Message message = null;
        if (header.name != 0 && header.nameLength > 0) {
            message = new Message();
            message.address = SocketSyscalls.address(task, header.name, Math.min(header.nameLength, 128));
        }
        IoBuffer data = header.data(task);
        if (header.controlLength != 0) {
            if (header.controlLength < 0 || header.controlLength > ControlMessages.MAX_BYTES) {
                return -Errno.ENOBUFS;
            }
            message = message == null ? new Message() : message;
            byte[] control = new byte[(int) header.controlLength];
            task.mm().copyIn(header.control, control, 0, control.length);
            try {
                ControlMessages.parse(task, sock, control, message);
                sock.checkFiles(task, message.files.length);
            } catch (ErrnoException e) {
                message.close();
                throw e;
            }
        }
        try {
            return SocketIo.send(task, sock, data, message, flags);
        } finally {
            if (message != null) {
                message.close();
            }
        }
    }

    static long recvmsg(Task task, long fd, long header, long flags) {
        Sock sock = SocketSyscalls.sock(task, fd);
        try {
            return receiveOne(task, sock, header, (int) flags);
        } finally {
            sock.decRef();
        }
    }

    private static long receiveOne(Task task, Sock sock, long address, int flags) {
        Header header = Header.read(task, address);
        IoBuffer data = header.data(task);
        Message message = new Message();
        try {
            long n = SocketIo.receive(task, sock, data, message, flags);
            if (n < 0) {
                return n;
            }
            long controlRoom = header.control == 0 ? 0 : header.controlLength;
            int used = ControlMessages.deliver(task, sock, message, header.control, controlRoom, flags);
            if (header.name != 0) {
                byte[] from = message.address == null ? new byte[0] : message.address;
                int bytes = Math.min(from.length, header.nameLength);
                if (bytes > 0) {
                    task.mm().copyOut(header.name, from, 0, bytes);
                }
                task.mm().writeInt(address + 8, from.length);
            }
            task.mm().writeLong(address + 40, used);
            task.mm().writeInt(address + 48, message.flags | flags & Socket.MSG_CMSG_CLOEXEC);
            return n;
        } finally {
            message.close();
        }
    }

    static long sendmmsg(Task task, long fd, long headers, long count, long flags) {
        int messages = (int) Math.min(count & 0xffffffffL, IOV_MAX);
        Sock sock = SocketSyscalls.sock(task, fd);
        try {
            int sent = 0;
            while (sent < messages) {
                long at = headers + (long) sent * MMSGHDR;
                long n = attempt(task, sock, at, (int) flags, true);
                if (n < 0) {
                    return sent > 0 ? sent : n;
                }
                sent++;
                if (task.isInterrupted() && sent < messages) {
                    break;
                }
            }
            return sent;
        } finally {
            sock.decRef();
        }
    }

    /** Sends or receives one of many and writes its length behind it: the length or -errno. */
    private static long attempt(Task task, Sock sock, long at, int flags, boolean send) {
        try {
            long n = send ? sendOne(task, sock, at, flags) : receiveOne(task, sock, at, flags);
            if (n >= 0) {
                task.mm().writeInt(at + MSGHDR, (int) n);
            }
            return n;
        } catch (ErrnoException e) {
            return -e.errno();
        }
    }

    static long recvmmsg(Task task, long fd, long headers, long count, long flagBits, long timeout) {
        long nanos = timeout == 0 ? Long.MAX_VALUE : Timeouts.timespec(task, timeout);
        long deadline = Timeouts.deadline(nanos);
        int messages = (int) Math.min(count & 0xffffffffL, IOV_MAX);
        Sock sock = SocketSyscalls.sock(task, fd);
        try {
            int error = sock.takeError();
            if (error != 0) {
                return -error;
            }
            int flags = (int) flagBits;
            int received = 0;
            long n = 0;
            while (received < messages) {
                long at = headers + (long) received * MMSGHDR;
                n = attempt(task, sock, at, flags & ~Socket.MSG_WAITFORONE, false);
                if (n < 0) {
                    break;
                }
                received++;
                if ((flags & Socket.MSG_WAITFORONE) != 0) {
                    flags |= Socket.MSG_DONTWAIT;
                }
                if (deadline != Task.FOREVER && Clock.monotonic() - deadline >= 0) {
                    break;
                }
            }
            if (timeout != 0 && deadline != Task.FOREVER) {
                Timeouts.putTimespec(task, timeout, Timeouts.left(deadline));
            }
            return received > 0 ? received : n;
        } finally {
            sock.decRef();
        }
    }
}
