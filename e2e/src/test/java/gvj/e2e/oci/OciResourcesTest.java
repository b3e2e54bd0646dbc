package gvj.e2e.oci;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import gvj.e2e.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIf;

/** Limits by control groups, what is told about them, and pause and resume. */
class OciResourcesTest extends OciTest {
    private static final long MIB = 1 << 20;

    static boolean noVersion1() {
        return Files.notExists(Path.of("/sys/fs/cgroup/memory"));
    }

    private static String group(Container container, String controller, String file) {
        return Work.read(Path.of("/sys/fs/cgroup", controller, container.id, file))
                .strip();
    }

    /** The limit of the host's cgroup: gvj adds what Sentry and gofer need to what the program may have. */
    private void assertMemoryLimit(Container container, long bytes) {
        long limit = Long.parseLong(group(container, "memory", "memory.limit_in_bytes"));
        assertThat(limit - bytes).isBetween(0L, runtime == Runtime.GVJ ? 128 * MIB : 0);
    }

    private static ObjectNode resources(Container container) {
        return container.linux().withObject("/resources");
    }

    @Test
    @DisabledIf("noVersion1")
    void theGroupIsTheBundles() {
        Container container = container().create();
        for (String controller : new String[] {"memory", "pids", "cpu", "freezer"}) {
            assertThat(group(container, controller, "cgroup.procs").lines())
                    .as(controller)
                    .contains(Long.toString(container.pid()));
        }
        container.delete();
        assertThat(Path.of("/sys/fs/cgroup/memory", container.id)).doesNotExist();
    }

    @Test
    @DisabledIf("noVersion1")
    void limitsAreSet() {
        Container container = container();
        resources(container).putObject("memory").put("limit", 256 * MIB);
        resources(container)
                .putObject("cpu")
                .put("shares", 512)
                .put("quota", 50000)
                .put("period", 100000)
                .put("cpus", "0");
        resources(container).putObject("pids").put("limit", 500);
        container.create();
        assertMemoryLimit(container, 256 * MIB);
        assertThat(group(container, "cpu", "cpu.shares")).isEqualTo("512");
        assertThat(group(container, "cpu", "cpu.cfs_quota_us")).isEqualTo("50000");
        assertThat(group(container, "cpu", "cpu.cfs_period_us")).isEqualTo("100000");
        assertThat(group(container, "cpuset", "cpuset.cpus")).isEqualTo("0");
    }

    @Test
    void aLimitOfProcessesHolds() {
        Container container = container().script("""
                i=0; while [ $i -lt 40 ]; do sleep 10 & i=$((i + 1)); done 2>/tmp/err; grep -c . /tmp/err""");
        resources(container).putObject("pids").put("limit", 20);
        Result result = container.run();
        assertThat(result.status() == 0 && result.out().equals("0\n"))
                .as(result.toString())
                .isFalse();
        assertThat(result.out() + result.err()).isNotEqualTo("0\n");
    }

    @Test
    void aProgramThatTakesTooMuchMemoryIsKilled() {
        Container container = container().script("dd if=/dev/zero of=/tmp/big bs=1M count=300 2>/dev/null; echo $?");
        container.mount("/tmp", "tmpfs", "tmpfs", "size=400m");
        resources(container).putObject("memory").put("limit", 200 * MIB);
        Result result = container.run();
        assertThat(result.out()).as(result.toString()).isNotEqualTo("0\n");
    }

    @Test
    @DisabledIf("noVersion1")
    void updateChangesLimits() {
        Container container = container();
        resources(container).putObject("memory").put("limit", 256 * MIB);
        container.create().start();
        Result result = container
                .command("update", "--resources", "-", container.id)
                .input("{\"memory\": {\"limit\": " + 300 * MIB + "}, \"cpu\": {\"shares\": 700}}")
                .run();
        assertThat(result.status()).as(result.err()).isZero();
        assertMemoryLimit(container, 300 * MIB);
        assertThat(group(container, "cpu", "cpu.shares")).isEqualTo("700");
    }

    @Test
    @DisabledIf("noVersion1")
    void updateTakesFlags() {
        Container container = container().create().start();
        Result result = container
                .command(
                        "update",
                        "--memory",
                        Long.toString(400 * MIB),
                        "--cpu-share=300",
                        "--pids-limit=444",
                        container.id)
                .run();
        assertThat(result.status()).as(result.err()).isZero();
        assertMemoryLimit(container, 400 * MIB);
        assertThat(group(container, "cpu", "cpu.shares")).isEqualTo("300");
    }

    @Test
    void updateOfNonsenseFails() {
        Container container = container().create().start();
        assertThat(container
                        .command("update", "--resources=-", container.id)
                        .input("{")
                        .run()
                        .status())
                .isNotZero();
        assertThat(container
                        .command("update", "--resources=-", "nobody")
                        .input("{}")
                        .run()
                        .status())
                .isNotZero();
        assertThat(container.status()).isEqualTo("running");
    }

