package gvj.syscalls;

import gvj.abi.Bytes;
import gvj.abi.Errno;
import gvj.abi.Sched;
import gvj.abi.Seccomp;
import gvj.abi.SyscallNumbers;
import gvj.kernel.ErrnoException;
import gvj.kernel.Ptrace;
import gvj.kernel.PtraceState;
import gvj.kernel.SignalInfoLayout;
import gvj.kernel.Task;
import gvj.kernel.TaskCompare;
import gvj.mm.MemoryManager;
import gvj.platform.Registers;

/** ptrace(2), kcmp(2). */
final class PtraceSyscalls {
    private static final int WORD = 8;
    private static final int SIGSET_BYTES = 8;
    /** More than struct ptrace_syscall_info has. */
    private static final int SYSCALL_INFO_BYTES = 88;
    /** NT_* register sets of elf(5). */
    private static final int NT_PRSTATUS = 1, NT_PRFPREG = 2, NT_X86_XSTATE = 0x202;

    private PtraceSyscalls() {}

    static void register(SyscallTable t) {
        t.add(SyscallNumbers.SYS_ptrace, "ptrace", PtraceSyscalls::ptrace);
        t.partial(
                SyscallNumbers.SYS_ptrace,
                "no hardware breakpoints, PTRACE_SINGLEBLOCK, PTRACE_PEEKSIGINFO, PTRACE_SECCOMP_GET_FILTER,"
                        + " PTRACE_O_SUSPEND_SECCOMP");
        t.add(SyscallNumbers.SYS_kcmp, "kcmp", PtraceSyscalls::kcmp);
        t.partial(SyscallNumbers.SYS_kcmp, "no KCMP_SYSVSEM, no KCMP_EPOLL_TFD");
    }

    static long ptrace(Task task, long request, long pid, long address, long data) {
        if (request == Seccomp.PTRACE_TRACEME) {
            return Ptrace.traceMe(task);
        }
        Task target = task.pidNamespace().task((int) pid);
        if (target == null) {
            return -Errno.ESRCH;
        }
        if (request != (int) request) {
            PtraceState.check(task, target);
            return -Errno.EIO;
        }
        return switch ((int) request) {
            case Seccomp.PTRACE_ATTACH -> Ptrace.attach(task, target, false, 0);
            case Seccomp.PTRACE_SEIZE -> seize(task, target, address, data);
            case Seccomp.PTRACE_INTERRUPT -> Ptrace.interrupt(task, target);
            case Seccomp.PTRACE_KILL -> Ptrace.kill(task, target);
            case Seccomp.PTRACE_LISTEN -> Ptrace.listen(task, target);
            case Seccomp.PTRACE_CONT -> Ptrace.cont(task, target, data);
            case Seccomp.PTRACE_SYSCALL -> Ptrace.syscall(task, target, data);
            case Seccomp.PTRACE_SINGLESTEP -> Ptrace.singleStep(task, target, data);
            case Seccomp.PTRACE_SYSEMU -> Ptrace.sysemu(task, target, data, false);
            case Seccomp.PTRACE_SYSEMU_SINGLESTEP -> Ptrace.sysemu(task, target, data, true);
            case Seccomp.PTRACE_DETACH -> Ptrace.detach(task, target, data);
            default -> ofStopped(task, target, (int) request, address, data);
        };
    }

    static long kcmp(Task task, long pid1, long pid2, long type, long first, long second) {
        Task a = task.pidNamespace().task((int) pid1);
        Task b = task.pidNamespace().task((int) pid2);
        return a == null || b == null ? -Errno.ESRCH : TaskCompare.compare(task, a, b, (int) type, first, second);
    }

    private static long seize(Task task, Task target, long address, long options) {
        if (address != 0 || (options & ~Seccomp.PTRACE_O_MASK) != 0) {
            return -Errno.EIO;
        }
        return (options & Seccomp.PTRACE_O_SUSPEND_SECCOMP) != 0
                ? -Errno.EINVAL
                : Ptrace.attach(task, target, true, (int) options);
    }

    private static long ofStopped(Task task, Task target, int request, long address, long data) {
        PtraceState.check(task, target);
        switch (request) {
            case Seccomp.PTRACE_PEEKTEXT, Seccomp.PTRACE_PEEKDATA ->
                task.mm().writeLong(data, access(task, target, address, 0, false));
            case Seccomp.PTRACE_POKETEXT, Seccomp.PTRACE_POKEDATA -> access(task, target, address, data, true);
            case Seccomp.PTRACE_PEEKUSR -> task.mm().writeLong(data, PtraceState.peekUser(task, target, address));
            case Seccomp.PTRACE_POKEUSR -> PtraceState.pokeUser(task, target, address, data);
            case Seccomp.PTRACE_GETREGS -> get(task, target, NT_PRSTATUS, data, Registers.BYTES);
            case Seccomp.PTRACE_SETREGS -> set(task, target, NT_PRSTATUS, data, Registers.BYTES);
            case Seccomp.PTRACE_GETFPREGS -> get(task, target, NT_PRFPREG, data, PtraceState.FXSAVE_BYTES);
            case Seccomp.PTRACE_SETFPREGS -> set(task, target, NT_PRFPREG, data, PtraceState.FXSAVE_BYTES);
            case Seccomp.PTRACE_GETREGSET -> registerSet(task, target, address, data, false);
            case Seccomp.PTRACE_SETREGSET -> registerSet(task, target, address, data, true);
            case Seccomp.PTRACE_GETSIGINFO, Seccomp.PTRACE_SETSIGINFO ->
                sigInfo(task, target, data, request == Seccomp.PTRACE_SETSIGINFO);
            case Seccomp.PTRACE_GETSIGMASK, Seccomp.PTRACE_SETSIGMASK ->
                mask(task, target, address, data, request == Seccomp.PTRACE_SETSIGMASK);
            case Seccomp.PTRACE_SETOPTIONS, Seccomp.PTRACE_OLDSETOPTIONS -> setOptions(task, target, data);
            case Seccomp.PTRACE_GETEVENTMSG -> task.mm().writeLong(data, PtraceState.eventMessage(task, target));
            case Seccomp.PTRACE_GET_SYSCALL_INFO -> {
                return syscallInfo(task, target, address, data);
            }
            case Seccomp.PTRACE_ARCH_PRCTL -> archPrctl(task, target, data, address);
            default -> {
                return -Errno.EIO;
            }
        }
        return 0;
    }

