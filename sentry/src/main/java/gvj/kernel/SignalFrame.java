package gvj.kernel;

import gvj.abi.Bytes;
import gvj.abi.Signals;
import gvj.host.Mem;
import gvj.platform.Registers;

/**
 * The stack frame a signal handler runs on, and the way back from it: {@code struct rt_sigframe} of amd64, see
 * sigreturn(2).
 *
 * <pre>
 *   0 pretcode   8 ucontext { 0 flags  8 link  16 stack { sp, flags, size }  40 sigcontext  296 mask }   312 siginfo
 *   sigcontext:  r8..r15 di si bp bx dx ax cx sp ip flags   144 cs gs fs ss (16 bit each)
 *                152 err  160 trapno  168 oldmask  176 cr2  184 fpstate  192 reserved
 *   fpstate, 64-aligned above the frame: XSAVE area with software bytes at 464, then FP_XSTATE_MAGIC2
 * </pre>
 */
final class SignalFrame {
    private static final int RED_ZONE = 128;
    private static final int UCONTEXT = 8, SIGCONTEXT = UCONTEXT + 40, SIGMASK = UCONTEXT + 296, SIGINFO = 312;
    private static final int BYTES = SIGINFO + SignalInfoLayout.BYTES;
    private static final int SELECTORS = 144, ERR = 152, FPSTATE = 184;

    /** UC_FP_XSTATE | UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS. */
    private static final int UC_FLAGS = 7;

    private static final int SW_RESERVED = 464, FXSAVE_BYTES = 512, XSAVE_HEADER = 64;
    private static final int MAGIC1 = 0x46505853, MAGIC2 = 0x46505845;
    private static final int USER_CS = 0x33, USER_SS = 0x2b;

    /** What rt_sigreturn may set: AC, RF, OF, DF, TF, SF, ZF, AF, PF, CF. */
    private static final long FLAGS = 0x40000 | 0x10000 | 0x800 | 0x400 | 0x100 | 0x80 | 0x40 | 0x10 | 4 | 1;

    private static final long DF = 0x400, TF = 0x100, RF = 0x10000;

    /** sigcontext's registers in order. */
    private static final int[] ORDER = {
        Registers.R8, Registers.R9, Registers.R10, Registers.R11, Registers.R12, Registers.R13, Registers.R14,
        Registers.R15, Registers.RDI, Registers.RSI, Registers.RBP, Registers.RBX, Registers.RDX, Registers.RAX,
        Registers.RCX, Registers.RSP, Registers.RIP, Registers.EFLAGS
    };

    private static final int FLAGS_INDEX = 17;

    private SignalFrame() {}

    /** Builds the frame and points the registers at the handler; false if the stack cannot take it. */
    static boolean push(Task task, SignalInfo info, SignalAction action, long maskToSave) {
        if (!action.has(Signals.SA_RESTORER)) {
            return false;
        }
        try {
            return build(task, info, action, maskToSave);
        } catch (ErrnoException e) {
            return false;
        }
    }

    private static boolean build(Task task, SignalInfo info, SignalAction action, long maskToSave) {
        Registers regs = task.regs;
        SignalStack stack = task.signalStack;
        long sp = regs.get(Registers.RSP) - RED_ZONE;
        boolean nested = stack.contains(sp);
        boolean entering = action.has(Signals.SA_ONSTACK) && stack.size != 0 && !nested;
        if (entering) {
            sp = stack.address + stack.size;
        }
        int fpuBytes = task.kernel.platform.fpuBytes();
        long fpstate = sp - fpuBytes - 4 & ~63L;
        long frame = (fpstate - BYTES & ~15L) - 8;
        if ((nested || entering) && !stack.isWithin(frame)) {
            return false;
        }
        byte[] bytes = task.scratch(BYTES);
        encode(task, bytes, frame, fpstate, maskToSave, info, action, action.restorer());
        writeFpu(task, fpstate, fpuBytes);
        task.mm.copyOut(frame, bytes, 0, BYTES);
        if ((stack.flags & Signals.SS_AUTODISARM) != 0) {
            stack.disable();
        }
        task.context.resetFpu();
        regs.set(Registers.RDI, info.signo);
        regs.set(Registers.RAX, 0);
        regs.set(Registers.RSI, frame + SIGINFO);
        regs.set(Registers.RDX, frame + UCONTEXT);
        regs.set(Registers.RIP, action.handler());
        regs.set(Registers.RSP, frame);
        regs.set(Registers.EFLAGS, regs.get(Registers.EFLAGS) & ~(DF | TF | RF));
        return isCanonical(action.handler());
    }

    private static void encode(
            Task task,
            byte[] bytes,
            long frame,
            long fpstate,
            long maskToSave,
            SignalInfo info,
            SignalAction action,
            long restorer) {
        java.util.Arrays.fill(bytes, 0, BYTES, (byte) 0);
        Bytes.putLong(bytes, 0, restorer);
        Bytes.putLong(bytes, UCONTEXT, UC_FLAGS);
        SignalStack stack = task.signalStack;
        Bytes.putLong(bytes, UCONTEXT + 16, stack.address);
        Bytes.putInt(bytes, UCONTEXT + 24, stack.flags);
        Bytes.putLong(bytes, UCONTEXT + 32, stack.size);
        for (int i = 0; i < ORDER.length; i++) {
            Bytes.putLong(bytes, SIGCONTEXT + 8 * i, task.regs.get(ORDER[i]));
        }
        Bytes.putShort(bytes, SIGCONTEXT + SELECTORS, USER_CS);
        Bytes.putShort(bytes, SIGCONTEXT + SELECTORS + 6, USER_SS);
        Bytes.putLong(bytes, SIGCONTEXT + ERR, task.trapError);
        Bytes.putLong(bytes, SIGCONTEXT + ERR + 8, task.trapVector);
        Bytes.putLong(bytes, SIGCONTEXT + ERR + 16, maskToSave);
        Bytes.putLong(bytes, SIGCONTEXT + ERR + 24, task.trapAddress);
        Bytes.putLong(bytes, SIGCONTEXT + FPSTATE, fpstate);
        Bytes.putLong(bytes, SIGMASK, maskToSave);
        if (action.has(Signals.SA_SIGINFO)) {
            SignalInfoLayout.encode(info, bytes, SIGINFO);
        }
    }

