package gvj.kernel;

import gvj.abi.Seccomp;
import gvj.platform.Registers;

/**
 * What ptrace(2) knows of a thread that is traced: its tracer, and the stop it is in.
 *
 * <p>The tracer and the options change under {@link Kernel#taskLock}; the stop is guarded by the traced process's
 * {@link ThreadGroup#signalLock}.
 */
final class Tracee {
    /** How the tracer lets it go on. */
    enum Mode {
        CONT,
        SYSCALL,
        STEP,
        SYSEMU,
        SYSEMU_STEP;

        /** Single steps. */
        boolean steps() {
            return this == STEP || this == SYSEMU_STEP;
        }

        /** Stops when a system call begins. */
        boolean stopsAtEntry() {
            return this == SYSCALL || emulates();
        }

        /** The tracer answers system calls itself. */
        boolean emulates() {
            return this == SYSEMU || this == SYSEMU_STEP;
        }
    }

    static final long TRAP_FLAG = 0x100;

    final Task task;
    final Task tracer;
    /** By PTRACE_SEIZE: SIGSTOP is not used, group-stops are told apart from others. */
    final boolean seized;
    /** PTRACE_O_*. */
    volatile int options;

    volatile Mode mode = Mode.CONT;
    /** TF is in EFLAGS because of {@link Mode#STEP}; the tracee's own thread. */
    private boolean forcedTrapFlag;

    // ---- the stop; signal lock ----

    /** It sleeps in a ptrace-stop and the tracer may look at it. */
    volatile boolean stopped;
    /** PTRACE_LISTEN: it sleeps on, but the tracer must wait for it again before anything else. */
    boolean listening;
    /** What wait(2) is to tell the tracer, without the low byte; 0 once it did. */
    int exitCode;
    /** The signal it goes on with. */
    int resumeSignal;
    /** PTRACE_GETSIGINFO; null in a group-stop of a thread that was not seized. */
    SignalInfo info;
    /** PTRACE_GETEVENTMSG. */
    long message;
    /** The data of the filter that ordered a PTRACE_EVENT_SECCOMP. */
    int seccompData;
    /** It is to stop as soon as it can: PTRACE_INTERRUPT, a new tracer of a stopped process. */
    boolean trapStop;
    /** Something about group-stop changed that a seizing tracer hears of. */
    boolean trapNotify;

    /** It has exited, is not its process's leader, and the tracer has not waited for it. Task lock. */
    boolean zombieThread;

    Tracee(Task task, Task tracer, boolean seized, int options) {
        this.task = task;
        this.tracer = tracer;
        this.seized = seized;
        this.options = options;
    }

    /** Whether the thread is to stop before it goes on. Signal lock. */
    boolean trapPending() {
        return trapStop || trapNotify;
    }

    /** Whether PTRACE_O_TRACE{EVENT} is set. */
    boolean wants(int event) {
        return (options & 1 << event) != 0;
    }

    boolean killsWithTracer() {
        return (options & Seccomp.PTRACE_O_EXITKILL) != 0;
    }

    /** Before the thread enters application code: TF for a single step. */
    void beforeApplication() {
        if (mode.steps()) {
            long flags = task.regs.get(Registers.EFLAGS);
            if ((flags & TRAP_FLAG) == 0) {
                forcedTrapFlag = true;
                task.regs.set(Registers.EFLAGS, flags | TRAP_FLAG);
            }
        }
    }

    /** After it: nobody is to see a TF that the program did not set. */
    void afterApplication() {
        if (forcedTrapFlag) {
            forcedTrapFlag = false;
            task.regs.set(Registers.EFLAGS, task.regs.get(Registers.EFLAGS) & ~TRAP_FLAG);
        }
    }
}
