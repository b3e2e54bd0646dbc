package gvj.trace;

import gvj.kernel.Cgroup;
import gvj.kernel.Clock;
import gvj.kernel.Kernel;
import gvj.kernel.SyscallTracer;
import gvj.kernel.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Writes a line for every system call when it returns:
 *
 * <pre>[ 17:17 bash] openat(AT_FDCWD, "/etc/passwd", O_RDONLY|O_CLOEXEC) = 3 (0.000031 s)</pre>
 *
 * A call that does not return writes its line when it begins, with {@code = ?}. Numbers are those that the process knows
 * itself by. Any number of {@link TraceViewer}s look on, who come and go; without one the kernel has no tracer at all.
 */
public final class Strace implements SyscallTracer {
    private static final Set<String> NEVER_RETURN = Set.of("exit", "exit_group", "rt_sigreturn");

    private final Kernel kernel;
    /** Replaced, never changed; the monitor guards replacing it. */
    private volatile List<TraceViewer> viewers = List.of();

    /** Nobody looks on yet. */
    public Strace(Kernel kernel) {
        this.kernel = kernel;
    }

    /** {@code viewer} sees what happens from now on. */
    public synchronized void add(TraceViewer viewer) {
        List<TraceViewer> more = new ArrayList<>(viewers);
        more.add(viewer);
        set(more);
    }

    /** {@code viewer} sees no more. */
    public synchronized void remove(TraceViewer viewer) {
        List<TraceViewer> fewer = new ArrayList<>(viewers);
        fewer.remove(viewer);
        set(fewer);
    }

    /** How many look on. */
    public int viewers() {
        return viewers.size();
    }

    private void set(List<TraceViewer> changed) {
        viewers = List.copyOf(changed);
        kernel.tracer = changed.isEmpty() ? null : this;
    }

    /** What a task's call looked like when it began; kept on the task. */
    private record Entered(String name, Signature signature, String[] texts, long[] args, long nanos) {}

    @Override
    public Object enter(Task task, long number, long a0, long a1, long a2, long a3, long a4, long a5) {
        String name = task.kernel.syscalls.name(number);
        if (!isWanted(task.cgroup, name)) {
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

    private boolean isWanted(Cgroup cgroup, String name) {
        for (TraceViewer viewer : viewers) {
            if (viewer.sees(cgroup) && viewer.wants(name)) {
                return true;
            }
        }
        return false;
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
        tell(
                task,
                entered.name,
                entered.name + "(" + join(entered.texts) + ") = " + result + " (" + micros / 1_000_000 + "." + fraction
                        + " s)");
    }

    @Override
    public void signal(Task task, int signo, int code) {
        tell(task, null, "--- " + Formats.signal(signo) + " {si_code=" + code + "} ---");
    }

    @Override
    public void exited(Task task, int status) {
        int signal = status & 0x7f;
        tell(
                task,
                null,
                signal == 0
                        ? "+++ exited with " + (status >> 8 & 0xff) + " +++"
                        : "+++ killed by " + Formats.signal(signal) + " +++");
    }

    /** {@code call} is the name of the call that this is about, null for what everybody sees. */
    private void tell(Task task, String call, String what) {
        String line = pad(task.ownPid()) + ":" + pad(task.ownTid()) + " " + task.name + "] " + what;
        for (TraceViewer viewer : viewers) {
            if (viewer.sees(task.cgroup) && (call == null || viewer.wants(call))) {
                viewer.line(task.cgroup, line);
            }
        }
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
}
