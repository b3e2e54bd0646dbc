package gvj.syscalls;

import gvj.abi.Bytes;
import gvj.abi.Errno;
import gvj.abi.Seccomp;
import gvj.abi.SyscallNumbers;
import gvj.kernel.SeccompControl;
import gvj.kernel.Task;

/** seccomp(2). */
final class SeccompSyscalls {
    private static final int MAX_INSTRUCTIONS = 4096;
    private static final int INSTRUCTION_BYTES = 8;

    private SeccompSyscalls() {}

    static void register(SyscallTable t) {
        t.add(SyscallNumbers.SYS_seccomp, "seccomp", SeccompSyscalls::seccomp);
        t.partial(SyscallNumbers.SYS_seccomp, "no user notification");
    }

    static long seccomp(Task task, long operation, long flags, long address) {
        return switch ((int) operation) {
            case Seccomp.SECCOMP_SET_MODE_STRICT ->
                flags != 0 || address != 0 ? -Errno.EINVAL : SeccompControl.strict(task);
            case Seccomp.SECCOMP_SET_MODE_FILTER -> filter(task, (int) flags, address);
            case Seccomp.SECCOMP_GET_ACTION_AVAIL ->
                flags != 0
                        ? -Errno.EINVAL
                        : SeccompControl.isAvailable(task.mm().readInt(address)) ? 0 : -Errno.EOPNOTSUPP;
            case Seccomp.SECCOMP_GET_NOTIF_SIZES -> flags != 0 ? -Errno.EINVAL : notifSizes(task, address);
            default -> -Errno.EINVAL;
        };
    }

    /** struct seccomp_notif_sizes: three 16-bit numbers. */
    private static long notifSizes(Task task, long address) {
        byte[] bytes = task.scratch(6);
        Bytes.putShort(bytes, 0, 80);
        Bytes.putShort(bytes, 2, 24);
        Bytes.putShort(bytes, 4, 64);
        task.mm().copyOut(address, bytes, 0, 6);
        return 0;
    }

    /** PR_SET_SECCOMP. */
    static long prctl(Task task, long mode, long address) {
        if (mode == Seccomp.SECCOMP_MODE_STRICT) {
            return SeccompControl.strict(task);
        }
        return mode == Seccomp.SECCOMP_MODE_FILTER ? filter(task, 0, address) : -Errno.EINVAL;
    }

    /** struct sock_fprog: 0 length (16 bit), 8 instructions. */
    private static long filter(Task task, int flags, long address) {
        int known = Seccomp.SECCOMP_FILTER_FLAG_TSYNC
                | Seccomp.SECCOMP_FILTER_FLAG_LOG
                | Seccomp.SECCOMP_FILTER_FLAG_SPEC_ALLOW
                | Seccomp.SECCOMP_FILTER_FLAG_TSYNC_ESRCH;
        if ((flags & ~known) != 0) {
            return -Errno.EINVAL; // SECCOMP_FILTER_FLAG_NEW_LISTENER among them
        }
        byte[] head = task.scratch(16);
        task.mm().copyIn(address, head, 0, 16);
        int length = Bytes.getShort(head, 0) & 0xffff;
        long instructions = Bytes.getLong(head, 8);
        if (length == 0 || length > MAX_INSTRUCTIONS) {
            return -Errno.EINVAL;
        }
        byte[] program = new byte[length * INSTRUCTION_BYTES];
        task.mm().copyIn(instructions, program, 0, program.length);
        return SeccompControl.filter(task, program, flags);
    }
}
