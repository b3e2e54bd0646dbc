package gvj.runtime;

import gvj.abi.Errno;
import gvj.abi.Seccomp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Makes a classic BPF program of rules, as seccomp(2) wants one: over {@code struct seccomp_data}, with forward jumps.
 *
 * <pre>
 *   another architecture?            kill
 *   x32?                             kill, or ENOSYS where x32 is allowed
 *   number > last of segment 1?      no: return its action        segments are neighbouring numbers with the same
 *   number > last of segment 2?      no: its rules in order       action; one whose rules have conditions is alone
 *   ...
 * </pre>
 */
final class SeccompCompiler {
    /** A comparison of an argument. */
    enum Operator {
        NE,
        LT,
        LE,
        EQ,
        GE,
        GT,
        MASKED_EQ
    }

    /**
     * Holds if argument number {@code argument}, unsigned, compares so with {@code value}; for {@link Operator#MASKED_EQ}
     * {@code value} is the mask and {@code masked} what must be left.
     */
    record Condition(int argument, Operator operator, long value, long masked) {}

    /** {@code action} is what the filter returns if all conditions hold. */
    record Rule(int action, List<Condition> conditions) {}

    private static final int LOAD = Seccomp.BPF_LD | Seccomp.BPF_ABS;
    private static final int JUMP = Seccomp.BPF_JMP | Seccomp.BPF_JA;
    private static final int EQUAL = Seccomp.BPF_JMP | Seccomp.BPF_JEQ;
    private static final int GREATER = Seccomp.BPF_JMP | Seccomp.BPF_JGT;
    private static final int GREATER_OR_EQUAL = Seccomp.BPF_JMP | Seccomp.BPF_JGE;
    private static final int AND = Seccomp.BPF_ALU | Seccomp.BPF_AND;
    private static final int RETURN = Seccomp.BPF_RET;

    private static final int NR = 0;
    private static final int ARCH = 4;
    private static final int ARGS = 16;
    private static final int X32 = 0x4000_0000;
    /** What a tracer leaves to have a call not made. */
    private static final int NO_CALL = -1;

    private static final int NO_SUCH_CALL = Seccomp.SECCOMP_RET_ERRNO | Errno.ENOSYS;

    private final int defaultAction;
    private final boolean x32;
    private final TreeMap<Integer, List<Rule>> rules;
    private long[] program = new long[256];
    private int length;

    /**
     * A compiler for these rules.
     *
     * @param defaultAction returned where no rule holds
     * @param x32 whether x32's calls are to fail as ones that do not exist; else they kill
     * @param rules by number; of several that hold, the first counts
     */
    SeccompCompiler(int defaultAction, boolean x32, Map<Integer, List<Rule>> rules) {
        this.defaultAction = defaultAction;
        this.x32 = x32;
        this.rules = new TreeMap<>(rules);
    }

    /** The comparison called {@code SCMP_CMP_NAME}, or null. */
    static Operator operator(String name) {
        for (Operator operator : Operator.values()) {
            if (name.equals("SCMP_CMP_" + operator.name())) {
                return operator;
            }
        }
        return null;
    }

    /** What comparisons are called. */
    static List<String> operators() {
        List<String> names = new ArrayList<>();
        for (Operator operator : Operator.values()) {
            names.add("SCMP_CMP_" + operator.name());
        }
        return names;
    }

    /** The program: one {@code struct sock_filter} in each, as {@link gvj.boot.BootSpec.SeccompProfile} has them. */
    long[] program() {
        length = 0;
        add(LOAD, 0, 0, ARCH);
        add(EQUAL, 1, 0, Seccomp.AUDIT_ARCH_X86_64);
        add(RETURN, 0, 0, Seccomp.SECCOMP_RET_KILL_PROCESS);
        add(LOAD, 0, 0, NR);
        add(EQUAL, 2, 0, NO_CALL);
        add(GREATER_OR_EQUAL, 0, 1, X32);
        add(RETURN, 0, 0, x32 ? NO_SUCH_CALL : Seccomp.SECCOMP_RET_KILL_PROCESS);
        addSegments();
        add(RETURN, 0, 0, beyond());
        return Arrays.copyOf(program, length);
    }

    /**
     * What calls with higher numbers than any rule's get. Whoever wrote a list of what is allowed did not know them, and
     * programs want to hear that they do not exist; runc does the same.
     */
    private int beyond() {
        boolean permissive = defaultAction == Seccomp.SECCOMP_RET_ALLOW
                || defaultAction == Seccomp.SECCOMP_RET_LOG
                || (defaultAction & Seccomp.SECCOMP_RET_ACTION_FULL) == Seccomp.SECCOMP_RET_TRACE;
        return permissive || rules.isEmpty() ? defaultAction : NO_SUCH_CALL;
    }

