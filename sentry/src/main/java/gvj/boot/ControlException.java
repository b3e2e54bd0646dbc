package gvj.boot;

/** A request that cannot be granted: what {@link Control#ERROR} says. */
final class ControlException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int errno;

    /** An error with the errno that comes closest, or 0. */
    ControlException(int errno, String message) {
        super(message);
        this.errno = errno;
    }

    int errno() {
        return errno;
    }
}
