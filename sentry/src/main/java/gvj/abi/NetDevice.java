package gvj.abi;

/** netdevice(7): struct ifreq and what its fields hold. */
public final class NetDevice {
    /** Bytes of an interface's name with its NUL. */
    public static final int IFNAMSIZ = 16;
    /** Bytes of a struct ifreq: the name (16), a union (24). */
    public static final int IFREQ = 40;

    public static final int IFF_UP = 1;
    public static final int IFF_BROADCAST = 2;
    public static final int IFF_LOOPBACK = 8;
    public static final int IFF_POINTOPOINT = 0x10;
    public static final int IFF_RUNNING = 0x40;
    public static final int IFF_PROMISC = 0x100;
    public static final int IFF_ALLMULTI = 0x200;
    public static final int IFF_MULTICAST = 0x1000;
    public static final int IFF_LOWER_UP = 0x10000;
    public static final int IFF_DORMANT = 0x20000;

    public static final int ARPHRD_ETHER = 1;
    public static final int ARPHRD_LOOPBACK = 772;

    public static final int IF_OPER_UNKNOWN = 0;
    public static final int IF_OPER_DOWN = 2;
    public static final int IF_OPER_UP = 6;

    private NetDevice() {}
}