    /** One word of the tracee's memory, whatever the rights there are. EIO. */
    private static long access(Task task, Task target, long address, long value, boolean write) {
        MemoryManager mm = target.mm();
        if (mm == null || !mm.tryIncUsers()) {
            throw ErrnoException.of(Errno.EIO);
        }
        try {
            byte[] word = task.scratch(WORD);
            Bytes.putLong(word, 0, value);
            if (mm.accessForced(address, word, 0, WORD, write) != WORD) {
                throw ErrnoException.of(Errno.EIO);
            }
            return Bytes.getLong(word, 0);
        } finally {
            mm.decUsers();
        }
    }

    /** Copies {@code bytes} of a register set to the tracer's memory. */
    private static void get(Task task, Task target, int type, long to, int bytes) {
        byte[] buffer = new byte[sizeOf(task, type)];
        if (type == NT_PRSTATUS) {
            PtraceState.getRegisters(task, target, buffer);
        } else {
            PtraceState.getFpu(task, target, buffer, buffer.length);
        }
        task.mm().copyOut(to, buffer, 0, bytes);
    }

    private static void set(Task task, Task target, int type, long from, int bytes) {
        int size = sizeOf(task, type);
        if (type == NT_X86_XSTATE && bytes != size) {
            throw ErrnoException.of(Errno.EFAULT);
        }
        byte[] buffer = new byte[size];
        if (type == NT_PRFPREG && bytes < size) {
            PtraceState.getFpu(task, target, buffer, size);
        }
        task.mm().copyIn(from, buffer, 0, bytes);
        if (type == NT_PRSTATUS) {
            PtraceState.setRegisters(task, target, buffer, bytes);
        } else {
            PtraceState.setFpu(task, target, buffer, size);
        }
    }

    private static int sizeOf(Task task, int type) {
        return switch (type) {
            case NT_PRSTATUS -> Registers.BYTES;
            case NT_PRFPREG -> PtraceState.FXSAVE_BYTES;
            case NT_X86_XSTATE -> PtraceState.xstateBytes(task);
            default -> throw ErrnoException.of(Errno.EINVAL);
        };
    }

    /** PTRACE_GETREGSET, PTRACE_SETREGSET: {@code address} is the type, {@code data} points to a struct iovec. */
    private static void registerSet(Task task, Task target, long type, long data, boolean write) {
        long base = task.mm().readLong(data);
        long length = task.mm().readLong(data + WORD);
        int size = sizeOf(task, type == (int) type ? (int) type : 0);
        if ((length & WORD - 1) != 0) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        int bytes = (int) (Long.compareUnsigned(length, size) > 0 ? size : length);
        if (write) {
            set(task, target, (int) type, base, bytes);
        } else {
            get(task, target, (int) type, base, bytes);
        }
        task.mm().writeLong(data + WORD, bytes);
    }

    private static void sigInfo(Task task, Task target, long data, boolean write) {
        byte[] bytes = task.scratch(SignalInfoLayout.BYTES);
        if (write) {
            task.mm().copyIn(data, bytes, 0, SignalInfoLayout.BYTES);
            PtraceState.setSigInfo(task, target, bytes);
        } else {
            PtraceState.getSigInfo(task, target, bytes);
            task.mm().copyOut(data, bytes, 0, SignalInfoLayout.BYTES);
        }
    }

    private static void mask(Task task, Task target, long size, long data, boolean write) {
        if (size != SIGSET_BYTES) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        if (write) {
            PtraceState.setMask(task, target, task.mm().readLong(data));
        } else {
            task.mm().writeLong(data, PtraceState.getMask(task, target));
        }
    }

    private static void setOptions(Task task, Task target, long options) {
        if ((options & ~Seccomp.PTRACE_O_MASK) != 0 || (options & Seccomp.PTRACE_O_SUSPEND_SECCOMP) != 0) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        PtraceState.setOptions(task, target, (int) options);
    }

    private static long syscallInfo(Task task, Task target, long size, long data) {
        byte[] bytes = task.scratch(SYSCALL_INFO_BYTES);
        int actual = PtraceState.syscallInfo(task, target, bytes);
        task.mm().copyOut(data, bytes, 0, (int) (Long.compareUnsigned(size, actual) < 0 ? size : actual));
        return actual;
    }

    private static void archPrctl(Task task, Task target, long code, long address) {
        switch ((int) code) {
            case Sched.ARCH_SET_FS -> PtraceState.pokeUser(task, target, Registers.FS_BASE, address);
            case Sched.ARCH_SET_GS -> PtraceState.pokeUser(task, target, Registers.GS_BASE, address);
            case Sched.ARCH_GET_FS ->
                task.mm().writeLong(address, PtraceState.peekUser(task, target, Registers.FS_BASE));
            case Sched.ARCH_GET_GS ->
                task.mm().writeLong(address, PtraceState.peekUser(task, target, Registers.GS_BASE));
            default -> throw ErrnoException.of(Errno.EINVAL);
        }
    }
}
