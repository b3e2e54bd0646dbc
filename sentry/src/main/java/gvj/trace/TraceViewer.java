package gvj.trace;

import gvj.kernel.Cgroup;
import java.util.Set;

/** Somebody who looks on as programs make system calls: whose, which ones, and where the lines go. */
public final class TraceViewer {
    private final Cgroup cgroup;
    private final Set<String> only;
    private final TraceSink sink;

    /**
     * A viewer.
     *
     * @param cgroup the container whose tasks are seen; null for all of the sandbox's
     * @param only the calls, by name; all if it is empty
     */
    public TraceViewer(Cgroup cgroup, Set<String> only, TraceSink sink) {
        this.cgroup = cgroup;
        this.only = Set.copyOf(only);
        this.sink = sink;
    }

    boolean sees(Cgroup other) {
        return cgroup == null || cgroup == other;
    }

    boolean wants(String call) {
        return only.isEmpty() || only.contains(call);
    }

    /** Who sees several containers is told which one a line is from; the first one needs no name. */
    void line(Cgroup from, String text) {
        sink.line(cgroup == null && !from.name.isEmpty() ? "[" + from.name + " " + text : "[" + text);
    }
}
