package gvj.platform;

import gvj.host.Mem;

/**
 * The general registers of an application thread: a view over native memory laid out as Linux's
 * {@code struct user_regs_struct}, so ptrace and core files need no conversion.
 *
 * <pre>
 *    0 r15   8 r14  16 r13  24 r12  32 rbp  40 rbx  48 r11  56 r10  64 r9  72 r8
 *   80 rax  88 rcx  96 rdx 104 rsi 112 rdi 120 orig_rax 128 rip 136 cs 144 eflags 152 rsp 160 ss
 *  168 fs_base 176 gs_base 184 ds 192 es 200 fs 208 gs
 * </pre>
 */
public final class Registers {
    public static final int R15 = 0, R14 = 8, R13 = 16, R12 = 24, RBP = 32, RBX = 40, R11 = 48, R10 = 56, R9 = 64;
    public static final int R8 = 72, RAX = 80, RCX = 88, RDX = 96, RSI = 104, RDI = 112, ORIG_RAX = 120, RIP = 128;
    public static final int CS = 136, EFLAGS = 144, RSP = 152, SS = 160, FS_BASE = 168, GS_BASE = 176;
    public static final int DS = 184, ES = 192, FS = 200, GS = 208;
    /** Bytes of the structure. */
    public static final int BYTES = 216;

    private final long address;

    /** A view of {@value #BYTES} bytes of native memory at {@code address}. */
    public Registers(long address) {
        this.address = address;
    }

    /** Where the registers live. */
    public long address() {
        return address;
    }

    /** Reads the register at one of the offsets above. */
    public long get(int offset) {
        return Mem.getLong(address + offset);
    }

    /** Writes the register at one of the offsets above. */
    public void set(int offset, long value) {
        Mem.putLong(address + offset, value);
    }

    /** Takes every register from {@code other}. */
    public void copyFrom(Registers other) {
        Mem.copy(other.address, address, BYTES);
    }
}
