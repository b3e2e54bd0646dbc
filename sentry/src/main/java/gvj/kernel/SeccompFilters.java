package gvj.kernel;

import gvj.abi.Bytes;
import gvj.abi.Errno;
import gvj.abi.Seccomp;
import gvj.abi.Signals;
import gvj.abi.SyscallNumbers;
import gvj.platform.Registers;

/** The seccomp(2) filters of a task, newest first; immutable, so that clone shares them and TSYNC compares them. */
final class SeccompFilters {
    /** {@link #check}: the call may go on. No handler answers this. */
    static final long ALLOW = Long.MIN_VALUE;

    static final SeccompFilters STRICT = new SeccompFilters(null, null);

    private static final int ACTION_MASK = 0xffff0000, DATA_MASK = 0xffff;
    /** SYS_SECCOMP, the code of SIGSYS. */
    private static final int SYS_SECCOMP = 1;

    private static final int MAX_ERRNO = 4095;

    /** Numbers that are remembered. */
    private static final int REMEMBERED = 512;

    private static final byte UNKNOWN = 0, ALWAYS = 1, DEPENDS = 2;

    private final BpfProgram program;
    private final SeccompFilters older;
    /** Whether the chain allows a number always; filled as calls come, by any thread: each writes the same. */
    private final byte[] remembered = new byte[REMEMBERED];

    SeccompFilters(BpfProgram program, SeccompFilters older) {
        this.program = program;
        this.older = older;
    }

    /** 1 for strict, 2 for filters. */
    int mode() {
        return program == null ? Seccomp.SECCOMP_MODE_STRICT : Seccomp.SECCOMP_MODE_FILTER;
    }

    /** Instructions in the whole chain, with four for each filter, as Linux counts against its limit. */
    int totalLength() {
        int sum = 0;
        for (SeccompFilters f = this; f != null; f = f.older) {
            sum += f.program.length() + 4;
        }
        return sum;
    }

    /** Filters in the chain. */
    int count() {
        int n = 0;
        for (SeccompFilters f = this; f != null && f.program != null; f = f.older) {
            n++;
        }
        return n;
    }

    /** Whether {@code ancestor} is this chain or a part of it. */
    boolean contains(SeccompFilters ancestor) {
        for (SeccompFilters f = this; f != null; f = f.older) {
            if (f == ancestor) {
                return true;
            }
        }
        return ancestor == null;
    }

    /** What is to happen with the call in the registers: {@link #ALLOW}, or its answer. */
    long check(Task task, long number) {
        if (program == null) {
            return strict(task, number);
        }
        boolean small = number >= 0 && number < REMEMBERED;
        if (small && remembered[(int) number] == ALWAYS) {
            return ALLOW;
        }
        if (small && remembered[(int) number] == UNKNOWN) {
            boolean always = allowsAlways(data(task, number));
            remembered[(int) number] = always ? ALWAYS : DEPENDS;
            if (always) {
                return ALLOW;
            }
        }
        return act(task, number, strictest(task, number));
    }

    /** Whether the number alone makes every filter of the chain allow the call. */
    private boolean allowsAlways(byte[] data) {
        for (SeccompFilters f = this; f != null; f = f.older) {
            int verdict = f.program.runByNumber(data, Seccomp.SECCOMP_RET_KILL_PROCESS);
            if ((verdict & ACTION_MASK) != Seccomp.SECCOMP_RET_ALLOW) {
                return false;
            }
        }
        return true;
    }

    private int strictest(Task task, long number) {
        byte[] data = data(task, number);
        int result = Seccomp.SECCOMP_RET_ALLOW;
        for (SeccompFilters f = this; f != null; f = f.older) {
            int mine = f.program.run(data);
            // the most severe action wins: actions compare as signed numbers
            if ((mine & ACTION_MASK) < (result & ACTION_MASK)) {
                result = mine;
            }
        }
        return result;
    }

    private static long strict(Task task, long number) {
        if (number == SyscallNumbers.SYS_read
                || number == SyscallNumbers.SYS_write
                || number == SyscallNumbers.SYS_exit
                || number == SyscallNumbers.SYS_rt_sigreturn) {
            return ALLOW;
        }
        Exit.exitThread(task, Signals.SIGKILL);
        return 0;
    }

    private static byte[] data(Task task, long number) {
        Registers regs = task.regs;
        byte[] data = task.scratch(BpfProgram.DATA_BYTES);
        Bytes.putInt(data, 0, (int) number);
        Bytes.putInt(data, 4, Seccomp.AUDIT_ARCH_X86_64);
        Bytes.putLong(data, 8, regs.get(Registers.RIP));
        Bytes.putLong(data, 16, regs.get(Registers.RDI));
        Bytes.putLong(data, 24, regs.get(Registers.RSI));
        Bytes.putLong(data, 32, regs.get(Registers.RDX));
        Bytes.putLong(data, 40, regs.get(Registers.R10));
        Bytes.putLong(data, 48, regs.get(Registers.R8));
        Bytes.putLong(data, 56, regs.get(Registers.R9));
        return data;
    }

    private long act(Task task, long number, int result) {
        int value = result & DATA_MASK;
        switch (result & ACTION_MASK) {
            case Seccomp.SECCOMP_RET_ALLOW -> {
                return ALLOW;
            }
            case Seccomp.SECCOMP_RET_LOG -> {
                task.kernel.noticeOnce(
                        "seccomp" + number, "seccomp: " + task.name + " called " + task.kernel.syscalls.name(number));
                return ALLOW;
            }
            case Seccomp.SECCOMP_RET_ERRNO -> {
                return -Math.min(value, MAX_ERRNO);
            }
            case Seccomp.SECCOMP_RET_USER_NOTIF -> {
                return -Errno.ENOSYS; // nobody listens
            }
            case Seccomp.SECCOMP_RET_TRACE -> {
                return trace(task, value);
            }
            case Seccomp.SECCOMP_RET_TRAP -> {
                SignalSender.force(task, sigsys(task, number, value));
                task.keepRegisters();
                return 0;
            }
            case Seccomp.SECCOMP_RET_KILL_THREAD -> {
                Exit.exitThread(task, Signals.SIGSYS);
                return 0;
            }
            default -> {
                Exit.exitProcess(task, Signals.SIGSYS);
                return 0;
            }
        }
    }

    /** The tracer decides, and may put another call in its place, which is checked again. */
    private long trace(Task task, int value) {
        if (!PtraceStop.seccomp(task, value)) {
            return -Errno.ENOSYS;
        }
        int number = (int) task.regs.get(Registers.ORIG_RAX);
        if (number < 0 || task.threadGroup.exiting || task.killed) {
            return task.regs.get(Registers.RAX);
        }
        int again = strictest(task, number);
        return (again & ACTION_MASK) == Seccomp.SECCOMP_RET_TRACE ? ALLOW : act(task, number, again);
    }

    private static SignalInfo sigsys(Task task, long number, int value) {
        SignalInfo info = new SignalInfo(Signals.SIGSYS, SYS_SECCOMP);
        info.errno = value;
        info.address = task.regs.get(Registers.RIP);
        info.band = number;
        info.timerId = Seccomp.AUDIT_ARCH_X86_64;
        return info;
    }
}
