package gvj.boot;

import gvj.vfs.Mount;

/**
 * One file system to mount at start.
 *
 * @param destination absolute path inside the sandbox
 * @param type {@code gofer}, or the name of a file system of the Sentry's own ({@code tmpfs}, {@code proc}, {@code sysfs},
 *     {@code devtmpfs}, {@code devpts}, {@code mqueue}, {@code cgroup2})
 * @param goferIndex which of the gofer's trees, from 0; -1 unless {@code type} is {@code gofer}
 * @param flags of the mount: {@link Mount#RDONLY}, {@link Mount#NOSUID} and so on
 * @param overlay writes go to memory and vanish with the sandbox (gofer mounts only)
 * @param options the rest of mount(2)'s data, comma separated, for instance {@code size=64k,mode=1777}; may be empty
 */
public record MountSpec(String destination, String type, int goferIndex, int flags, boolean overlay, String options) {

    /** A tree that the gofer serves. */
    public static MountSpec gofer(String destination, int index, boolean readOnly, boolean overlay) {
        return new MountSpec(destination, "gofer", index, Mount.RELATIME | (readOnly ? Mount.RDONLY : 0), overlay, "");
    }

    /** A file system of the Sentry's own. */
    public static MountSpec internal(String destination, String type, String options) {
        return new MountSpec(destination, type, -1, Mount.RELATIME, false, options);
    }
}
