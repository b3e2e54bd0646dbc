package gvj.e2e.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import gvj.e2e.Result;
import gvj.e2e.oci.Work;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What containers of a pod may use, and what they have used. */
class PodLimitsTest extends PodTest {
    private static final long MEBI = 1 << 20;
    /** A shell's variable of so many megabytes. */
    private static final String GROW = "a=$(head -c %d000000 /dev/zero | tr '\\0' x); echo grown; ";

    private static ObjectNode resources(ObjectNode container) {
        return container.withObjectProperty("linux").withObjectProperty("resources");
    }

    @Test
    void onlyTheContainerThatUsesTooMuchIsKilled() {
        Pod pod = pod();
        Container modest = pod.start(
                "modest", "exec sleep 1000", config -> resources(config).put("memory_limit_in_bytes", 64 * MEBI));
        Container greedy = pod.start(
                "greedy", GROW.formatted(100), config -> resources(config).put("memory_limit_in_bytes", 32 * MEBI));
        assertThat(greedy.awaitExit()).isEqualTo(137);
        Work.until(
                "it is known why", () -> greedy.status().path("reason").asText().equals("OOMKilled"));
        assertThat(greedy.log()).doesNotContain("grown");
        assertThat(modest.state()).isEqualTo("RUNNING");
        assertThat(modest.print("echo well")).isEqualTo("well\n");
        modest.stop(0);
        assertThat(modest.status().path("reason").asText()).isEqualTo("Error");
    }

    @Test
    void memoryIsCountedForEachContainer() throws InvalidProtocolBufferException {
        Pod pod = pod();
        Container big = pod.start("big", GROW.formatted(40) + "sleep 1000; :");
        Container small = pod.start("small", "exec sleep 1000");
        big.awaitLog("grown");
        assertThat(used(big, "memory", "working_set_bytes")).isBetween(35 * MEBI, 400 * MEBI);
        assertThat(used(small, "memory", "working_set_bytes")).isLessThan(20 * MEBI);
        JsonNode all = pod.cri.call("ListContainerStats", Containerd.object()).path("stats");
        Set<String> ids = new HashSet<>();
        all.forEach(stats -> ids.add(stats.path("attributes").path("id").asText()));
        assertThat(ids).containsExactlyInAnyOrder(big.id(), small.id());
        if (node.handler() == Handler.SANDBOXER) {
            assertThat(memory(pod.cri.sandboxMetrics(pod.id))).as("of all").isBetween(60 * MEBI, 800 * MEBI);
            return; // its first container is no task
        }
        Result first = containerd.ctr("task", "metrics", "--format", "json", pod.id);
        assertThat(first.status()).as(first.err()).isZero();
        JsonNode memory = Work.parse(first.out()).path("memory").path("usage");
        assertThat(memory.isObject() ? memory.path("usage").asLong() : memory.asLong())
                .as("of the pod's first container, which sleeps: " + first.out())
                .isBetween(1L, 20 * MEBI);
    }

    /** What is in use, in an answer of metrics of cgroups of the version that the host has. */
    private static long memory(UnknownFieldSet answer) throws InvalidProtocolBufferException {
        UnknownFieldSet any = part(part(answer, 1), 3);
        boolean unified =
                any.getField(1).getLengthDelimitedList().get(0).toStringUtf8().contains(".v2.");
        UnknownFieldSet memory = part(part(any, 2), 4);
        UnknownFieldSet entry = unified ? memory : part(memory, 33);
        return entry.getField(unified ? 32 : 2).getVarintList().get(0);
    }

    private static UnknownFieldSet part(UnknownFieldSet message, int number) throws InvalidProtocolBufferException {
        return UnknownFieldSet.parseFrom(
                message.getField(number).getLengthDelimitedList().get(0));
    }

    @Test
    void processorTimeIsCountedForEachContainer() {
        Pod pod = pod();
        Container busy = pod.start("busy", "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; echo done; sleep 1000");
        Container idle = pod.start("idle", "exec sleep 1000");
        busy.awaitLog("done");
        long nanos = used(busy, "cpu", "usage_core_nano_seconds");
        assertThat(nanos).isGreaterThan(20_000_000L);
        assertThat(used(idle, "cpu", "usage_core_nano_seconds")).isLessThan(nanos);
    }

    private static long used(Container container, String what, String field) {
        return container.stats().path(what).path(field).path("value").asLong();
    }

    @Test
    void limitsAreRaisedWhileItRuns() {
        Pod pod = pod();
        Container container = pod.start(
                "one",
                "until [ -e /go ]; do sleep 0.05; done; " + GROW.formatted(60),
                config -> resources(config).put("memory_limit_in_bytes", 32 * MEBI));
        ObjectNode update = Containerd.object().put("container_id", container.id());
        update.putObject("linux").put("memory_limit_in_bytes", 512 * MEBI);
        pod.cri.call("UpdateContainerResources", update);
        container.print("touch /go");
        assertThat(container.awaitExit()).isZero();
        assertThat(container.log()).isEqualTo("grown\n");
    }
}
