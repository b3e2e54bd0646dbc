package gvj.boot;

import gvj.kernel.Cgroup;

/** What one container is made of, beside its first process. */
record ContainerParts(Cgroup cgroup, Mounts mounts, StdioFiles files, ProcessStarter starter, Stdio stdio) {
    /** Lets go of everything that is not the sandbox's. */
    void release() {
        stdio.close();
        mounts.release();
        cgroup.remove();
    }
}
