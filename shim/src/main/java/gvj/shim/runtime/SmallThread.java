package gvj.shim.runtime;

/** A daemon with a small stack: a pod has one for each container and program that runs in it, and most of them wait. */
public class SmallThread extends Thread {
    private static final long STACK = 128 * 1024;

    /** One whose {@link #run} is overridden. */
    protected SmallThread(String name) {
        this(name, null);
    }

    /** One that runs {@code body} once it is started. */
    @SuppressWarnings("this-escape") // to setDaemon, which nobody overrides
    public SmallThread(String name, Runnable body) {
        super(null, body, name, STACK);
        setDaemon(true);
    }
}
