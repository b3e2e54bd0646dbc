package gvj.fs.dev;

import gvj.abi.Stat;
import gvj.kernel.Credentials;
import gvj.kernel.Kernel;
import gvj.vfs.Inode;

/** Registers the devices that need no hardware and fills /dev as programs expect it. */
public final class Devices {
    /** Names, minors of major 1 and permissions. */
    private static final Node[] NODES = {
        new Node("null", 1, 3, 0666),
        new Node("zero", 1, 5, 0666),
        new Node("full", 1, 7, 0666),
        new Node("random", 1, 8, 0666),
        new Node("urandom", 1, 9, 0666),
        new Node("tty", 5, 0, 0666),
        new Node("console", 5, 1, 0600),
    };

    private static final String[][] LINKS = {
        {"fd", "/proc/self/fd"},
        {"stdin", "/proc/self/fd/0"},
        {"stdout", "/proc/self/fd/1"},
        {"stderr", "/proc/self/fd/2"},
        {"ptmx", "pts/ptmx"},
    };

    private Devices() {}

    private record Node(String name, int major, int minor, int permissions) {}

    /** Makes the device numbers work on every file system of the sandbox. */
    public static void register(Kernel kernel) {
        kernel.devices.register(1, 3, (t, path, flags) -> new MemoryDevice(path, flags, MemoryDevice.Kind.NULL));
        kernel.devices.register(1, 5, (t, path, flags) -> new MemoryDevice(path, flags, MemoryDevice.Kind.ZERO));
        kernel.devices.register(1, 7, (t, path, flags) -> new MemoryDevice(path, flags, MemoryDevice.Kind.FULL));
        kernel.devices.register(1, 8, (t, path, flags) -> new RandomDevice(path, flags));
        kernel.devices.register(1, 9, (t, path, flags) -> new RandomDevice(path, flags));
    }

    /** Makes nodes, links and mount points in {@code dev}, an empty directory of a file system that can hold them. */
    public static void populate(Inode dev, Credentials root) {
        for (Node node : NODES) {
            dev.create(node.name, Stat.S_IFCHR | node.permissions, node.major, node.minor, root);
        }
        for (String[] link : LINKS) {
            dev.symlink(link[0], link[1], root);
        }
        dev.mkdir("pts", 0755, root);
        dev.mkdir("shm", 01777, root);
        dev.mkdir("mqueue", 01777, root);
    }
}
