package gvj.net.unix;

import gvj.abi.Errno;
import gvj.abi.Socket;
import gvj.kernel.ErrnoException;
import gvj.kernel.FileText;
import gvj.kernel.Task;
import gvj.net.Sock;
import gvj.net.SocketFamily;

/** AF_UNIX of socket(2), and /proc/net/unix. */
public final class UnixFamily implements SocketFamily {
    @Override
    public Sock create(Task task, int type, int protocol, int flags) {
        if (protocol != 0 && protocol != Socket.PF_UNIX) {
            throw ErrnoException.of(Errno.EPROTONOSUPPORT);
        }
        return switch (type) {
            case Socket.SOCK_STREAM -> new UnixStream(task, flags);
            case Socket.SOCK_SEQPACKET -> new UnixSeqpacket(task, flags);
            // as BSD had it, raw means datagram
            case Socket.SOCK_DGRAM, Socket.SOCK_RAW -> new UnixDatagram(task, flags);
            default -> throw ErrnoException.of(Errno.ESOCKTNOSUPPORT);
        };
    }

    @Override
    public Sock[] pair(Task task, int type, int protocol, int flags) {
        Sock a = create(task, type, protocol, flags);
        Sock b = create(task, type, protocol, flags);
        if (a instanceof UnixConnection first && b instanceof UnixConnection second) {
            UnixConnection.join(task, first, second);
        } else {
            UnixDatagram.join(task, (UnixDatagram) a, (UnixDatagram) b);
        }
        return new Sock[] {a, b};
    }

    /** What /proc/net/unix shows to {@code reader}. */
    public static String procNetUnix(Task reader) {
        StringBuilder text = new StringBuilder("Num       RefCount Protocol Flags    Type St Inode Path\n");
        for (UnixSocket socket : UnixNames.of(reader).all()) {
            text.append(FileText.format(
                    "%016x: %08X %08X %08X %04X %02X %5d",
                    socket.number,
                    Math.max(2, socket.references() + 1),
                    0,
                    socket.isListening() ? 0x10000 : 0,
                    socket.type,
                    socket.procState(),
                    socket.inodeNumber()));
            UnixAddress name = socket.name();
            if (name != null) {
                text.append(name.inode() == null ? " @" : " ")
                        .append(name.name().replace('\0', '@'));
            }
            text.append('\n');
        }
        return text.toString();
    }
}
