package gvj.boot;

import gvj.fs.gofer.GoferFs;
import gvj.fs.gofer.PageCache;
import gvj.fs.gofer.Sharing;
import gvj.fs.overlay.OverlayFs;
import gvj.fs.tmpfs.TmpFs;
import gvj.kernel.ErrnoException;
import gvj.kernel.Kernel;
import gvj.vfs.FileSystem;
import gvj.vfs.Mount;
import gvj.vfs.MountNamespace;
import gvj.wire.GoferClient;
import java.util.Arrays;

/** Mounts what the boot message lists. */
final class Mounts {
    /** Channels to the gofer may grow to this when many tasks ask at once. */
    private static final int MAX_CHANNELS = 16;

    private final Kernel kernel;
    private final BootSpec spec;
    private GoferClient client;
    private PageCache cache;
    private GoferFs[] trees = new GoferFs[16];

    Mounts(Kernel kernel, BootSpec spec) {
        this.kernel = kernel;
        this.spec = spec;
    }

    /** How many requests of each operation the gofer got. */
    long[] goferRequests() {
        return client == null ? new long[0] : client.requests();
    }

    /** Mounts everything. The root can be written to until all is mounted: places that others are mounted at may have to be made. */
    MountNamespace mountAll() throws BootException {
        MountNamespace namespace = null;
        for (MountSpec mount : spec.mounts()) {
            try {
                namespace = mount(namespace, mount);
            } catch (ErrnoException e) {
                String what = mount.type().equals("gofer") ? "a file system of the host" : mount.type();
                throw new BootException(
                        "cannot mount " + what + " at " + mount.destination() + ": " + Messages.of(e.errno()));
            }
        }
        DeviceFiles.make(kernel, namespace, spec.devices());
        seal(namespace, spec.mounts().get(0));
        return namespace;
    }

    private MountNamespace mount(MountNamespace namespace, MountSpec mount) throws BootException {
        FileSystem fs = fileSystem(mount);
        String source = mount.type().equals("gofer") ? "none" : mount.type();
        if (namespace == null) {
            return kernel.vfs.newNamespace(fs, source, mount.flags() & ~Mount.RDONLY);
        }
        kernel.vfs.mountAt(namespace, fs, source, mount.destination(), mount.flags());
        return namespace;
    }

    /** Makes the root read-only if it is to be, here and at the gofer. */
    private void seal(MountNamespace namespace, MountSpec root) {
        if ((root.flags() & Mount.RDONLY) == 0) {
            return;
        }
        namespace.root().setFlags(root.flags());
        if (root.goferIndex() >= 0) {
            client.seal(root.goferIndex());
        }
        if (root.upperIndex() >= 0) {
            client.seal(root.upperIndex());
        }
    }

    private FileSystem fileSystem(MountSpec mount) throws BootException {
        if (!mount.type().equals("gofer")) {
            return kernel.vfs.make(mount.type(), null, mount.type(), mount.options());
        }
        return goferTree(mount);
    }

    /** One tree of the gofer, perhaps below an overlay. */
    private FileSystem goferTree(MountSpec mount) {
        if (!mount.overlay()) {
            return tree(mount.goferIndex(), mount.shared() ? Sharing.SHARED : Sharing.WATCHED);
        }
        FileSystem upper = mount.upperIndex() < 0
                ? TmpFs.unlimited(kernel.memoryFile)
                : tree(mount.upperIndex(), Sharing.EXCLUSIVE);
        return new OverlayFs(kernel, tree(mount.goferIndex(), Sharing.EXCLUSIVE), upper);
    }

    /** A tree as a file system: one and the same, however often it is mounted, as bind mounts are. */
    private GoferFs tree(int index, Sharing sharing) {
        connect();
        if (index >= trees.length) {
            trees = Arrays.copyOf(trees, index * 2);
        }
        GoferFs tree = trees[index];
        if (tree == null || tree.sharing() != sharing) {
            tree = new GoferFs(client, cache, index, sharing);
            trees[index] = tree;
        }
        return tree;
    }

    private void connect() {
        if (client == null) {
            int[] sockets = new int[spec.descriptors().gofer().size()];
            for (int i = 0; i < sockets.length; i++) {
                sockets[i] = spec.descriptors().gofer().get(i);
            }
            // A lost gofer is the launcher's to report: it ends the sandbox.
            client = new GoferClient(sockets, MAX_CHANNELS, line -> {});
            cache = new PageCache(kernel.memoryFile);
        }
    }
}
