package gvj.e2e.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import gvj.e2e.Run;
import gvj.e2e.oci.GvjOnly;
import gvj.e2e.oci.Work;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a pod is on the host: its processes, and what is left when one of them is killed. */
@GvjOnly
@Also({Handler.V3, Handler.SANDBOXER})
class PodProcessesTest extends PodTest {
    private static final String WAIT = "exec sleep 1000";
    private static final List<String> TASKS_AND_SANDBOXES =
            List.of("io.containerd.runtime.v2.task", "io.containerd.sandbox.controller.v1.shim");

    @Test
    void aPodIsOneShimOneSentryAndOneGofer() {
        Pod pod = pod();
        pod.start("one", WAIT);
        List<Long> first = javas();
        assertThat(first).as("a shim, a Sentry, a gofer").hasSize(3);
        Container two = pod.start("two", WAIT);
        pod.start("three", WAIT);
        assertThat(javas()).isEqualTo(first);
        assertThat(Files.exists(bundle(two.id()).resolve("shim.json")))
                .as("the shim's program is run for a container")
                .isEqualTo(node.handler() != Handler.V3);
        Pod other = pod();
        other.start("one", WAIT);
        assertThat(javas()).hasSize(6);
        other.stop();
        if (node.handler() == Handler.SANDBOXER) { // there it is the shim that knows of a pod that has ended
            Work.until("its Sentry and gofer end", () -> javas().size() == 4);
            other.remove();
        }
        Work.until("its processes end", () -> javas().equals(first));
    }

    @Test
    void aSentryThatIsKilledIsTheEndOfItsPodAlone() {
        Pod pod = pod();
        List<Container> containers = List.of(pod.start("one", WAIT), pod.start("two", WAIT), pod.start("three", WAIT));
        Pod other = pod();
        Container well = other.start("well", WAIT);
        kill(sentry(pod));
        for (Container container : containers) {
            assertThat(container.awaitExit()).isEqualTo(137);
        }
        Work.until(
                "the pod is not ready",
                () -> pod.status().path("state").asText().equals("SANDBOX_NOTREADY"));
        assertThat(well.print("echo well")).isEqualTo("well\n");
    }

    /** One that an attacker has need not obey. */
    @Test
    void aContainerIsStoppedWhateverItsSentryDoes() {
        assumeTrue(node.version() == Version.V1_7 && node.handler() == Handler.GVISOR_JAVA, "it takes long");
        Pod pod = pod();
        Container one = pod.start("one", WAIT);
        signal(sentry(pod), "STOP");
        one.stop(0);
        assertThat(one.awaitExit()).isEqualTo(137);
        pod.stop();
    }

    private static void signal(long pid, String name) {
        assertThat(Run.command("kill", "-" + name, Long.toString(pid)).run().status())
                .isZero();
    }

    @Test
    void aContainersMonitorThatIsKilledIsTheEndOfThatContainer() {
        Pod pod = pod();
        Container one = pod.start("one", WAIT);
        Container two = pod.start("two", WAIT);
        kill(task(one.id()));
        assertThat(one.awaitExit()).isEqualTo(137);
        assertThat(two.print("echo well")).isEqualTo("well\n");
    }

    @Test
    void nothingIsLeftOfAPodWhoseShimIsKilled() {
        Pod pod = pod();
        Container one = pod.start("one", WAIT);
        Container two = pod.start("two", WAIT);
        kill(shim(pod));
        one.awaitExit();
        two.awaitExit();
        Work.until("every process of the pod ends", () -> javas().isEmpty());
        pod.stop();
        pod.remove();
        assertThat(bundles()).isEmpty();
        Pod next = pod();
        assertThat(next.start("one", "exit 5").awaitExit()).isEqualTo(5);
    }

