package gvj.kernel;

import gvj.abi.Signals;

/**
 * What sigaction(2) set for a signal.
 *
 * @param handler SIG_DFL (0), SIG_IGN (1) or an address
 * @param flags SA_*
 * @param restorer where the handler returns to
 * @param mask signals blocked while it runs
 */
public record SignalAction(long handler, int flags, long restorer, long mask) {
    public static final long SIG_DFL = 0;
    public static final long SIG_IGN = 1;
    static final SignalAction DEFAULT = new SignalAction(SIG_DFL, 0, 0, 0);

    boolean isDefault() {
        return handler == SIG_DFL;
    }

    boolean isIgnore() {
        return handler == SIG_IGN;
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /** The action after execve: ignored stays ignored, everything else is default. */
    SignalAction afterExec() {
        return handler == SIG_IGN ? new SignalAction(SIG_IGN, 0, 0, 0) : DEFAULT;
    }

    /** The action once a SA_RESETHAND handler was entered. */
    SignalAction reset() {
        return new SignalAction(SIG_DFL, flags & ~Signals.SA_RESETHAND, restorer, mask);
    }
}
