package gvj.net.packet;

import gvj.abi.Bytes;
import gvj.abi.Errno;
import gvj.abi.Packet;
import gvj.abi.Socket;
import gvj.kernel.ErrnoException;

/** struct sockaddr_ll as applications give it, made canonical: no byte goes to the host that does not mean something. */
final class PacketAddresses {
    private PacketAddresses() {}

    /** What bind(2) is given: a protocol and an interface, where 0 is all of them: EINVAL. */
    static byte[] toBind(byte[] given) {
        if (given.length < Packet.SOCKADDR_LL || Bytes.getShort(given, 0) != Socket.AF_PACKET) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        return target(given);
    }

    /** Where a frame is to go: protocol, interface and hardware address; the family is not looked at: EINVAL. */
    static byte[] toSend(byte[] given) {
        if (given.length < Packet.SOCKADDR_LL) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        int bytes = given[Packet.SLL_HALEN] & 0xff;
        if (bytes > Packet.SOCKADDR_LL - Packet.SLL_ADDR) { // longer ones are of Infiniband, which has its own families
            throw ErrnoException.of(Errno.EINVAL);
        }
        byte[] canonical = target(given);
        canonical[Packet.SLL_HALEN] = (byte) bytes;
        System.arraycopy(given, Packet.SLL_ADDR, canonical, Packet.SLL_ADDR, bytes);
        return canonical;
    }

    private static byte[] target(byte[] given) {
        byte[] canonical = new byte[Packet.SOCKADDR_LL];
        Bytes.putShort(canonical, 0, Socket.AF_PACKET);
        System.arraycopy(given, Packet.SLL_PROTOCOL, canonical, Packet.SLL_PROTOCOL, 2 + 4);
        return canonical;
    }

    /** The protocol, as a number. */
    static int protocol(byte[] address) {
        return (address[Packet.SLL_PROTOCOL] & 0xff) << 8 | address[Packet.SLL_PROTOCOL + 1] & 0xff;
    }
}
