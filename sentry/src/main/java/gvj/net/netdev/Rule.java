package gvj.net.netdev;

import gvj.abi.Bytes;
import gvj.abi.NlAttributes;
import gvj.abi.NlMessage;
import gvj.abi.Rtnetlink;

/** A rule of the routing policy, and its form in RTM_NEWRULE. */
public final class Rule implements Entry {
    public int family;
    public int dstLength;
    public int srcLength;
    public int tos;
    public int table;
    /** FR_ACT_*. */
    public int action;

    public int flags;
    public byte[] dst;
    public byte[] src;
    public String iif;
    public String oif;
    public int priority;
    public int mark;
    public int markMask;
    public int suppressPrefix = -1;
    public int protocol;
    public int l3Master;
    public int ipProtocol;
    /** First and last; null for all. */
    public int[] uids;

    static Rule decode(byte[] message, int at, int end) {
        if (end - at < Rtnetlink.FIB_RULE_HDR) {
            return null;
        }
        Rule it = new Rule();
        it.family = message[at] & 0xff;
        it.dstLength = message[at + 1] & 0xff;
        it.srcLength = message[at + 2] & 0xff;
        it.tos = message[at + 3] & 0xff;
        it.table = message[at + 4] & 0xff;
        it.action = message[at + 7] & 0xff;
        it.flags = Bytes.getInt(message, at + 8);
        NlAttributes a = new NlAttributes(message, at + Rtnetlink.FIB_RULE_HDR, end);
        while (a.next()) {
            it.take(a);
        }
        return it;
    }

    private void take(NlAttributes a) {
        switch (a.type()) {
            case Rtnetlink.FRA_DST -> dst = a.value();
            case Rtnetlink.FRA_SRC -> src = a.value();
            case Rtnetlink.FRA_IIFNAME -> iif = a.text();
            case Rtnetlink.FRA_OIFNAME -> oif = a.text();
            case Rtnetlink.FRA_PRIORITY -> priority = a.intValue();
            case Rtnetlink.FRA_FWMARK -> mark = a.intValue();
            case Rtnetlink.FRA_FWMASK -> markMask = a.intValue();
            case Rtnetlink.FRA_TABLE -> table = a.intValue();
            case Rtnetlink.FRA_SUPPRESS_PREFIXLEN -> suppressPrefix = a.intValue();
            case Rtnetlink.FRA_PROTOCOL -> protocol = a.byteValue();
            case Rtnetlink.FRA_L3MDEV -> l3Master = a.byteValue();
            case Rtnetlink.FRA_IP_PROTO -> ipProtocol = a.byteValue();
            case Rtnetlink.FRA_UID_RANGE -> uids = Network.ints(a, 2);
            default -> {
                // the rest nobody has asked for
            }
        }
    }

    @Override
    public NlMessage encode(NlMessage to) {
        int shown = Integer.compareUnsigned(table, 256) < 0 ? table : Rtnetlink.RT_TABLE_COMPAT;
        to.u8(family)
                .u8(dstLength)
                .u8(srcLength)
                .u8(tos)
                .u8(shown)
                .u16(0)
                .u8(action)
                .u32(flags);
        to.putInt(Rtnetlink.FRA_TABLE, table)
                .putInt(Rtnetlink.FRA_SUPPRESS_PREFIXLEN, suppressPrefix)
                .putByte(Rtnetlink.FRA_PROTOCOL, protocol);
        if (priority != 0) {
            to.putInt(Rtnetlink.FRA_PRIORITY, priority);
        }
        if (mark != 0 || markMask != 0) {
            to.putInt(Rtnetlink.FRA_FWMARK, mark).putInt(Rtnetlink.FRA_FWMASK, markMask);
        }
        if (l3Master != 0) {
            to.putByte(Rtnetlink.FRA_L3MDEV, l3Master);
        }
        if (ipProtocol != 0) {
            to.putByte(Rtnetlink.FRA_IP_PROTO, ipProtocol);
        }
        return to.put(Rtnetlink.FRA_IIFNAME, iif)
                .put(Rtnetlink.FRA_OIFNAME, oif)
                .put(Rtnetlink.FRA_DST, dst)
                .put(Rtnetlink.FRA_SRC, src)
                .putInts(Rtnetlink.FRA_UID_RANGE, uids);
    }
}
