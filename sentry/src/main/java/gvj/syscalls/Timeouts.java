package gvj.syscalls;

import gvj.abi.Bytes;
import gvj.abi.Errno;
import gvj.kernel.Clock;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;

/** Timeouts as system calls take them: struct timespec and timeval, relative, to {@link Task#park} deadlines. */
final class Timeouts {
    private static final long SECOND = 1_000_000_000L;

    private Timeouts() {}

    /** Nanoseconds of a timespec; Long.MAX_VALUE if that is too much. EFAULT, EINVAL. */
    static long timespec(Task task, long address) {
        byte[] bytes = task.scratch(16);
        task.mm().copyIn(address, bytes, 0, 16);
        return nanos(Bytes.getLong(bytes, 0), Bytes.getLong(bytes, 8));
    }

    /** Nanoseconds of a timeval whose microseconds may be over a million. EFAULT, EINVAL. */
    static long timeval(Task task, long address) {
        byte[] bytes = task.scratch(16);
        task.mm().copyIn(address, bytes, 0, 16);
        long micros = Bytes.getLong(bytes, 8);
        return nanos(Bytes.getLong(bytes, 0) + micros / 1_000_000, micros % 1_000_000 * 1000);
    }

    /** Checks and adds; EINVAL. */
    static long nanos(long seconds, long nanos) {
        if (seconds < 0 || nanos < 0 || nanos >= SECOND) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        return seconds >= Long.MAX_VALUE / SECOND - 1 ? Long.MAX_VALUE : seconds * SECOND + nanos;
    }

    /** When {@code nanos} from now is. */
    static long deadline(long nanos) {
        if (nanos == Long.MAX_VALUE) {
            return Task.FOREVER;
        }
        long now = Clock.monotonic();
        long deadline = now + nanos;
        return deadline - now < 0 || deadline == Task.FOREVER ? Task.FOREVER : deadline;
    }

    /** What is left until {@code deadline}, not below 0. */
    static long left(long deadline) {
        return Math.max(0, deadline - Clock.monotonic());
    }

    /** Writes {@code nanos} as a timespec. */
    static void putTimespec(Task task, long address, long nanos) {
        byte[] bytes = task.scratch(16);
        Bytes.putLong(bytes, 0, nanos / SECOND);
        Bytes.putLong(bytes, 8, nanos % SECOND);
        task.mm().copyOut(address, bytes, 0, 16);
    }

    /** Writes {@code nanos} as a timeval. */
    static void putTimeval(Task task, long address, long nanos) {
        byte[] bytes = task.scratch(16);
        Bytes.putLong(bytes, 0, nanos / SECOND);
        Bytes.putLong(bytes, 8, nanos % SECOND / 1000);
        task.mm().copyOut(address, bytes, 0, 16);
    }
}
