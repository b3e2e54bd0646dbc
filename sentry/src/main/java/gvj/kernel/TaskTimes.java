package gvj.kernel;

import gvj.host.Host;
import gvj.host.HostProcess;
import gvj.platform.ExecutionContext;

/**
 * CPU time and counters of one thread. CPU time is that of its host thread and what the platform spent for it elsewhere,
 * read from any thread; how it splits into user and system follows the time spent in application code.
 */
public final class TaskTimes {
    /** clockid_t of a thread's CPU clock: {@code ~tid << 3 | 6}, see pthread_getcpuclockid(3). */
    private volatile int hostClock;

    private volatile ExecutionContext context;

    private volatile long finalCpu = -1;
    private volatile long applicationNanos;
    /** {@link System#nanoTime}: quicker than {@link Clock}, and no program compares it with its clocks. */
    private volatile long enteredApplication;

    /** getrusage(2): ru_minflt, ru_majflt, ru_nvcsw, ru_nivcsw. Written by the task's own thread. */
    volatile long minorFaults;

    volatile long majorFaults;
    volatile long voluntarySwitches;
    volatile long involuntarySwitches;

    /** Times that it went into application code. */
    long entries;

    /** The calling host thread is the one that runs the task, in {@code itsContext}. */
    void bind(ExecutionContext itsContext) {
        context = itsContext;
        hostClock = ~HostProcess.gettid() << 3 | 6;
    }

    /** The host thread is about to end. */
    void unbind() {
        finalCpu = cpu();
    }

    void enterApplication() {
        entries++;
        enteredApplication = System.nanoTime();
    }

    @SuppressWarnings("NonAtomicOperationOnVolatileField") // only its own thread writes
    void leaveApplication() {
        applicationNanos += System.nanoTime() - enteredApplication;
        enteredApplication = 0;
    }

    /** User and system time, nanoseconds. */
    public long cpu() {
        long done = finalCpu;
        if (done >= 0) {
            return done;
        }
        int clock = hostClock;
        if (clock == 0) {
            return 0;
        }
        return Math.max(Host.clockGettime(clock), 0) + context.cpuNanos();
    }

    /** User time, nanoseconds. */
    public long user() {
        return user(cpu());
    }

    /** System time, nanoseconds. */
    public long system() {
        long cpu = cpu();
        return cpu - user(cpu);
    }

    /** The part of {@code cpu} nanoseconds that is user time. */
    long user(long cpu) {
        long entered = enteredApplication;
        long inside = applicationNanos + (entered == 0 ? 0 : Math.max(System.nanoTime() - entered, 0));
        return Math.min(cpu, inside);
    }

    /** Faults served without reading from a file. */
    public long minorFaults() {
        return minorFaults;
    }

    public long majorFaults() {
        return majorFaults;
    }

    public long voluntarySwitches() {
        return voluntarySwitches;
    }

    public long involuntarySwitches() {
        return involuntarySwitches;
    }
}
