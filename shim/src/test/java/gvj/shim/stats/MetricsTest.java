package gvj.shim.stats;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.MessageLite;
import com.google.protobuf.WireFormat;
import gvj.proto.task.CreateTaskRequest;
import gvj.proto.task.StatsRequest;
import gvj.runtime.Container;
import gvj.shim.StandInGvj;
import gvj.shim.api.TaskService;
import gvj.shim.task.Pod;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Statistics are where CRI looks for them, whichever version the host's cgroups have. */
@Timeout(20)
class MetricsTest {
    private static final String SENTRY = """
            {"memory":{"usage":5000,"peak":6000,"limit":7000,"oom":1,"oom_kill":2,"anon":3000,"cache":100,"shmem":10,
             "inactive_file":900,"pgfault":44,"pgmajfault":4},
             "cpu":{"user":2000000,"system":1000000,"periods":11,"throttled_periods":3,"throttled_time":5000},
             "pids":{"current":6,"limit":20},"page_faults":44}
            """;

    @TempDir
    private Path directory;

    private StandInGvj gvj;

    @BeforeEach
    void start() throws Exception {
        gvj = new StandInGvj(directory);
    }

    @AfterEach
    void stop() {
        gvj.close();
    }

    private Usage usage(String sentry, String members) throws Exception {
        Path bundle = gvj.bundle("one");
        Path root = Path.of(gvj.root());
        gvj.setMonitor(ProcessHandle.current().pid(), members);
        Files.copy(directory.resolve("state.json"), root.resolve("one/state.json"));
        assertThat(bundle).exists();
        gvj.sentry("one").stats = sentry;
        return Usage.of(Container.open(root, "one"));
    }

    private String cgroup(String name, String... filesAndTexts) throws Exception {
        Path group = Files.createDirectories(directory.resolve(name));
        for (int i = 0; i < filesAndTexts.length; i += 2) {
            Files.writeString(group.resolve(filesAndTexts[i]), filesAndTexts[i + 1]);
        }
        return group.toString();
    }

    @Test
    void version1HasNanoseconds() throws Exception {
        var metrics = Metrics.version1(usage(SENTRY, ",\"sandbox\":\"pod\""));
        assertThat(metrics.getCpu().getUsage().getTotal()).isEqualTo(3_000_000);
        assertThat(metrics.getCpu().getUsage().getUser()).isEqualTo(2_000_000);
        assertThat(metrics.getCpu().getUsage().getKernel()).isEqualTo(1_000_000);
        assertThat(metrics.getCpu().getThrottling().getPeriods()).isEqualTo(11);
        assertThat(metrics.getCpu().getThrottling().getThrottledPeriods()).isEqualTo(3);
        assertThat(metrics.getCpu().getThrottling().getThrottledTime()).isEqualTo(5000);
        var memory = metrics.getMemory();
        assertThat(memory.getUsage().getUsage()).isEqualTo(5000);
        assertThat(memory.getUsage().getLimit()).isEqualTo(7000);
        assertThat(memory.getUsage().getMax()).isEqualTo(6000);
        assertThat(memory.getTotalInactiveFile()).isEqualTo(900);
        assertThat(memory.getTotalRss()).isEqualTo(3000);
        assertThat(memory.getTotalPgFault()).isEqualTo(44);
        assertThat(memory.getTotalPgMajFault()).isEqualTo(4);
        assertThat(metrics.getPids().getCurrent()).isEqualTo(6);
        assertThat(metrics.getPids().getLimit()).isEqualTo(20);
    }

    @Test
    void version2HasMicroseconds() throws Exception {
        var metrics = Metrics.version2(usage(SENTRY, ",\"sandbox\":\"pod\""));
        assertThat(metrics.getCpu().getUsageUsec()).isEqualTo(3000);
        assertThat(metrics.getCpu().getUserUsec()).isEqualTo(2000);
        assertThat(metrics.getCpu().getSystemUsec()).isEqualTo(1000);
        assertThat(metrics.getCpu().getNrPeriods()).isEqualTo(11);
        assertThat(metrics.getCpu().getNrThrottled()).isEqualTo(3);
        assertThat(metrics.getCpu().getThrottledUsec()).isEqualTo(5);
        var memory = metrics.getMemory();
        assertThat(memory.getUsage()).isEqualTo(5000);
        assertThat(memory.getUsageLimit()).isEqualTo(7000);
        assertThat(memory.getInactiveFile()).isEqualTo(900);
        assertThat(memory.getAnon()).isEqualTo(3000);
        assertThat(memory.getPgfault()).isEqualTo(44);
        assertThat(memory.getPgmajfault()).isEqualTo(4);
        assertThat(metrics.getMemoryEvents().getOomKill()).isEqualTo(2);
        assertThat(metrics.getPids().getCurrent()).isEqualTo(6);
        assertThat(metrics.getPids().getLimit()).isEqualTo(20);
    }

