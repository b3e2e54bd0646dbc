package gvj.net.unix;

import gvj.mm.IoBuffer;
import gvj.net.Message;
import gvj.net.SocketCredentials;
import gvj.vfs.FileDescription;
import java.util.ArrayDeque;
import java.util.function.Consumer;

/** Messages on their way to a datagram or seqpacket socket. The monitor guards it. */
final class PacketQueue {
    /** One message. */
    static final class Packet {
        final byte[] data;
        final UnixSocket sender;
        /** The sender's name when it was sent, null for none. */
        final UnixAddress from;

        final SocketCredentials credentials;
        FileDescription[] files;

        Packet(byte[] data, UnixSocket sender, SocketCredentials credentials, FileDescription[] files) {
            this.data = data;
            this.sender = sender;
            this.from = sender.name();
            this.credentials = credentials;
            this.files = files;
        }

        /** What it counts against the sender's SO_SNDBUF: the data in slabs, and Linux's own bookkeeping. */
        static int charge(long bytes) {
            return 256 + (int) (bytes + 320 + 511 & ~511L);
        }
    }

    private final ArrayDeque<Packet> packets = new ArrayDeque<>();
    private boolean closed;

    /** Adds a message unless the reader is gone. */
    synchronized boolean add(Packet packet) {
        if (closed) {
            return false;
        }
        packets.add(packet);
        InFlight.sent(packet.files);
        return true;
    }

    synchronized int count() {
        return packets.size();
    }

    /** Bytes of the first message, 0 if there is none. */
    synchronized int firstLength() {
        Packet first = packets.peekFirst();
        return first == null ? 0 : first.data.length;
    }

    /** Bytes of all messages. */
    synchronized int totalLength() {
        int sum = 0;
        for (Packet packet : packets) {
            sum += packet.data.length;
        }
        return sum;
    }

    /** The first message, or null; taken out unless {@code peek}. Files that are peeked at have a reference more. */
    synchronized Packet first(boolean peek) {
        if (!peek) {
            Packet packet = packets.pollFirst();
            if (packet != null) {
                InFlight.received(packet.files);
            }
            return packet;
        }
        Packet packet = packets.peekFirst();
        if (packet != null) {
            for (FileDescription file : packet.files) {
                file.incRef();
            }
        }
        return packet;
    }

    /** Copies a message out: what it says goes to {@code message}, files to it or away. The bytes copied. */
    static int deliver(Packet packet, IoBuffer to, Message message) {
        int n = (int) Math.min(packet.data.length, to.remaining());
        if (n > 0) {
            n = to.copyOut(packet.data, 0, n);
        }
        if (message != null) {
            message.files = packet.files;
            message.credentials = packet.credentials;
            message.address = packet.from == null ? null : packet.from.encoded();
        } else {
            InFlight.dropLater(packet.files);
        }
        return n;
    }

    /** Throws everything away, for good if {@code close}; answers the messages that were left. */
    ArrayDeque<Packet> clear(boolean close) {
        ArrayDeque<Packet> dropped;
        synchronized (this) {
            closed |= close;
            dropped = new ArrayDeque<>(packets);
            packets.clear();
        }
        for (Packet packet : dropped) {
            InFlight.received(packet.files);
            InFlight.dropLater(packet.files);
        }
        return dropped;
    }

    /** Shows every file that is on its way. */
    synchronized void forEachFile(Consumer<FileDescription> action) {
        for (Packet packet : packets) {
            for (FileDescription file : packet.files) {
                action.accept(file);
            }
        }
    }
}
