package gvj.net.netdev;

import gvj.abi.Bytes;
import gvj.abi.NlAttributes;
import gvj.abi.NlMessage;
import gvj.abi.Rtnetlink;
import gvj.abi.Socket;

/** An address of an interface, and its form in RTM_NEWADDR. Written by whoever makes it, then only read. */
public final class Address implements Entry {
    public int family;
    public int prefixLength;
    /** IFA_F_*. */
    public int flags;

    public int scope;
    public int index;
    /** The address, or of a point to point interface the other end's; 4 or 16 bytes. */
    public byte[] address;
    /** Its own; null for IPv6 that is no point to point. */
    public byte[] local;

    public byte[] broadcast;
    public String label;
    /** struct ifa_cacheinfo: preferred and valid seconds, created, updated. */
    public int[] cacheInfo;

    public int priority;
    public int protocol;

    static Address decode(byte[] message, int at, int end) {
        if (end - at < Rtnetlink.IFADDRMSG) {
            return null;
        }
        Address it = new Address();
        it.family = message[at] & 0xff;
        it.prefixLength = message[at + 1] & 0xff;
        it.flags = message[at + 2] & 0xff;
        it.scope = message[at + 3] & 0xff;
        it.index = Bytes.getInt(message, at + 4);
        NlAttributes a = new NlAttributes(message, at + Rtnetlink.IFADDRMSG, end);
        while (a.next()) {
            switch (a.type()) {
                case Rtnetlink.IFA_ADDRESS -> it.address = a.value();
                case Rtnetlink.IFA_LOCAL -> it.local = a.value();
                case Rtnetlink.IFA_BROADCAST -> it.broadcast = a.value();
                case Rtnetlink.IFA_LABEL -> it.label = a.text();
                case Rtnetlink.IFA_FLAGS -> it.flags = a.intValue();
                case Rtnetlink.IFA_CACHEINFO -> it.cacheInfo = Network.ints(a, 4);
                case Rtnetlink.IFA_RT_PRIORITY -> it.priority = a.intValue();
                case Rtnetlink.IFA_PROTO -> it.protocol = a.byteValue();
                default -> {
                    // the rest nobody has asked for
                }
            }
        }
        return it.own() == null || it.own().length != bytes(it.family) ? null : it;
    }

    /** How long an address of {@code family} is: 4, 16, or -1. */
    public static int bytes(int family) {
        return family == Socket.AF_INET ? 4 : family == Socket.AF_INET6 ? 16 : -1;
    }

    /** The interface's own address. */
    public byte[] own() {
        return local != null ? local : address;
    }

    @Override
    public NlMessage encode(NlMessage to) {
        to.u8(family).u8(prefixLength).u8(flags).u8(scope).u32(index);
        to.put(Rtnetlink.IFA_ADDRESS, address)
                .put(Rtnetlink.IFA_LOCAL, local)
                .put(Rtnetlink.IFA_BROADCAST, broadcast)
                .put(Rtnetlink.IFA_LABEL, label);
        if (priority != 0) {
            to.putInt(Rtnetlink.IFA_RT_PRIORITY, priority);
        }
        if (protocol != 0) {
            to.putByte(Rtnetlink.IFA_PROTO, protocol);
        }
        return to.putInt(Rtnetlink.IFA_FLAGS, flags).putInts(Rtnetlink.IFA_CACHEINFO, cacheInfo);
    }
}
