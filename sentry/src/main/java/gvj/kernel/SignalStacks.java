package gvj.kernel;

import gvj.abi.Bytes;
import gvj.abi.Errno;
import gvj.abi.Signals;
import gvj.platform.Registers;

/** sigaltstack(2). */
public final class SignalStacks {
    private static final int MINSIGSTKSZ = 2048;
    /** stack_t: 0 ss_sp, 8 ss_flags, 16 ss_size. */
    private static final int BYTES = 24;

    private SignalStacks() {}

    /** The system call: writes the old stack, then takes the new one. */
    public static long sigaltstack(Task task, long newStack, long oldStack) {
        byte[] bytes = task.scratch(2 * BYTES);
        SignalStack stack = task.signalStack;
        long sp = task.regs.get(Registers.RSP);
        if (newStack != 0) {
            task.mm.copyIn(newStack, bytes, BYTES, BYTES);
        }
        Bytes.putLong(bytes, 0, stack.address);
        Bytes.putLong(bytes, 8, stack.status(sp));
        Bytes.putLong(bytes, 16, stack.size);
        if (newStack != 0) {
            if (stack.contains(sp)) {
                return -Errno.EPERM;
            }
            int result = set(
                    stack,
                    Bytes.getLong(bytes, BYTES),
                    Bytes.getInt(bytes, BYTES + 8),
                    Bytes.getLong(bytes, BYTES + 16));
            if (result != 0) {
                return result;
            }
        }
        if (oldStack != 0) {
            task.mm.copyOut(oldStack, bytes, 0, BYTES);
        }
        return 0;
    }

    /** Checks and sets: 0, -EINVAL for unknown flags, -ENOMEM if it is too small. */
    static int set(SignalStack stack, long address, int flags, long size) {
        int mode = flags & ~Signals.SS_AUTODISARM;
        if (mode != 0 && mode != Signals.SS_ONSTACK && mode != Signals.SS_DISABLE) {
            return -Errno.EINVAL;
        }
        if (mode == Signals.SS_DISABLE) {
            stack.address = 0;
            stack.size = 0;
        } else {
            if (Long.compareUnsigned(size, MINSIGSTKSZ) < 0) {
                return -Errno.ENOMEM;
            }
            stack.address = address;
            stack.size = size;
        }
        stack.flags = flags;
        return 0;
    }
}
