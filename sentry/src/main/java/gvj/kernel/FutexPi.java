package gvj.kernel;

import gvj.abi.Errno;
import gvj.abi.Futex;
import gvj.mm.FutexKey;
import gvj.mm.MemoryManager;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Futexes that are locks with a known owner: FUTEX_LOCK_PI and its relatives. Ownership passes in the order of arrival;
 * priorities are the host's business.
 */
public final class FutexPi {
    private final FutexManager futexes;

    FutexPi(FutexManager futexes) {
        this.futexes = futexes;
    }

    private static int tid(Task task) {
        return task.pidNamespace().idOf(task);
    }

    /**
     * FUTEX_LOCK_PI, FUTEX_LOCK_PI2, FUTEX_TRYLOCK_PI.
     *
     * @return 0 as the owner; EDEADLK, EAGAIN for a try, ESRCH for an owner that does not exist, ETIMEDOUT
     */
    public long lock(Task task, long address, boolean shared, long deadline, boolean tryOnly) {
        FutexKey key = task.mm.futexKey(address, shared);
        FutexBucket bucket = futexes.bucket(key);
        FutexWaiter waiter = new FutexWaiter(task, key, Futex.FUTEX_BITSET_MATCH_ANY);
        waiter.address = address;
        task.prepareToWait();
        synchronized (bucket) {
            long result = takeOrFindOwner(task, waiter, address, bucket);
            if (result != -Errno.EAGAIN) {
                return result;
            }
            if (tryOnly) {
                return -Errno.EAGAIN;
            }
            bucket.add(waiter);
        }
        int how = futexes.sleep(task, waiter, deadline);
        return how == Task.WOKEN ? 0 : how == Task.TIMED_OUT ? -Errno.ETIMEDOUT : -Errno.ERESTARTNOINTR;
    }

    /** 0: the lock is the task's. EAGAIN: it has an owner, whom the waiter now knows, and the word says that one waits. */
    private static long takeOrFindOwner(Task task, FutexWaiter waiter, long address, FutexBucket bucket) {
        MemoryManager mm = task.mm;
        int tid = tid(waiter.task);
        while (true) {
            int value = mm.readIntVolatile(address);
            int owner = value & Futex.FUTEX_TID_MASK;
            if (owner == tid) {
                return -Errno.EDEADLK;
            }
            FutexWaiter other = bucket.first(waiter.key);
            if (other != null && !other.pi && other != waiter) {
                return -Errno.EINVAL;
            }
            if (owner == 0) {
                int mine = tid | value & Futex.FUTEX_OWNER_DIED | (other != null ? Futex.FUTEX_WAITERS : 0);
                if (mm.compareAndExchangeInt(address, value, mine) == value) {
                    return 0;
                }
                continue;
            }
            Task holder = waiter.task.pidNamespace().task(owner);
            if (holder == null || holder.exited) {
                return -Errno.ESRCH;
            }
            int waited = value | Futex.FUTEX_WAITERS;
            if (value == waited || mm.compareAndExchangeInt(address, value, waited) == value) {
                waiter.pi = true;
                waiter.owner = holder;
                holder.ownsPiFutexes = true;
                return -Errno.EAGAIN;
            }
        }
    }

    /** FUTEX_UNLOCK_PI: passes the lock on; EPERM unless the caller owns it. */
    public long unlock(Task task, long address, boolean shared) {
        int value = task.mm.readIntVolatile(address);
        if ((value & Futex.FUTEX_TID_MASK) != tid(task)) {
            return -Errno.EPERM;
        }
        FutexKey key = task.mm.futexKey(address, shared);
        FutexBucket bucket = futexes.bucket(key);
        synchronized (bucket) {
            FutexWaiter next = bucket.first(key);
            if (next != null && !next.pi) {
                return -Errno.EINVAL;
            }
            if (next != null) {
                pass(task.mm, address, bucket, next, 0);
                return 0;
            }
            while (true) {
                int now = task.mm.readIntVolatile(address);
                if ((now & Futex.FUTEX_TID_MASK) != tid(task)) {
                    return -Errno.EPERM;
                }
                if (task.mm.compareAndExchangeInt(address, now, 0) == now) {
                    return 0;
                }
            }
        }
    }

