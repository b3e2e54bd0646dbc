package gvj.e2e.oci;

import gvj.e2e.Run;
import java.util.List;

/** An OCI runtime under test: runc shows that a case is right, gvj has to pass it. */
public enum Runtime {
    /** The reference. */
    RUNC(List.of("runc")),
    /** The distribution under test, on the platform of this run. */
    GVJ(List.of(Run.GVJ, "--platform=" + Run.PLATFORM));

    private final List<String> command;

    Runtime(List<String> command) {
        this.command = command;
    }

    /** The command and what stands before every subcommand. */
    public List<String> command() {
        return command;
    }

    @Override
    public String toString() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
