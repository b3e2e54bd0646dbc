package gvj.kernel;

import gvj.abi.Bytes;
import gvj.abi.Errno;

/**
 * A classic BPF program over {@code struct seccomp_data}, checked when it is loaded so that running it needs no checks: no
 * loads outside of the data, no jumps outside of the program or backwards, a return at the end. bpf(4) of the BSDs
 * describes the machine.
 */
final class BpfProgram {
    /** Bytes of struct seccomp_data: 0 nr, 4 arch, 8 instruction_pointer, 16 args[6]. */
    static final int DATA_BYTES = 64;

    /** Where the architecture is, the last field that is no matter of a single call. */
    private static final int ARCH = 4;

    private static final int MEMORY = 16;

    private static final int LD = 0, LDX = 1, ST = 2, STX = 3, ALU = 4, JMP = 5, RET = 6, MISC = 7;
    private static final int IMM = 0x00, ABS = 0x20, MEM = 0x60, LEN = 0x80;
    private static final int ADD = 0x00, SUB = 0x10, MUL = 0x20, DIV = 0x30, OR = 0x40, AND = 0x50, LSH = 0x60;
    private static final int RSH = 0x70, NEG = 0x80, XOR = 0xa0;
    private static final int JA = 0x00, JEQ = 0x10, JGT = 0x20, JGE = 0x30, JSET = 0x40;
    private static final int X = 0x08, A = 0x10, TXA = 0x80;

    private final int[] codes;
    private final int[] jumpTrue;
    private final int[] jumpFalse;
    private final int[] constants;

    /** Decodes and checks; EINVAL. Instructions: 0 code (16 bit), 2 jt, 3 jf, 4 k. */
    BpfProgram(byte[] bytes) {
        int n = bytes.length / 8;
        codes = new int[n];
        jumpTrue = new int[n];
        jumpFalse = new int[n];
        constants = new int[n];
        for (int i = 0; i < n; i++) {
            codes[i] = Bytes.getShort(bytes, 8 * i) & 0xffff;
            jumpTrue[i] = bytes[8 * i + 2] & 0xff;
            jumpFalse[i] = bytes[8 * i + 3] & 0xff;
            constants[i] = Bytes.getInt(bytes, 8 * i + 4);
        }
        int[] written = new int[n + 1];
        java.util.Arrays.fill(written, -1);
        written[0] = 0;
        for (int i = 0; i < n; i++) {
            if (!isValid(i, n, written)) {
                throw ErrnoException.of(Errno.EINVAL);
            }
        }
        if ((codes[n - 1] & 7) != RET) {
            throw ErrnoException.of(Errno.EINVAL);
        }
    }

    int length() {
        return codes.length;
    }

    /** What {@link #run} answers for this number whatever the arguments are; {@code otherwise} if they matter. */
    int runByNumber(byte[] data, int otherwise) {
        return run(data, true, otherwise);
    }