    @Test
    void pauseStopsAndResumeContinues() throws Exception {
        Container container = container();
        Path beats = Work.write(container.bundle().resolve("beats"), "");
        container.mount("/beats", "bind", beats.toString(), "bind", "rw");
        container.script("while :; do echo >>/beats; sleep 0.02; done").create().start();
        Work.until("it beats", () -> Files.size(beats) > 2);
        assertThat(container.command("pause", container.id).run().status()).isZero();
        assertThat(container.status()).isEqualTo("paused");
        long size = Files.size(beats);
        Thread.sleep(200);
        assertThat(Files.size(beats)).isEqualTo(size);
        assertThat(container.command("resume", container.id).run().status()).isZero();
        assertThat(container.status()).isEqualTo("running");
        Work.until("it beats again", () -> Files.size(beats) > size + 2);
    }

    @Test
    void pauseAndResumeNeedTheRightState() {
        Container container = container();
        assertThat(container.command("pause", container.id).run().err()).contains("does not exist");
        assertThat(container.command("resume", container.id).run().err()).contains("does not exist");
        container.create().start();
        assertThat(container.command("resume", container.id).run().status()).isEqualTo(1);
        assertThat(container.command("pause", container.id).run().status()).isZero();
        assertThat(container.command("pause", container.id).run().status()).isEqualTo(1);
        assertThat(container.command("exec", container.id, "/bin/true").run().status())
                .isEqualTo(255);
        assertThat(container.status()).isEqualTo("paused");
        container.command("resume", container.id).run();
        container.kill("KILL").await("stopped");
        assertThat(container.command("pause", container.id).run().status()).isEqualTo(1);
    }

    @Test
    void statisticsAreOneLine() {
        Container container = container().script("i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); done; sleep 100");
        container.create().start();
        Work.until(
                "there is something to tell",
                () -> stats(container).at("/data/cpu/usage/total").asLong() > 0);
        JsonNode stats = stats(container);
        assertThat(stats.path("type").asText()).isEqualTo("stats");
        assertThat(stats.path("id").asText()).isEqualTo(container.id);
        assertThat(stats.at("/data/memory/usage/usage").asLong()).isPositive();
        assertThat(stats.at("/data/memory/usage/limit").asLong()).isPositive();
        assertThat(stats.at("/data/pids/current").asLong()).isPositive();
    }

    private static JsonNode stats(Container container) {
        Result result = container.command("events", "--stats", container.id).run();
        assertThat(result.status()).as(result.err()).isZero();
        assertThat(result.out().strip().lines()).hasSize(1);
        return Work.parse(result.out());
    }

    @Test
    void eventsComeAgainAndAgain() throws Exception {
        Container container = container().create().start();
        Call call = container.command("events", "--interval=50ms", container.id).output("events", "events.err");
        Process process = call.start();
        Path events = container.bundle().resolve("events");
        Work.until("three events", () -> Work.read(events).lines().count() >= 3);
        container.kill("KILL").await("stopped").delete();
        assertThat(call.end(process).status()).isZero();
        Work.read(events)
                .lines()
                .forEach(
                        line -> assertThat(Work.parse(line).path("id").asText()).isEqualTo(container.id));
    }

    @Test
    void noEventsOfAStoppedContainer() {
        Container container = container().args("/bin/true").create().start().await("stopped");
        assertThat(container.command("events", "--stats", container.id).run().status())
                .isEqualTo(1);
    }

    @Test
    void psShowsPids() {
        Container container = container().create().start();
        JsonNode pids = Work.parse(
                container.command("ps", "--format", "json", container.id).run().out());
        assertThat(pids.isArray()).isTrue();
        assertThat(pids).isNotEmpty();
        for (JsonNode pid : pids) {
            assertThat(Path.of("/proc/" + pid.asLong())).exists();
        }
        assertThat(pids.toString()).contains(Long.toString(container.pid()));
    }

    @Test
    void psShowsATable() {
        Container container = container().create().start();
        Result result = container.command("ps", container.id).run();
        assertThat(result.status()).as(result.err()).isZero();
        assertThat(result.out().lines().findFirst().orElseThrow()).contains("PID", "CMD");
        assertThat(result.out()).contains("sleep 100");
    }

    @Test
    void listShowsWhatThereIs() {
        Container first = container().create();
        Container second = container().create().start();
        assertThat(first.command("list", "--quiet").run().out().lines()).contains(first.id, second.id);
        String table = first.command("list").run().out();
        assertThat(table.lines().findFirst().orElseThrow().split(" +"))
                .containsExactly("ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER");
        assertThat(table)
                .contains(
                        first.id,
                        "created",
                        second.id,
                        "running",
                        first.bundle().toString());
        JsonNode list =
                Work.parse(first.command("list", "--format", "json").run().out());
        for (JsonNode entry : list) {
            if (entry.path("id").asText().equals(second.id)) {
                assertThat(entry.path("status").asText()).isEqualTo("running");
                assertThat(entry.path("pid").asLong()).isEqualTo(second.pid());
                assertThat(entry.path("bundle").asText())
                        .isEqualTo(second.bundle().toString());
                assertThat(entry.path("created").asText()).isNotEmpty();
                return;
            }
        }
        throw new AssertionError(second.id + " is not in " + list);
    }

    @Test
    void listOfNothing() {
        Container container = container().root(Work.directory(Work.ROOT.resolve("empty-state")));
        assertThat(container.command("list", "--format=json").run().out().strip())
                .isIn("null", "[]");
        assertThat(container.command("list", "-q").run().out()).isEmpty();
        assertThat(container.command("list", "--format=nonsense").run().status())
                .isNotZero();
    }
}
