package gvj.kernel;

import gvj.abi.Errno;
import gvj.abi.Futex;
import gvj.mm.FutexKey;
import gvj.mm.MemoryManager;
import java.util.Iterator;

/**
 * futex(2) without priority inheritance: waiting and waking. {@link FutexPi} has the rest.
 *
 * <p>Locks: one per bucket, see {@link FutexBucket}; there is no other.
 */
public final class FutexManager {
    /** Bytes of struct robust_list_head. */
    public static final int ROBUST_HEAD_BYTES = 24;

    private static final int BUCKETS = 256;

    private final FutexBucket[] buckets = new FutexBucket[BUCKETS];
    public final FutexPi pi = new FutexPi(this);

    FutexManager() {
        for (int i = 0; i < BUCKETS; i++) {
            buckets[i] = new FutexBucket(i);
        }
    }

    FutexBucket bucket(FutexKey key) {
        int hash = key.hashCode();
        hash ^= hash >>> 16;
        hash *= 0x45d9f3b;
        return buckets[(hash ^ hash >>> 16) & BUCKETS - 1];
    }

    FutexBucket[] allBuckets() {
        return buckets;
    }

    /**
     * FUTEX_WAIT, FUTEX_WAIT_BITSET.
     *
     * @param deadline {@link Clock#monotonic}, or {@link Task#FOREVER}
     * @return 0 when woken; EAGAIN if the word is not {@code expected}, ETIMEDOUT, a restart code
     */
    public long wait(Task task, long address, boolean shared, int expected, int bitset, long deadline) {
        if (bitset == 0) {
            return -Errno.EINVAL;
        }
        FutexWaiter waiter = new FutexWaiter(task, task.mm.futexKey(address, shared), bitset);
        int error = enqueue(task, waiter, address, expected);
        if (error != 0) {
            return -error;
        }
        int how = sleep(task, waiter, deadline);
        if (how == Task.WOKEN) {
            return 0;
        }
        if (how == Task.TIMED_OUT) {
            return -Errno.ETIMEDOUT;
        }
        if (deadline == Task.FOREVER) {
            return -Errno.ERESTARTSYS;
        }
        task.setRestart(again -> again.kernel.futexes.wait(again, address, shared, expected, bitset, deadline));
        return -Errno.ERESTART_RESTARTBLOCK;
    }

    /** Queues {@code waiter} if the word is still {@code expected}: 0 or EAGAIN. */
    int enqueue(Task task, FutexWaiter waiter, long address, int expected) {
        FutexBucket bucket = bucket(waiter.key);
        task.prepareToWait();
        synchronized (bucket) {
            if (task.mm.readIntVolatile(address) != expected) {
                return Errno.EAGAIN;
            }
            bucket.add(waiter);
        }
        return 0;
    }

    /** Sleeps until {@code waiter} is woken; leaves the queue otherwise. As {@link Task#park}. */
    int sleep(Task task, FutexWaiter waiter, long deadline) {
        while (!waiter.woken) {
            int how = task.park(deadline);
            if (waiter.woken) {
                break;
            }
            if (how != Task.WOKEN && leave(waiter)) {
                return how;
            }
            task.prepareToWait();
        }
        return Task.WOKEN;
    }

    /** Takes {@code waiter} off whatever queue it was moved to; false if somebody has woken it. */
    boolean leave(FutexWaiter waiter) {
        while (true) {
            FutexBucket bucket = waiter.bucket;
            if (bucket == null) {
                return !waiter.woken;
            }
            synchronized (bucket) {
                if (bucket.remove(waiter)) {
                    return true;
                }
            }
        }
    }

    /** FUTEX_WAKE, FUTEX_WAKE_BITSET: how many were woken. As on Linux, one is woken even if {@code count} is 0. */
    public long wake(Task task, long address, boolean shared, int count, int bitset) {
        if (bitset == 0) {
            return -Errno.EINVAL;
        }
        return wake(task.mm.futexKey(address, shared), count, bitset);
    }

