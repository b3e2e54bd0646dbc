package gvj.kernel;

import gvj.abi.Bytes;
import gvj.abi.Errno;
import gvj.abi.Seccomp;
import gvj.abi.Signals;
import gvj.host.Mem;
import gvj.platform.Registers;

/**
 * What a tracer may read and change of a thread that is stopped for it: registers, the signal, the mask, the system
 * call. Every method throws ESRCH for a thread that is not.
 */
public final class PtraceState {
    /** Bytes of struct user, and where its debug registers are. */
    private static final int USER_BYTES = 928, DEBUG_REGISTERS = 848;

    public static final int FXSAVE_BYTES = 512;

    private static final int SOFTWARE = 464, XSTATE_BV = 512;
    /** CF PF AF ZF SF TF DF OF NT RF AC: what a tracer may set in EFLAGS. */
    private static final long SETTABLE_FLAGS = 0x54dd5;

    private static final int USER_CS = 0x33, USER_SS = 0x2b;

    private PtraceState() {}

    /** Runs with the task lock, so that the thread's registers stay while it is looked at. */
    private abstract static class Locked {
        abstract long run(Tracee t);
    }

    private static long locked(Task tracer, Task target, Locked action) {
        tracer.kernel.taskLock.lock();
        try {
            if (!Ptrace.isStopped(tracer, target)) {
                throw ErrnoException.of(Errno.ESRCH);
            }
            return action.run(target.tracee);
        } finally {
            tracer.kernel.taskLock.unlock();
        }
    }

    /** ESRCH unless {@code target} is stopped for {@code tracer}. */
    public static void check(Task tracer, Task target) {
        locked(tracer, target, new Locked() {
            @Override
            long run(Tracee t) {
                return 0;
            }
        });
    }

    // ---- general registers

    /** PTRACE_PEEKUSER: EIO for an offset that is not a word of struct user. */
    public static long peekUser(Task tracer, Task target, long offset) {
        checkOffset(offset);
        return locked(tracer, target, new Locked() {
            @Override
            long run(Tracee t) {
                return offset < Registers.BYTES ? target.regs.get((int) offset) : 0;
            }
        });
    }

    /** PTRACE_POKEUSER: EIO for what may not be written, ENOSPC for debug registers. */
    public static void pokeUser(Task tracer, Task target, long offset, long value) {
        checkOffset(offset);
        locked(tracer, target, new Locked() {
            @Override
            long run(Tracee t) {
                if (offset < Registers.BYTES) {
                    setRegister(target, (int) offset, value);
                } else if (offset < DEBUG_REGISTERS || offset >= DEBUG_REGISTERS + 64) {
                    throw ErrnoException.of(Errno.EIO);
                } else if (value != 0) {
                    throw ErrnoException.of(Errno.ENOSPC); // no hardware breakpoints are left, so to say
                }
                return 0;
            }
        });
    }

    private static void checkOffset(long offset) {
        if ((offset & 7) != 0 || offset < 0 || offset >= USER_BYTES) {
            throw ErrnoException.of(Errno.EIO);
        }
    }

    /** struct user_regs_struct into {@code to}. */
    public static void getRegisters(Task tracer, Task target, byte[] to) {
        locked(tracer, target, new Locked() {
            @Override
            long run(Tracee t) {
                Mem.copy(target.regs.address(), to, 0, Registers.BYTES);
                return 0;
            }
        });
    }

    /** Sets the first {@code bytes} of struct user_regs_struct, in order; EIO at the first value that may not be. */
    public static void setRegisters(Task tracer, Task target, byte[] from, int bytes) {
        locked(tracer, target, new Locked() {
            @Override
            long run(Tracee t) {
                for (int at = 0; at < bytes; at += 8) {
                    setRegister(target, at, Bytes.getLong(from, at));
                }
                return 0;
            }
        });
    }

    private static void setRegister(Task target, int register, long value) {
        Registers regs = target.regs;
        switch (register) {
            case Registers.CS -> require((value & 0xffff) == USER_CS);
            case Registers.SS -> require((value & 0xffff) == USER_SS);
            case Registers.DS, Registers.ES, Registers.FS, Registers.GS ->
                require((value & 0xffff) == 0 || value == regs.get(register));
            case Registers.FS_BASE, Registers.GS_BASE -> {
                require(Long.compareUnsigned(value, target.kernel.platform.userAddressLimit()) < 0);
                regs.set(register, value);
            }
            case Registers.EFLAGS -> regs.set(register, regs.get(register) & ~SETTABLE_FLAGS | value & SETTABLE_FLAGS);
            case Registers.ORIG_RAX -> {
                regs.set(register, value);
                target.inSyscall = (int) value != -1; // what decides whether a call is restarted
            }
            default -> regs.set(register, value);
        }
    }

    private static void require(boolean good) {
        if (!good) {
            throw ErrnoException.of(Errno.EIO);
        }
    }

    // ---- FPU

    /** Bytes of the XSAVE area. */
    public static int xstateBytes(Task task) {
        return task.kernel.platform.fpuBytes();
    }

    /** The first {@code bytes} of the XSAVE area into {@code to}, with XCR0 in its software bytes. */
    public static void getFpu(Task tracer, Task target, byte[] to, int bytes) {
        long area = tracer.fpuArea();
        locked(tracer, target, new Locked() {
            @Override
            long run(Tracee t) {
                target.context.saveFpu(area);
                return 0;
            }
        });
        if (bytes > FXSAVE_BYTES) {
            Mem.putLong(area + SOFTWARE, tracer.kernel.platform.xcr0());
        }
        Mem.copy(area, to, 0, bytes);
    }

