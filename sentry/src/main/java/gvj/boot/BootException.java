package gvj.boot;

/** A sandbox cannot be made; the message is one sentence that says what failed and what to do. */
public final class BootException extends Exception {
    private static final long serialVersionUID = 1L;

    /** The launcher's status when a sandbox cannot be made. */
    public static final int STATUS = 125;

    private final int status;

    public BootException(String message) {
        this(STATUS, message);
    }

    /**
     * A failure with a status of its own.
     *
     * @param status what the launcher ends with: 126 and 127 mean what they mean to a shell
     */
    public BootException(int status, String message) {
        super(message);
        this.status = status;
    }

    /** What the launcher is to end with. */
    public int status() {
        return status;
    }
}
