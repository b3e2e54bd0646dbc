package gvj.boot;

import java.util.List;

/**
 * Everything a Sentry must know to start: the one message from the runtime, checked before it is built.
 *
 * <p>Strings that the application will see (arguments, environment, paths, names) hold one char per byte (Latin-1), like
 * every path inside the Sentry. All file descriptors are open in this process and belong to the Sentry.
 *
 * @param id the sandbox's name in logs
 * @param args the program and its arguments, at least one; a program without a slash is looked up in PATH
 * @param env {@code NAME=VALUE} strings
 * @param cwd absolute path inside the sandbox
 * @param user who the first process is
 * @param hostname what {@code uname} answers
 * @param memoryLimit bytes of application memory
 * @param mounts in the order they are to be mounted; the first is {@code /}
 * @param platform {@code kvm}, {@code systrap} or {@code auto}
 * @param keepCode whether the platform must run application code as it is, where it could make it faster
 * @param terminal the terminal behind fd 0, already in raw mode; {@link Terminal#NONE} where fd 0 is none
 * @param tracing what is written to {@code logFd}
 * @param stats whether counters are printed to fd 2 at the end
 * @param logFd where debug and strace lines go; 2 without {@code --debug-log}
 * @param goferFds one end of each channel to the gofer, in channel order
 * @param controlFd the socket to the launcher: see {@link Control}
 * @param pluginPath jars with additional system calls
 */
public record BootSpec(
        String id,
        List<String> args,
        List<String> env,
        String cwd,
        User user,
        String hostname,
        long memoryLimit,
        List<MountSpec> mounts,
        String platform,
        boolean keepCode,
        Terminal terminal,
        Tracing tracing,
        boolean stats,
        int logFd,
        List<Integer> goferFds,
        int controlFd,
        List<String> pluginPath) {

    /**
     * The first process's identity.
     *
     * @param name a name to look up in the sandbox's {@code /etc/passwd} once it is mounted, or empty: then the ids count
     * @param groups supplementary groups
     */
    public record User(String name, int uid, int gid, List<Integer> groups) {
        /** uid 0, gid 0, no other groups. */
        public static final User ROOT = new User("", 0, 0, List.of());
    }

    /** Whether fd 0 is a terminal, and its size when the sandbox started. */
    public record Terminal(boolean present, int rows, int columns) {
        public static final Terminal NONE = new Terminal(false, 0, 0);
    }

    /**
     * What is logged.
     *
     * @param debug the Sentry's own steps
     * @param strace a line per system call
     * @param straceSyscalls only these names; empty means every call
     */
    public record Tracing(boolean debug, boolean strace, List<String> straceSyscalls) {
        public static final Tracing OFF = new Tracing(false, false, List.of());
    }
}