    @Test
    void aPodIsGoneWhenItIsRemoved() {
        Set<Path> sockets = sockets();
        Pod pod = pod();
        pod.start("one", WAIT);
        pod.start("two", WAIT);
        assertThat(sockets()).hasSize(sockets.size() + 1);
        pod.stop();
        pod.remove();
        Work.until("its processes end", () -> javas().isEmpty());
        assertThat(bundles()).isEmpty();
        Work.until("its socket is gone", () -> sockets().equals(sockets));
    }

    @Test
    void tenPodsOfThreeContainers() throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        List<Integer> statuses = java.util.Collections.synchronizedList(new ArrayList<>());
        for (int i = 0; i < 10; i++) {
            threads.add(Thread.ofVirtual().start(() -> {
                Pod pod = pod();
                Container one = pod.start("one", "exit 1");
                Container two = pod.start("two", "exit 2");
                Container three = pod.start("three", "echo text; exit 3");
                statuses.addAll(List.of(one.awaitExit(), two.awaitExit(), three.awaitExit()));
                pod.stop();
                pod.remove();
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(statuses).hasSize(30).filteredOn(status -> status == 2).hasSize(10);
        Work.until("every process ends", () -> javas().isEmpty());
    }

    /** The Java machines of this containerd's pods. */
    private static List<Long> javas() {
        return pids("");
    }

    private static List<Long> pids(String word) {
        try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
            return all.map(ProcessHandle::pid)
                    .filter(pid -> isJava(pid) && words(pid).contains(word))
                    .toList();
        }
    }

    private static boolean isJava(long pid) {
        return words(pid).startsWith(Run.DIST + "/jre/bin/java ") && inPods(pid);
    }

    /** Whether a process is of a pod of this containerd: it is in a cgroup of the tests, or was told where our containerd is. */
    private static boolean inPods(long pid) {
        return proc(pid, "cgroup").contains(gvj.e2e.NothingLeft.MARK)
                || words(pid).contains(gvj.e2e.NothingLeft.MARK);
    }

    private static String words(long pid) {
        return proc(pid, "cmdline").replace('\0', ' ');
    }

    /** A file of a process, which may have ended. */
    private static String proc(long pid, String name) {
        try {
            return Work.read(Path.of("/proc/" + pid, name));
        } catch (UncheckedIOException e) {
            return "";
        }
    }

    /** The host's process of a container. */
    private static long task(String id) {
        return containerd
                .ctr("task", "ls")
                .out()
                .lines()
                .filter(line -> line.startsWith(id))
                .map(line -> Long.parseLong(line.split("\\s+")[1]))
                .findFirst()
                .orElseThrow();
    }

    /** The Sentry: of the two Java machines whose parent is the monitor of the pod's first container the one that runs the first. */
    private static long sentry(Pod pod) {
        long monitor = Long.parseLong(Work.read(bundle(pod.id).resolve("init.pid")));
        return javas().stream()
                .filter(pid -> ProcessHandle.of(pid)
                        .flatMap(ProcessHandle::parent)
                        .filter(parent -> parent.pid() == monitor)
                        .isPresent())
                .filter(pid -> !words(pid).contains("gofer"))
                .findFirst()
                .orElseThrow();
    }

    private static long shim(Pod pod) {
        return javas().stream()
                .filter(pid -> words(pid).contains("shim"))
                .findFirst()
                .orElseThrow();
    }

    private static void kill(long pid) {
        assertThat(ProcessHandle.of(pid).orElseThrow().destroyForcibly()).isTrue();
    }

    private static Set<Path> sockets() {
        return list(Path.of("/run/containerd/s"));
    }

    private static Set<Path> bundles() {
        Set<Path> bundles = new TreeSet<>();
        for (String kind : TASKS_AND_SANDBOXES) {
            bundles.addAll(list(containerd.state().resolve(kind).resolve(Containerd.NAMESPACE)));
        }
        return bundles;
    }

    private static Path bundle(String id) {
        return bundles().stream()
                .filter(bundle -> bundle.endsWith(id))
                .findFirst()
                .orElseThrow();
    }

    private static Set<Path> list(Path directory) {
        if (Files.notExists(directory)) {
            return Set.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return new TreeSet<>(files.toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
