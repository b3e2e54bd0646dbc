package gvj.syscalls;

import gvj.abi.Bytes;
import gvj.abi.Errno;
import gvj.abi.Futex;
import gvj.abi.SyscallNumbers;
import gvj.abi.Time;
import gvj.kernel.Clock;
import gvj.kernel.FutexManager;
import gvj.kernel.Task;

/** futex(2), futex_waitv(2). */
final class FutexSyscalls {
    private static final int ANY = Futex.FUTEX_BITSET_MATCH_ANY;
    /** struct futex_waitv: 0 val, 8 uaddr, 16 flags, 20 reserved. */
    private static final int WAITV_BYTES = 24;

    private static final int FUTEX2_SIZE_U32 = 2, FUTEX2_PRIVATE = 128;

    private FutexSyscalls() {}

    static void register(SyscallTable t) {
        t.add(SyscallNumbers.SYS_futex, "futex", (Handler) FutexSyscalls::futex);
        t.add(SyscallNumbers.SYS_futex_waitv, "futex_waitv", FutexSyscalls::waitv);
    }

    static long futex(Task task, long address, long operation, long value, long timeout, long second, long third) {
        int command = (int) operation & Futex.FUTEX_CMD_MASK;
        boolean shared = (operation & Futex.FUTEX_PRIVATE_FLAG) == 0;
        boolean realtime = (operation & Futex.FUTEX_CLOCK_REALTIME) != 0;
        if (realtime
                && command != Futex.FUTEX_WAIT_BITSET
                && command != Futex.FUTEX_WAIT_REQUEUE_PI
                && command != Futex.FUTEX_LOCK_PI2) {
            return -Errno.ENOSYS;
        }
        FutexManager futexes = task.kernel.futexes;
        int v = (int) value;
        int v2 = (int) timeout;
        int v3 = (int) third;
        return switch (command) {
            case Futex.FUTEX_WAIT -> futexes.wait(task, address, shared, v, ANY, deadline(task, timeout, true, false));
            case Futex.FUTEX_WAIT_BITSET ->
                futexes.wait(task, address, shared, v, v3, deadline(task, timeout, false, realtime));
            case Futex.FUTEX_WAKE -> futexes.wake(task, address, shared, v, ANY);
            case Futex.FUTEX_WAKE_BITSET -> futexes.wake(task, address, shared, v, v3);
            case Futex.FUTEX_REQUEUE -> futexes.requeue(task, address, shared, v, v2, second, false, 0);
            case Futex.FUTEX_CMP_REQUEUE -> futexes.requeue(task, address, shared, v, v2, second, true, v3);
            case Futex.FUTEX_WAKE_OP -> futexes.wakeOp(task, address, shared, v, v2, second, v3);
            case Futex.FUTEX_LOCK_PI ->
                futexes.pi.lock(task, address, shared, deadline(task, timeout, false, true), false);
            case Futex.FUTEX_LOCK_PI2 ->
                futexes.pi.lock(task, address, shared, deadline(task, timeout, false, realtime), false);
            case Futex.FUTEX_TRYLOCK_PI -> futexes.pi.lock(task, address, shared, Task.FOREVER, true);
            case Futex.FUTEX_UNLOCK_PI -> futexes.pi.unlock(task, address, shared);
            case Futex.FUTEX_WAIT_REQUEUE_PI ->
                futexes.pi.waitRequeue(task, address, shared, v, ANY, deadline(task, timeout, false, realtime), second);
            case Futex.FUTEX_CMP_REQUEUE_PI -> futexes.pi.requeue(task, address, shared, v, v2, second, v3);
            default -> -Errno.ENOSYS;
        };
    }

    private static long deadline(Task task, long address, boolean relative, boolean realtime) {
        if (address == 0) {
            return Task.FOREVER;
        }
        long nanos = Timeouts.timespec(task, address);
        if (relative) {
            return Timeouts.deadline(nanos);
        }
        return realtime ? Clock.fromRealtime(nanos) : nanos;
    }

    static long waitv(Task task, long vector, long count, long flags, long timeout, long clock) {
        int n = (int) count;
        if (flags != 0 || vector == 0 || n < 1 || n > Futex.FUTEX_WAITV_MAX) {
            return -Errno.EINVAL;
        }
        if (timeout != 0 && (int) clock != Time.CLOCK_MONOTONIC && (int) clock != Time.CLOCK_REALTIME) {
            return -Errno.EINVAL;
        }
        long deadline = deadline(task, timeout, false, (int) clock == Time.CLOCK_REALTIME);
        byte[] bytes = task.scratch(WAITV_BYTES * n);
        task.mm().copyIn(vector, bytes, 0, WAITV_BYTES * n);
        long[] addresses = new long[n];
        boolean[] shared = new boolean[n];
        int[] expected = new int[n];
        for (int i = 0; i < n; i++) {
            int at = WAITV_BYTES * i;
            int f = Bytes.getInt(bytes, at + 16);
            if ((f & ~(FUTEX2_SIZE_U32 | FUTEX2_PRIVATE)) != 0
                    || (f & FUTEX2_SIZE_U32) == 0
                    || Bytes.getInt(bytes, at + 20) != 0
                    || Bytes.getLong(bytes, at) >>> 32 != 0) {
                return -Errno.EINVAL;
            }
            expected[i] = Bytes.getInt(bytes, at);
            addresses[i] = Bytes.getLong(bytes, at + 8);
            shared[i] = (f & FUTEX2_PRIVATE) == 0;
        }
        return task.kernel.futexes.waitAny(task, addresses, shared, expected, deadline);
    }
}
