package gvj.boot;

import java.util.List;
import java.util.Map;

/**
 * What one container of a sandbox is to be.
 *
 * <p>Strings that the application will see (arguments, environment, paths, names) hold one char per byte (Latin-1), like
 * every path inside the Sentry.
 *
 * @param id its name in logs and requests
 * @param process the first process
 * @param init whether that is an init, pid_namespaces(7): only signals that it handles reach it from inside. Without it
 *     every signal ends it, as suits the one command of {@code gvj do}
 * @param seccomp the filter that the first process and those that join later begin with
 * @param namespaces which namespaces it has to itself
 * @param limits what it may use, and says that it has
 * @param mounts in the order they are to be mounted; the first is {@code /}
 * @param devices device special files to be made once all is mounted
 * @param maskedPaths what is hidden below an empty file or directory; missing ones do not matter
 * @param readonlyPaths what is mounted on itself, read-only; missing ones do not matter
 * @param sysctls values of {@code /proc/sys} files at the start, by name with dots
 */
public record ContainerSpec(
        String id,
        ProcessSpec process,
        boolean init,
        BootSpec.SeccompProfile seccomp,
        Namespaces namespaces,
        BootSpec.Limits limits,
        List<MountSpec> mounts,
        List<DeviceSpec> devices,
        List<String> maskedPaths,
        List<String> readonlyPaths,
        Map<String, String> sysctls) {

    /**
     * Namespaces that a further container may have to itself or share with the sandbox's first, which has them all. The mount
     * namespace is always its own, the network always the sandbox's; whose pid namespace it is in {@link Control#CREATE} says.
     *
     * @param uts whether host and domain name are its own
     * @param ipc whether System V IPC and message queues are its own
     * @param hostname what {@code uname} answers in a UTS namespace of its own
     * @param domainname the NIS domain name there, {@code (none)} if there is none
     */
    public record Namespaces(boolean uts, boolean ipc, String hostname, String domainname) {
        /** All its own. */
        public static Namespaces own(String hostname, String domainname) {
            return new Namespaces(true, true, hostname, domainname);
        }
    }
}
