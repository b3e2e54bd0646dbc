package gvj.boot;

import gvj.kernel.IdMap;
import java.util.List;
import java.util.Map;

/**
 * Everything a Sentry must know to start: the one message from the runtime, checked before it is built.
 *
 * <p>Strings that the application will see (arguments, environment, paths, names) hold one char per byte (Latin-1), like
 * every path inside the Sentry.
 *
 * @param id the sandbox's name in logs
 * @param process the first process
 * @param init whether that is an init, pid_namespaces(7): only signals that it handles reach it from inside. Without it
 *     every signal ends it, as suits the one command of {@code gvj do}
 * @param seccomp the filter that the first process and those that join later begin with
 * @param hostname what {@code uname} answers
 * @param domainname the NIS domain name, {@code (none)} if there is none
 * @param uids the user ids that there are
 * @param gids the group ids that there are
 * @param limits what the sandbox may use, and says that it has
 * @param mounts in the order they are to be mounted; the first is {@code /}
 * @param devices device special files to be made once all is mounted
 * @param maskedPaths what is hidden below an empty file or directory; missing ones do not matter
 * @param readonlyPaths what is mounted on itself, read-only; missing ones do not matter
 * @param sysctls values of {@code /proc/sys} files at the start, by name with dots
 * @param platform {@code kvm}, {@code systrap} or {@code auto}
 * @param keepCode whether the platform must run application code as it is, where it could make it faster
 * @param gated whether the first process is loaded but waits for {@link Control#START}
 * @param tracing what is written to the log
 * @param stats whether counters are printed at the end
 * @param descriptors what this process inherited
 * @param pluginPath jars with additional system calls
 */
public record BootSpec(
        String id,
        ProcessSpec process,
        boolean init,
        SeccompProfile seccomp,
        String hostname,
        String domainname,
        IdMap uids,
        IdMap gids,
        Limits limits,
        List<MountSpec> mounts,
        List<DeviceSpec> devices,
        List<String> maskedPaths,
        List<String> readonlyPaths,
        Map<String, String> sysctls,
        String platform,
        boolean keepCode,
        boolean gated,
        Tracing tracing,
        boolean stats,
        Descriptors descriptors,
        List<String> pluginPath) {

    /**
     * What the sandbox has.
     *
     * @param memory bytes of application memory
     * @param cpus processors that programs see; 0 for those that this process may use
     * @param pids tasks at once; 0 for the Sentry's own limit
     */
    public record Limits(long memory, int cpus, int pids) {
        /** No limits but memory. */
        public static Limits memory(long bytes) {
            return new Limits(bytes, 0, 0);
        }
    }

    /**
     * A classic BPF program as seccomp(2) takes it.
     *
     * @param program one {@code struct sock_filter} in each: code in bits 0-15, jt 16-23, jf 24-31, k 32-63; empty for no
     *     filter
     */
    public record SeccompProfile(long[] program) {
        /** Every call is allowed. */
        public static final SeccompProfile NONE = new SeccompProfile(new long[0]);
    }

    /**
     * Descriptors that are open in this process and belong to the Sentry; -1 for what there is not.
     *
     * @param log where debug and strace lines go; 2 without {@code --debug-log}
     * @param control the socket to the launcher: see {@link Control}
     * @param listen a listening socket on which others ask for things: see {@link Control}
     * @param kvm {@code /dev/kvm}, opened, as {@link gvj.platform.PlatformProvider#device} takes it
     * @param gofer one end of each channel to the gofer, in channel order
     * @param stdio the first process's descriptors 0, 1, 2 and on (more than three with {@code --preserve-fds})
     */
    public record Descriptors(int log, int control, int listen, int kvm, List<Integer> gofer, List<Integer> stdio) {}

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
