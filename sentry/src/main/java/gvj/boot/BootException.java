package gvj.boot;

/** A sandbox cannot be made; the message is one sentence that says what failed and what to do. */
public final class BootException extends Exception {
    private static final long serialVersionUID = 1L;

    public BootException(String message) {
        super(message);
    }
}
