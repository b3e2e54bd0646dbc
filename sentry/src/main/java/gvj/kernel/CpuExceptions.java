package gvj.kernel;

import gvj.abi.Signals;
import gvj.host.Mem;
import gvj.platform.Registers;

/** Which signal an x86 exception becomes, as Linux's trap handlers decide it. */
final class CpuExceptions {
    private static final int DIVIDE = 0, DEBUG = 1, BREAKPOINT = 3, OVERFLOW = 4, BOUND = 5, OPCODE = 6;
    private static final int SEGMENT = 11, STACK = 12, PROTECTION = 13, X87 = 16, ALIGNMENT = 17, SIMD = 19;

    private CpuExceptions() {}

    /** The signal for {@code vector}, raised by the instruction at the task's RIP. */
    static SignalInfo signal(int vector, Task task) {
        long rip = task.regs.get(Registers.RIP);
        return switch (vector) {
            case DIVIDE -> fault(Signals.SIGFPE, Signals.FPE_INTDIV, rip);
            case DEBUG -> fault(Signals.SIGTRAP, Signals.TRAP_TRACE, rip);
            case BREAKPOINT -> SignalInfo.kernel(Signals.SIGTRAP);
            case OPCODE -> fault(Signals.SIGILL, Signals.ILL_ILLOPN, rip);
            case X87 -> fault(Signals.SIGFPE, x87(task), rip);
            case SIMD -> fault(Signals.SIGFPE, simd(task), rip);
            case ALIGNMENT -> fault(Signals.SIGBUS, Signals.BUS_ADRALN, 0);
            case SEGMENT, STACK -> SignalInfo.kernel(Signals.SIGBUS);
            case OVERFLOW, BOUND, PROTECTION -> SignalInfo.kernel(Signals.SIGSEGV);
            default -> SignalInfo.kernel(Signals.SIGSEGV);
        };
    }

    private static SignalInfo fault(int signo, int code, long address) {
        SignalInfo info = new SignalInfo(signo, code);
        info.address = address;
        return info;
    }

    /** Unmasked and raised x87 exceptions: control word at 0, status word at 2 of the FXSAVE area. */
    private static int x87(Task task) {
        long area = task.fpuArea();
        task.context.saveFpu(area);
        return code(Mem.getShort(area + 2) & ~Mem.getShort(area));
    }

    /** Unmasked and raised SSE exceptions: MXCSR at 24, masks seven bits above the flags. */
    private static int simd(Task task) {
        long area = task.fpuArea();
        task.context.saveFpu(area);
        int mxcsr = Mem.getInt(area + 24);
        return code(mxcsr & ~(mxcsr >> 7));
    }

    private static int code(int raised) {
        if ((raised & 0x01) != 0) {
            return Signals.FPE_FLTINV;
        }
        if ((raised & 0x04) != 0) {
            return Signals.FPE_FLTDIV;
        }
        if ((raised & 0x08) != 0) {
            return Signals.FPE_FLTOVF;
        }
        if ((raised & 0x12) != 0) {
            return Signals.FPE_FLTUND;
        }
        return (raised & 0x20) != 0 ? Signals.FPE_FLTRES : 0;
    }
}
