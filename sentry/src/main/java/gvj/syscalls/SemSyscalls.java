package gvj.syscalls;

import gvj.abi.Bytes;
import gvj.abi.Errno;
import gvj.abi.Ipc;
import gvj.abi.SyscallNumbers;
import gvj.kernel.Blocking;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import gvj.kernel.ipc.SemaphoreSet;
import gvj.kernel.ipc.SemaphoreSet.Operation;
import gvj.kernel.ipc.SysvIpc;
import java.util.ArrayList;
import java.util.List;

/** semget(2), semop(2), semctl(2). */
final class SemSyscalls {
    /** Operations of one call (SEMOPM). */
    private static final int MAX_OPERATIONS = 500;

    private static final int SEMBUF_BYTES = 6;
    private static final int DS_BYTES = 104;

    private SemSyscalls() {}

    static void register(SyscallTable t) {
        t.add(SyscallNumbers.SYS_semget, "semget", SemSyscalls::semget);
        t.add(SyscallNumbers.SYS_semop, "semop", SemSyscalls::semop);
        t.add(SyscallNumbers.SYS_semtimedop, "semtimedop", SemSyscalls::semtimedop);
        t.add(SyscallNumbers.SYS_semctl, "semctl", SemSyscalls::semctl);
    }

    static long semget(Task task, long key, long countBits, long flagBits) {
        int flags = (int) flagBits;
        int count = (int) countBits;
        if (count < 0 || count > SemaphoreSet.MAX_SEMAPHORES) {
            return -Errno.EINVAL;
        }
        SysvIpc ipc = SysvIpc.of(task);
        return ipc.sem
                .get(
                        task.credentials(),
                        (int) key,
                        flags,
                        known -> {
                            if (count > known.count()) {
                                throw ErrnoException.of(Errno.EINVAL);
                            }
                        },
                        () -> {
                            if (count == 0) {
                                throw ErrnoException.of(Errno.EINVAL);
                            }
                            return new SemaphoreSet(ipc.sem, (int) key, flags, task.credentials(), count);
                        })
                .id();
    }

    static long semop(Task task, long id, long operations, long count) {
        return semtimedop(task, id, operations, count, 0);
    }

    static long semtimedop(Task task, long id, long address, long countBits, long timeout) {
        long count = countBits & 0xffffffffL;
        if (count < 1 || (int) id < 0) {
            return -Errno.EINVAL;
        }
        if (count > MAX_OPERATIONS) {
            return -Errno.E2BIG;
        }
        byte[] bytes = new byte[(int) count * SEMBUF_BYTES];
        task.mm().copyIn(address, bytes, 0, bytes.length);
        long nanos = timeout == 0 ? 0 : Math.max(1, Timeouts.timespec(task, timeout));
        List<Operation> operations = new ArrayList<>();
        boolean alters = false;
        int highest = 0;
        for (int at = 0; at < bytes.length; at += SEMBUF_BYTES) {
            Operation operation = new Operation(
                    Bytes.getShort(bytes, at) & 0xffff, Bytes.getShort(bytes, at + 2), Bytes.getShort(bytes, at + 4));
            operations.add(operation);
            alters |= operation.delta() != 0;
            highest = Math.max(highest, operation.number());
        }
        SemaphoreSet set = SysvIpc.of(task).sem.find((int) id);
        if (highest >= set.count()) {
            return -Errno.EFBIG;
        }
        set.checkAccess(task.credentials(), alters ? 0222 : 0444);
        return set.operate(task, operations, Blocking.deadline(nanos));
    }