    private long wake(FutexKey key, int count, int bitset) {
        FutexBucket bucket = bucket(key);
        synchronized (bucket) {
            return wakeLocked(bucket, key, count, bitset);
        }
    }

    private static long wakeLocked(FutexBucket bucket, FutexKey key, int count, int bitset) {
        int woken = 0;
        for (Iterator<FutexWaiter> all = bucket.iterator(); all.hasNext(); ) {
            FutexWaiter waiter = all.next();
            if (!waiter.key.equals(key)) {
                continue;
            }
            if (waiter.pi || waiter.requeueTo != null) {
                return -Errno.EINVAL;
            }
            if ((waiter.bitset & bitset) == 0) {
                continue;
            }
            all.remove();
            FutexBucket.wake(waiter);
            if (++woken >= count) {
                break;
            }
        }
        return woken;
    }

    /**
     * FUTEX_REQUEUE, FUTEX_CMP_REQUEUE: wakes some and moves others to a second word.
     *
     * @param compare whether the first word must be {@code expected} (EAGAIN)
     * @return how many were woken or moved
     */
    public long requeue(
            Task task, long from, boolean shared, int wake, int move, long to, boolean compare, int expected) {
        if (wake < 0 || move < 0) {
            return -Errno.EINVAL;
        }
        FutexKey source = task.mm.futexKey(from, shared);
        FutexKey target = task.mm.futexKey(to, shared);
        FutexBucket a = bucket(source);
        FutexBucket b = bucket(target);
        synchronized (a.index <= b.index ? a : b) {
            synchronized (a.index <= b.index ? b : a) {
                if (compare && task.mm.readIntVolatile(from) != expected) {
                    return -Errno.EAGAIN;
                }
                return requeueLocked(a, b, source, target, wake, move);
            }
        }
    }

    private static long requeueLocked(
            FutexBucket a, FutexBucket b, FutexKey source, FutexKey target, int wake, int move) {
        int count = 0;
        java.util.List<FutexWaiter> moved = new java.util.ArrayList<>();
        for (Iterator<FutexWaiter> all = a.iterator(); all.hasNext() && (long) count - wake < move; ) {
            FutexWaiter waiter = all.next();
            if (!waiter.key.equals(source)) {
                continue;
            }
            if (waiter.pi || waiter.requeueTo != null) {
                return -Errno.EINVAL;
            }
            count++;
            all.remove();
            if (count <= wake) {
                FutexBucket.wake(waiter);
            } else {
                moved.add(waiter);
            }
        }
        for (FutexWaiter waiter : moved) {
            waiter.key = target;
            b.add(waiter);
        }
        return count;
    }

    /** FUTEX_WAKE_OP: changes the second word, wakes at the first, and at the second if its old value compares. */
    public long wakeOp(
            Task task, long first, boolean shared, int wakeFirst, int wakeSecond, long second, int operation) {
        FutexKey key1 = task.mm.futexKey(first, shared);
        FutexKey key2 = task.mm.futexKey(second, shared);
        FutexBucket a = bucket(key1);
        FutexBucket b = bucket(key2);
        synchronized (a.index <= b.index ? a : b) {
            synchronized (a.index <= b.index ? b : a) {
                int old = apply(task.mm, second, operation);
                boolean alsoSecond = compare(old, operation);
                long woken = wakeLocked(a, key1, wakeFirst, Futex.FUTEX_BITSET_MATCH_ANY);
                if (woken < 0 || !alsoSecond) {
                    return woken;
                }
                long more = wakeLocked(b, key2, wakeSecond, Futex.FUTEX_BITSET_MATCH_ANY);
                return more < 0 ? more : woken + more;
            }
        }
    }

