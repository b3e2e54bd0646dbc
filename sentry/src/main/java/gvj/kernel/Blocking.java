package gvj.kernel;

import gvj.abi.Errno;
import gvj.abi.Poll;
import gvj.abi.Signals;
import gvj.abi.Stat;
import gvj.mm.IoBuffer;
import gvj.vfs.FileDescription;

/**
 * The one place where a system call sleeps for readiness: try, register, try again, park. Files only ever answer
 * {@code -EAGAIN}.
 *
 * <p>Interrupted waits answer what signal(7) says: ERESTARTSYS, or EINTR where a timeout was set (SO_RCVTIMEO), or the
 * bytes that were moved already.
 */
public final class Blocking {
    /** What a reader waits for. */
    public static final int READ_EVENTS =
            Poll.POLLIN | Poll.POLLRDNORM | Poll.POLLRDHUP | Poll.POLLHUP | Poll.POLLERR | Poll.POLLPRI;
    /** What a writer waits for. */
    public static final int WRITE_EVENTS = Poll.POLLOUT | Poll.POLLWRNORM | Poll.POLLHUP | Poll.POLLERR;

    /** Something to be tried until it answers anything but {@code -EAGAIN}. */
    public abstract static class Attempt {
        /** {@code >= 0}, {@code -errno}, or {@code -EAGAIN} to wait; may throw {@link ErrnoException}. */
        protected abstract long once();
    }

    private Blocking() {}

    /** read(2) from {@code file}: waits unless it is O_NONBLOCK. */
    public static long read(Task task, FileDescription file, IoBuffer to) {
        return read(task, file, to, file.isNonBlocking());
    }

    /** As {@link #read(Task, FileDescription, IoBuffer)}, with RWF_NOWAIT or the like decided by the caller. */
    public static long read(Task task, FileDescription file, IoBuffer to, boolean nonBlocking) {
        long n = file.read(task, to);
        if (n != -Errno.EAGAIN || nonBlocking) {
            return n;
        }
        long timeout = file.readTimeoutNanos();
        return await(task, file, READ_EVENTS, timeout, new Attempt() {
            @Override
            protected long once() {
                return file.read(task, to);
            }
        });
    }

    /** write(2) to {@code file}: waits unless it is O_NONBLOCK; raises SIGPIPE with EPIPE. */
    public static long write(Task task, FileDescription file, IoBuffer from) {
        return write(task, file, from, file.isNonBlocking());
    }

    /** As {@link #write(Task, FileDescription, IoBuffer)}, with RWF_NOWAIT or the like decided by the caller. */
    public static long write(Task task, FileDescription file, IoBuffer from, boolean nonBlocking) {
        long n = file.write(task, from);
        if (n >= 0 && (from.remaining() == 0 || nonBlocking || !file.writesAll())) {
            return n;
        }
        if (n == -Errno.EPIPE) {
            if (file.raisesSigpipe()) {
                raiseSigpipe(task);
            }
            return n;
        }
        if (n < 0 && (n != -Errno.EAGAIN || nonBlocking)) {
            return n;
        }
        return writeRest(task, file, from, Math.max(n, 0));
    }

    /** Waits for room, and writes on until everything went if the file wants that. */
    private static long writeRest(Task task, FileDescription file, IoBuffer from, long already) {
        long timeout = file.writeTimeoutNanos();
        long deadline = deadline(timeout);
        long total = already;
        TaskWaitEntry entry = register(task, file, WRITE_EVENTS);
        try {
            while (true) {
                task.prepareToWait();
                long n = attemptWrite(task, file, from);
                if (n == -Errno.EAGAIN) {
                    int how = sleep(task, file, entry, WRITE_EVENTS, deadline);
                    if (how != Task.WOKEN) {
                        return total > 0 ? total : gaveUp(how, timeout);
                    }
                    continue;
                }
                if (n < 0) {
                    return writeFailed(task, file, total, n);
                }
                total += n;
                if (n == 0 || from.remaining() == 0 || !file.writesAll()) {
                    return total;
                }
            }
        } finally {
            if (entry != null) {
                file.removeWaiter(entry);
            }
        }
    }