    private void addSegments() {
        int next = 0;
        int pending = defaultAction;
        int from = 0;
        for (Map.Entry<Integer, List<Rule>> entry : rules.entrySet()) {
            int number = entry.getKey();
            List<Rule> ofCall = entry.getValue();
            if (number > next && pending != defaultAction) {
                addSegment(from, next - 1, pending);
                from = next;
                pending = defaultAction;
            }
            if (!ofCall.get(0).conditions().isEmpty()) {
                addSegment(from, number - 1, pending);
                addConditional(number, ofCall);
                from = number + 1;
                pending = defaultAction;
            } else if (ofCall.get(0).action() != pending) {
                addSegment(from, number - 1, pending);
                from = number;
                pending = ofCall.get(0).action();
            }
            next = number + 1;
        }
        addSegment(from, next - 1, pending);
    }

    /** Numbers up to {@code last} get {@code action}; nothing if there are none. */
    private void addSegment(int from, int last, int action) {
        if (from <= last) {
            add(GREATER, 1, 0, last);
            add(RETURN, 0, 0, action);
        }
    }

    private void addConditional(int number, List<Rule> ofCall) {
        add(GREATER, 0, 1, number);
        int over = length;
        add(JUMP, 0, 0, 0);
        boolean decided = false;
        for (int i = 0; i < ofCall.size() && !decided; i++) {
            addRule(ofCall.get(i));
            decided = ofCall.get(i).conditions().isEmpty();
        }
        if (!decided) {
            add(RETURN, 0, 0, defaultAction);
        }
        program[over] = instruction(JUMP, 0, 0, length - over - 1);
    }

    /** A condition that does not hold goes on after the rule: its jumps have {@link #FAIL} until that place is known. */
    private void addRule(Rule rule) {
        int start = length;
        for (Condition condition : rule.conditions()) {
            addCondition(condition);
        }
        add(RETURN, 0, 0, rule.action());
        for (int i = start; i < length; i++) {
            program[i] = patched(program[i], length - i - 1);
        }
    }

    /** Stands for a jump out of the rule; no jump inside of one goes so far. */
    private static final int FAIL = 0xff;

    private static long patched(long instruction, int distance) {
        if ((instruction & 7) != Seccomp.BPF_JMP) {
            return instruction;
        }
        int jt = (int) (instruction >>> 16) & 0xff;
        int jf = (int) (instruction >>> 24) & 0xff;
        return instruction & ~0xffff_0000L
                | (long) (jt == FAIL ? distance : jt) << 16
                | (long) (jf == FAIL ? distance : jf) << 24;
    }

    private void addCondition(Condition condition) {
        int low = ARGS + 8 * condition.argument();
        int high = low + 4;
        int valueLow = (int) condition.value();
        int valueHigh = (int) (condition.value() >>> 32);
        switch (condition.operator()) {
            case EQ -> {
                add(LOAD, 0, 0, high);
                add(EQUAL, 0, FAIL, valueHigh);
                add(LOAD, 0, 0, low);
                add(EQUAL, 0, FAIL, valueLow);
            }
            case NE -> {
                add(LOAD, 0, 0, high);
                add(EQUAL, 0, 2, valueHigh);
                add(LOAD, 0, 0, low);
                add(EQUAL, FAIL, 0, valueLow);
            }
            case MASKED_EQ -> {
                add(LOAD, 0, 0, high);
                add(AND, 0, 0, valueHigh);
                add(EQUAL, 0, FAIL, (int) (condition.masked() >>> 32));
                add(LOAD, 0, 0, low);
                add(AND, 0, 0, valueLow);
                add(EQUAL, 0, FAIL, (int) condition.masked());
            }
            case GT -> addOrder(high, valueHigh, valueLow, GREATER, true);
            case GE -> addOrder(high, valueHigh, valueLow, GREATER_OR_EQUAL, true);
            case LE -> addOrder(high, valueHigh, valueLow, GREATER, false);
            case LT -> addOrder(high, valueHigh, valueLow, GREATER_OR_EQUAL, false);
        }
    }

    /** Holds if "argument {@code low} value" is {@code wanted}: the high words decide unless they are equal. */
    private void addOrder(int high, int valueHigh, int valueLow, int compareLow, boolean wanted) {
        int yes = wanted ? 0 : FAIL;
        int no = wanted ? FAIL : 0;
        add(LOAD, 0, 0, high);
        add(GREATER, wanted ? 3 : FAIL, 0, valueHigh);
        add(EQUAL, 0, wanted ? FAIL : 2, valueHigh);
        add(LOAD, 0, 0, high - 4);
        add(compareLow, yes, no, valueLow);
    }

    private void add(int code, int jt, int jf, int k) {
        if (length == program.length) {
            program = Arrays.copyOf(program, 2 * length);
        }
        program[length++] = instruction(code, jt, jf, k);
    }

    private static long instruction(int code, int jt, int jf, int k) {
        return code | (long) jt << 16 | (long) jf << 24 | (long) k << 32;
    }
}