    static long semctl(Task task, long id, long number, long command, long argument) {
        SysvIpc ipc = SysvIpc.of(task);
        int cmd = (int) command;
        if ((int) id < 0) {
            return -Errno.EINVAL;
        }
        switch (cmd) {
            case Ipc.IPC_INFO, Ipc.SEM_INFO -> {
                return info(task, ipc, cmd, argument);
            }
            case Ipc.IPC_STAT, Ipc.SEM_STAT, Ipc.SEM_STAT_ANY -> {
                SemaphoreSet set = cmd == Ipc.IPC_STAT ? ipc.sem.find((int) id) : ipc.sem.at((int) id);
                if (cmd != Ipc.SEM_STAT_ANY) {
                    set.checkAccess(task.credentials(), 0444);
                }
                byte[] ds = set.stat(task.pidNamespace());
                task.mm().copyOut(argument, ds, 0, ds.length);
                return cmd == Ipc.IPC_STAT ? 0 : set.id();
            }
            case Ipc.IPC_SET -> {
                byte[] ds = new byte[DS_BYTES];
                task.mm().copyIn(argument, ds, 0, ds.length);
                SemaphoreSet set = ipc.sem.find((int) id);
                set.checkMayChange(task.credentials());
                set.setPerm(ds);
                return 0;
            }
            case Ipc.IPC_RMID -> {
                SemaphoreSet set = ipc.sem.find((int) id);
                set.checkMayChange(task.credentials());
                set.remove();
                return 0;
            }
            default -> {
                return values(task, ipc.sem.find((int) id), (int) number, cmd, argument);
            }
        }
    }

    private static long values(Task task, SemaphoreSet set, int number, int cmd, long argument) {
        switch (cmd) {
            case Ipc.GETALL -> {
                set.checkAccess(task.credentials(), 0444);
                int[] values = set.values();
                byte[] out = new byte[values.length * 2];
                for (int i = 0; i < values.length; i++) {
                    Bytes.putShort(out, i * 2, values[i]);
                }
                task.mm().copyOut(argument, out, 0, out.length);
                return 0;
            }
            case Ipc.SETALL -> {
                set.checkAccess(task.credentials(), 0222);
                byte[] in = new byte[set.count() * 2];
                task.mm().copyIn(argument, in, 0, in.length);
                int[] values = new int[set.count()];
                for (int i = 0; i < values.length; i++) {
                    values[i] = Bytes.getShort(in, i * 2) & 0xffff;
                    if (values[i] > SemaphoreSet.MAX_VALUE) {
                        return -Errno.ERANGE;
                    }
                }
                return set.set(0, values, task.threadGroup().pidEntry());
            }
            case Ipc.SETVAL -> {
                int value = (int) argument;
                if (value < 0 || value > SemaphoreSet.MAX_VALUE) {
                    return -Errno.ERANGE;
                }
                set.checkAccess(task.credentials(), 0222);
                if (number < 0 || number >= set.count()) {
                    return -Errno.EINVAL;
                }
                return set.set(number, new int[] {value}, task.threadGroup().pidEntry());
            }
            case Ipc.GETVAL, Ipc.GETPID, Ipc.GETNCNT, Ipc.GETZCNT -> {
                set.checkAccess(task.credentials(), 0444);
                if (number < 0 || number >= set.count()) {
                    return -Errno.EINVAL;
                }
                return switch (cmd) {
                    case Ipc.GETVAL -> set.value(number);
                    case Ipc.GETPID -> set.pid(number, task.pidNamespace());
                    default -> set.waiters(number, cmd == Ipc.GETZCNT);
                };
            }
            default -> {
                return -Errno.EINVAL;
            }
        }
    }

    private static long info(Task task, SysvIpc ipc, int cmd, long address) {
        int sets = 0;
        int semaphores = 0;
        if (cmd == Ipc.SEM_INFO) {
            for (SemaphoreSet set : ipc.sem.all()) {
                sets++;
                semaphores += set.count();
            }
        }
        // struct seminfo: semmap semmni semmns semmnu semmsl semopm semume semusz semvmx semaem
        int all = ipc.sem.limit() * SemaphoreSet.MAX_SEMAPHORES;
        int[] fields = {
            all,
            ipc.sem.limit(),
            all,
            all,
            SemaphoreSet.MAX_SEMAPHORES,
            MAX_OPERATIONS,
            MAX_OPERATIONS,
            cmd == Ipc.SEM_INFO ? sets : 20,
            SemaphoreSet.MAX_VALUE,
            cmd == Ipc.SEM_INFO ? semaphores : 32767
        };
        byte[] out = new byte[fields.length * 4];
        for (int i = 0; i < fields.length; i++) {
            Bytes.putInt(out, i * 4, fields[i]);
        }
        task.mm().copyOut(address, out, 0, out.length);
        return ipc.sem.highest();
    }
}
