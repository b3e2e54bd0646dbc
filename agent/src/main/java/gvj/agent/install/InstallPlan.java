package gvj.agent.install;

import java.nio.file.Path;
import java.util.Map;

/**
 * Where things are and come to; paths without {@code Path} are the host's own.
 *
 * @param hostRoot where the host's root is mounted
 * @param source the distribution that is to be installed
 * @param prefix where it goes
 * @param bin a directory in containerd's PATH
 * @param config containerd's configuration
 * @param optionsFile the shim's configuration
 * @param handler what the runtime is called in RuntimeClasses
 * @param runtimePath whether containerd is told the shim's path, for hosts where {@code bin} is in nobody's PATH
 * @param flags gvj's flags for every sandbox, by name without dashes
 */
public record InstallPlan(
        Path hostRoot,
        Path source,
        String release,
        String prefix,
        String bin,
        String config,
        String optionsFile,
        String handler,
        boolean runtimePath,
        Map<String, String> flags) {}
