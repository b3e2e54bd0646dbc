package gvj.fs.sys;

import gvj.abi.Stat;
import gvj.fs.pseudo.DirectoryEntry;
import gvj.fs.pseudo.PseudoDirectory;
import gvj.fs.pseudo.PseudoSymlink;
import gvj.kernel.NetNamespace;
import gvj.kernel.Task;
import gvj.net.netdev.Link;
import gvj.net.netdev.Network;
import gvj.vfs.Inode;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code /sys/class/net}, links to the interfaces of the namespace that sysfs was mounted in, or {@code
 * /sys/devices/virtual/net} with the interfaces themselves. As they may come and go, nothing is remembered.
 */
final class NetClass extends PseudoDirectory {
    /** Inode numbers of interfaces, far from those that are counted up. */
    private static final long FIRST_INO = 1L << 32;

    /** How many an interface has. */
    private static final int INOS = 256;

    private final SysFs fs;
    private final NetNamespace namespace;
    private final boolean devices;

    NetClass(SysFs fs, NetNamespace namespace, boolean devices) {
        super(fs, 0555);
        this.fs = fs;
        this.namespace = namespace;
        this.devices = devices;
    }

    private static long ino(Link link, boolean device) {
        return FIRST_INO + (long) link.index * INOS + (device ? 1 : 0);
    }

    @Override
    public Inode lookup(String name) {
        Link link = Network.of(namespace).link(name);
        if (link == null) {
            return null;
        }
        return devices
                ? new NetDeviceDirectory(fs, namespace, link.index, ino(link, true))
                : new ClassLink(fs, ino(link, false), "../../devices/virtual/net/" + name);
    }

    @Override
    public List<DirectoryEntry> entries(Task reader) {
        List<DirectoryEntry> list = new ArrayList<>();
        for (Link link : Network.of(namespace).links()) {
            list.add(new DirectoryEntry(link.name, ino(link, devices), devices ? Stat.DT_DIR : Stat.DT_LNK));
        }
        return list;
    }

    @Override
    public boolean cacheable() {
        return false;
    }

    /** One that is made anew at each lookup. */
    static final class ClassLink extends PseudoSymlink {
        ClassLink(SysFs fs, long ino, String target) {
            super(fs, ino, target);
        }

        @Override
        public boolean cacheable() {
            return false;
        }
    }
}
