package gvj.kernel;

import java.util.concurrent.atomic.AtomicInteger;

/** What one real user id has in use: RLIMIT_NPROC and RLIMIT_SIGPENDING are counted per user, getrlimit(2). */
final class UserAccount {
    final AtomicInteger tasks = new AtomicInteger();
    final AtomicInteger queuedSignals = new AtomicInteger();

    /** Counts one more queued signal unless {@code limit} (unsigned) is reached. */
    boolean chargeSignal(long limit) {
        int now = queuedSignals.incrementAndGet();
        if (Long.compareUnsigned(now, limit) > 0) {
            queuedSignals.decrementAndGet();
            return false;
        }
        return true;
    }
}
