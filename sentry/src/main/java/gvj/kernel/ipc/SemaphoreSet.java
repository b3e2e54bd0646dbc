package gvj.kernel.ipc;

import gvj.abi.Bytes;
import gvj.abi.Errno;
import gvj.abi.Ipc;
import gvj.kernel.Credentials;
import gvj.kernel.FileText;
import gvj.kernel.PidEntry;
import gvj.kernel.PidNamespace;
import gvj.kernel.Task;
import java.util.ArrayList;
import java.util.List;

/**
 * A set of semaphores, semget(2).
 *
 * <p>Operations that must wait queue in the order they came, and whoever changes a value carries out those that have become
 * possible before it lets go of the monitor.
 */
public final class SemaphoreSet extends IpcObject {
    /** The largest value (SEMVMX). */
    public static final int MAX_VALUE = 32767;
    /** The most semaphores of a set (SEMMSL). */
    public static final int MAX_SEMAPHORES = 32000;

    /** Bytes of a struct semid64_ds. */
    private static final int STAT_BYTES = 104;

    /** {@link #attempt}: it cannot be done now. */
    private static final long MUST_WAIT = 1;

    /** One operation of semop(2). */
    public record Operation(int number, int delta, int flags) {
        boolean noWait() {
            return (flags & Ipc.IPC_NOWAIT) != 0;
        }

        boolean undo() {
            return (flags & Ipc.SEM_UNDO) != 0;
        }
    }

    /** One semop(2), that may have to sleep. */
    private final class Sleeper extends IpcWaiter {
        final PidEntry pid;
        final List<Operation> operations;
        final short[] undo;
        /** The operation that could not be done. */
        Operation blocking;

        Sleeper(Task task, List<Operation> operations, short[] undo) {
            super(task);
            this.pid = task.threadGroup().pidEntry();
            this.operations = operations;
            this.undo = undo;
        }

        @Override
        void forget() {
            sleepers.remove(this);
        }
    }

    private final IpcIds<SemaphoreSet> ids;
    private final int[] values;
    /** Who operated on each last; null for nobody. */
    private final PidEntry[] pids;

    private final List<Sleeper> sleepers = new ArrayList<>();
    /** Those that have something noted for this set. */
    private final List<SemaphoreUndo> undos = new ArrayList<>();

    private long operated;

    /** A new set; ENOMEM. */
    public SemaphoreSet(IpcIds<SemaphoreSet> ids, int key, int mode, Credentials creds, int count) {
        super(key, mode, creds);
        IpcBudget.charge(bytes(count));
        this.ids = ids;
        this.values = new int[count];
        this.pids = new PidEntry[count];
    }

    private static long bytes(int count) {
        return 256 + 12L * count;
    }

