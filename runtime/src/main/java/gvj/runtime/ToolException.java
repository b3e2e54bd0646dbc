package gvj.runtime;

/** A command could not be carried out; the message is one sentence. Exit status 1. */
public final class ToolException extends Exception {
    private static final long serialVersionUID = 1L;

    public ToolException(String message) {
        super(message);
    }
}
