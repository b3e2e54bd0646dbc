package gvj.boot;

import gvj.vfs.Mount;

/**
 * One file system to mount at start.
 *
 * @param destination path inside the sandbox, seen from its root; what is missing of it is made, symbolic links in it are followed
 *     as if the sandbox's root were that of the machine
 * @param type {@code gofer}, or the name of a file system of the Sentry's own ({@code tmpfs}, {@code proc}, {@code sysfs},
 *     {@code devtmpfs}, {@code devpts}, {@code mqueue}, {@code cgroup2})
 * @param goferIndex which of the gofer's trees, from 0; -1 unless {@code type} is {@code gofer}
 * @param flags of the mount: {@link Mount#RDONLY}, {@link Mount#NOSUID} and so on
 * @param overlay writes do not reach the tree (gofer mounts only): they go to tree {@code upperIndex} if there is one, else to
 *     memory, and vanish with the sandbox
 * @param upperIndex which of the gofer's trees, empty at the start, takes what is written to an overlay; else -1
 * @param shared others on the host work with the tree at the same time (gofer mounts only): every name is asked for again
 * @param options the rest of mount(2)'s data, comma separated, for instance {@code size=64k,mode=1777}; may be empty
 */
public record MountSpec(
        String destination,
        String type,
        int goferIndex,
        int flags,
        boolean overlay,
        int upperIndex,
        boolean shared,
        String options) {

    /** Without a tree for the upper layer: a root hardly anybody else changes, a volume is shared. */
    public MountSpec(String destination, String type, int goferIndex, int flags, boolean overlay, String options) {
        this(destination, type, goferIndex, flags, overlay, -1, goferIndex >= 0 && !destination.equals("/"), options);
    }

    /** A tree that the gofer serves: a root that hardly anybody else changes, or a volume. */
    public static MountSpec gofer(String destination, int index, boolean readOnly, boolean overlay) {
        int flags = Mount.RELATIME | (readOnly ? Mount.RDONLY : 0);
        return new MountSpec(destination, "gofer", index, flags, overlay, "");
    }

    /** A file system of the Sentry's own. */
    public static MountSpec internal(String destination, String type, String options) {
        return new MountSpec(destination, type, -1, Mount.RELATIME, false, options);
    }
}