    public int count() {
        return values.length;
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
     * semop(2): all of the operations or none, after sleeping if that is needed and allowed.
     *
     * @param operations numbers are below {@link #count}
     * @param deadline of {@link Task#park}
     * @return 0, EAGAIN, EIDRM, ERANGE, EINTR; throws ENOMEM
     */
    public long operate(Task task, List<Operation> operations, long deadline) {
        Sleeper call;
        synchronized (this) {
            if (removed) {
                return -Errno.EIDRM;
            }
            call = new Sleeper(task, operations, undoFor(task, operations));
            long result = attempt(call);
            if (result == 0) {
                wakeSleepers();
            }
            if (result != MUST_WAIT) {
                return result;
            }
            sleepers.add(call);
        }
        return call.await(this, deadline);
    }

    /** Where SEM_UNDO is noted, or null if no operation asks for it. */
    private short[] undoFor(Task task, List<Operation> operations) {
        for (Operation operation : operations) {
            if (operation.undo()) {
                SemaphoreUndo undo = SemaphoreUndo.of(task);
                short[] noted = undo.of(this);
                if (!undos.contains(undo)) {
                    undos.add(undo);
                }
                return noted;
            }
        }
        return null;
    }

    /** Does all of it or nothing: 0, {@code -errno}, or {@link #MUST_WAIT}. */
    private long attempt(Sleeper call) {
        List<Operation> operations = call.operations;
        for (int i = 0; i < operations.size(); i++) {
            Operation operation = operations.get(i);
            long result = one(operation, call.undo);
            if (result != 0) {
                rollBack(operations.subList(0, i), call.undo);
                call.blocking = operation;
                return result == MUST_WAIT && operation.noWait() ? -Errno.EAGAIN : result;
            }
        }
        for (Operation operation : operations) {
            pids[operation.number] = call.pid;
        }
        operated = seconds();
        return 0;
    }

    private long one(Operation operation, short[] undo) {
        int number = operation.number;
        int result = values[number] + operation.delta;
        if (operation.delta == 0 ? result != 0 : result < 0) {
            return MUST_WAIT;
        }
        if (result > MAX_VALUE) {
            return -Errno.ERANGE;
        }
        if (operation.undo()) {
            int noted = undo[number] - operation.delta;
            if (!SemaphoreUndo.fits(noted)) {
                return -Errno.ERANGE;
            }
            undo[number] = (short) noted;
        }
        values[number] = result;
        return 0;
    }

    private void rollBack(List<Operation> done, short[] undo) {
        for (Operation operation : done) {
            values[operation.number] -= operation.delta;
            if (operation.undo()) {
                undo[operation.number] += (short) operation.delta;
            }
        }
    }

    /** Values changed: carries out what can be done now, oldest first, again from the start after each that did something. */
    private void wakeSleepers() {
        for (int i = 0; i < sleepers.size(); ) {
            Sleeper sleeper = sleepers.get(i);
            long result = attempt(sleeper);
            if (result == MUST_WAIT) {
                i++;
                continue;
            }
            sleepers.remove(i);
            sleeper.complete(result);
            if (result == 0 && alters(sleeper.operations)) {
                i = 0;
            }
        }
    }

    private static boolean alters(List<Operation> operations) {
        for (Operation operation : operations) {
            if (operation.delta != 0) {
                return true;
            }
        }
        return false;
    }

    /** GETNCNT, or GETZCNT: who waits for the value to rise, or to be zero. */
    public synchronized int waiters(int number, boolean forZero) {
        int sum = 0;
        for (Sleeper sleeper : sleepers) {
            Operation blocking = sleeper.blocking;
            sum += blocking.number == number && blocking.delta == 0 == forZero ? 1 : 0;
        }
        return sum;
    }

    /** The end of those who share {@code undo}: applies what is noted as far as it goes. */
    void takeBack(SemaphoreUndo undo, PidEntry pid) {
        synchronized (this) {
            undos.remove(undo);
            short[] noted = undo.remove(this);
            if (noted == null) {
                return;
            }
            for (int i = 0; i < noted.length; i++) {
                if (noted[i] != 0) {
                    values[i] = Math.max(0, Math.min(MAX_VALUE, values[i] + noted[i]));
                    pids[i] = pid;
                }
            }
            operated = seconds();
            wakeSleepers();
        }
    }

    /** GETVAL. */
    public synchronized int value(int number) {
        return values[number];
    }

    /** GETPID, as {@code reader} numbers processes. */
    public synchronized int pid(int number, PidNamespace reader) {
        return numberIn(pids[number], reader);
    }

    /** GETALL. */
    public synchronized int[] values() {
        return values.clone();
    }

    /** SETVAL and SETALL: checked values; what processes wanted undone is forgotten. EIDRM. */
    public long set(int first, int[] newValues, PidEntry pid) {
        synchronized (this) {
            if (removed) {
                return -Errno.EIDRM;
            }
            for (int i = 0; i < newValues.length; i++) {
                values[first + i] = newValues[i];
                pids[first + i] = pid;
                for (SemaphoreUndo undo : undos) {
                    undo.of(this)[first + i] = 0;
                }
            }
            changed = seconds();
            wakeSleepers();
        }
        return 0;
    }

    /** IPC_RMID. */
    public void remove() {
        ids.remove(this);
        synchronized (this) {
            if (removed) {
                return;
            }
            removed = true;
            for (SemaphoreUndo undo : undos) {
                undo.remove(this);
            }
            undos.clear();
            for (Sleeper sleeper : sleepers) {
                sleeper.complete(-Errno.EIDRM);
            }
            sleepers.clear();
        }
        IpcBudget.release(bytes(values.length));
    }

    @Override
    public synchronized byte[] stat(PidNamespace reader) {
        byte[] out = new byte[STAT_BYTES];
        encodePerm(out);
        Bytes.putLong(out, 48, operated);
        Bytes.putLong(out, 64, changed);
        Bytes.putLong(out, 80, values.length);
        return out;
    }

    @Override
    public synchronized String procLine(PidNamespace reader) {
        return FileText.format(
                "%10d %10d  %4o %10d %5d %5d %5d %5d %10d %10d\n",
                key(),
                id(),
                mode,
                values.length,
                Integer.toUnsignedLong(uid),
                Integer.toUnsignedLong(gid),
                Integer.toUnsignedLong(creatorUid),
                Integer.toUnsignedLong(creatorGid),
                operated,
                changed);
    }
}
