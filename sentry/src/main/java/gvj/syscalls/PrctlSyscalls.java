package gvj.syscalls;

import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.Sched;
import gvj.abi.SyscallNumbers;
import gvj.kernel.CredentialRules;
import gvj.kernel.Prctl;
import gvj.kernel.SignalSets;
import gvj.kernel.Task;
import java.nio.charset.StandardCharsets;

/** prctl(2). */
final class PrctlSyscalls {
    private static final int NAME_BYTES = 16;
    private static final int SECBIT_KEEP_CAPS = 1 << 4;
    /** Newer than the constants of {@link Sched}. */
    private static final int PR_SET_MDWE = 65, PR_GET_MDWE = 66, PR_GET_AUXV = 0x41555856;

    private PrctlSyscalls() {}

    static void register(SyscallTable t) {
        t.add(SyscallNumbers.SYS_prctl, "prctl", PrctlSyscalls::prctl);
        t.partial(SyscallNumbers.SYS_prctl, "no PR_SET_MM, no speculation control, no core scheduling");
    }

    static long prctl(Task task, long option, long a, long b, long c, long d) {
        boolean rest = b != 0 || c != 0 || d != 0;
        return switch ((int) option) {
            case Sched.PR_SET_NAME -> setName(task, a);
            case Sched.PR_GET_NAME -> getName(task, a);
            case Sched.PR_SET_PDEATHSIG -> setParentDeathSignal(task, a);
            case Sched.PR_GET_PDEATHSIG -> put(task, a, Prctl.parentDeathSignal(task));
            case Sched.PR_GET_DUMPABLE -> task.threadGroup().dumpable();
            case Sched.PR_SET_DUMPABLE -> Prctl.setDumpable(task, a);
            case Sched.PR_GET_KEEPCAPS -> (task.credentials().securebits() & SECBIT_KEEP_CAPS) != 0 ? 1 : 0;
            case Sched.PR_SET_KEEPCAPS -> CredentialRules.setKeepCaps(task, a);
            case Sched.PR_SET_NO_NEW_PRIVS -> a != 1 || rest ? -Errno.EINVAL : Prctl.setNoNewPrivs(task);
            case Sched.PR_GET_NO_NEW_PRIVS ->
                a != 0 || rest ? -Errno.EINVAL : task.credentials().noNewPrivs() ? 1 : 0;
            case Sched.PR_CAPBSET_READ ->
                a < 0 || a > Capability.CAP_LAST_CAP
                        ? -Errno.EINVAL
                        : task.credentials().bounding() >>> a & 1;
            case Sched.PR_CAPBSET_DROP -> CredentialRules.dropBounding(task, (int) a);
            case Sched.PR_CAP_AMBIENT -> c != 0 || d != 0 ? -Errno.EINVAL : CredentialRules.ambient(task, (int) a, b);
            case Sched.PR_GET_SECUREBITS -> task.credentials().securebits();
            case Sched.PR_SET_SECUREBITS -> CredentialRules.setSecurebits(task, a);
            case Sched.PR_SET_CHILD_SUBREAPER -> Prctl.setChildSubreaper(task, a != 0);
            case Sched.PR_GET_CHILD_SUBREAPER -> put(task, a, Prctl.isChildSubreaper(task) ? 1 : 0);
            case Sched.PR_SET_TIMERSLACK -> Prctl.setTimerSlack(task, a);
            case Sched.PR_GET_TIMERSLACK -> Prctl.timerSlack(task);
            case Sched.PR_GET_TID_ADDRESS -> Prctl.putTidAddress(task, a);
            case Sched.PR_SET_THP_DISABLE -> rest ? -Errno.EINVAL : Prctl.setThpDisabled(task, a != 0);
            case Sched.PR_GET_THP_DISABLE -> a != 0 || rest ? -Errno.EINVAL : Prctl.isThpDisabled(task) ? 1 : 0;
            case Sched.PR_MCE_KILL -> c != 0 || d != 0 ? -Errno.EINVAL : Prctl.setMceKill(task, a, b);
            case Sched.PR_MCE_KILL_GET -> a != 0 || rest ? -Errno.EINVAL : Prctl.mceKill(task);
            case Sched.PR_GET_SECCOMP -> Prctl.seccomp(task);
            case Sched.PR_SET_SECCOMP -> SeccompSyscalls.prctl(task, a, b);
            case Sched.PR_SET_IO_FLUSHER, Sched.PR_GET_IO_FLUSHER ->
                !task.credentials().has(Capability.CAP_SYS_RESOURCE)
                        ? -Errno.EPERM
                        : rest ? -Errno.EINVAL : Prctl.ioFlusher(task, (int) option == Sched.PR_SET_IO_FLUSHER, a);
            case Sched.PR_GET_TIMING -> Sched.PR_TIMING_STATISTICAL;
            case Sched.PR_SET_TIMING -> a == Sched.PR_TIMING_STATISTICAL ? 0 : -Errno.EINVAL;
            case Sched.PR_GET_TSC -> put(task, a, Sched.PR_TSC_ENABLE);
            case Sched.PR_SET_TSC -> a == Sched.PR_TSC_ENABLE ? 0 : -Errno.EINVAL;
            case Sched.PR_SET_VMA -> a == Sched.PR_SET_VMA_ANON_NAME ? nameMapping(task, d) : -Errno.EINVAL;
            case Sched.PR_SET_PTRACER -> 0;
            case Sched.PR_TASK_PERF_EVENTS_DISABLE, Sched.PR_TASK_PERF_EVENTS_ENABLE -> 0;
            case PR_GET_AUXV -> c != 0 || d != 0 ? -Errno.EINVAL : Prctl.auxv(task, a, b);
            case PR_GET_MDWE -> a != 0 || rest ? -Errno.EINVAL : 0;
            case PR_SET_MDWE -> -Errno.EINVAL;
            default -> -Errno.EINVAL;
        };
    }

    private static long put(Task task, long address, int value) {
        task.mm().writeInt(address, value);
        return 0;
    }

    private static long setName(Task task, long address) {
        byte[] bytes = task.scratch(NAME_BYTES);
        int n = 0;
        for (; n < NAME_BYTES - 1; n++) {
            bytes[n] = task.mm().readByte(address + n);
            if (bytes[n] == 0) {
                break;
            }
        }
        task.setName(new String(bytes, 0, n, StandardCharsets.ISO_8859_1));
        return 0;
    }

    private static long getName(Task task, long address) {
        byte[] bytes = task.scratch(NAME_BYTES);
        java.util.Arrays.fill(bytes, 0, NAME_BYTES, (byte) 0);
        byte[] name = task.name.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(name, 0, bytes, 0, Math.min(name.length, NAME_BYTES - 1));
        task.mm().copyOut(address, bytes, 0, NAME_BYTES);
        return 0;
    }

    private static long setParentDeathSignal(Task task, long signal) {
        if (signal != 0 && (signal < 0 || signal > 64 || !SignalSets.isValid((int) signal))) {
            return -Errno.EINVAL;
        }
        Prctl.setParentDeathSignal(task, (int) signal);
        return 0;
    }

    /** The name is checked and forgotten: /proc/PID/maps does not show names of anonymous memory. */
    private static long nameMapping(Task task, long name) {
        if (name != 0) {
            String text = task.mm().readCString(name, 80, Errno.EINVAL);
            for (int i = 0; i < text.length(); i++) {
                char ch = text.charAt(i);
                if (ch < 0x20 || ch > 0x7e || "\\`$[]".indexOf(ch) >= 0) {
                    return -Errno.EINVAL;
                }
            }
        }
        return 0;
    }
}
