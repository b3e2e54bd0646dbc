package gvj.kernel.ipc;

import gvj.abi.Errno;
import gvj.kernel.ErrnoException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The Sentry's own memory that messages and semaphores may take, all namespaces together: the limits of sysctl(8) allow
 * far more than a heap holds.
 */
public final class IpcBudget {
    private static final AtomicLong USED = new AtomicLong();
    private static final long LIMIT = Runtime.getRuntime().maxMemory() / 8;

    private IpcBudget() {}

    /** Takes {@code bytes}; ENOMEM. */
    public static void charge(long bytes) {
        if (USED.addAndGet(bytes) > LIMIT) {
            USED.addAndGet(-bytes);
            throw ErrnoException.of(Errno.ENOMEM);
        }
    }

    /** Gives back what was charged. */
    public static void release(long bytes) {
        USED.addAndGet(-bytes);
    }
}
