package gvj.kernel;

import gvj.abi.Errno;

/**
 * An error that deep code answers a system call with. Preallocated, without a stack trace, one instance per errno:
 * throwing it allocates nothing.
 */
public final class ErrnoException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final ErrnoException[] ALL = new ErrnoException[Errno.ERESTART_RESTARTBLOCK + 1];

    static {
        for (int errno = 0; errno < ALL.length; errno++) {
            ALL[errno] = new ErrnoException(errno);
        }
    }

    private final int errno;

    private ErrnoException(int errno) {
        super(null, null, false, false);
        this.errno = errno;
    }

    /** The exception for {@code errno}, a positive number of {@link Errno}. */
    public static ErrnoException of(int errno) {
        return ALL[errno];
    }

    /** Passes {@code result} through if it is not negative, else throws the error it stands for. */
    public static long check(long result) {
        if (result < 0) {
            throw ALL[(int) -result];
        }
        return result;
    }

    /** The positive errno. */
    public int errno() {
        return errno;
    }

    @Override
    public String getMessage() {
        return Errno.name(errno);
    }
}
