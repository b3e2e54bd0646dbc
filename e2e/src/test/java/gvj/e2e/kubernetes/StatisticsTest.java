package gvj.e2e.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import gvj.e2e.oci.Work;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What the kubelet says that containers use: where {@code kubectl top} and the autoscaler have it from. */
@Execution(ExecutionMode.CONCURRENT)
class StatisticsTest extends KubernetesTest {
    private static String ofNode(Pod pod, String path) {
        return client.raw("/api/v1/nodes/" + now(pod).getSpec().getNodeName() + "/proxy" + path);
    }

    /** What the summary has of a pod. */
    private static JsonNode summary(Pod pod) {
        for (JsonNode one : Work.parse(ofNode(pod, "/stats/summary")).path("pods")) {
            if (one.path("podRef")
                    .path("name")
                    .asText()
                    .equals(pod.getMetadata().getName())) {
                return one;
            }
        }
        throw new AssertionError("the kubelet does not know the pod yet");
    }

    private static JsonNode container(JsonNode summary, String name) {
        for (JsonNode one : summary.path("containers")) {
            if (one.path("name").asText().equals(name)) {
                return one;
            }
        }
        throw new AssertionError(name + " is not in " + summary);
    }

    @Test
    void eachContainerIsCounted() {
        Pod pod = ready(pod("""
                containers:
                  - name: busy
                    command: [awk, "BEGIN { %s; for (;;) { for (i = 0; i < 100000; i++); system(\\"sleep 0.2\\") } }"]
                  - {name: idle, command: [sleep, "1000"]}
                """.formatted(GROW)));
        Cluster.until(90, "the summary of both containers", () -> isInSummary(summary(pod)));
        Cluster.until(60, "metrics of both containers", () -> isInMetrics(pod));
    }

    private static boolean isInSummary(JsonNode summary) {
        JsonNode busy = container(summary, "busy");
        JsonNode idle = container(summary, "idle");
        long busyNanos = busy.path("cpu").path("usageCoreNanoSeconds").asLong();
        long idleNanos = idle.path("cpu").path("usageCoreNanoSeconds").asLong(Long.MAX_VALUE);
        return busy.path("memory").path("workingSetBytes").asLong() > 30_000_000
                && idle.path("memory").path("workingSetBytes").asLong(Long.MAX_VALUE) < 20_000_000
                && busyNanos > 1_000_000_000
                && idleNanos < 500_000_000
                && summary.path("memory").path("workingSetBytes").asLong() > 30_000_000
                && busy.path("rootfs").has("usedBytes")
                && busy.path("logs").has("usedBytes");
    }

    /** As the metrics server asks. */
    private static boolean isInMetrics(Pod pod) {
        Map<String, Double> values = new HashMap<>();
        ofNode(pod, "/metrics/resource")
                .lines()
                .filter(line -> line.contains("pod=\"" + pod.getMetadata().getName() + "\""))
                .forEach(line -> values.put(
                        line.substring(0, line.indexOf('{')).replace("container_", "")
                                + line.replaceAll(".*container=\"(\\w*)\".*", " $1"),
                        Double.valueOf(line.split(" ")[1])));
        return values.getOrDefault("memory_working_set_bytes busy", 0.0) > 30e6
                && values.getOrDefault("memory_working_set_bytes idle", 1e9) < 20e6
                && values.getOrDefault("cpu_usage_seconds_total busy", 0.0) > 1
                && values.getOrDefault("cpu_usage_seconds_total idle", 1e9) < 0.5;
    }
}
