package gvj.shim.process;

import gvj.boot.Control;
import gvj.runtime.ControlClient;

/** Ends of processes, as the Sentry tells them. */
final class Ends {
    private static final int SIGNALED = 128;

    private Ends() {}

    /** The exit status that {@code message}, just heard, stands for. */
    static int status(ControlClient from, int message) {
        return switch (message) {
            case Control.EXITED -> from.a() & 0xff;
            case Control.SIGNALED -> SIGNALED + (from.a() & 0x7f);
            default -> Exit.DEAD;
        };
    }
}