    /** The field numbers of CRI's table, and nothing at the top level that it would take for something else. */
    @Test
    void fieldsHaveContainerdsNumbers() throws Exception {
        Usage usage = usage(SENTRY, ",\"sandbox\":\"pod\"");
        assertThat(fields(Metrics.version1(usage))).containsExactlyInAnyOrder(2, 3, 4);
        assertThat(fields(Metrics.version2(usage))).containsExactlyInAnyOrder(1, 2, 4, 8);
        assertThat(fields(Metrics.version2(usage).getMemory())).contains(1, 13, 18, 19, 32, 33);
    }

    private static List<Integer> fields(MessageLite message) throws Exception {
        List<Integer> numbers = new ArrayList<>();
        CodedInputStream in = CodedInputStream.newInstance(message.toByteArray());
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            numbers.add(WireFormat.getTagFieldNumber(tag));
            in.skipField(tag);
        }
        return numbers;
    }

    @Test
    void aSandboxOfItsOwnIsCountedByTheHostsCgroupsOfVersion2() throws Exception {
        String group = cgroup(
                "unified",
                "cpu.stat",
                "usage_usec 900\nuser_usec 600\nsystem_usec 300\nnr_periods 5\nnr_throttled 2\nthrottled_usec 77\n",
                "memory.current",
                "80000\n",
                "memory.peak",
                "90000\n",
                "memory.max",
                "100000\n",
                "memory.stat",
                "anon 50000\ninactive_file 7000\npgfault 12\npgmajfault 3\n");
        var metrics = Metrics.version2(usage(SENTRY, ",\"cgroup_paths\":{\"\":\"" + group + "\"}"));
        assertThat(metrics.getCpu().getUsageUsec()).isEqualTo(900);
        assertThat(metrics.getCpu().getThrottledUsec()).isEqualTo(77);
        assertThat(metrics.getMemory().getUsage()).isEqualTo(80000);
        assertThat(metrics.getMemory().getUsageLimit()).isEqualTo(100000);
        assertThat(metrics.getMemory().getAnon()).isEqualTo(50000);
        assertThat(metrics.getMemory().getInactiveFile()).isEqualTo(7000);
        assertThat(metrics.getMemory().getPgfault()).isEqualTo(12);
        assertThat(metrics.getPids().getCurrent()).isEqualTo(6); // the Sentry's threads are no processes
    }

    @Test
    void andByThoseOfVersion1() throws Exception {
        String memory = cgroup(
                "memory",
                "memory.usage_in_bytes",
                "80000\n",
                "memory.limit_in_bytes",
                "100000\n",
                "memory.stat",
                "rss 1\ntotal_rss 50000\ninactive_file 1\ntotal_inactive_file 7000\ntotal_pgfault 12\n");
        String cpu = cgroup("cpu", "cpuacct.usage", "900000\n", "cpuacct.usage_user", "600000\n");
        var metrics = Metrics.version1(
                usage(SENTRY, ",\"cgroup_paths\":{\"memory\":\"" + memory + "\",\"cpu,cpuacct\":\"" + cpu + "\"}"));
        assertThat(metrics.getCpu().getUsage().getTotal()).isEqualTo(900_000);
        assertThat(metrics.getMemory().getUsage().getUsage()).isEqualTo(80000);
        assertThat(metrics.getMemory().getTotalRss()).isEqualTo(50000);
        assertThat(metrics.getMemory().getTotalInactiveFile()).isEqualTo(7000);
    }

    @Test
    void whatNobodyCountsIsNothing() throws Exception {
        var metrics = Metrics.version2(usage("{}", ""));
        assertThat(metrics.getCpu().getUsageUsec()).isZero();
        assertThat(metrics.getMemory().getUsage()).isZero();
    }

    @Test
    void theAnyHasTheTypeOfTheHostsVersion() throws Exception {
        TaskService pod = new Pod(gvj);
        pod.create(CreateTaskRequest.newBuilder()
                .setId("one")
                .setBundle(gvj.bundle("one").toString())
                .build());
        gvj.sentry("one").stats = SENTRY;
        Any stats = pod.stats(StatsRequest.newBuilder().setId("one").build()).getStats();
        boolean unified = Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers"));
        assertThat(stats.getTypeUrl())
                .isEqualTo(unified ? "io.containerd.cgroups.v2.Metrics" : "io.containerd.cgroups.v1.Metrics");
    }
}
