package gvj.net.host;

import gvj.abi.Errno;
import gvj.host.Host;
import gvj.host.HostNet;
import gvj.host.HostProcess;
import gvj.host.Mem;
import gvj.kernel.ErrnoException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The host's descriptors that sockets use up. Some are kept for everything else the Sentry opens, so that an application with
 * very many sockets hears ENFILE and does not starve its own kernel.
 */
public final class HostDescriptors {
    private static final int KEPT = 1024;
    private static final int LIMIT = limit();
    private static final AtomicInteger USED = new AtomicInteger();

    private HostDescriptors() {}

    /** Asks the host for the limit; before the Sentry is confined. */
    public static void prepare() {
        USED.get();
    }

    private static int limit() {
        long limits = Host.malloc(16);
        int error = HostProcess.getrlimit(HostProcess.RLIMIT_NOFILE, limits);
        long all = error < 0 ? KEPT : Mem.getLong(limits);
        Host.free(limits);
        long most = all < 0 || all > Integer.MAX_VALUE ? Integer.MAX_VALUE : all;
        return (int) (most - Math.min(KEPT, most / 4));
    }

    private static void take() {
        if (USED.incrementAndGet() > LIMIT) {
            USED.decrementAndGet();
            throw ErrnoException.of(Errno.ENFILE);
        }
    }

    private static int taken(int fd) {
        if (fd < 0) {
            USED.decrementAndGet();
            throw ErrnoException.of(-fd);
        }
        return fd;
    }

    /** socket(2): what the host says, ENFILE. */
    public static int socket(int family, int type, int protocol) {
        take();
        return taken(HostNet.socket(family, type, protocol));
    }

    /** accept(2): what the host says, ENFILE. */
    public static int accept(int listener) {
        take();
        return taken(HostNet.accept(listener));
    }

    /** close(2) of one that came from here. */
    public static void close(int fd) {
        Host.close(fd);
        USED.decrementAndGet();
    }
}
