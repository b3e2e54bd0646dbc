package gvj.boot;

import gvj.fs.gofer.GoferFs;
import gvj.fs.gofer.Sharing;
import gvj.fs.overlay.OverlayFs;
import gvj.fs.tmpfs.TmpFs;
import gvj.kernel.Cgroup;
import gvj.kernel.ErrnoException;
import gvj.kernel.IpcNamespace;
import gvj.kernel.Kernel;
import gvj.kernel.PidNamespace;
import gvj.vfs.FileSystem;
import gvj.vfs.Mount;
import gvj.vfs.MountNamespace;
import java.util.ArrayList;
import java.util.List;

/** What one container has mounted: makes it as its {@link ContainerSpec} says, and lets go of it. */
final class Mounts {
    private final Kernel kernel;
    private final FileSystems fileSystems;
    private final GoferTrees trees;
    private final int firstTree;
    private final List<GoferFs> taken = new ArrayList<>();
    private MountNamespace namespace;

    /** @param firstTree the gofer's number for the tree that the container calls 0 */
    Mounts(Kernel kernel, FileSystems fileSystems, GoferTrees trees, int firstTree) {
        this.kernel = kernel;
        this.fileSystems = fileSystems;
        this.trees = trees;
        this.firstTree = firstTree;
    }

    /**
     * Mounts everything that {@code spec} lists. The root can be written to until all is mounted: places that others are mounted
     * at may have to be made.
     *
     * @param cgroup whose processors a /sys shows
     * @param pids whose processes a /proc shows
     * @param ipc whose message queues a mqueue shows
     */
    MountNamespace mountAll(ContainerSpec spec, Cgroup cgroup, PidNamespace pids, IpcNamespace ipc)
            throws BootException {
        for (MountSpec mount : spec.mounts()) {
            try {
                mount(mount, cgroup, pids, ipc);
            } catch (ErrnoException e) {
                String what = mount.type().equals("gofer") ? "a file system of the host" : mount.type();
                throw new BootException(
                        "cannot mount " + what + " at " + mount.destination() + ": " + Messages.of(e.errno()));
            }
        }
        DeviceFiles.make(kernel, namespace, spec.devices());
        seal(spec.mounts().get(0));
        return namespace;
    }

    /** Unmounts everything, whether or not all was mounted, and gives trees back. */
    void release() {
        if (namespace != null) {
            namespace.release();
            namespace = null;
        }
        for (GoferFs tree : taken) {
            trees.give(tree);
        }
        taken.clear();
    }

    private void mount(MountSpec mount, Cgroup cgroup, PidNamespace pids, IpcNamespace ipc) {
        FileSystem fs = mount.type().equals("gofer")
                ? goferTree(mount)
                : fileSystems.make(mount.type(), mount.options(), cgroup, pids, ipc);
        String source = mount.type().equals("gofer") ? "none" : mount.type();
        if (namespace == null) {
            namespace = kernel.vfs.newNamespace(fs, source, mount.flags() & ~Mount.RDONLY);
        } else {
            kernel.vfs.mountAt(namespace, fs, source, mount.destination(), mount.flags());
        }
    }

    /** Makes the root read-only if it is to be, here and at the gofer. */
    private void seal(MountSpec root) {
        if ((root.flags() & Mount.RDONLY) == 0) {
            return;
        }
        namespace.root().setFlags(root.flags());
        if (root.goferIndex() >= 0) {
            trees.seal(firstTree + root.goferIndex());
        }
        if (root.upperIndex() >= 0) {
            trees.seal(firstTree + root.upperIndex());
        }
    }

    /** One tree of the gofer, perhaps below an overlay. One that will be sealed is nobody else's. */
    private FileSystem goferTree(MountSpec mount) {
        if (!mount.overlay()) {
            boolean sealed = mount.destination().equals("/") && (mount.flags() & Mount.RDONLY) != 0;
            return tree(mount.goferIndex(), mount.shared() ? Sharing.SHARED : Sharing.WATCHED, !sealed);
        }
        FileSystem upper = mount.upperIndex() < 0
                ? TmpFs.unlimited(kernel.memoryFile)
                : tree(mount.upperIndex(), Sharing.EXCLUSIVE, false);
        return new OverlayFs(kernel, tree(mount.goferIndex(), Sharing.EXCLUSIVE, false), upper);
    }

    private GoferFs tree(int index, Sharing sharing, boolean common) {
        GoferFs tree = trees.take(firstTree + index, sharing, common);
        taken.add(tree);
        return tree;
    }
}
