package gvj.net.netdev;

/** Which way a packet would go: what RTM_GETROUTE asks. 0 and null say nothing of that. */
public final class RouteQuery {
    public int family;
    /** RTM_F_LOOKUP_TABLE, RTM_F_FIB_MATCH. */
    public int flags;

    public int tos;
    public int dstLength;
    public int srcLength;
    public byte[] dst;
    public byte[] src;
    public int iif;
    public int oif;
    public int mark;
    public int protocol;
    public int sourcePort;
    public int targetPort;
}
