package gvj.boot;

import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.abi.Stat;
import gvj.kernel.ErrnoException;
import gvj.kernel.Kernel;
import gvj.vfs.Attributes;
import gvj.vfs.Caller;
import gvj.vfs.MountNamespace;
import gvj.vfs.Names;
import gvj.vfs.Path;
import java.util.List;

/** Makes the device special files that a bundle names. */
final class DeviceFiles {
    private DeviceFiles() {}

    /** Makes them all; what is there already, as most of /dev is, stays. */
    static void make(Kernel kernel, MountNamespace mounts, List<DeviceSpec> devices) throws BootException {
        for (DeviceSpec device : devices) {
            boolean fifo = (device.mode() & Stat.S_IFMT) == Stat.S_IFIFO;
            if (!fifo && !kernel.devices.has(device.major(), device.minor())) {
                kernel.noticeOnce(
                        "device " + device.path(),
                        "the device " + device.path() + " (" + device.major() + ":" + device.minor()
                                + ") is left out: the sandbox has none like it");
                continue;
            }
            try {
                make(kernel.vfs.bootCaller(mounts), device);
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EEXIST) {
                    throw new BootException("cannot make the device " + device.path() + ": " + Messages.of(e.errno()));
                }
            }
        }
    }

    private static void make(Caller caller, DeviceSpec device) {
        Path made = Names.mknod(caller, Fcntl.AT_FDCWD, device.path(), device.mode(), device.major(), device.minor());
        Attributes.chown(caller.creds(), made, device.uid(), device.gid());
        Attributes.chmod(caller.creds(), made, device.mode() & 07777);
    }
}
