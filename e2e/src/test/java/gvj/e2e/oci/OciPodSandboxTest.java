package gvj.e2e.oci;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import gvj.e2e.Result;
import gvj.e2e.Rootfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is so because all containers of a pod are in one sandbox. */
@GvjOnly
class OciPodSandboxTest extends OciTest {
    private static final long MIB = 1 << 20;

    private Pod pod;

    @BeforeEach
    void makePod() {
        pod = Pod.of(container());
    }

    private Container member(String script) {
        return pod.add(container()).script(script);
    }

    private static void refused(Result result, String why) {
        assertThat(result.status()).as(result.toString()).isEqualTo(1);
        assertThat(result.err()).contains(why);
        assertThat(result.err().lines()).hasSize(1);
    }

    /** It is refused with one line, and nothing is left of it. */
    private static void refused(Container container, String why) {
        container.tryCreate();
        String line = Work.read(container.bundle().resolve("err"));
        assertThat(line).contains(why);
        assertThat(line.lines()).hasSize(1);
        assertThat(container.command("state", container.id).run().err()).contains("does not exist");
    }

    @Test
    void listAndStateSayWhoseTheSandboxIs() {
        Container one = member("sleep 100").create();
        assertThat(one.state().path("sandbox").asText()).isEqualTo(pod.sandbox.id);
        assertThat(pod.sandbox.state().has("sandbox")).isFalse();
        Result list = one.command("list", "--format", "json").run();
        for (JsonNode entry : Work.parse(list.out())) {
            String expected = entry.path("id").asText().equals(one.id) ? pod.sandbox.id : "";
            assertThat(entry.path("sandbox").asText()).isEqualTo(expected);
        }
        assertThat(one.command("list").run().out().lines().findFirst().orElseThrow())
                .endsWith("SANDBOX");
    }

    @Test
    void noFurtherJvmIsStarted() throws IOException {
        Container one = member("sleep 100").create().start();
        assertThat(children(pod.sandbox.pid())).hasSize(2);
        assertThat(children(one.pid())).isEmpty();
    }

    private static List<Long> children(long pid) {
        return ProcessHandle.of(pid)
                .orElseThrow()
                .children()
                .map(ProcessHandle::pid)
                .toList();
    }

