package gvj.boot;

import gvj.fs.gofer.GoferFs;
import gvj.fs.gofer.PageCache;
import gvj.fs.overlay.OverlayFs;
import gvj.fs.tmpfs.TmpFs;
import gvj.kernel.ErrnoException;
import gvj.kernel.Kernel;
import gvj.vfs.FileSystem;
import gvj.vfs.MountNamespace;
import gvj.wire.GoferClient;

/** Mounts what the boot message lists. */
final class Mounts {
    /** Channels to the gofer may grow to this when many tasks ask at once. */
    private static final int MAX_CHANNELS = 16;

    private final Kernel kernel;
    private final BootSpec spec;
    private GoferClient client;
    private PageCache cache;

    Mounts(Kernel kernel, BootSpec spec) {
        this.kernel = kernel;
        this.spec = spec;
    }

    /** How many requests of each operation the gofer got. */
    long[] goferRequests() {
        return client == null ? new long[0] : client.requests();
    }

    MountNamespace mountAll() throws BootException {
        MountNamespace namespace = null;
        for (MountSpec mount : spec.mounts()) {
            try {
                FileSystem fs = fileSystem(mount);
                int flags = mount.flags();
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
        return goferTree(mount);
    }

    /** One tree of the gofer. Nobody else is expected to change a root; volumes are shared with the host. */
    private FileSystem goferTree(MountSpec mount) {
        if (client == null) {
            int[] sockets = new int[spec.descriptors().gofer().size()];
            for (int i = 0; i < sockets.length; i++) {
                sockets[i] = spec.descriptors().gofer().get(i);
            }
            // A lost gofer is the launcher's to report: it ends the sandbox.
            client = new GoferClient(sockets, MAX_CHANNELS, line -> {});
            cache = new PageCache(kernel.memoryFile);
        }
        boolean exclusive = mount.overlay() || mount.destination().equals("/");
        FileSystem tree = new GoferFs(client, cache, mount.goferIndex(), exclusive);
        return mount.overlay() ? new OverlayFs(kernel, tree, TmpFs.unlimited(kernel.memoryFile)) : tree;
    }
}
