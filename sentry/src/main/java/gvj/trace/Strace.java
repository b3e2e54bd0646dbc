package gvj.trace;

import gvj.kernel.Clock;
import gvj.kernel.SyscallTracer;
import gvj.kernel.Task;
import java.util.Set;

/**
 * Writes a line for every system call when it returns:
 *
 * <pre>[ 17:17 bash] openat(AT_FDCWD, "/etc/passwd", O_RDONLY|O_CLOEXEC) = 3 (0.000031 s)</pre>
 *
 * A call that does not return writes its line when it begins, with {@code = ?}.
 */
public final class Strace implements SyscallTracer {
    private static final Set<String> NEVER_RETURN = Set.of("exit", "exit_group", "rt_sigreturn");

    private final LogFile log;
    private final Set<String> only;

    /**
     * Traces into {@code log}.
     *
     * @param only the calls to write, by name; all if it is empty
     */
    public Strace(LogFile log, Set<String> only) {
        this.log = log;
        this.only = Set.copyOf(only);
    }

    /** What a task's call looked like when it began; kept on the task. */
    private record Entered(String name, Signature signature, String[] texts, long[] args, long nanos) {}

    @Override
    public Object enter(Task task, long number, long a0, long a1, long a2, long a3, long a4, long a5) {
        String name = task.kernel.syscalls.name(number);
        if (!only.isEmpty() && !only.contains(name)) {
            return null;
        }
        Signature signature = Signatures.of(name);
        long[] args = {a0, a1, a2, a3, a4, a5};
        String[] texts = new String[signature.kinds().length];
        Formats formats = new Formats(task);
        for (int i = 0; i < texts.length; i++) {
            String kind = signature.kinds()[i];
            if (!kind.contains("!")) {
                texts[i] = formats.format(kind, args[i], args, -1);
            }
        }
        Entered entered = new Entered(name, signature, texts, args, Clock.monotonic());
        if (NEVER_RETURN.contains(name)) {
            write(task, entered, "?");
            return null;
        }
        return entered;
    }

    @Override
    public void exit(Task task, Object state, long result) {
        if (!(state instanceof Entered entered)) {
            return;
        }
        Formats formats = new Formats(task);
        for (int i = 0; i < entered.texts.length; i++) {
            if (entered.texts[i] == null) {
                String kind = entered.signature.kinds()[i].replace("!", "");
                boolean failed = result < 0 && result >= -4095;
                entered.texts[i] = failed
                        ? formats.format("ptr", entered.args[i], entered.args, -1)
                        : formats.format(kind, entered.args[i], entered.args, result);
            }
        }
        write(task, entered, formats.result(entered.signature.result(), result));
    }

    private void write(Task task, Entered entered, String result) {
        long micros = (Clock.monotonic() - entered.nanos) / 1000;
        String fraction = Long.toString(1_000_000 + micros % 1_000_000).substring(1);
        log.line("[" + pad(task.threadGroup().pid) + ":" + pad(task.tid) + " " + task.name + "] " + entered.name + "("
                + join(entered.texts) + ") = " + result + " (" + micros / 1_000_000 + "." + fraction + " s)");
    }

    private static String join(String[] texts) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < texts.length; i++) {
            out.append(i > 0 ? ", " : "").append(texts[i] == null ? "?" : texts[i]);
        }
        return out.toString();
    }

    private static String pad(int number) {
        String digits = Integer.toString(number);
        return "   ".substring(Math.min(digits.length(), 3)) + digits;
    }

    @Override
    public void signal(Task task, int signo, int code) {
        log.line("[" + pad(task.threadGroup().pid) + ":" + pad(task.tid) + " " + task.name + "] --- "
                + Formats.signal(signo) + " {si_code=" + code + "} ---");
    }
}
