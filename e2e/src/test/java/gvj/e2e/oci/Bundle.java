package gvj.e2e.oci;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import gvj.e2e.Rootfs;
import java.nio.file.Path;

/** A directory with a config.json, and a root file system with a busybox, which bundles share unless one wants its own. */
final class Bundle {
    private static final String CONFIG = """
            {"ociVersion": "1.0.2",
             "process": {"args": ["/bin/sleep", "100"], "cwd": "/", "env": ["PATH=/bin"],
               "user": {"uid": 0, "gid": 0}, "noNewPrivileges": true},
             "root": {"path": "rootfs", "readonly": true},
             "hostname": "boxed",
             "mounts": [
               {"destination": "/proc", "type": "proc", "source": "proc"},
               {"destination": "/dev", "type": "tmpfs", "source": "tmpfs",
                 "options": ["nosuid", "strictatime", "mode=755", "size=65536k"]},
               {"destination": "/dev/pts", "type": "devpts", "source": "devpts",
                 "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]},
               {"destination": "/dev/shm", "type": "tmpfs", "source": "shm",
                 "options": ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]},
               {"destination": "/sys", "type": "sysfs", "source": "sysfs",
                 "options": ["nosuid", "noexec", "nodev", "ro"]},
               {"destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "nodev"]}],
             "linux": {"namespaces": [{"type": "pid"}, {"type": "network"}, {"type": "ipc"}, {"type": "uts"},
               {"type": "mount"}]}}
            """;
    private static final Path SHARED = Rootfs.busybox(Work.ROOT.resolve("rootfs"));

    final Path directory;
    final ObjectNode config;
    private Path rootfs = SHARED;

    Bundle(String name) {
        directory = Work.directory(Work.ROOT.resolve("bundles").resolve(name));
        config = (ObjectNode) Work.parse(CONFIG);
        root().put("path", SHARED.toString());
        linux().put("cgroupsPath", "/" + name);
    }

    ObjectNode process() {
        return (ObjectNode) config.path("process");
    }

    ObjectNode root() {
        return (ObjectNode) config.path("root");
    }

    ObjectNode linux() {
        return (ObjectNode) config.path("linux");
    }

    void mount(String destination, String type, String source, String... options) {
        ObjectNode mount = ((ArrayNode) config.path("mounts")).addObject();
        mount.put("destination", destination).put("type", type).put("source", source);
        ArrayNode list = mount.putArray("options");
        for (String option : options) {
            list.add(option);
        }
    }

    void ownRootfs() {
        rootfs = Rootfs.busybox(directory.resolve("rootfs"));
        root().put("path", "rootfs").put("readonly", false);
    }

    Path rootfs() {
        return rootfs;
    }

    void write() {
        Work.write(directory.resolve("config.json"), config.toPrettyString());
    }

    void remove() {
        Work.remove(directory);
    }
}
