package gvj.boot;

import gvj.kernel.Cgroup;

/**
 * What one container is made of, beside its first process.
 *
 * @param cgroup whose tasks its processes are
 * @param limited what its limits hold for: that, or for a pod's first container all of the pod
 */
record ContainerParts(
        Cgroup cgroup, Cgroup limited, Mounts mounts, StdioFiles files, ProcessStarter starter, Stdio stdio) {
    /** Lets go of everything that is not the sandbox's. */
    void release() {
        stdio.close();
        mounts.release();
        cgroup.remove();
    }
}
