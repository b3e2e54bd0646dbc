package gvj.boot;

import gvj.kernel.Kernel;
import gvj.trace.LogFile;
import gvj.wire.Wire;
import java.util.ArrayList;
import java.util.List;

/** What {@code --stats} prints when the sandbox ends: calls by number, unknown ones marked, entries of the platform. */
final class Stats {
    private final Kernel kernel;
    private final long[] goferRequests;

    Stats(Kernel kernel, long[] goferRequests) {
        this.kernel = kernel;
        this.goferRequests = goferRequests;
    }

    void print(LogFile out) {
        long[] counts = kernel.rootCgroup.syscallCounts();
        List<Integer> numbers = new ArrayList<>();
        long total = 0;
        for (int i = 0; i < counts.length; i++) {
            total += counts[i];
            if (counts[i] > 0) {
                numbers.add(i);
            }
        }
        numbers.sort((a, b) -> Long.compare(counts[b], counts[a]));
        out.line("gvj: " + total + " system calls, " + kernel.platform.entries() + " entries into application code, "
                + kernel.memoryFile.usedPages() * 4 + " KiB in use");
        out.line(gofer());
        for (int number : numbers) {
            String unknown = kernel.syscalls.has(number) ? "" : "  (not implemented: ENOSYS)";
            out.line("gvj: " + pad(counts[number]) + "  " + kernel.syscalls.name(number) + unknown);
        }
    }

    private String gofer() {
        long total = 0;
        StringBuilder each = new StringBuilder();
        for (int i = 0; i < goferRequests.length; i++) {
            total += goferRequests[i];
            if (goferRequests[i] > 0) {
                each.append(each.isEmpty() ? ": " : ", ");
                each.append(goferRequests[i]).append(' ').append(Wire.name(i));
            }
        }
        return "gvj: " + total + " requests to the gofer" + each;
    }

    private static String pad(long number) {
        String digits = Long.toString(number);
        return " ".repeat(Math.max(10 - digits.length(), 0)) + digits;
    }
}
