package gvj.kernel;

import gvj.abi.Signals;
import java.util.ArrayDeque;

/**
 * Signals that wait to be delivered, of a task or of a process. A standard signal waits at most once, a real-time signal
 * queues, signal(7). Guarded by {@link ThreadGroup#signalLock}.
 */
final class PendingSignals {
    /** A queued signal and whom it is charged to (RLIMIT_SIGPENDING). */
    private record Queued(SignalInfo info, UserAccount account) {}

    @SuppressWarnings({"unchecked", "rawtypes"})
    private final ArrayDeque<Queued>[] queues = new ArrayDeque[Signals.SIGRTMAX + 1];

    private long mask;

    /** The signals that wait, as a mask. */
    long mask() {
        return mask;
    }

    /** Adds a signal; {@code account} is the one it was charged to, or null. */
    void add(SignalInfo info, UserAccount account) {
        ArrayDeque<Queued> queue = queues[info.signo];
        if (queue == null) {
            queue = new ArrayDeque<>(2);
            queues[info.signo] = queue;
        }
        queue.add(new Queued(info, account));
        mask |= SignalSets.bit(info.signo);
    }

    boolean has(int signo) {
        return SignalSets.has(mask, signo);
    }

    /** Takes the first signal of {@code wanted}, lowest number first; null if none waits. */
    SignalInfo take(long wanted) {
        long ready = mask & wanted;
        return ready == 0 ? null : takeOne(Long.numberOfTrailingZeros(ready) + 1);
    }

    /** Takes the first signal that the program raised itself (si_code above 0); null if none waits. */
    SignalInfo takeSynchronous(long wanted) {
        long ready = mask & wanted & SignalSets.SYNCHRONOUS;
        while (ready != 0) {
            int signo = Long.numberOfTrailingZeros(ready) + 1;
            if (queues[signo].peek().info.code > 0) {
                return takeOne(signo);
            }
            ready &= ready - 1;
        }
        return null;
    }

    private SignalInfo takeOne(int signo) {
        ArrayDeque<Queued> queue = queues[signo];
        Queued first = queue.poll();
        uncharge(first);
        if (queue.isEmpty()) {
            mask &= ~SignalSets.bit(signo);
        }
        return first.info;
    }

    /** Drops every signal of {@code set}. */
    void drop(long set) {
        long ready = mask & set;
        while (ready != 0) {
            ArrayDeque<Queued> queue = queues[Long.numberOfTrailingZeros(ready) + 1];
            while (!queue.isEmpty()) {
                uncharge(queue.poll());
            }
            ready &= ready - 1;
        }
        mask &= ~set;
    }

    /** Drops the queued signals that {@code timer} sent: timer_delete(2), execve. */
    void dropTimer(SignalInfo info) {
        ArrayDeque<Queued> queue = queues[info.signo];
        if (queue != null && queue.removeIf(q -> q.info == info) && queue.isEmpty()) {
            mask &= ~SignalSets.bit(info.signo);
        }
    }

    private static void uncharge(Queued queued) {
        if (queued.account != null) {
            queued.account.queuedSignals.decrementAndGet();
        }
    }
}
