package gvj.shim.io;

import gvj.host.Host;
import gvj.host.HostErrno;
import gvj.host.HostFiles;
import gvj.host.Mem;
import gvj.shim.runtime.SmallThread;

/** A thread that copies from one descriptor to another, until the first has no more or it is stopped. */
final class Pump extends SmallThread {
    private static final int POLLIN = 1;
    private static final int POLLOUT = 4;
    private static final int CHUNK = 16 * 1024;

    private final int from;
    private final int to;
    /** An eventfd that becomes readable when it is to stop. */
    private final int stop;
    /** Lets go of what is written to. */
    private final Runnable atEnd;

    Pump(String name, int from, int to, int stop, Runnable atEnd) {
        super(name);
        this.from = from;
        this.to = to;
        this.stop = stop;
        this.atEnd = atEnd;
        makeNonblocking(from);
        makeNonblocking(to);
    }

    private static void makeNonblocking(int fd) {
        Host.fcntl(fd, Host.F_SETFL, Host.fcntl(fd, Host.F_GETFL, 0) | HostFiles.O_NONBLOCK);
    }

    @Override
    public void run() {
        long buffer = Host.malloc(CHUNK);
        long polled = Host.malloc(16);
        try {
            while (await(polled, from, POLLIN)) {
                long length = Host.read(from, buffer, CHUNK);
                if (length == -HostErrno.EAGAIN || length == -HostErrno.EINTR) {
                    continue;
                }
                if (length <= 0 || !write(polled, buffer, length)) { // EIO: nobody has the terminal any more
                    return;
                }
            }
        } finally {
            Host.free(polled);
            Host.free(buffer);
            atEnd.run();
        }
    }

    private boolean write(long polled, long buffer, long length) {
        long done = 0;
        while (done < length) {
            long written = Host.write(to, buffer + done, length - done);
            if (written >= 0) {
                done += written;
            } else if (written == -HostErrno.EAGAIN) {
                if (!await(polled, to, POLLOUT)) {
                    return false;
                }
            } else if (written != -HostErrno.EINTR) {
                return false;
            }
        }
        return true;
    }

    /** False when it is to stop. */
    private boolean await(long polled, int fd, int events) {
        Mem.putInt(polled, fd);
        Mem.putInt(polled + 4, events);
        Mem.putInt(polled + 8, stop);
        Mem.putInt(polled + 12, POLLIN);
        int ready;
        do {
            ready = Host.poll(polled, 2, -1);
        } while (ready == -HostErrno.EINTR);
        return ready > 0 && Mem.getShort(polled + 14) == 0;
    }
}