    /** Has wake-ups sent to the task, unless it is going to sleep in the host: then null. */
    private static TaskWaitEntry register(Task task, FileDescription file, int events) {
        if (file.hostDescriptor() >= 0) {
            return null;
        }
        TaskWaitEntry entry = entry(task, events);
        file.addWaiter(entry);
        return entry;
    }

    private static int sleep(Task task, FileDescription file, TaskWaitEntry entry, int events, long deadline) {
        return entry != null ? task.park(deadline) : task.parkInHost(file.hostDescriptor(), events, deadline);
    }

    private static long attemptWrite(Task task, FileDescription file, IoBuffer from) {
        try {
            return file.write(task, from);
        } catch (ErrnoException e) {
            return -e.errno();
        }
    }

    /** A pipe that lost its readers in the middle raises SIGPIPE at once; a socket does with the next write. */
    private static long writeFailed(Task task, FileDescription file, long total, long error) {
        if (error == -Errno.EPIPE
                && file.raisesSigpipe()
                && (total == 0 || file.inode().type() == Stat.S_IFIFO)) {
            raiseSigpipe(task);
        }
        return total > 0 ? total : error;
    }

    /** Sends SIGPIPE to the caller as Linux does: as if it had sent it to itself. */
    public static void raiseSigpipe(Task task) {
        task.sendSignal(SignalInfo.user(
                Signals.SIGPIPE,
                Signals.SI_USER,
                task.threadGroup().pid,
                task.credentials().uid()));
    }

    /**
     * Tries until {@code attempt} answers something else than {@code -EAGAIN}, sleeping on {@code file} in between. The
     * caller tried once already and saw that it may wait.
     *
     * @param events POLL* bits to wait for
     * @param timeoutNanos 0 for ever; a timeout makes it answer EAGAIN when it passes, and EINTR for signals
     */
    public static long await(Task task, FileDescription file, int events, long timeoutNanos, Attempt attempt) {
        long deadline = deadline(timeoutNanos);
        TaskWaitEntry entry = register(task, file, events);
        try {
            while (true) {
                task.prepareToWait();
                long n = attempt.once();
                if (n != -Errno.EAGAIN) {
                    return n;
                }
                int how = sleep(task, file, entry, events, deadline);
                if (how != Task.WOKEN) {
                    return gaveUp(how, timeoutNanos);
                }
            }
        } finally {
            if (entry != null) {
                file.removeWaiter(entry);
            }
        }
    }

    /** As {@link #await(Task, FileDescription, int, long, Attempt)} on any queue. */
    public static long await(Task task, WaitQueue queue, int events, long timeoutNanos, Attempt attempt) {
        long deadline = deadline(timeoutNanos);
        TaskWaitEntry entry = entry(task, events);
        queue.add(entry);
        try {
            while (true) {
                task.prepareToWait();
                long n = attempt.once();
                if (n != -Errno.EAGAIN) {
                    return n;
                }
                int how = task.park(deadline);
                if (how != Task.WOKEN) {
                    return gaveUp(how, timeoutNanos);
                }
            }
        } finally {
            queue.remove(entry);
        }
    }

    private static long gaveUp(int how, long timeoutNanos) {
        if (how == Task.TIMED_OUT) {
            return -Errno.EAGAIN;
        }
        return timeoutNanos == 0 ? -Errno.ERESTARTSYS : -Errno.EINTR;
    }

    /** The task's own entry, or a fresh one if that is in use further up. */
    static TaskWaitEntry entry(Task task, int events) {
        TaskWaitEntry entry = task.waitEntry.isQueued() ? new TaskWaitEntry(task) : task.waitEntry;
        entry.events = events;
        return entry;
    }

    /** {@code timeoutNanos} from now; {@link Task#FOREVER} for 0 or what overflows. */
    public static long deadline(long timeoutNanos) {
        if (timeoutNanos == 0) {
            return Task.FOREVER;
        }
        long now = Clock.monotonic();
        long deadline = now + timeoutNanos;
        return deadline - now < 0 ? Task.FOREVER : deadline;
    }
}