    /** Makes {@code next} the owner and wakes it. The bucket is locked. */
    private static void pass(MemoryManager mm, long address, FutexBucket bucket, FutexWaiter next, int flags) {
        mm.writeInt(address, tid(next.task) | Futex.FUTEX_WAITERS | flags);
        bucket.remove(next);
        FutexBucket.wake(next);
        for (Iterator<FutexWaiter> all = bucket.iterator(); all.hasNext(); ) {
            FutexWaiter other = all.next();
            if (other.key.equals(next.key)) {
                other.owner = next.task;
                next.task.ownsPiFutexes = true;
            }
        }
    }

    /** A thread dies: every PI futex it owned passes to its first waiter, marked FUTEX_OWNER_DIED. */
    void ownerExits(Task task) {
        if (!task.ownsPiFutexes) {
            return;
        }
        task.ownsPiFutexes = false;
        for (FutexBucket bucket : futexes.allBuckets()) {
            synchronized (bucket) {
                for (FutexWaiter waiter : ownedBy(bucket, task)) {
                    if (waiter.bucket == bucket && waiter.owner == task) {
                        inherit(waiter, bucket);
                    }
                }
            }
        }
    }

    private static List<FutexWaiter> ownedBy(FutexBucket bucket, Task task) {
        List<FutexWaiter> list = new ArrayList<>();
        for (Iterator<FutexWaiter> all = bucket.iterator(); all.hasNext(); ) {
            FutexWaiter waiter = all.next();
            if (waiter.pi && waiter.owner == task) {
                list.add(waiter);
            }
        }
        return list;
    }

    private static void inherit(FutexWaiter waiter, FutexBucket bucket) {
        try {
            pass(waiter.task.mm, waiter.address, bucket, waiter, Futex.FUTEX_OWNER_DIED);
        } catch (ErrnoException e) {
            bucket.remove(waiter);
            FutexBucket.wake(waiter);
        }
    }

    /** FUTEX_WAIT_REQUEUE_PI: waits at one word and wakes up as the owner of another. */
    public long waitRequeue(
            Task task, long address, boolean shared, int expected, int bitset, long deadline, long target) {
        if (address == target || bitset == 0) {
            return -Errno.EINVAL;
        }
        FutexKey key = task.mm.futexKey(address, shared);
        FutexWaiter waiter = new FutexWaiter(task, key, bitset);
        waiter.requeueTo = task.mm.futexKey(target, shared);
        waiter.address = target;
        if (waiter.requeueTo.equals(key)) {
            return -Errno.EINVAL;
        }
        int error = futexes.enqueue(task, waiter, address, expected);
        if (error != 0) {
            return -error;
        }
        int how = futexes.sleep(task, waiter, deadline);
        if (how == Task.WOKEN) {
            return 0;
        }
        if (how == Task.TIMED_OUT) {
            return -Errno.ETIMEDOUT;
        }
        return waiter.pi ? -Errno.EAGAIN : -Errno.ERESTARTNOINTR;
    }

    /** FUTEX_CMP_REQUEUE_PI: gives the PI futex to the first waiter, or lets all wait for it. */
    public long requeue(Task task, long from, boolean shared, int wake, int move, long to, int expected) {
        if (wake != 1 || move < 0 || from == to) {
            return -Errno.EINVAL;
        }
        FutexKey source = task.mm.futexKey(from, shared);
        FutexKey target = task.mm.futexKey(to, shared);
        if (source.equals(target)) {
            return -Errno.EINVAL;
        }
        FutexBucket a = futexes.bucket(source);
        FutexBucket b = futexes.bucket(target);
        synchronized (a.index <= b.index ? a : b) {
            synchronized (a.index <= b.index ? b : a) {
                if (task.mm.readIntVolatile(from) != expected) {
                    return -Errno.EAGAIN;
                }
                return requeueLocked(task, a, b, source, target, move, to);
            }
        }
    }

    private static long requeueLocked(
            Task task, FutexBucket a, FutexBucket b, FutexKey source, FutexKey target, int move, long to) {
        long count = 0;
        while (count - 1 < move) {
            FutexWaiter waiter = a.first(source);
            if (waiter == null) {
                break;
            }
            if (!target.equals(waiter.requeueTo)) {
                return -Errno.EINVAL;
            }
            FutexKey old = waiter.key;
            waiter.key = target;
            long result;
            try {
                result = takeOrFindOwner(task, waiter, to, b);
            } finally {
                waiter.key = old;
            }
            if (result != 0 && result != -Errno.EAGAIN) {
                return count > 0 ? count : result;
            }
            a.remove(waiter);
            waiter.key = target;
            waiter.pi = true;
            if (result == 0) {
                FutexBucket.wake(waiter);
            } else {
                b.add(waiter);
            }
            count++;
        }
        return count;
    }
}
