package gvj.abi;

/** netlink(7): struct nlmsghdr, struct nlattr, and their flags. */
public final class Netlink {
    /** Bytes of a struct nlmsghdr: length (4), type (2), flags (2), sequence (4), port (4). */
    public static final int NLMSG_HDRLEN = 16;
    /** Bytes of a struct nlattr: length (2), type (2). */
    public static final int NLA_HDRLEN = 4;
    /** Bytes of a struct sockaddr_nl: family (2), padding (2), port (4), groups (4). */
    public static final int SOCKADDR_NL = 12;
    /** Protocols are below. */
    public static final int MAX_LINKS = 32;

    public static final int NLM_F_REQUEST = 1;
    public static final int NLM_F_MULTI = 2;
    public static final int NLM_F_ACK = 4;
    public static final int NLM_F_DUMP_INTR = 0x10;
    public static final int NLM_F_DUMP_FILTERED = 0x20;
    public static final int NLM_F_CAPPED = 0x100;
    public static final int NLM_F_DUMP = 0x300;
    /** In answers: attributes tell more of the error. */
    public static final int NLM_F_ACK_TLVS = 0x200;

    public static final int NLMSG_ERROR = 2;
    public static final int NLMSG_DONE = 3;
    public static final int NLMSGERR_ATTR_MSG = 1;
    /** Smaller types are control messages. */
    public static final int NLMSG_MIN_TYPE = 0x10;

    /** Nested and byte order flags of a struct nlattr's type. */
    public static final int NLA_TYPE_MASK = 0x3fff;

    private Netlink() {}

    /** Messages and attributes begin at multiples of 4. */
    public static int align(int bytes) {
        return bytes + 3 & ~3;
    }
}
