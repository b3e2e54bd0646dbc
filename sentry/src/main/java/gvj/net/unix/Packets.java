package gvj.net.unix;

import gvj.abi.Errno;
import gvj.abi.Socket;
import gvj.kernel.Task;
import gvj.mm.IoBuffer;
import gvj.net.Message;
import gvj.net.SocketCredentials;
import gvj.vfs.FileDescription;
import java.util.ArrayDeque;

/** Sending and receiving messages with boundaries: what datagram and seqpacket sockets share. */
final class Packets {
    private static final FileDescription[] NO_FILES = new FileDescription[0];

    private Packets() {}

    /** EMSGSIZE, EPIPE, or 0: what is asked before looking at the receiver. */
    static long canSend(UnixSocket sender, long bytes) {
        if (bytes > sender.options.sendBuffer - 32) {
            return -Errno.EMSGSIZE;
        }
        return (sender.shutdown & UnixSocket.SEND_SHUTDOWN) != 0 ? -Errno.EPIPE : 0;
    }

    /** Queues a message: its length, EAGAIN without room in SO_SNDBUF, ECONNREFUSED if the receiver is gone. */
    static long send(
            Task task, UnixSocket sender, UnixSocket receiver, PacketQueue queue, IoBuffer from, Message message) {
        int length = (int) from.remaining();
        int charge = PacketQueue.Packet.charge(length);
        if (!sender.charge(charge)) {
            return -Errno.EAGAIN;
        }
        boolean sent = false;
        try {
            byte[] data = new byte[length];
            if (length > 0 && from.copyIn(data, 0, length) < length) {
                return -Errno.EFAULT;
            }
            SocketCredentials credentials = sender.sentCredentials(task, message, receiver);
            FileDescription[] files = message == null ? NO_FILES : message.files;
            if (!queue.add(new PacketQueue.Packet(data, sender, credentials, files))) {
                return -Errno.ECONNREFUSED;
            }
            if (message != null) {
                message.takeFiles();
            }
            sent = true;
        } finally {
            if (!sent) {
                sender.uncharge(charge);
            }
        }
        receiver.wake(UnixSocket.READABLE);
        return length;
    }

    /** Gives a message that {@link PacketQueue#first} answered to the reader; its length as recv(2) answers it. */
    static long receive(UnixSocket reader, PacketQueue.Packet packet, IoBuffer to, Message message, int flags) {
        boolean peek = (flags & Socket.MSG_PEEK) != 0;
        int copied;
        try {
            copied = PacketQueue.deliver(packet, to, message);
        } finally {
            if (!peek) {
                packet.sender.uncharge(PacketQueue.Packet.charge(packet.data.length));
            }
        }
        if (message == null) {
            InFlight.dropNow();
        } else {
            if (!reader.options.passesCredentials()) {
                message.credentials = null;
            } else if (message.credentials == null) {
                message.credentials = SocketCredentials.NOBODY;
            }
            if (copied < packet.data.length) {
                message.flags |= Socket.MSG_TRUNC;
            }
        }
        return (flags & Socket.MSG_TRUNC) != 0 ? packet.data.length : copied;
    }

    /** Throws away what a queue holds; whether there was something. */
    static boolean discard(PacketQueue queue, boolean close) {
        ArrayDeque<PacketQueue.Packet> dropped = queue.clear(close);
        for (PacketQueue.Packet packet : dropped) {
            packet.sender.uncharge(PacketQueue.Packet.charge(packet.data.length));
        }
        return !dropped.isEmpty();
    }
}
