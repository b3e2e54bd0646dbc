package gvj.kernel;

import gvj.abi.Signals;

/** Signal numbers as bit masks (bit {@code signo - 1}, as the kernel's sigset_t), and what signal(7) says of each. */
public final class SignalSets {
    public static final long KILL = bit(Signals.SIGKILL);
    public static final long STOP = bit(Signals.SIGSTOP);
    /** What can be neither blocked, caught nor ignored. */
    public static final long UNBLOCKABLE = KILL | STOP;
    /** Signals whose default is to stop the process. */
    public static final long STOPPING = STOP | bit(Signals.SIGTSTP) | bit(Signals.SIGTTIN) | bit(Signals.SIGTTOU);
    /** Signals that are ignored by default. */
    static final long IGNORED =
            bit(Signals.SIGCHLD) | bit(Signals.SIGCONT) | bit(Signals.SIGURG) | bit(Signals.SIGWINCH);
    /** Signals whose default is to dump core. */
    static final long CORE = bit(Signals.SIGQUIT)
            | bit(Signals.SIGILL)
            | bit(Signals.SIGTRAP)
            | bit(Signals.SIGABRT)
            | bit(Signals.SIGBUS)
            | bit(Signals.SIGFPE)
            | bit(Signals.SIGSEGV)
            | bit(Signals.SIGSYS)
            | bit(Signals.SIGXCPU)
            | bit(Signals.SIGXFSZ);
    /** What a program does to itself; dequeued before anything else. */
    static final long SYNCHRONOUS = bit(Signals.SIGSEGV)
            | bit(Signals.SIGBUS)
            | bit(Signals.SIGILL)
            | bit(Signals.SIGTRAP)
            | bit(Signals.SIGFPE)
            | bit(Signals.SIGSYS);

    private SignalSets() {}

    /** The mask with only {@code signo}. */
    public static long bit(int signo) {
        return 1L << signo - 1;
    }

    /** Whether {@code set} has {@code signo}. */
    public static boolean has(long set, int signo) {
        return (set >>> signo - 1 & 1) != 0;
    }

    /** Whether {@code signo} is a signal number at all (1..64). */
    public static boolean isValid(int signo) {
        return signo >= 1 && signo <= Signals.SIGRTMAX;
    }
}
