package gvj.runtime;

import gvj.boot.BootSpec;
import gvj.boot.MountSpec;
import gvj.boot.ProcessSpec;
import java.util.ArrayList;
import java.util.List;

/** What all commands that make a sandbox have in common. */
final class Common {
    private static final long SMALLEST_MEMORY = 4 << 20;

    private Common() {}

    /** What a Linux system mounts besides its disks. */
    static List<MountSpec> kernelMounts() {
        return List.of(
                MountSpec.internal("/proc", "proc", ""),
                MountSpec.internal("/sys", "sysfs", ""),
                MountSpec.internal("/dev", "devtmpfs", ""),
                MountSpec.internal("/dev/pts", "devpts", "gid=5,mode=620,ptmxmode=666"),
                MountSpec.internal("/dev/shm", "tmpfs", "mode=1777"));
    }

    static String platform(Options options) {
        return options.value("--platform", "auto");
    }

    static long memory(Options options, BootMessage message) throws UsageException {
        long bytes = options.size("--memory", (long) message.memoryMib() << 20);
        if (bytes < SMALLEST_MEMORY) {
            throw options.wrong("--memory", "a sandbox needs at least 4m");
        }
        return bytes;
    }

    /** The jars of {@code --plugin-path}, relative ones below the caller's directory. */
    static List<String> pluginPath(Options options, BootMessage message) {
        List<String> jars = new ArrayList<>();
        for (String jar : options.parts("--plugin-path", ':')) {
            jars.add(jar.startsWith("/") ? jar : message.cwd() + "/" + jar);
        }
        return jars;
    }

    static ProcessSpec.Terminal terminal(BootMessage message) {
        return message.terminal()
                ? new ProcessSpec.Terminal(true, message.rows(), message.columns())
                : ProcessSpec.Terminal.NONE;
    }

    static BootSpec.Tracing tracing(Options options) {
        List<String> names = options.parts("--strace-syscalls", ',');
        return new BootSpec.Tracing(options.has("--debug"), options.has("--strace") || !names.isEmpty(), names);
    }
}
