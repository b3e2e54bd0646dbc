package gvj.syscalls;

import static gvj.abi.SyscallNumbers.*;

import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.MiscFlags;
import gvj.kernel.RandomSource;
import gvj.kernel.Task;
import gvj.mm.IoBuffer;

/** getrandom(2) and syslog(2). */
final class RandomSyscalls {
    private static final int CHUNK = 4096;
    private static final int LOG_BYTES = 1 << 14;

    private RandomSyscalls() {}

    static void register(SyscallTable t) {
        t.add(SYS_getrandom, "getrandom", RandomSyscalls::getrandom);
        t.add(SYS_syslog, "syslog", RandomSyscalls::syslog);
        t.partial(SYS_syslog, "the kernel's log is always empty");
    }

    private static long getrandom(Task task, long address, long length, long flags) {
        int known = MiscFlags.GRND_NONBLOCK | MiscFlags.GRND_RANDOM | MiscFlags.GRND_INSECURE;
        int both = MiscFlags.GRND_RANDOM | MiscFlags.GRND_INSECURE;
        if ((flags & ~(long) known) != 0 || (flags & both) == both) {
            return -Errno.EINVAL;
        }
        IoBuffer to = task.mm().buffer(address, Math.min(length & Long.MAX_VALUE, Integer.MAX_VALUE));
        byte[] chunk = new byte[(int) Math.min(CHUNK, to.remaining())];
        while (to.remaining() > 0 && !task.isInterrupted()) {
            int n = (int) Math.min(chunk.length, to.remaining());
            RandomSource.fill(chunk, n);
            if (to.copyOut(chunk, 0, n) < n) {
                break;
            }
        }
        return to.transferred() == 0 && to.remaining() > 0 ? -Errno.ERESTARTSYS : to.transferred();
    }

    /** The actions of syslog(2) on a log without entries. */
    private static long syslog(Task task, long type, long address, long length) {
        if (!task.credentials().has(Capability.CAP_SYSLOG) && type != 3 && type != 10) {
            return -Errno.EPERM;
        }
        return switch ((int) type) {
            case 0, 1, 5, 6, 7 -> 0;
            case 2, 3, 4 -> address == 0 || (int) length < 0 ? -Errno.EINVAL : 0;
            case 8 -> (int) length < 1 || (int) length > 8 ? -Errno.EINVAL : 0;
            case 9 -> 0;
            case 10 -> LOG_BYTES;
            default -> -Errno.EINVAL;
        };
    }
}
