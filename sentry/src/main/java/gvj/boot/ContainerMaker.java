package gvj.boot;

import gvj.kernel.Cgroup;
import gvj.kernel.IpcNamespace;
import gvj.kernel.Kernel;
import gvj.kernel.Namespaces;
import gvj.kernel.NewProcess;
import gvj.kernel.PidNamespace;
import gvj.kernel.UtsNamespace;
import gvj.vfs.MountNamespace;
import java.util.List;

/** Makes containers of a sandbox: the first one, whose namespaces the others share unless they have their own, and those. */
final class ContainerMaker {
    private static final long DEAD_NANOS = 2_000_000_000L;

    private final Kernel kernel;
    private final FileSystems fileSystems;
    private final GoferTrees trees;
    private Mounts firstMounts;
    private MountNamespace firstRoot;
    private UtsNamespace sharedUts;
    private StdioFiles sharedFiles;

    ContainerMaker(Kernel kernel, FileSystems fileSystems, GoferTrees trees) {
        this.kernel = kernel;
        this.fileSystems = fileSystems;
        this.trees = trees;
    }

    /** Mounts what the sandbox's first container has. A failure is the sandbox's. */
    MountNamespace mountFirst(ContainerSpec spec) throws BootException {
        firstMounts = new Mounts(kernel, fileSystems, trees, 0);
        firstRoot = mount(firstMounts, spec, kernel.rootCgroup, kernel.rootPidNamespace, kernel.rootIpcNamespace);
        return firstRoot;
    }

    /**
     * Loads its program: the container.
     *
     * @param pod whether others may come: then it has an account of its own as they do, but its limits are those of all
     */
    Container loadFirst(ContainerSpec spec, boolean pod, List<Integer> hostFds) throws BootException {
        sharedUts = uts(spec.namespaces());
        sharedFiles = new StdioFiles(kernel, fileSystems, firstRoot);
        Namespaces namespaces = new Namespaces(
                sharedUts, kernel.rootIpcNamespace, firstRoot, kernel.rootNetNamespace, kernel.rootPidNamespace);
        Cgroup all = kernel.rootCgroup;
        Cgroup cgroup = pod ? all.newChild(spec.id()) : all;
        ContainerParts parts = parts(cgroup, all, spec, firstMounts, sharedFiles, firstRoot);
        parts.starter().provideNetwork(spec.init());
        return load(spec, parts, namespaces, hostFds);
    }

    /**
     * A further one.
     *
     * @param firstTree the gofer's number for the tree that {@code spec} calls 0
     * @param pids the pid namespace that it shares, null for one of its own
     * @param hostFds its descriptors from 0 on; emptied when they are the container's, until then the caller's to close
     */
    Container further(ContainerSpec spec, int firstTree, PidNamespace pids, List<Integer> hostFds)
            throws BootException {
        PidNamespace pidNamespace = pids == null ? kernel.rootPidNamespace.newChild() : pids;
        IpcNamespace ipc =
                spec.namespaces().ipc() ? new IpcNamespace(kernel.rootUserNamespace) : kernel.rootIpcNamespace;
        UtsNamespace uts = spec.namespaces().uts() ? uts(spec.namespaces()) : sharedUts;
        Mounts mounts = new Mounts(kernel, fileSystems, trees, firstTree);
        Cgroup cgroup = kernel.rootCgroup.newChild(spec.id());
        ContainerParts parts = null;
        try {
            CgroupLimits.begin(cgroup, spec.limits());
            MountNamespace root = mount(mounts, spec, cgroup, pidNamespace, ipc);
            parts = parts(cgroup, cgroup, spec, mounts, sharedFiles.in(root), root);
            Namespaces namespaces = new Namespaces(uts, ipc, root, kernel.rootNetNamespace, pidNamespace);
            List<Integer> given = List.copyOf(hostFds);
            hostFds.clear(); // no longer the caller's
            return load(spec, parts, namespaces, given);
        } catch (BootException | RuntimeException e) {
            undo(cgroup, parts, mounts);
            throw e;
        }
    }

    /** A container that could not be made leaves nothing. */
    private static void undo(Cgroup cgroup, ContainerParts parts, Mounts mounts) {
        if (parts == null) {
            mounts.release();
            cgroup.remove();
            return;
        }
        long deadline = System.nanoTime() + DEAD_NANOS;
        while (cgroup.isPopulated() && System.nanoTime() - deadline < 0) {
            Thread.onSpinWait(); // its process dies before it runs
        }
        parts.stdio().drain();
        parts.release();
    }

    private UtsNamespace uts(ContainerSpec.Namespaces names) {
        return new UtsNamespace(kernel.rootUserNamespace, names.hostname(), names.domainname());
    }

    private MountNamespace mount(Mounts mounts, ContainerSpec spec, Cgroup cgroup, PidNamespace pids, IpcNamespace ipc)
            throws BootException {
        MountNamespace root = mounts.mountAll(spec, cgroup, pids, ipc);
        PathRules rules = new PathRules(kernel, root);
        rules.makeReadOnly(spec.readonlyPaths());
        rules.mask(spec.maskedPaths());
        return root;
    }

    private ContainerParts parts(
            Cgroup cgroup, Cgroup limited, ContainerSpec spec, Mounts mounts, StdioFiles files, MountNamespace root) {
        return new ContainerParts(
                cgroup, limited, mounts, files, new ProcessStarter(kernel, spec, files, root), new Stdio(files));
    }

    private Container load(ContainerSpec spec, ContainerParts parts, Namespaces namespaces, List<Integer> hostFds)
            throws BootException {
        NewProcess process = parts.starter().first(parts.cgroup(), namespaces, hostFds, parts.stdio());
        try {
            new KernelSettings(kernel, process.task()).apply(spec.sysctls());
        } catch (BootException e) {
            process.abandon();
            throw e;
        }
        return new Container(kernel, spec, parts, process);
    }
}
