package gvj.vfs;

import gvj.abi.Fcntl;
import gvj.abi.Poll;
import gvj.abi.Signals;
import gvj.kernel.Clock;
import gvj.kernel.SignalInfo;
import gvj.kernel.Task;
import gvj.kernel.Timers;
import gvj.kernel.WaitEntry;

/**
 * O_ASYNC: tells a file's {@link FileOwner} with a signal that input or output became possible. It hears of that under the
 * file's wait queue, where no signal may be sent; the kernel's timer thread does it.
 */
final class AsyncNotice extends WaitEntry {
    private static final int POLL_IN = 1;
    private static final int POLL_OUT = 2;
    private static final int POLL_ERR = 4;
    private static final int POLL_PRI = 5;
    private static final int POLL_HUP = 6;

    private final FileDescription file;
    private final int fd;
    private final Timers timers;
    private volatile int happened;

    private final Timers.Timer sender = new Timers.Timer() {
        @Override
        protected void fire() {
            send();
        }
    };

    private AsyncNotice(FileDescription file, int fd, Timers timers) {
        this.file = file;
        this.fd = fd;
        this.timers = timers;
        this.events = Poll.POLLIN | Poll.POLLOUT | Poll.POLLPRI | Poll.POLLERR | Poll.POLLHUP;
    }

    /** Follows what O_ASYNC says now. {@code fd} is what the signal will name. */
    static void update(FileDescription file, int fd, Task task) {
        synchronized (file.asyncLock()) {
            boolean wanted = (file.flags() & Fcntl.O_ASYNC) != 0 && file.isPollable();
            if (wanted && file.async == null) {
                AsyncNotice notice = new AsyncNotice(file, fd, task.kernel.timers);
                file.addWaiter(notice);
                file.async = notice;
            } else if (!wanted) {
                remove(file);
            }
        }
    }

    /** Ends it; nothing happens if there is none. */
    static void remove(FileDescription file) {
        AsyncNotice notice = file.async;
        if (notice != null) {
            file.async = null;
            file.removeWaiter(notice);
            notice.timers.cancel(notice.sender);
        }
    }

    @Override
    protected boolean wake(int what) {
        happened = what;
        timers.arm(sender, Clock.monotonic());
        return false;
    }

    private void send() {
        FileOwner owner = file.owner();
        if (owner == null || owner.id() == 0) {
            return;
        }
        int what = happened;
        SignalInfo info;
        if (owner.signal() == 0) {
            info = SignalInfo.kernel(Signals.SIGIO);
        } else {
            info = new SignalInfo(owner.signal(), code(what));
            info.fd = fd;
            info.band = what & 0xffff;
        }
        owner.send(info);
    }

    private static int code(int what) {
        if ((what & Poll.POLLIN) != 0) {
            return POLL_IN;
        }
        if ((what & Poll.POLLOUT) != 0) {
            return POLL_OUT;
        }
        if ((what & Poll.POLLERR) != 0) {
            return POLL_ERR;
        }
        return (what & Poll.POLLPRI) != 0 ? POLL_PRI : POLL_HUP;
    }
}
