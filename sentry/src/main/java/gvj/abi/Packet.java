package gvj.abi;

/** packet(7) constants. */
public final class Packet {
    /** Bytes of a struct sockaddr_ll, whose last eight are the hardware address. */
    public static final int SOCKADDR_LL = 20;
    /** Offsets in it: the protocol in network order, the interface's index, the length of the hardware address, itself. */
    public static final int SLL_PROTOCOL = 2;

    public static final int SLL_IFINDEX = 4;
    public static final int SLL_HALEN = 11;
    public static final int SLL_ADDR = 12;

    /** Bytes of a struct packet_mreq: index (4), type (2), length of the address (2), address (8). */
    public static final int PACKET_MREQ = 16;

    public static final int PACKET_MR_MULTICAST = 0;
    public static final int PACKET_MR_PROMISC = 1;
    public static final int PACKET_MR_ALLMULTI = 2;
    public static final int PACKET_MR_UNICAST = 3;

    public static final int PACKET_ADD_MEMBERSHIP = 1;
    public static final int PACKET_DROP_MEMBERSHIP = 2;
    public static final int PACKET_STATISTICS = 6;
    public static final int PACKET_COPY_THRESH = 7;
    public static final int PACKET_AUXDATA = 8;
    public static final int PACKET_ORIGDEV = 9;
    public static final int PACKET_IGNORE_OUTGOING = 23;

    private Packet() {}
}
