package gvj.runtime;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** {@code gvj spec}: a config.json to begin with, for gvj and for any other OCI runtime. */
final class SpecCommand {
    private static final String CAPABILITIES = "[\"CAP_AUDIT_WRITE\", \"CAP_KILL\", \"CAP_NET_BIND_SERVICE\"]";

    private static final String TEMPLATE = """
            {
              "ociVersion": "1.0.2",
              "process": {
                "terminal": true,
                "user": {"uid": 0, "gid": 0},
                "args": ["sh"],
                "env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"],
                "cwd": "/",
                "capabilities": {
                  "bounding": @CAPABILITIES@,
                  "effective": @CAPABILITIES@,
                  "permitted": @CAPABILITIES@
                },
                "rlimits": [{"type": "RLIMIT_NOFILE", "hard": 1024, "soft": 1024}],
                "noNewPrivileges": true
              },
              "root": {"path": "rootfs", "readonly": true},
              "hostname": "gvj",
              "mounts": [
                {"destination": "/proc", "type": "proc", "source": "proc"},
                {"destination": "/dev", "type": "tmpfs", "source": "tmpfs",
                  "options": ["nosuid", "strictatime", "mode=755", "size=65536k"]},
                {"destination": "/dev/pts", "type": "devpts", "source": "devpts",
                  "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"@TTY_GROUP@]},
                {"destination": "/dev/shm", "type": "tmpfs", "source": "shm",
                  "options": ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]},
                {"destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue",
                  "options": ["nosuid", "noexec", "nodev"]},
                @SYS@
              ],
              "linux": {
                "namespaces": [{"type": "pid"}, @NAMESPACES@, {"type": "ipc"}, {"type": "uts"}, {"type": "mount"}],@IDS@
                "maskedPaths": ["/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
                  "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/sys/firmware", "/proc/scsi"],
                "readonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
              }
            }
            """;
    private static final String SYSFS = """
            {"destination": "/sys", "type": "sysfs", "source": "sysfs",
                  "options": ["nosuid", "noexec", "nodev", "ro"]}""";
    /** An ordinary user may not mount a sysfs while the network is the host's. */
    private static final String HOST_SYS = """
            {"destination": "/sys", "type": "none", "source": "/sys",
                  "options": ["rbind", "nosuid", "noexec", "nodev", "ro"]}""";

    private SpecCommand() {}

    /** Writes config.json; prints nothing. */
    static String write(Options options) throws ToolException {
        Path file = Path.of(options.value("--bundle", ".")).resolve("config.json");
        try {
            Files.writeString(
                    file,
                    text(options.has("--rootless")),
                    StandardCharsets.UTF_8,
                    StandardOpenOption.CREATE_NEW,
                    StandardOpenOption.WRITE);
        } catch (FileAlreadyExistsException e) {
            throw new ToolException("File " + file + " exists. Remove it first");
        } catch (IOException e) {
            throw new ToolException("cannot write " + file + ": " + e);
        }
        return "";
    }

    /** The document. */
    static String text(boolean rootless) throws ToolException {
        return TEMPLATE.replace("@CAPABILITIES@", CAPABILITIES)
                .replace("@TTY_GROUP@", rootless ? "" : ", \"gid=5\"")
                .replace("@SYS@", rootless ? HOST_SYS : SYSFS)
                .replace("@NAMESPACES@", rootless ? "{\"type\": \"user\"}" : "{\"type\": \"network\"}")
                .replace("@IDS@", rootless ? "\n" + mapping("uid") + "\n" + mapping("gid") : "");
    }

    private static String mapping(String kind) throws ToolException {
        try {
            Object id = Files.getAttribute(Path.of("/proc/self"), "unix:" + kind);
            return "    \"" + kind + "Mappings\": [{\"containerID\": 0, \"hostID\": " + id + ", \"size\": 1}],";
        } catch (IOException e) {
            throw new ToolException("cannot find out the caller's " + kind + ": " + e);
        }
    }
}
