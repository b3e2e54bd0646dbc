package gvj.net.netdev;

import gvj.abi.Bytes;
import gvj.abi.NlAttributes;
import gvj.abi.NlMessage;
import gvj.abi.Rtnetlink;

/** What queues an interface's packets, and its form in RTM_NEWQDISC: without statistics. */
public final class Qdisc implements Entry {
    /** struct tc_prio_qopt: bands (4) and a band for each of 16 priorities. */
    private static final int PRIORITY_MAP = 20;

    public int index;
    public int handle;
    public int parent;
    public int info;
    public String kind = "";
    /** What pfifo_fast says of its bands; null for other kinds. */
    public byte[] priorityMap;

    static Qdisc decode(byte[] message, int at, int end) {
        if (end - at < Rtnetlink.TCMSG) {
            return null;
        }
        Qdisc it = new Qdisc();
        it.index = Bytes.getInt(message, at + 4);
        it.handle = Bytes.getInt(message, at + 8);
        it.parent = Bytes.getInt(message, at + 12);
        it.info = Bytes.getInt(message, at + 16);
        byte[] options = null;
        NlAttributes a = new NlAttributes(message, at + Rtnetlink.TCMSG, end);
        while (a.next()) {
            if (a.type() == Rtnetlink.TCA_KIND) {
                it.kind = a.text();
            } else if (a.type() == Rtnetlink.TCA_OPTIONS) {
                options = a.value();
            }
        }
        if (options != null && options.length == PRIORITY_MAP && it.kind.equals("pfifo_fast")) {
            it.priorityMap = options;
        }
        return it;
    }

    @Override
    public NlMessage encode(NlMessage to) {
        to.u8(0).u8(0).u16(0).u32(index).u32(handle).u32(parent).u32(info);
        return to.put(Rtnetlink.TCA_KIND, kind).put(Rtnetlink.TCA_OPTIONS, priorityMap);
    }
}