    private static void writeFpu(Task task, long fpstate, int fpuBytes) {
        long area = task.fpuArea();
        task.context.saveFpu(area);
        Mem.zero(area + SW_RESERVED, FXSAVE_BYTES - SW_RESERVED);
        Mem.putInt(area + SW_RESERVED, MAGIC1);
        Mem.putInt(area + SW_RESERVED + 4, fpuBytes + 4);
        Mem.putLong(area + SW_RESERVED + 8, task.kernel.platform.xcr0());
        Mem.putInt(area + SW_RESERVED + 16, fpuBytes);
        Mem.putInt(area + fpuBytes, MAGIC2);
        task.mm.copyOut(fpstate, area, fpuBytes + 4L);
    }

    /**
     * rt_sigreturn(2): takes everything back from the frame. The frame is the program's to forge: only what an unprivileged
     * program may set anyway is taken. A frame that cannot be read raises SIGSEGV.
     */
    static long pop(Task task) {
        task.keepRegisters();
        long frame = task.regs.get(Registers.RSP) - 8;
        try {
            restore(task, frame);
        } catch (ErrnoException e) {
            SignalSender.force(task, SignalInfo.kernel(Signals.SIGSEGV));
        }
        return task.regs.get(Registers.RAX);
    }

    private static void restore(Task task, long frame) {
        byte[] bytes = task.scratch(BYTES);
        task.mm.copyIn(frame, bytes, 0, SIGINFO);
        SignalMasks.set(task, Bytes.getLong(bytes, SIGMASK));
        Registers regs = task.regs;
        for (int i = 0; i < FLAGS_INDEX; i++) {
            regs.set(ORDER[i], Bytes.getLong(bytes, SIGCONTEXT + 8 * i));
        }
        long flags = Bytes.getLong(bytes, SIGCONTEXT + 8 * FLAGS_INDEX);
        regs.set(Registers.EFLAGS, regs.get(Registers.EFLAGS) & ~FLAGS | flags & FLAGS);
        regs.set(Registers.ORIG_RAX, -1);
        SignalStack stack = task.signalStack;
        long stackAddress = Bytes.getLong(bytes, UCONTEXT + 16);
        int stackFlags = Bytes.getInt(bytes, UCONTEXT + 24);
        long stackSize = Bytes.getLong(bytes, UCONTEXT + 32);
        readFpu(task, Bytes.getLong(bytes, SIGCONTEXT + FPSTATE));
        if (!stack.contains(regs.get(Registers.RSP))) {
            SignalStacks.set(stack, stackAddress, stackFlags, stackSize);
        }
        if (!isCanonical(regs.get(Registers.RIP))) {
            regs.set(Registers.RIP, 0);
            throw ErrnoException.of(gvj.abi.Errno.EFAULT);
        }
    }

    private static void readFpu(Task task, long fpstate) {
        if (fpstate == 0) {
            task.context.resetFpu();
            return;
        }
        int fpuBytes = task.kernel.platform.fpuBytes();
        long area = task.fpuArea();
        Mem.zero(area, fpuBytes);
        task.mm.copyIn(fpstate, area, FXSAVE_BYTES);
        int size = extendedSize(task, fpstate, area, fpuBytes);
        long features = Mem.getLong(area + SW_RESERVED + 8);
        if (size > 0) {
            task.mm.copyIn(fpstate + FXSAVE_BYTES, area + FXSAVE_BYTES, size - FXSAVE_BYTES);
            long present = Mem.getLong(area + FXSAVE_BYTES) & features & task.kernel.platform.xcr0();
            Mem.putLong(area + FXSAVE_BYTES, present);
        } else {
            Mem.putLong(area + FXSAVE_BYTES, 3);
        }
        Mem.zero(area + SW_RESERVED, FXSAVE_BYTES - SW_RESERVED);
        if (!task.context.loadFpu(area)) {
            task.context.resetFpu();
            throw ErrnoException.of(gvj.abi.Errno.EFAULT);
        }
    }

    /** Bytes of a well-formed XSAVE area at {@code fpstate}; 0 if only its FXSAVE part counts. */
    private static int extendedSize(Task task, long fpstate, long area, int fpuBytes) {
        int extended = Mem.getInt(area + SW_RESERVED + 4);
        int size = Mem.getInt(area + SW_RESERVED + 16);
        if (Mem.getInt(area + SW_RESERVED) != MAGIC1
                || size < FXSAVE_BYTES + XSAVE_HEADER
                || size > fpuBytes
                || size > extended) {
            return 0;
        }
        return task.mm.readInt(fpstate + size) == MAGIC2 ? size : 0;
    }

    /** Whether the processor accepts {@code address} at all; others would fault in the kernel's hands. */
    static boolean isCanonical(long address) {
        return address >> 47 == 0 || address >> 47 == -1;
    }
}
