package gvj.net.netlink;

import gvj.abi.Netlink;
import gvj.abi.NlMessage;
import java.util.List;

/** An answer of many messages, received in parts: as many messages as fit, then NLMSG_DONE. */
final class Dump {
    private final List<byte[]> messages;
    private final byte[] end;
    private int next;
    private boolean done;

    /**
     * Of finished messages.
     *
     * @param flags of NLMSG_DONE
     * @param result 0 or -errno
     * @param complaint what was wrong in words, or null
     */
    Dump(List<byte[]> messages, int flags, int sequence, int port, int result, String complaint) {
        this.messages = messages;
        int more = complaint == null ? 0 : Netlink.NLM_F_ACK_TLVS;
        this.end = new NlMessage(Netlink.NLMSG_DONE, flags | more, sequence, port)
                .u32(result)
                .put(Netlink.NLMSGERR_ATTR_MSG, complaint)
                .finish();
    }

    /** Whether NLMSG_DONE was in the last part. */
    boolean isDone() {
        return done;
    }

    /** The next messages, of {@code limit} bytes together or one that is longer. */
    byte[] nextPart(int limit) {
        if (next == messages.size()) {
            done = true;
            return end;
        }
        int from = next;
        int bytes = 0;
        while (next < messages.size()) {
            int more = Netlink.align(messages.get(next).length);
            if (next > from && bytes + more > limit) {
                break;
            }
            bytes += more;
            next++;
        }
        byte[] part = new byte[bytes];
        int at = 0;
        for (byte[] message : messages.subList(from, next)) {
            System.arraycopy(message, 0, part, at, message.length);
            at += Netlink.align(message.length);
        }
        return part;
    }
}
