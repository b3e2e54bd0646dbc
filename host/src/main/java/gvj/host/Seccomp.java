package gvj.host;

import java.nio.charset.StandardCharsets;

/**
 * The system call filter of this process. The tables are in {@code filters.c}; what each process may do, and why, is in
 * {@code docs/security.md}.
 *
 * <p>A call that is not in the table ends the process with status 159 and a line on standard error that names it.
 */
public final class Seccomp {
    /** System property: {@code off} for a run that trains an AOT cache, which forks and writes a file at its end. */
    private static final String SWITCH = "gvj.seccomp";
    /** System property, for tests: a call that is tried once the filter is there; its name in {@code probe.c}. */
    private static final String PROBE = "gvj.probe";

    static {
        HostLibrary.load();
    }

    private Seccomp() {}

    /**
     * Puts the filter of {@code role} on all threads, for good: {@code gofer}, or for a Sentry the name of its platform. Also
     * keeps others out of this process's memory, and opens what {@link HostProcess#trim} needs.
     *
     * @return 0 or {@code -errno}; {@code -ENOENT} if there is no such role
     */
    public static int enter(String role) {
        if ("off".equals(System.getProperty(SWITCH))) {
            return 0;
        }
        int result = install(terminated(role));
        String attempt = System.getProperty(PROBE);
        if (result == 0 && attempt != null) {
            System.err.println("gvj: " + attempt + " was answered with " + probe(terminated(attempt)));
        }
        return result;
    }

    private static byte[] terminated(String text) {
        return (text + "\0").getBytes(StandardCharsets.ISO_8859_1);
    }

    private static native int install(byte[] role);

    private static native long probe(byte[] name);
}
