package gvj.gofer;

import gvj.host.Host;
import gvj.host.HostErrno;
import gvj.host.HostProcess;

/** Takes trees from whoever may connect to a listening socket, one connection after the other: {@link TreeSocket#serve}. */
final class TreeListener extends Thread {
    private static final long PAUSE_MILLIS = 100;

    private final int listen;
    private final GoferServer server;

    TreeListener(int listen, GoferServer server) {
        super(null, null, "trees", 256 << 10);
        this.listen = listen;
        this.server = server;
        setDaemon(true);
    }

    @Override
    public void run() {
        HostProcess.setThreadName(new byte[] {'t', 'r', 'e', 'e', 's'});
        while (true) {
            int socket = Host.accept4(listen, Host.SOCK_CLOEXEC);
            if (socket == -HostErrno.EBADF || socket == -HostErrno.EINVAL) {
                return;
            }
            if (socket >= 0) {
                TreeSocket.serve(socket, server);
            } else {
                pause(); // too many descriptors, say: it may pass
            }
        }
    }

    private static void pause() {
        try {
            sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
