package gvj.shim.runtime;

import gvj.host.Host;
import gvj.host.HostFiles;
import gvj.host.HostSpawn;
import gvj.shim.api.RpcException;
import java.util.List;

/** Runs programs of the host. */
public final class Programs {
    private static final String PATH = "PATH";
    private static final String USUAL_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private Programs() {}

    /** How a program ended, and what it printed: at most its first 64 KiB. */
    public record Result(int status, String output) {}

    /**
     * Starts a program that has these descriptors as 0, 1 and so on, and nothing of the shim's surroundings but what is in
     * {@code environment}.
     */
    public static int start(List<String> arguments, List<String> environment, String directory, int[] descriptors)
            throws RpcException {
        return Descriptors.checked(
                HostSpawn.spawn(
                        CStrings.all(arguments), CStrings.all(environment), CStrings.of(directory), descriptors),
                "cannot start " + arguments.get(0));
    }

    /** Waits for a program's end: its exit status, or 128 and the signal that killed it. */
    public static int await(int pid) {
        return HostSpawn.waitpid(pid, 0);
    }

    /** Runs a program to its end with {@code stdin}, or with nothing to read if that is {@link Descriptors#NONE}. */
    public static Result run(List<String> arguments, int stdin) throws RpcException {
        int output = Descriptors.memory("output", new byte[0]);
        int input = stdin;
        try {
            input = stdin >= 0 ? stdin : Descriptors.open("/dev/null", HostFiles.O_RDONLY);
            int status = await(start(arguments, environment(), "/", new int[] {input, output, output}));
            return new Result(status, Descriptors.beginning(output));
        } finally {
            Host.close(output);
            if (stdin < 0) {
                Descriptors.close(input);
            }
        }
    }

    /** What programs of ours find in their environment. */
    static List<String> environment() {
        String path = System.getenv(PATH);
        return List.of(PATH + "=" + (path == null || path.isEmpty() ? USUAL_PATH : path));
    }
}
