package gvj.kernel;

/** What tasks that have ended used, so that sums over a sandbox never go back. The monitor guards it; innermost. */
public final class EndedTasks {
    private long user;
    private long system;
    private long faults;
    private long born;

    synchronized void add(Task task) {
        long cpu = task.times.cpu();
        long inside = task.times.user(cpu);
        user += inside;
        system += cpu - inside;
        faults += task.times.minorFaults() + task.times.majorFaults();
    }

    synchronized void taskBorn() {
        born++;
    }

    /** User time, nanoseconds. */
    public synchronized long user() {
        return user;
    }

    /** System time, nanoseconds. */
    public synchronized long system() {
        return system;
    }

    /** Page faults. */
    public synchronized long faults() {
        return faults;
    }

    /** Tasks made since the sandbox started, those that live included. */
    public synchronized long born() {
        return born;
    }
}
