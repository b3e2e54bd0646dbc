package gvj.net.netdev;

import gvj.abi.Bytes;
import gvj.abi.NlAttributes;
import gvj.abi.NlMessage;
import gvj.abi.Rtnetlink;

/** A neighbour: an entry of the ARP or NDISC table, and its form in RTM_NEWNEIGH. */
public final class Neighbour implements Entry {
    public int family;
    public int index;
    /** NUD_*. */
    public int state;
    /** NTF_*. */
    public int flags;
    /** RTN_*. */
    public int type;

    public byte[] address;
    /** Its hardware address; null while nobody knows. */
    public byte[] hardware;

    public int probes;
    /** struct nda_cacheinfo: confirmed, used, updated, references. */
    public int[] cacheInfo;

    static Neighbour decode(byte[] message, int at, int end) {
        if (end - at < Rtnetlink.NDMSG) {
            return null;
        }
        Neighbour it = new Neighbour();
        it.family = message[at] & 0xff;
        it.index = Bytes.getInt(message, at + 4);
        it.state = Bytes.getShort(message, at + 8) & 0xffff;
        it.flags = message[at + 10] & 0xff;
        it.type = message[at + 11] & 0xff;
        NlAttributes a = new NlAttributes(message, at + Rtnetlink.NDMSG, end);
        while (a.next()) {
            switch (a.type()) {
                case Rtnetlink.NDA_DST -> it.address = a.value();
                case Rtnetlink.NDA_LLADDR -> it.hardware = a.value();
                case Rtnetlink.NDA_PROBES -> it.probes = a.intValue();
                case Rtnetlink.NDA_CACHEINFO -> it.cacheInfo = Network.ints(a, 4);
                default -> {
                    // the rest nobody has asked for
                }
            }
        }
        return it.address == null || it.address.length != Address.bytes(it.family) ? null : it;
    }

    /** ATF_COM for a hardware address that counts, and ATF_PERM. */
    public int arpFlags() {
        return (state & Rtnetlink.NUD_PERMANENT) != 0 ? 6 : (state & Rtnetlink.NUD_VALID) != 0 ? 2 : 0;
    }

    /** Whether arp(7) and /proc/net/arp know it: those that need no hardware address are left out. */
    public boolean isShownByArp() {
        return (state & ~Rtnetlink.NUD_NOARP) != 0;
    }

    @Override
    public NlMessage encode(NlMessage to) {
        to.u8(family).u8(0).u16(0).u32(index).u16(state).u8(flags).u8(type);
        return to.put(Rtnetlink.NDA_DST, address)
                .put(Rtnetlink.NDA_LLADDR, hardware)
                .putInt(Rtnetlink.NDA_PROBES, probes)
                .putInts(Rtnetlink.NDA_CACHEINFO, cacheInfo);
    }
}
