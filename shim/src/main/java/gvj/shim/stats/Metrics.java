package gvj.shim.stats;

import com.google.protobuf.Any;
import java.nio.file.Files;
import java.nio.file.Path;

/** {@link Usage} as containerd wants it: the message of the version that the host's cgroups have. */
public final class Metrics {
    private static final String TYPE_1 = "io.containerd.cgroups.v1.Metrics";
    private static final String TYPE_2 = "io.containerd.cgroups.v2.Metrics";
    private static final boolean UNIFIED = Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers"));

    private Metrics() {}

    /** In the host's version. */
    public static Any of(Usage usage) {
        return UNIFIED ? any(TYPE_2, version2(usage)) : any(TYPE_1, version1(usage));
    }

    private static Any any(String type, com.google.protobuf.MessageLite message) {
        return Any.newBuilder()
                .setTypeUrl(type)
                .setValue(message.toByteString())
                .build();
    }

    static gvj.proto.cgroups1.Metrics version1(Usage usage) {
        return gvj.proto.cgroups1.Metrics.newBuilder()
                .setCpu(gvj.proto.cgroups1.CPUStat.newBuilder()
                        .setUsage(gvj.proto.cgroups1.CPUUsage.newBuilder()
                                .setTotal(usage.cpuTotal)
                                .setUser(usage.cpuUser)
                                .setKernel(usage.cpuSystem))
                        .setThrottling(gvj.proto.cgroups1.Throttle.newBuilder()
                                .setPeriods(usage.periods)
                                .setThrottledPeriods(usage.throttledPeriods)
                                .setThrottledTime(usage.throttledNanos)))
                .setMemory(memory1(usage))
                .setPids(gvj.proto.cgroups1.PidsStat.newBuilder()
                        .setCurrent(usage.tasks)
                        .setLimit(usage.taskLimit))
                .build();
    }

    private static gvj.proto.cgroups1.MemoryStat.Builder memory1(Usage usage) {
        return gvj.proto.cgroups1.MemoryStat.newBuilder()
                .setRss(usage.anonymous)
                .setTotalRss(usage.anonymous)
                .setInactiveFile(usage.inactiveFile)
                .setTotalInactiveFile(usage.inactiveFile)
                .setPgFault(usage.pageFaults)
                .setTotalPgFault(usage.pageFaults)
                .setPgMajFault(usage.majorFaults)
                .setTotalPgMajFault(usage.majorFaults)
                .setUsage(gvj.proto.cgroups1.MemoryEntry.newBuilder()
                        .setUsage(usage.memory)
                        .setLimit(usage.memoryLimit)
                        .setMax(usage.memoryPeak)
                        .setFailcnt(usage.oomKills));
    }

    static gvj.proto.cgroups2.Metrics version2(Usage usage) {
        return gvj.proto.cgroups2.Metrics.newBuilder()
                .setCpu(gvj.proto.cgroups2.CPUStat.newBuilder()
                        .setUsageUsec(usage.micros(usage.cpuTotal))
                        .setUserUsec(usage.micros(usage.cpuUser))
                        .setSystemUsec(usage.micros(usage.cpuSystem))
                        .setNrPeriods(usage.periods)
                        .setNrThrottled(usage.throttledPeriods)
                        .setThrottledUsec(usage.micros(usage.throttledNanos)))
                .setMemory(gvj.proto.cgroups2.MemoryStat.newBuilder()
                        .setUsage(usage.memory)
                        .setUsageLimit(usage.memoryLimit)
                        .setAnon(usage.anonymous)
                        .setInactiveFile(usage.inactiveFile)
                        .setPgfault(usage.pageFaults)
                        .setPgmajfault(usage.majorFaults))
                .setMemoryEvents(gvj.proto.cgroups2.MemoryEvents.newBuilder().setOomKill(usage.oomKills))
                .setPids(gvj.proto.cgroups2.PidsStat.newBuilder()
                        .setCurrent(usage.tasks)
                        .setLimit(usage.taskLimit))
                .build();
    }
}
