package gvj.runtime;

import gvj.abi.Errno;
import gvj.abi.Seccomp;
import gvj.boot.BootException;
import gvj.boot.BootSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code linux.seccomp} of config.json as a filter program. As with runc, names that nobody knows are passed over, rules
 * that say what the default says anyway too, and conditions on one argument twice are alternatives.
 */
final class SeccompJson {
    static final List<String> ACTIONS = List.of(
            "SCMP_ACT_ALLOW",
            "SCMP_ACT_ERRNO",
            "SCMP_ACT_KILL",
            "SCMP_ACT_KILL_PROCESS",
            "SCMP_ACT_KILL_THREAD",
            "SCMP_ACT_LOG",
            "SCMP_ACT_TRACE",
            "SCMP_ACT_TRAP");
    /** None changes anything: there is one thread, no audit log, no speculation, and no listener. */
    static final List<String> FLAGS = List.of(
            "SECCOMP_FILTER_FLAG_TSYNC",
            "SECCOMP_FILTER_FLAG_LOG",
            "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
            "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV");

    private static final int MAX_ERRNO = 0xffff;
    private static final int ARGUMENTS = 6;

    private final Map<String, Integer> numbers;
    private final Map<Integer, List<SeccompCompiler.Rule>> rules = new HashMap<>();
    private int defaultAction;

    private SeccompJson(Map<String, Integer> numbers) {
        this.numbers = numbers;
    }

    /** The program of {@code seccomp}; {@code numbers} has every system call by name. */
    static BootSpec.SeccompProfile compile(Json seccomp, Map<String, Integer> numbers) throws BootException {
        if (!seccomp.present()) {
            return BootSpec.SeccompProfile.NONE;
        }
        return new BootSpec.SeccompProfile(new SeccompJson(numbers).program(seccomp));
    }

    private long[] program(Json seccomp) throws BootException {
        defaultAction = action(seccomp.get("defaultAction"), seccomp.get("defaultErrnoRet"));
        flags(seccomp.get("flags"));
        for (Json entry : seccomp.get("syscalls").elements()) {
            addEntry(entry);
        }
        long[] program = new SeccompCompiler(defaultAction, x32(seccomp.get("architectures")), rules).program();
        if (program.length > Seccomp.BPF_MAXINSNS) {
            throw seccomp.wrong("makes a filter of more than " + Seccomp.BPF_MAXINSNS + " instructions");
        }
        return program;
    }

    private void addEntry(Json entry) throws BootException {
        Json names = entry.get("names");
        if (names.elements().isEmpty()) {
            throw names.wrong("must name a system call");
        }
        int action = action(entry.get("action"), entry.get("errnoRet"));
        List<List<SeccompCompiler.Condition>> alternatives = alternatives(entry.get("args"));
        if (action == defaultAction) {
            return;
        }
        for (Json name : names.elements()) {
            Integer number = numbers.get(name.required());
            if (number == null) {
                continue;
            }
            List<SeccompCompiler.Rule> ofCall = rules.get(number);
            if (ofCall == null) {
                ofCall = new ArrayList<>();
                rules.put(number, ofCall);
            }
            for (List<SeccompCompiler.Condition> conditions : alternatives) {
                ofCall.add(new SeccompCompiler.Rule(action, conditions));
            }
        }
    }

    /** Each element holds if all of its conditions do. */
    private static List<List<SeccompCompiler.Condition>> alternatives(Json args) throws BootException {
        List<SeccompCompiler.Condition> all = new ArrayList<>();
        int seen = 0;
        boolean twice = false;
        for (Json arg : args.elements()) {
            SeccompCompiler.Condition condition = condition(arg);
            twice |= (seen & 1 << condition.argument()) != 0;
            seen |= 1 << condition.argument();
            all.add(condition);
        }
        if (!twice) {
            return List.of(all);
        }
        List<List<SeccompCompiler.Condition>> result = new ArrayList<>();
        for (SeccompCompiler.Condition condition : all) {
            result.add(List.of(condition));
        }
        return result;
    }

    private static SeccompCompiler.Condition condition(Json arg) throws BootException {
        Json op = arg.get("op");
        String name = op.required();
        SeccompCompiler.Operator operator = SeccompCompiler.operator(name);
        if (operator == null) {
            throw op.wrong("is \"" + name + "\", which is no comparison of seccomp");
        }
        return new SeccompCompiler.Condition(
                (int) arg.get("index").integer(0, 0, ARGUMENTS - 1),
                operator,
                arg.get("value").unsigned(0),
                arg.get("valueTwo").unsigned(0));
    }

    /** What a filter returns for it. */
    private static int action(Json action, Json errnoRet) throws BootException {
        int data = (int) errnoRet.integer(Errno.EPERM, 0, MAX_ERRNO);
        String name = action.required();
        return switch (name) {
            case "SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD" -> Seccomp.SECCOMP_RET_KILL_THREAD;
            case "SCMP_ACT_KILL_PROCESS" -> Seccomp.SECCOMP_RET_KILL_PROCESS;
            case "SCMP_ACT_TRAP" -> Seccomp.SECCOMP_RET_TRAP;
            case "SCMP_ACT_ERRNO" -> Seccomp.SECCOMP_RET_ERRNO | data;
            case "SCMP_ACT_TRACE" -> Seccomp.SECCOMP_RET_TRACE | data;
            case "SCMP_ACT_LOG" -> Seccomp.SECCOMP_RET_LOG;
            case "SCMP_ACT_ALLOW" -> Seccomp.SECCOMP_RET_ALLOW;
            case "SCMP_ACT_NOTIFY" ->
                throw action.wrong("is SCMP_ACT_NOTIFY: a program on the host cannot answer for a sandbox's calls");
            default -> throw action.wrong("is \"" + name + "\", which is no action of seccomp");
        };
    }

    /** Of the architectures only x86-64 can be run here; x32's numbers are its own with one bit more. */
    private static boolean x32(Json architectures) throws BootException {
        boolean x32 = false;
        for (Json architecture : architectures.elements()) {
            String name = architecture.required();
            if (!name.startsWith("SCMP_ARCH_")) {
                throw architecture.wrong("is \"" + name + "\", which is no architecture of seccomp");
            }
            x32 |= name.equals("SCMP_ARCH_X32");
        }
        return x32;
    }

    private static void flags(Json flags) throws BootException {
        for (Json flag : flags.elements()) {
            if (!FLAGS.contains(flag.required())) {
                throw flag.wrong("is \"" + flag.bytes("") + "\", which is no flag of seccomp");
            }
        }
    }
}
