package gvj.agent.install;

/** A node cannot be changed; the message is one sentence that says why and what to do. */
public final class InstallException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Says {@code message}. */
    public InstallException(String message) {
        super(message);
    }
}