    /** Checks instruction {@code i}; {@code written} follows which memory words are set on every way to each place. */
    private boolean isValid(int i, int n, int[] written) {
        int set = written[i] == -1 ? 0xffff : written[i];
        int k = constants[i];
        boolean index = k >= 0 && k < MEMORY;
        switch (codes[i]) {
            case LD | ABS -> {
                if (k < 0 || k > DATA_BYTES - 4 || (k & 3) != 0) {
                    return false;
                }
            }
            case LD | IMM, LDX | IMM, LD | LEN, LDX | LEN -> {}
            case LD | MEM, LDX | MEM -> {
                if (!index || (set & 1 << k) == 0) {
                    return false;
                }
            }
            case ST, STX -> {
                if (!index) {
                    return false;
                }
                set |= 1 << k;
            }
            case ALU | ADD, ALU | SUB, ALU | MUL, ALU | OR, ALU | AND, ALU | XOR, ALU | NEG -> {}
            case ALU | ADD | X, ALU | SUB | X, ALU | MUL | X, ALU | DIV | X, ALU | OR | X, ALU | AND | X -> {}
            case ALU | LSH | X, ALU | RSH | X, ALU | XOR | X, MISC, MISC | TXA -> {}
            case ALU | DIV -> {
                if (k == 0) {
                    return false;
                }
            }
            case ALU | LSH, ALU | RSH -> {
                if (k < 0 || k > 31) {
                    return false;
                }
            }
            case JMP | JA -> {
                return k >= 0 && k < n - i - 1 && reach(written, i + 1 + k, set);
            }
            case JMP | JEQ,
                    JMP | JGT,
                    JMP | JGE,
                    JMP | JSET,
                    JMP | JEQ | X,
                    JMP | JGT | X,
                    JMP | JGE | X,
                    JMP | JSET | X -> {
                return i + 1 + jumpTrue[i] < n
                        && i + 1 + jumpFalse[i] < n
                        && reach(written, i + 1 + jumpTrue[i], set)
                        && reach(written, i + 1 + jumpFalse[i], set);
            }
            case RET, RET | A -> {
                return true;
            }
            default -> {
                return false;
            }
        }
        return reach(written, i + 1, set);
    }

    private static boolean reach(int[] written, int to, int set) {
        written[to] = written[to] == -1 ? set : written[to] & set;
        return true;
    }

    /** Runs it over {@code data}, {@value #DATA_BYTES} bytes: the value returned. */
    int run(byte[] data) {
        return run(data, false, 0);
    }

    private int run(byte[] data, boolean byNumber, int otherwise) {
        int a = 0;
        int x = 0;
        int[] memory = null;
        for (int i = 0; ; i++) {
            int k = constants[i];
            int code = codes[i];
            int operand = (code & X) != 0 ? x : k;
            switch (code & 7) {
                case LD -> {
                    if (byNumber && code == (LD | ABS) && k > ARCH) {
                        return otherwise;
                    }
                    a = load(code, k, data, memory);
                }
                case LDX -> x = load(code, k, data, memory);
                case ST, STX -> {
                    memory = memory == null ? new int[MEMORY] : memory;
                    memory[k] = (code & 7) == ST ? a : x;
                }
                case ALU -> {
                    if ((code & 0xf0) == DIV && operand == 0) {
                        return 0; // as Linux: a division by zero ends the program
                    }
                    a = alu(code & 0xf0, a, operand);
                }
                case JMP -> i += jump(code & 0xf0, a, operand, i);
                case RET -> {
                    return (code & A) != 0 ? a : k;
                }
                default -> {
                    if ((code & TXA) != 0) {
                        a = x;
                    } else {
                        x = a;
                    }
                }
            }
        }
    }

    private static int load(int code, int k, byte[] data, int[] memory) {
        return switch (code & 0xe0) {
            case ABS -> Bytes.getInt(data, k);
            case MEM -> memory == null ? 0 : memory[k];
            case LEN -> DATA_BYTES;
            default -> k;
        };
    }

    private static int alu(int operation, int a, int b) {
        return switch (operation) {
            case ADD -> a + b;
            case SUB -> a - b;
            case MUL -> a * b;
            case DIV -> Integer.divideUnsigned(a, b);
            case OR -> a | b;
            case AND -> a & b;
            case LSH -> a << b; // by its low five bits, as Linux
            case RSH -> a >>> b;
            case XOR -> a ^ b;
            default -> -a;
        };
    }

    private int jump(int operation, int a, int b, int i) {
        boolean taken = switch (operation) {
            case JEQ -> a == b;
            case JGT -> Integer.compareUnsigned(a, b) > 0;
            case JGE -> Integer.compareUnsigned(a, b) >= 0;
            case JSET -> (a & b) != 0;
            default -> true;
        };
        if (operation == JA) {
            return constants[i];
        }
        return taken ? jumpTrue[i] : jumpFalse[i];
    }
}