    /** The operation of FUTEX_WAKE_OP on the word: its old value. ENOSYS for an unknown one. */
    private static int apply(MemoryManager mm, long address, int encoded) {
        int operation = encoded >>> 28 & 7;
        int argument = encoded << 8 >> 20;
        if ((encoded >>> 28 & Futex.FUTEX_OP_OPARG_SHIFT) != 0) {
            argument = 1 << (argument & 31);
        }
        while (true) {
            int old = mm.readIntVolatile(address);
            int value = switch (operation) {
                case Futex.FUTEX_OP_SET -> argument;
                case Futex.FUTEX_OP_ADD -> old + argument;
                case Futex.FUTEX_OP_OR -> old | argument;
                case Futex.FUTEX_OP_ANDN -> old & ~argument;
                case Futex.FUTEX_OP_XOR -> old ^ argument;
                default -> throw ErrnoException.of(Errno.ENOSYS);
            };
            if (mm.compareAndExchangeInt(address, old, value) == old) {
                return old;
            }
        }
    }

    private static boolean compare(int old, int encoded) {
        int argument = encoded << 20 >> 20;
        return switch (encoded >>> 24 & 15) {
            case Futex.FUTEX_OP_CMP_EQ -> old == argument;
            case Futex.FUTEX_OP_CMP_NE -> old != argument;
            case Futex.FUTEX_OP_CMP_LT -> old < argument;
            case Futex.FUTEX_OP_CMP_GE -> old >= argument;
            case Futex.FUTEX_OP_CMP_LE -> old <= argument;
            case Futex.FUTEX_OP_CMP_GT -> old > argument;
            default -> throw ErrnoException.of(Errno.ENOSYS);
        };
    }

    /**
     * futex_waitv(2): waits for any of several words.
     *
     * @return the index of one that was woken, EAGAIN, ETIMEDOUT, or a restart code
     */
    public long waitAny(Task task, long[] addresses, boolean[] shared, int[] expected, long deadline) {
        FutexWaiter[] waiters = new FutexWaiter[addresses.length];
        for (int i = 0; i < waiters.length; i++) {
            FutexKey key = task.mm.futexKey(addresses[i], shared[i]);
            waiters[i] = new FutexWaiter(task, key, Futex.FUTEX_BITSET_MATCH_ANY);
        }
        task.prepareToWait();
        int queued = 0;
        int error = 0;
        try {
            for (; queued < waiters.length && error == 0; queued++) {
                FutexBucket bucket = bucket(waiters[queued].key);
                synchronized (bucket) {
                    if (task.mm.readIntVolatile(addresses[queued]) != expected[queued]) {
                        error = Errno.EAGAIN;
                        break;
                    }
                    bucket.add(waiters[queued]);
                }
            }
        } catch (ErrnoException e) {
            error = e.errno();
        }
        int how = error == 0 ? task.park(deadline) : Task.WOKEN;
        int woken = leaveAll(waiters, queued);
        if (woken >= 0) {
            return woken;
        }
        if (error != 0) {
            return -error;
        }
        return how == Task.TIMED_OUT ? -Errno.ETIMEDOUT : -Errno.ERESTARTSYS;
    }

    /** Leaves the first {@code queued}; the index of the last one that was woken, or -1. */
    private int leaveAll(FutexWaiter[] waiters, int queued) {
        int woken = -1;
        for (int i = 0; i < queued; i++) {
            if (!leave(waiters[i])) {
                woken = i;
            }
        }
        return woken;
    }

    /** What a thread leaves behind when it exits or executes: its robust list, PI locks, and CLONE_CHILD_CLEARTID. */
    static void exitTask(Task task) {
        try {
            RobustList.walk(task);
        } catch (ErrnoException e) {
            // the list leads nowhere: it ends here
        }
        task.robustList = 0;
        task.kernel.futexes.pi.ownerExits(task);
        long address = task.clearChildTid;
        task.clearChildTid = 0;
        if (address == 0 || task.mm.users() <= 1) {
            return;
        }
        try {
            task.mm.writeInt(address, 0);
            task.kernel.futexes.wake(task, address, true, 1, Futex.FUTEX_BITSET_MATCH_ANY);
        } catch (ErrnoException e) {
            // the address was the program's to get right
        }
    }
}
