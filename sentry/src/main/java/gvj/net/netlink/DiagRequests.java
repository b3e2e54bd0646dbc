package gvj.net.netlink;

import gvj.abi.Errno;
import gvj.abi.Socket;
import gvj.kernel.ErrnoException;

/**
 * NETLINK_SOCK_DIAG, sock_diag(7), as of a kernel without the modules that know a family: ENOENT. ss(8) reads /proc/net then,
 * without a word.
 */
final class DiagRequests extends Requests {
    private static final int TCPDIAG_GETSOCK = 18;
    private static final int DCCPDIAG_GETSOCK = 19;
    private static final int SOCK_DIAG_BY_FAMILY = 20;
    private static final int SOCK_DESTROY = 21;
    /** struct sock_diag_req: family, protocol (1 each). */
    private static final int SOCK_DIAG_REQ = 2;

    @Override
    boolean handle(Request request) {
        switch (request.type()) {
            case TCPDIAG_GETSOCK, DCCPDIAG_GETSOCK -> throw unsupported();
            case SOCK_DIAG_BY_FAMILY, SOCK_DESTROY -> {
                if (request.length() < SOCK_DIAG_REQ || request.u8(0) >= Socket.AF_MAX) {
                    throw invalid();
                }
                throw ErrnoException.of(Errno.ENOENT);
            }
            default -> throw invalid();
        }
    }
}
