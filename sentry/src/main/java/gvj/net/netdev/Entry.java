package gvj.net.netdev;

import gvj.abi.NlMessage;

/** What one message of rtnetlink(7) tells of: a link, an address, a route and so on. */
public interface Entry {
    /** Adds the header of its family and its attributes. */
    NlMessage encode(NlMessage to);
}
