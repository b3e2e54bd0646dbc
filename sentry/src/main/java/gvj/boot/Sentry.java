package gvj.boot;

/** The Sentry of one sandbox. */
public final class Sentry {
    private Sentry() {}

    /** Brings the sandbox up, runs it, and reports to the launcher how its first process ended. */
    public static void run(BootSpec spec) throws BootException {
        throw new BootException("the Sentry cannot run " + spec.args().get(0) + " yet");
    }
}