    @Test
    void withTheSandboxAllEnd() {
        List<Container> members = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            members.add(member("sleep 100").create().start());
        }
        pod.sandbox.kill("KILL").await("stopped");
        for (Container member : members) {
            member.await("stopped");
            assertThat(exitStatus(member)).isEqualTo(137);
            member.delete();
        }
        pod.sandbox.delete();
    }

    @Test
    void whenTheSentryIsKilledAllEnd() {
        Container one = member("sleep 100").create().start();
        for (long child : children(pod.sandbox.pid())) {
            ProcessHandle.of(child).ifPresent(ProcessHandle::destroyForcibly);
        }
        one.await("stopped");
        pod.sandbox.await("stopped");
        assertThat(exitStatus(one)).isEqualTo(137);
        assertThat(exitStatus(pod.sandbox)).isEqualTo(137);
        one.delete();
        pod.sandbox.delete();
    }

    @Test
    void whenItsMonitorIsKilledTheContainerEnds() {
        Container one =
                Pod.sharePids(member("exec sleep 111"), pod.sandbox).create().start();
        Container two = Pod.sharePids(member("sleep 222"), pod.sandbox).create().start();
        ProcessHandle.of(one.pid()).orElseThrow().destroyForcibly();
        one.await("stopped").delete();
        assertThat(two.exec("ps")).contains("sleep 222").doesNotContain("sleep 111");
    }

    private static int exitStatus(Container container) {
        Result result = container.command("wait", container.id).run();
        return Work.parse(result.out()).path("exitStatus").asInt();
    }

    @Test
    void aSandboxWithContainersIsNotDeleted() {
        Container one = member("sleep 100").create().start();
        refused(pod.sandbox.command("delete", pod.sandbox.id).run(), "not stopped");
        Pod created = Pod.created(container());
        Container in = created.add(container()).create();
        refused(created.sandbox.command("delete", created.sandbox.id).run(), in.id);
        assertThat(pod.sandbox
                        .command("delete", "--force", pod.sandbox.id)
                        .run()
                        .status())
                .isZero();
        assertThat(one.status()).isEqualTo("stopped");
        one.delete();
    }

    @Test
    void whatIsAskedOfAPodIsChecked() {
        Container lost = member("true");
        Pod.annotate(lost, "container", "nobody");
        refused(lost, "sandbox nobody does not exist");
        Container outside = member("true");
        Pod.annotate(outside, "container", "../etc");
        refused(outside, "invalid container id");
        Container one = member("sleep 100").create();
        Container inside = member("true");
        Pod.annotate(inside, "container", one.id);
        refused(inside, "is no sandbox");
        Container network = member("true");
        Pod.namespace(network, "network").remove("path");
        refused(network, "the pod's network");
        Container elsewhere = member("true");
        Pod.namespace(elsewhere, "network").put("path", "/proc/self/ns/net");
        refused(elsewhere, "is not the network namespace of sandbox");
        Container pids = member("true");
        Pod.namespace(pids, "pid").put("path", "/proc/self/ns/pid");
        refused(pids, "is the pid namespace of no container in sandbox");
        Container sysctl = member("true");
        sysctl.linux().putObject("sysctl").put("net.ipv4.ip_forward", "1");
        refused(sysctl, "is the pod's");
        Container flag = member("true");
        flag.config.withObject("/annotations").put("dev.gvisor.flag.nosuch", "1");
        refused(flag, "gvj has no flag --nosuch");
        Container program = member("true").args("/no/such/program");
        refused(program, "/no/such/program");
        Container volume = member("true").mount("/vol", "bind", "/no/such/volume", "rbind");
        refused(volume, "/no/such/volume");
    }

    @Test
    void privilegedContainersAreRefused() {
        Container privileged = member("true");
        ArrayNode bounding = privileged.process().withArray("/capabilities/bounding");
        for (String name : List.of("CAP_SYS_ADMIN", "CAP_SYS_MODULE", "CAP_SYS_RAWIO")) {
            bounding.add(name);
        }
        for (JsonNode mount : privileged.config.path("mounts")) {
            if (mount.path("type").asText().equals("sysfs")) {
                ((ArrayNode) mount.path("options")).removeAll().add("nosuid").add("rw");
            }
        }
        refused(privileged, "privileged containers are refused");
    }

    @Test
    void aContainerThatRunsOutOfMemoryIsAlone() {
        Container big = member("dd if=/dev/zero of=/tmp/big bs=1M count=200 2>/dev/null; echo $?; sleep 100");
        big.linux().withObject("/resources").putObject("memory").put("limit", 64 * MIB);
        Container other = member("sleep 100").create().start();
        big.create().start();
        Work.until("dd has ended", () -> !big.written().isEmpty());
        assertThat(big.written()).isEqualTo("137\n");
        assertThat(other.exec("echo alive")).isEqualTo("alive\n");
        assertThat(stats(big).at("/memory/usage/limit").asLong()).isEqualTo(64 * MIB);
        assertThat(stats(big).at("/memory/usage/failcnt").asLong()).isEqualTo(1);
        assertThat(stats(other).at("/memory/usage/failcnt").asLong()).isZero();
        Path host = Path.of("/sys/fs/cgroup/memory", big.id, "memory.oom_control");
        if (Files.exists(host)) {
            Work.until("the host counts it, too", () -> Work.read(host).contains("oom_kill 1"));
        }
    }

    private static JsonNode stats(Container container) {
        Result result = container.command("events", "--stats", container.id).run();
        assertThat(result.status()).as(result.err()).isZero();
        return Work.parse(result.out()).path("data");
    }

    @Test
    void severalAreDeletedAtOnce() {
        Container one = member("sleep 100").create();
        Container two = member("sleep 100").create();
        Container running = member("sleep 100").create().start();
        Result result =
                pod.sandbox.command("delete", one.id, running.id, two.id).run();
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.err()).contains(running.id).hasLineCount(1);
        for (Container gone : new Container[] {one, two}) {
            assertThat(gone.command("state", gone.id).run().err()).contains("does not exist");
        }
        Result forced = pod.sandbox
                .command("delete", "--force", one.id, running.id, pod.sandbox.id)
                .run();
        assertThat(forced.status()).as(forced.err()).isZero();
    }

    @Test
    void theLimitsOfThePodAreSeenInside() {
        Container sandbox = container();
        sandbox.config
                .withObject("/annotations")
                .put("io.kubernetes.cri.sandbox-memory", Long.toString(512 * MIB))
                .put("io.kubernetes.cri.sandbox-cpu-quota", "50000")
                .put("io.kubernetes.cri.sandbox-cpu-period", "100000")
                .put("io.kubernetes.cri.sandbox-cpu-shares", "333");
        sandbox.linux().withObject("/resources").putObject("cpu").put("shares", 2);
        Pod limited = Pod.of(sandbox);
        Container one = limited.add(container()).script("nproc; grep MemTotal /proc/meminfo");
        assertThat(one.out()).matches("1\nMemTotal: +524288 kB\n");
        Path shares = Path.of("/sys/fs/cgroup/cpu", sandbox.id, "cpu.shares");
        if (Files.exists(shares)) {
            assertThat(shares).hasContent("333");
        }
    }

    /** What the Sentry and the gofer have: descriptors and threads of each, and bytes of both. */
    private record Held(List<Long> counts, long bytes) {
        static Held by(List<Long> processes) throws IOException {
            List<Long> counts = descriptors(processes);
            long bytes = 0;
            for (long pid : processes) {
                String status = Files.readString(Path.of("/proc/" + pid + "/status"));
                counts.add(number(status, "Threads:"));
                bytes += number(status, "RssAnon:") << 10;
            }
            return new Held(counts, bytes);
        }

        private static long number(String status, String name) {
            String line = status.lines()
                    .filter(one -> one.startsWith(name))
                    .findFirst()
                    .orElseThrow();
            return Long.parseLong(
                    line.substring(name.length()).replace("kB", "").strip());
        }

        boolean isNoMoreThan(Held other) {
            for (int i = 0; i < counts.size(); i++) {
                if (counts.get(i) > other.counts.get(i) + 2) {
                    return false;
                }
            }
            return bytes <= other.bytes + 24 * MIB;
        }
    }

    /** {@code -Dgvj.cycles=N} for more of them. */
    @Test
    void manyComeAndGo() throws Exception {
        int cycles = Integer.getInteger("gvj.cycles", 40);
        List<Long> processes = children(pod.sandbox.pid());
        Container one = member("sleep 100 & wait").ownRootfs();
        cycle(one);
        cycle(one);
        Held before = Held.by(processes);
        for (int round = 0; round < cycles; round++) {
            cycle(one);
        }
        Work.until(
                "no more is held than before: " + before + ", " + Held.by(processes),
                () -> Held.by(processes).isNoMoreThan(before));
        try (Stream<Path> left = Files.list(one.root())) {
            assertThat(left.map(Path::getFileName).map(Path::toString)).doesNotContain(one.id);
        }
    }

    private static void cycle(Container one) {
        one.create().start();
        assertThat(one.exec("echo $(cat /proc/self/comm)")).isEqualTo("cat\n");
        one.kill("KILL").await("stopped").delete();
    }

    @Test
    void aTreeIsGivenBackWhenTheLastOpenFileOfItIsClosed() throws Exception {
        Path passed = OciPodTest.program("passed");
        Path volume = Work.directory(pod.sandbox.bundle().resolve("volume"));
        Container taker = member("/bin/passed /vol/socket take /vol/go & wait; sleep 1000")
                .ownRootfs();
        Container giver =
                member("exec /bin/passed /vol/socket give /root/file /root").ownRootfs();
        for (Container container : List.of(taker, giver)) {
            Rootfs.add(container.rootfs(), passed, "bin/passed");
            Work.directory(container.rootfs().resolve("root"));
            container.mount("/vol", "bind", volume.toString(), "rbind", "rw").create();
        }
        taker.start();
        Work.until("it listens", () -> Files.exists(volume.resolve("socket")));
        List<Long> processes = children(pod.sandbox.pid());
        giver.start();
        Work.until("files are passed", () -> taker.written().contains("taken"));
        giver.kill("KILL").await("stopped").delete();
        List<Long> open = descriptors(processes);
        taker.exec("killall passed");
        Work.until("both have less open", () -> {
            List<Long> now = descriptors(processes);
            return now.get(0) < open.get(0) && now.get(1) < open.get(1);
        });
    }

    private static List<Long> descriptors(List<Long> processes) throws IOException {
        List<Long> counts = new ArrayList<>();
        for (long pid : processes) {
            try (Stream<Path> open = Files.list(Path.of("/proc/" + pid + "/fd"))) {
                counts.add(open.count());
            }
        }
        return counts;
    }
}
