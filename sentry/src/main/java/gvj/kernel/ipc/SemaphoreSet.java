package gvj.kernel.ipc;

import gvj.abi.Bytes;
import gvj.abi.Errno;
import gvj.abi.Ipc;
import gvj.kernel.Credentials;
import gvj.kernel.ThreadGroup;
import gvj.kernel.WaitQueue;
import java.util.ArrayList;
import java.util.List;

/** A set of semaphores, semget(2). */
public final class SemaphoreSet extends IpcObject {
    /** The largest value (SEMVMX). */
    public static final int MAX_VALUE = 32767;
    /** The most semaphores of a set (SEMMSL). */
    public static final int MAX_SEMAPHORES = 32000;

    /** Bytes of a struct semid64_ds. */
    private static final int STAT_BYTES = 104;

    /** One operation of semop(2). */
    public record Operation(int number, int delta, int flags) {
        boolean noWait() {
            return (flags & Ipc.IPC_NOWAIT) != 0;
        }

        boolean undo() {
            return (flags & Ipc.SEM_UNDO) != 0;
        }
    }

    private final IpcIds<SemaphoreSet> ids;
    private final int[] values;
    private final int[] pids;
    private long operated;
    private final WaitQueue queue = new WaitQueue();
    /** Operations that sleep, for GETNCNT and GETZCNT. */
    private final List<Operation> sleeping = new ArrayList<>();

    public SemaphoreSet(IpcIds<SemaphoreSet> ids, int key, int mode, Credentials creds, int count) {
        super(key, mode, creds);
        this.ids = ids;
        this.values = new int[count];
        this.pids = new int[count];
    }

    public int count() {
        return values.length;
    }

    public WaitQueue queue() {
        return queue;
    }

    /** Throws EACCES unless the mode grants {@code wanted}. */
    public void checkAccess(Credentials creds, int wanted) {
        check(creds, wanted);
    }

    /** Throws EPERM unless the caller owns it. */
    public void checkMayChange(Credentials creds) {
        checkOwner(creds);
    }

    /**
     * All of the operations or none: 0, ERANGE, EIDRM; EAGAIN to wait, or to give up if {@link #mayWait} says so.
     *
     * @param blocked takes the operation that could not be done, if any
     */
    public long operate(ThreadGroup process, int pid, List<Operation> operations, Operation[] blocked) {
        synchronized (this) {
            if (removed) {
                return -Errno.EIDRM;
            }
            for (int i = 0; i < operations.size(); i++) {
                Operation operation = operations.get(i);
                long result = one(operation);
                if (result == 0 && operation.undo()) {
                    result = SemaphoreUndo.record(process, this, operation.number, -operation.delta);
                    if (result != 0) {
                        values[operation.number] -= operation.delta;
                    }
                }
                if (result != 0) {
                    rollBack(process, operations.subList(0, i));
                    blocked[0] = operation;
                    return result;
                }
            }
            for (Operation operation : operations) {
                pids[operation.number] = pid;
            }
            operated = seconds();
        }
        queue.wakeAll(~0);
        return 0;
    }

    private long one(Operation operation) {
        int value = values[operation.number];
        if (operation.delta == 0) {
            return value == 0 ? 0 : -Errno.EAGAIN;
        }
        int result = value + operation.delta;
        if (result < 0) {
            return -Errno.EAGAIN;
        }
        if (result > MAX_VALUE) {
            return -Errno.ERANGE;
        }
        values[operation.number] = result;
        return 0;
    }

    private void rollBack(ThreadGroup process, List<Operation> done) {
        for (int i = done.size() - 1; i >= 0; i--) {
            Operation operation = done.get(i);
            values[operation.number] -= operation.delta;
            if (operation.undo()) {
                SemaphoreUndo.record(process, this, operation.number, operation.delta);
            }
        }
    }

    /** Whether an operation that could not be done is one to sleep for. */
    public static boolean mayWait(Operation blocked) {
        return !blocked.noWait();
    }

    public synchronized void startSleeping(Operation operation) {
        sleeping.add(operation);
    }

    public synchronized void stopSleeping(Operation operation) {
        for (int i = 0; i < sleeping.size(); i++) {
            if (sleeping.get(i) == operation) {
                sleeping.remove(i);
                return;
            }
        }
    }

    /** GETNCNT, or GETZCNT: who waits for the value to rise, or to be zero. */
    public synchronized int waiters(int number, boolean forZero) {
        int sum = 0;
        for (Operation operation : sleeping) {
            sum += operation.number == number && operation.delta == 0 == forZero ? 1 : 0;
        }
        return sum;
    }

    /** Exit of a process that asked for it: applies an adjustment as far as it goes. */
    void adjust(int number, int delta, int pid) {
        synchronized (this) {
            if (removed) {
                return;
            }
            values[number] = Math.max(0, Math.min(MAX_VALUE, values[number] + delta));
            pids[number] = pid;
        }
        queue.wakeAll(~0);
    }

    public synchronized int value(int number) {
        return values[number];
    }

    public synchronized int pid(int number) {
        return pids[number];
    }

    /** GETALL. */
    public synchronized int[] values() {
        return values.clone();
    }

    /** SETVAL and SETALL: checked values; what processes wanted undone is forgotten. */
    public void set(int first, int[] newValues, int pid) {
        synchronized (this) {
            for (int i = 0; i < newValues.length; i++) {
                values[first + i] = newValues[i];
                pids[first + i] = pid;
                SemaphoreUndo.forget(this, first + i);
            }
            changed = seconds();
        }
        queue.wakeAll(~0);
    }

    /** IPC_RMID. */
    public void remove() {
        ids.remove(this);
        synchronized (this) {
            removed = true;
            SemaphoreUndo.forget(this);
        }
        queue.wakeAll(~0);
    }

    @Override
    public synchronized byte[] stat() {
        byte[] out = new byte[STAT_BYTES];
        encodePerm(out);
        Bytes.putLong(out, 48, operated);
        Bytes.putLong(out, 64, changed);
        Bytes.putLong(out, 80, values.length);
        return out;
    }
}
