package gvj.kernel;

import gvj.mm.MemoryLayout;
import gvj.mm.MemoryManager;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The arguments of a process as its own memory has them now, proc_pid_cmdline(5). */
public final class CommandLine {
    private static final int MAX_BYTES = 1 << 20;

    private CommandLine() {}

    /**
     * The arguments, each with a NUL behind it, one char per byte; empty without an address space. A program that wrote
     * over the end of its arguments (setproctitle) shows what it wrote, on into the environment.
     */
    public static String of(MemoryManager mm) {
        if (mm == null) {
            return "";
        }
        MemoryLayout layout = mm.layout();
        String text = range(mm, layout.argStart, layout.argEnd);
        if (text.isEmpty() || text.charAt(text.length() - 1) == 0) {
            return text;
        }
        String more = text + range(mm, layout.argEnd, layout.envEnd);
        int end = more.indexOf(0);
        return end < 0 ? more : more.substring(0, end);
    }

    /** The environment it was started with, in the same form. */
    public static String environmentOf(MemoryManager mm) {
        return mm == null ? "" : range(mm, mm.layout().envStart, mm.layout().envEnd);
    }

    private static String range(MemoryManager mm, long start, long end) {
        int length = (int) Math.min(Math.max(end - start, 0), MAX_BYTES);
        byte[] bytes = new byte[length];
        int n = mm.copyInSome(start, bytes, 0, length);
        return new String(Arrays.copyOf(bytes, n), StandardCharsets.ISO_8859_1);
    }
}
