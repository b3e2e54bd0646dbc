package gvj.boot;

import gvj.kernel.CpuBandwidth;
import gvj.kernel.IdMap;
import java.util.List;

/**
 * Everything a Sentry must know to start: the one message from the runtime, checked before it is built.
 *
 * @param first the first container, with whose end the sandbox ends; its limits are the sandbox's
 * @param pod whether others may come, so that what the first one uses is not all that the sandbox does
 * @param uids the user ids that there are
 * @param gids the group ids that there are
 * @param platform {@code kvm}, {@code systrap} or {@code auto}
 * @param keepCode whether the platform must run application code as it is, where it could make it faster
 * @param gated whether the first process is loaded but waits for {@link Control#START}
 * @param tracing what is written to the log
 * @param stats whether counters are printed at the end
 * @param descriptors what this process inherited
 * @param pluginPath jars with additional system calls
 */
public record BootSpec(
        ContainerSpec first,
        boolean pod,
        IdMap uids,
        IdMap gids,
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
     * @param cpuQuota microseconds of processor time in each period; 0 for no limit
     * @param cpuPeriod the period, microseconds
     */
    public record Limits(long memory, int cpus, int pids, long cpuQuota, long cpuPeriod) {
        /** As much time as {@code cpus} processors have. */
        public Limits(long memory, int cpus, int pids) {
            this(memory, cpus, pids, cpus * CpuBandwidth.DEFAULT_PERIOD, CpuBandwidth.DEFAULT_PERIOD);
        }

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
