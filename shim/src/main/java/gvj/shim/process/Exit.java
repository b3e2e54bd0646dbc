package gvj.shim.process;

import java.time.Instant;

/** How a process ended; taken once, and the same for everybody who asks. */
public record Exit(int status, Instant at) {
    /** Of what was killed together with its sandbox, whose Sentry could say nothing more: 128 + SIGKILL. */
    static final int DEAD = 137;

    static Exit now(int status) {
        return new Exit(status, Instant.now());
    }
}
