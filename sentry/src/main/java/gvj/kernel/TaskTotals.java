package gvj.kernel;

/** What the tasks of a cgroup have used, those that have ended included. The monitor guards it; innermost. */
public final class TaskTotals {
    private final Kernel kernel;
    private final Cgroup cgroup;
    private long user;
    private long system;
    private long minorFaults;
    private long majorFaults;
    private long entries;
    private long born;

    /** Of {@code cgroup}, without those below. */
    TaskTotals(Kernel kernel, Cgroup cgroup) {
        this.kernel = kernel;
        this.cgroup = cgroup;
    }

    /**
     * Sums that never go back.
     *
     * @param user user time, nanoseconds
     * @param system system time, nanoseconds
     * @param minorFaults page faults served without reading from a file
     * @param majorFaults the others
     * @param entries times that a task went from the Sentry into application code
     * @param born tasks made, those that live included
     */
    public record Sums(long user, long system, long minorFaults, long majorFaults, long entries, long born) {
        /** All page faults. */
        public long faults() {
            return minorFaults + majorFaults;
        }

        Sums plus(Sums other) {
            return new Sums(
                    user + other.user,
                    system + other.system,
                    minorFaults + other.minorFaults,
                    majorFaults + other.majorFaults,
                    entries + other.entries,
                    born + other.born);
        }
    }

    synchronized void taskBorn() {
        born++;
    }

    /** {@code task}, which runs no more, is not asked any longer. */
    synchronized void ended(Task task) {
        task.counted = true;
        add(task);
    }

    /** One more cgroup is gone. */
    synchronized void add(Sums sums) {
        user += sums.user;
        system += sums.system;
        minorFaults += sums.minorFaults;
        majorFaults += sums.majorFaults;
        entries += sums.entries;
        born += sums.born;
    }

    private void add(Task task) {
        long cpu = task.times.cpu();
        long inside = task.times.user(cpu);
        user += inside;
        system += cpu - inside;
        minorFaults += task.times.minorFaults;
        majorFaults += task.times.majorFaults;
        entries += task.times.entries;
    }

    /** Now, of this cgroup alone. */
    synchronized Sums sums() {
        TaskTotals now = new TaskTotals(kernel, cgroup);
        for (Task task : kernel.tasks.values()) {
            if (task.cgroup == cgroup && !task.counted) {
                now.add(task);
            }
        }
        return new Sums(
                user + now.user,
                system + now.system,
                minorFaults + now.minorFaults,
                majorFaults + now.majorFaults,
                entries + now.entries,
                born);
    }
}
