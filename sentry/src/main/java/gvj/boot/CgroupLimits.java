package gvj.boot;

import gvj.kernel.Cgroup;
import gvj.mm.MemoryFile;
import gvj.mm.MemoryGroup;

/** Gives a container's cgroup its limits. */
final class CgroupLimits {
    private CgroupLimits() {}

    /** Those of a new container: nothing of it is in use yet. */
    static void begin(Cgroup cgroup, BootSpec.Limits limits) {
        if (cgroup.parent != null) {
            cgroup.setMemoryLimit(memory(cgroup, limits));
        }
        if (limits.cpus() > 0) {
            cgroup.setCpus(Math.min(limits.cpus(), cgroup.cpus()));
        }
        setOthers(cgroup, limits);
    }

    /** Others; whether they hold: not, and nothing has changed, if more memory is in use that cannot be had again. */
    static boolean change(Cgroup cgroup, BootSpec.Limits old, BootSpec.Limits limits) {
        if (limits.memory() != old.memory() && !cgroup.setMemoryLimit(memory(cgroup, limits))) {
            return false;
        }
        setOthers(cgroup, limits);
        return true;
    }

    private static void setOthers(Cgroup cgroup, BootSpec.Limits limits) {
        cgroup.setMaxTasks(limits.pids());
        cgroup.setCpuQuota(limits.cpuQuota(), limits.cpuPeriod());
    }

    /** A limit that is no less than the sandbox's is none: it follows that one. */
    private static long memory(Cgroup cgroup, BootSpec.Limits limits) {
        if (cgroup.parent == null) {
            return Math.min(limits.memory(), cgroup.kernel().memoryFile.bytes());
        }
        long above = cgroup.parent.memoryTotal();
        return limits.memory() / MemoryFile.PAGE * MemoryFile.PAGE >= above ? MemoryGroup.NO_LIMIT : limits.memory();
    }
}
