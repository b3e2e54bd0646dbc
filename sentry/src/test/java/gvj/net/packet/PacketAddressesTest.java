package gvj.net.packet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import gvj.abi.Bytes;
import gvj.abi.Packet;
import gvj.abi.Socket;
import gvj.kernel.ErrnoException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What of a struct sockaddr_ll or packet_mreq goes to the host. */
class PacketAddressesTest {
    /** All bytes set, then what has a meaning. */
    private static byte[] address(int halen, int length) {
        byte[] given = new byte[length];
        Arrays.fill(given, (byte) 0x55);
        Bytes.putShort(given, 0, Socket.AF_PACKET);
        given[Packet.SLL_PROTOCOL] = (byte) 0x88;
        given[Packet.SLL_PROTOCOL + 1] = (byte) 0xb5;
        Bytes.putInt(given, Packet.SLL_IFINDEX, 7);
        given[Packet.SLL_HALEN] = (byte) halen;
        return given;
    }

    @Test
    void bindKeepsProtocolAndInterface() {
        byte[] canonical = PacketAddresses.toBind(address(6, 128));
        assertThat(canonical).hasSize(Packet.SOCKADDR_LL);
        assertThat(PacketAddresses.protocol(canonical)).isEqualTo(0x88b5);
        assertThat(Bytes.getInt(canonical, Packet.SLL_IFINDEX)).isEqualTo(7);
        assertThat(Arrays.copyOfRange(canonical, 8, 20)).containsOnly(0);
    }

    @Test
    void sendKeepsTheHardwareAddressToo() {
        byte[] canonical = PacketAddresses.toSend(address(6, 20));
        assertThat(Arrays.copyOfRange(canonical, 8, 20))
                .containsExactly(0, 0, 0, 6, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0, 0);
    }

    @Test
    void whatIsTooShortOrTooLongIsRefused() {
        assertThatThrownBy(() -> PacketAddresses.toBind(address(6, 19))).isInstanceOf(ErrnoException.class);
        assertThatThrownBy(() -> PacketAddresses.toSend(address(6, 19))).isInstanceOf(ErrnoException.class);
        assertThatThrownBy(() -> PacketAddresses.toSend(address(9, 128))).isInstanceOf(ErrnoException.class);
        assertThatThrownBy(() -> PacketAddresses.toSend(address(255, 20))).isInstanceOf(ErrnoException.class);
    }

    @Test
    void aMembershipHasNoMoreAddressThanItSays() {
        byte[] given = new byte[24];
        Arrays.fill(given, (byte) 0x55);
        Bytes.putShort(given, 4, Packet.PACKET_MR_MULTICAST);
        Bytes.putShort(given, 6, 6);
        byte[] canonical = PacketOptions.checked(Packet.PACKET_ADD_MEMBERSHIP, given);
        assertThat(canonical).hasSize(Packet.PACKET_MREQ).endsWith(0x55, 0, 0);
        Bytes.putShort(given, 6, 9);
        assertThatThrownBy(() -> PacketOptions.checked(Packet.PACKET_ADD_MEMBERSHIP, given))
                .isInstanceOf(ErrnoException.class);
        Bytes.putShort(given, 6, 0);
        Bytes.putShort(given, 4, Packet.PACKET_MR_UNICAST + 1);
        assertThatThrownBy(() -> PacketOptions.checked(Packet.PACKET_ADD_MEMBERSHIP, given))
                .isInstanceOf(ErrnoException.class);
    }
}
