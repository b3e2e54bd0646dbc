package gvj.platform;

/** The platform cannot work here; the message is one sentence with the reason and the remedy. */
public final class PlatformException extends Exception {
    private static final long serialVersionUID = 1L;

    public PlatformException(String message) {
        super(message);
    }
}
