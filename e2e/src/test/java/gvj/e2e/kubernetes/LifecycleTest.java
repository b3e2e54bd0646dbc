package gvj.e2e.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.dsl.LogWatch;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** How containers begin and end: hooks, signals, grace, and what they say at last. */
@Execution(ExecutionMode.CONCURRENT)
class LifecycleTest extends KubernetesTest {
    /** Deletes a pod gracefully: what a container has written since its start when the pod is gone. */
    private static String logUntilDeleted(Pod pod, String container) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (LogWatch watch = container(pod, container).watchLog(out)) {
            assertThat(watch).isNotNull();
            String name = pod.getMetadata().getName();
            client.pods().withName(name).delete();
            Cluster.until(
                    60, name + " is gone", () -> client.pods().withName(name).get() == null);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void hooksRunBeforeReadinessAndBeforeTheSignal() throws Exception {
        Pod pod = ready(pod("""
                terminationGracePeriodSeconds: 10
                containers:
                  - name: one
                    command: [sh, -c, "trap 'echo signal; sleep 1; echo end; exit 0' TERM; while :; do sleep 0.1; done"]
                    lifecycle:
                      postStart: {exec: {command: [sh, -c, "sleep 1; echo started >/state"]}}
                      preStop: {exec: {command: [sh, -c, "echo hook >/proc/1/fd/1; sleep 1"]}}
                """));
        assertThat(exec(pod, "one", "cat /state")).isEqualTo("started\n=0");
        assertThat(logUntilDeleted(pod, "one")).startsWith("hook\nsignal\nend\n");
    }

    @Test
    void whatIgnoresTheSignalIsKilledAfterItsGrace() {
        Pod pod = ready(pod("""
                terminationGracePeriodSeconds: 2
                containers:
                  - {name: one, command: [sh, -c, "trap 'echo ignored' TERM; while :; do sleep 0.1; done"]}
                """));
        long begin = System.nanoTime();
        assertThat(logUntilDeleted(pod, "one")).startsWith("ignored\n");
        assertThat(System.nanoTime() - begin).isGreaterThan(1_900_000_000L);
    }

    @Test
    void aHookThatFailsEndsTheContainer() {
        Pod pod = start(pod("""
                containers:
                  - name: one
                    command: [sleep, "1000"]
                    lifecycle: {postStart: {exec: {command: [sh, -c, "echo wrong; exit 9"]}}}
                """));
        awaitEnd(pod);
        String name = pod.getMetadata().getName();
        Cluster.until(30, "an event", () -> events(name).contains("FailedPostStartHook"));
    }

    @Test
    void theLastWordsAreTheFilesOrTheLogs() {
        Pod pod = start(pod("""
                containers:
                  - {name: usual, command: [sh, -c, "echo logged; printf 'all is well' >/dev/termination-log"]}
                  - {name: other, command: [sh, -c, "mkdir -p /x; printf other >/tmp/last; exit 3"], terminationMessagePath: /tmp/last}
                  - {name: logs, command: [sh, -c, "echo first; echo last; exit 4"], terminationMessagePolicy: FallbackToLogsOnError}
                  - {name: well, command: [sh, -c, "echo first; echo last"], terminationMessagePolicy: FallbackToLogsOnError}
                  - {name: both, command: [sh, -c, "echo log; echo file >/dev/termination-log; exit 5"], terminationMessagePolicy: FallbackToLogsOnError}
                """));
        assertThat(awaitEnd(pod)).isEqualTo("Failed");
        assertThat(state(pod, "usual").getTerminated().getMessage()).isEqualTo("all is well");
        assertThat(state(pod, "other").getTerminated().getMessage()).isEqualTo("other");
        assertThat(state(pod, "other").getTerminated().getExitCode()).isEqualTo(3);
        assertThat(state(pod, "logs").getTerminated().getMessage()).isEqualTo("first\nlast\n");
        assertThat(state(pod, "well").getTerminated().getMessage()).isNull();
        assertThat(state(pod, "both").getTerminated().getMessage()).isEqualTo("file\n");
    }

    @Test
    void whatAContainerWasStaysKnownWhenItIsStartedAgain() {
        Pod pod = start(pod("""
                restartPolicy: OnFailure
                volumes: [{name: state, emptyDir: {}}]
                containers:
                  - name: one
                    command: [sh, -c, "[ -e /state/again ] && echo well && exec sleep 1000; echo ill; touch /state/again; sh -c 'kill -9 $$$$'; exit $?"]
                    volumeMounts: [{name: state, mountPath: /state}]
                """));
        Cluster.until(60, "it runs again", () -> log(pod, "one").equals("well\n"));
        assertThat(container(pod, "one").terminated().getLog()).isEqualTo("ill\nKilled\n");
        Cluster.until(
                20,
                "the kubelet says so",
                () -> now(pod).getStatus().getContainerStatuses().getFirst().getRestartCount() == 1);
        ContainerStatus status = now(pod).getStatus().getContainerStatuses().getFirst();
        assertThat(status.getLastState().getTerminated().getExitCode()).isEqualTo(137);
    }
}
