package gvj.boot;

import gvj.kernel.ErrnoException;
import gvj.kernel.Kernel;
import gvj.vfs.FileSystem;
import gvj.vfs.Mount;
import gvj.vfs.MountNamespace;

/** Mounts what the boot message lists. */
final class Mounts {
    private final Kernel kernel;
    private final BootSpec spec;

    Mounts(Kernel kernel, BootSpec spec) {
        this.kernel = kernel;
        this.spec = spec;
    }

    MountNamespace mountAll() throws BootException {
        MountNamespace namespace = null;
        for (MountSpec mount : spec.mounts()) {
            try {
                FileSystem fs = fileSystem(mount);
                int flags = Mount.RELATIME | (mount.readOnly() ? Mount.RDONLY : 0);
                String source = mount.type().equals("gofer") ? "none" : mount.type();
                if (namespace == null) {
                    namespace = kernel.vfs.newNamespace(fs, source, flags);
                } else {
                    kernel.vfs.mountAt(namespace, fs, source, mount.destination(), flags);
                }
            } catch (ErrnoException e) {
                throw new BootException(
                        "cannot mount " + mount.type() + " at " + mount.destination() + ": " + Messages.of(e.errno()));
            }
        }
        return namespace;
    }

    private FileSystem fileSystem(MountSpec mount) throws BootException {
        if (!mount.type().equals("gofer")) {
            return kernel.vfs.make(mount.type(), null, mount.type(), mount.options());
        }
        throw new BootException("no gofer yet");
    }
}
