package gvj.net;

import gvj.kernel.WaitQueue;
import gvj.vfs.FileDescription;

/** What goes with the bytes of a sendmsg(2) or recvmsg(2): address, files, credentials, flags. */
public final class Message {
    /** No ancillary data. */
    public static final byte[] NO_CONTROL = new byte[0];

    private static final FileDescription[] NO_FILES = new FileDescription[0];

    /** To: where to, null for the peer. From: who sent it, null if it has no name. */
    public byte[] address;

    /** SCM_RIGHTS; each element is a reference of whoever holds the message. */
    public FileDescription[] files = NO_FILES;
    /** SCM_CREDENTIALS: given by the sender, or who it was; null if not. */
    public SocketCredentials credentials;
    /** Ancillary data of the family's own, as a row of padded struct cmsghdr that nobody needs to look into. */
    public byte[] control = NO_CONTROL;
    /** From: MSG_TRUNC and MSG_EOR as msg_flags shows them. */
    public int flags;
    /** To: where to wait when sending answers EAGAIN; null for the socket itself. */
    public WaitQueue waitOn;

    /** Hands over the files. */
    public FileDescription[] takeFiles() {
        FileDescription[] taken = files;
        files = NO_FILES;
        return taken;
    }

    /** Drops the references on files that nobody took. */
    public void close() {
        for (FileDescription file : takeFiles()) {
            file.decRef();
        }
    }

    /** Makes it ready for another receive. */
    public void clear() {
        close();
        address = null;
        credentials = null;
        control = NO_CONTROL;
        flags = 0;
    }
}