    /** Sets the FXSAVE part, or all of the XSAVE area: EINVAL for features that are not there. */
    public static void setFpu(Task tracer, Task target, byte[] from, int bytes) {
        long area = tracer.fpuArea();
        long known = tracer.kernel.platform.xcr0();
        if (bytes > FXSAVE_BYTES && (Bytes.getLong(from, XSTATE_BV) & ~known) != 0) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        locked(tracer, target, new Locked() {
            @Override
            long run(Tracee t) {
                target.context.saveFpu(area);
                Mem.copy(from, 0, area, bytes);
                if (bytes <= FXSAVE_BYTES) {
                    Mem.putLong(area + XSTATE_BV, Mem.getLong(area + XSTATE_BV) | 3);
                }
                if (!target.context.loadFpu(area)) {
                    target.context.resetFpu();
                    throw ErrnoException.of(Errno.EINVAL);
                }
                return 0;
            }
        });
    }

    // ---- signals

    /** PTRACE_GETSIGINFO: EINVAL in a stop without a signal. */
    public static void getSigInfo(Task tracer, Task target, byte[] to) {
        locked(tracer, target, new Locked() {
            @Override
            long run(Tracee t) {
                SignalInfoLayout.encode(infoOf(t), to, 0);
                return 0;
            }
        });
    }

    /** PTRACE_SETSIGINFO. */
    public static void setSigInfo(Task tracer, Task target, byte[] from) {
        SignalInfo info = SignalInfoLayout.decodeAny(from);
        locked(tracer, target, new Locked() {
            @Override
            long run(Tracee t) {
                infoOf(t);
                t.info = info;
                return 0;
            }
        });
    }

    private static SignalInfo infoOf(Tracee t) {
        if (t.info == null) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        return t.info;
    }

    /** PTRACE_GETSIGMASK: the mask it has once the call it is in is over. */
    public static long getMask(Task tracer, Task target) {
        return locked(tracer, target, new Locked() {
            @Override
            long run(Tracee t) {
                return target.restoreMask ? target.savedMask : target.blocked;
            }
        });
    }

    /** PTRACE_SETSIGMASK. */
    public static void setMask(Task tracer, Task target, long mask) {
        locked(tracer, target, new Locked() {
            @Override
            long run(Tracee t) {
                synchronized (target.threadGroup.signalLock) {
                    target.restoreMask = false;
                    SignalMasks.setLocked(target, mask & ~SignalSets.UNBLOCKABLE);
                }
                return 0;
            }
        });
    }

    // ---- events and options

    /** PTRACE_SETOPTIONS. */
    public static void setOptions(Task tracer, Task target, int options) {
        locked(tracer, target, new Locked() {
            @Override
            long run(Tracee t) {
                t.options = options;
                return 0;
            }
        });
    }

    /** PTRACE_GETEVENTMSG. */
    public static long eventMessage(Task tracer, Task target) {
        return locked(tracer, target, new Locked() {
            @Override
            long run(Tracee t) {
                return t.message;
            }
        });
    }

    /**
     * PTRACE_GET_SYSCALL_INFO: struct ptrace_syscall_info.
     *
     * <pre>
     *   0 op (8 bit)  4 arch  8 instruction_pointer  16 stack_pointer
     *   entry, seccomp: 24 nr  32 args[6]  80 ret_data (seccomp only)      exit: 24 rval  32 is_error (8 bit)
     * </pre>
     *
     * @return how many bytes of it count
     */
    public static int syscallInfo(Task tracer, Task target, byte[] to) {
        return (int) locked(tracer, target, new Locked() {
            @Override
            long run(Tracee t) {
                return encode(t, target.regs, to);
            }
        });
    }

    private static int encode(Tracee t, Registers regs, byte[] to) {
        java.util.Arrays.fill(to, 0, 88, (byte) 0);
        int code = t.info == null ? 0 : t.info.code;
        int op = Seccomp.PTRACE_SYSCALL_INFO_NONE;
        if (code == PtraceStop.SYSCALL_TRAP) {
            op = t.message == Seccomp.PTRACE_EVENTMSG_SYSCALL_ENTRY
                    ? Seccomp.PTRACE_SYSCALL_INFO_ENTRY
                    : Seccomp.PTRACE_SYSCALL_INFO_EXIT;
        } else if (code == (Signals.SIGTRAP | Seccomp.PTRACE_EVENT_SECCOMP << 8)) {
            op = Seccomp.PTRACE_SYSCALL_INFO_SECCOMP;
        }
        to[0] = (byte) op;
        Bytes.putInt(to, 4, Seccomp.AUDIT_ARCH_X86_64);
        Bytes.putLong(to, 8, regs.get(Registers.RIP));
        Bytes.putLong(to, 16, regs.get(Registers.RSP));
        switch (op) {
            case Seccomp.PTRACE_SYSCALL_INFO_NONE -> {
                return 24;
            }
            case Seccomp.PTRACE_SYSCALL_INFO_EXIT -> {
                long result = regs.get(Registers.RAX);
                Bytes.putLong(to, 24, result);
                to[32] = (byte) (result < 0 && result >= -4095 ? 1 : 0);
                return 33;
            }
            default -> {
                Bytes.putLong(to, 24, regs.get(Registers.ORIG_RAX));
                Bytes.putLong(to, 32, regs.get(Registers.RDI));
                Bytes.putLong(to, 40, regs.get(Registers.RSI));
                Bytes.putLong(to, 48, regs.get(Registers.RDX));
                Bytes.putLong(to, 56, regs.get(Registers.R10));
                Bytes.putLong(to, 64, regs.get(Registers.R8));
                Bytes.putLong(to, 72, regs.get(Registers.R9));
                Bytes.putInt(to, 80, t.seccompData);
                return op == Seccomp.PTRACE_SYSCALL_INFO_SECCOMP ? 84 : 80;
            }
        }
    }
}
