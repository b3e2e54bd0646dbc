package gvj.fs.host;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Poll;
import gvj.host.Host;
import gvj.host.Mem;
import java.util.ArrayList;
import java.util.List;

/**
 * One thread that waits for host descriptors to become ready and wakes who waits for them. Interest is one-shot: whoever
 * still waits asks again.
 *
 * <p>Lock: the monitor guards the list of files; nothing is woken while it is held.
 */
public final class HostPoller {
    /** struct epoll_event is packed: 4 bytes of events, 8 of data. */
    private static final int EVENT_BYTES = 12;

    private static final int MAX_EVENTS = 16;

    private final List<HostFile> files = new ArrayList<>();
    private int epoll = -1;

    /** Adds {@code file}; answers false where the host cannot wait for it, because it is always ready. */
    synchronized boolean register(HostFile file) {
        if (epoll < 0) {
            epoll = Host.epollCreate1(Fcntl.O_CLOEXEC);
            Thread thread = new Thread(null, this::loop, "host-poller", 256 << 10);
            thread.setDaemon(true);
            thread.start();
        }
        int error = Host.epollCtl(epoll, Poll.EPOLL_CTL_ADD, file.fd(), Poll.EPOLLONESHOT, files.size());
        if (error == -Errno.EPERM) {
            return false;
        }
        files.add(file);
        return error == 0;
    }

    /** Asks for one wake-up of {@code file} when any of {@code events} (POLL*) holds. */
    synchronized void arm(HostFile file, int events) {
        Host.epollCtl(epoll, Poll.EPOLL_CTL_MOD, file.fd(), events | Poll.EPOLLONESHOT, files.indexOf(file));
    }

    private void loop() {
        long events = Host.malloc((long) EVENT_BYTES * MAX_EVENTS);
        while (true) {
            int n = Host.epollWait(epoll, events, MAX_EVENTS, -1);
            for (int i = 0; i < n; i++) {
                long event = events + (long) i * EVENT_BYTES;
                file((int) Mem.getLong(event + 4)).ready(Mem.getInt(event));
            }
        }
    }

    private synchronized HostFile file(int index) {
        return files.get(index);
    }
}
