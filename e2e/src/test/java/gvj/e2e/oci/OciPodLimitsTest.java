package gvj.e2e.oci;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import gvj.e2e.Result;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What each container of a pod may use, and how it is told. */
class OciPodLimitsTest extends OciTest {
    private static final long MIB = 1 << 20;
    /** A process that needs more than 64 MiB, and a shell that outlives it. */
    private static final String GREEDY =
            "dd if=/dev/zero of=/dev/null bs=100M count=1 && echo grown; echo ended; sleep 1000";

    private Pod pod;

    @BeforeEach
    void makePod() {
        pod = Pod.of(container());
    }

    private Container member(String script) {
        return pod.add(container()).script(script);
    }

    private static ObjectNode resources(Container container) {
        return container.linux().withObject("/resources");
    }

    private static Container memory(Container container, long bytes) {
        resources(container).putObject("memory").put("limit", bytes);
        return container;
    }

    private static void awaitOutput(Container container, String text) {
        Work.until(container.id + " writes " + text, () -> container.written().contains(text));
    }

    @Test
    void onlyAProcessOfTheContainerThatUsesTooMuchDies() {
        Container large = memory(
                        member("a=$(head -c 3000000 /dev/zero | tr '\\0' x); echo grown; sleep 1000; :"), 256 * MIB)
                .create()
                .start();
        awaitOutput(large, "grown");
        Container small = memory(member(GREEDY), 64 * MIB).create().start();
        awaitOutput(small, "ended");
        assertThat(small.written()).doesNotContain("grown");
        assertThat(large.exec("echo well")).isEqualTo("well\n");
        if (runtime == Runtime.GVJ) {
            assertThat(small.exec("cat /proc/meminfo")).containsPattern("MemTotal: +65536 kB");
            assertThat(large.exec("cat /proc/meminfo")).containsPattern("MemTotal: +262144 kB");
        }
    }

    /** Also the first one's, in whose cgroups on the host everything of the pod runs. */
    @Test
    void eachIsCountedAlone() {
        Container busy = member(
                "a=0123456789abcdef; while [ ${#a} -lt 32000000 ]; do a=$a$a; done;"
                        + " for i in 1 2 3; do sleep 1000 & done; i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; echo done; wait");
        Container idle = member("sleep 1000").create().start();
        busy.create().start();
        awaitOutput(busy, "done");
        for (Container container : List.of(pod.sandbox, idle)) {
            JsonNode stats = stats(container);
            assertThat(stats.at("/pids/current").asInt()).isEqualTo(1);
            assertThat(stats.at("/memory/usage/usage").asLong()).isLessThan(16 * MIB);
            assertThat(stats.at("/memory/usage/max").asLong()).isLessThan(30 * MIB);
            assertThat(stats.at("/cpu/usage/total").asLong())
                    .isLessThan(stats(busy).at("/cpu/usage/total").asLong());
        }
        JsonNode stats = stats(busy);
        assertThat(stats.at("/pids/current").asInt()).isEqualTo(4);
        assertThat(stats.at("/memory/usage/usage").asLong()).isGreaterThan(29 * MIB);
        assertThat(stats.at("/memory/usage/max").asLong()).isGreaterThan(29 * MIB);
    }

    @Test
    void aProcessThatDiesForWantOfMemoryIsItsContainers() {
        Container small = memory(member(GREEDY), 64 * MIB).create().start();
        awaitOutput(small, "ended");
        assertThat(stats(small).at("/memory/usage/failcnt").asLong()).isPositive();
        assertThat(stats(pod.sandbox).at("/memory/usage/failcnt").asLong()).isZero();
    }

    private static JsonNode stats(Container container) {
        Result result = container.command("events", "--stats", container.id).run();
        assertThat(result.status()).as(result.err()).isZero();
        return Work.parse(result.out()).path("data");
    }

    @Test
    void tasksAreCountedInEach() {
        Container few = member("sleep 1000");
        resources(few).putObject("pids").put("limit", 6);
        few.create().start();
        Container many = member("sleep 1000").create().start();
        String fork = "for i in 1 2 3 4 5 6 7 8; do sleep 1 & done 2>&1; echo all";
        assertThat(few.command("exec", few.id, "sh", "-c", fork).run().out()).doesNotContain("all");
        assertThat(many.exec(fork)).isEqualTo("all\n");
    }

    @Test
    void aShareOfTheProcessorsHolds() throws Exception {
        Container slow = member("while :; do :; done");
        resources(slow).putObject("cpu").put("quota", 10_000).put("period", 100_000);
        slow.create().start();
        long before = ticks(slow);
        long start = System.nanoTime();
        Thread.sleep(1500);
        double share = (ticks(slow) - before) / 100.0 / ((System.nanoTime() - start) / 1e9);
        assertThat(share).isBetween(0.02, 0.25);
    }

    @Test
    void processorsAreThoseOfTheContainersSet() {
        Container narrow = member("sleep 1000");
        resources(narrow).putObject("cpu").put("cpus", "0");
        narrow.create().start();
        Container wide = member("sleep 1000").create().start();
        String list = "nproc; taskset -p $$ | sed 's/.*: //'";
        assertThat(narrow.exec(list)).isEqualTo("1\n1\n");
        assertThat(wide.exec("nproc")).isEqualTo(pod.sandbox.exec("nproc"));
        if (runtime == Runtime.GVJ) { // runc shows the host's, whatever the set
            String views = "cat /sys/devices/system/cpu/online; ls -d /sys/devices/system/cpu/cpu[0-9]* | wc -l;"
                    + " grep -c '^processor' /proc/cpuinfo; grep -c '^cpu[0-9]' /proc/stat; grep Cpus_allowed_list /proc/$$/status";
            assertThat(narrow.exec(views)).isEqualTo("0\n1\n1\n1\nCpus_allowed_list:\t0\n");
            assertThat(wide.exec(views)).isEqualTo(pod.sandbox.exec(views));
        }
    }

    /** Hundredths of a second that its first process has had. */
    private static long ticks(Container container) {
        List<String> fields = List.of(container.exec("cat /proc/1/stat").split(" "));
        return Long.parseLong(fields.get(13)) + Long.parseLong(fields.get(14));
    }
}
