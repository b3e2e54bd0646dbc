package gvj.e2e.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import gvj.e2e.NothingLeft;
import gvj.e2e.oci.Work;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What {@code e2e/stress-pods} runs: many pods at once, started and removed again and again, and what is left of them. */
@Tag("bench")
@ExtendWith(NothingLeft.class)
final class PodStress {
    private static final int PODS = Integer.getInteger("gvj.pods", 50);
    private static final int ROUNDS = Integer.getInteger("gvj.rounds", 3);
    private static final int AT_ONCE = 8;

    @Test
    void pods() throws Exception {
        try (Containerd containerd = new Containerd(Version.V1_7)) {
            Left before = null;
            for (int round = 1; round <= ROUNDS; round++) {
                long start = System.nanoTime();
                List<Pod> pods = inParallel(PODS, i -> start(containerd));
                long started = System.nanoTime();
                inParallel(PODS, i -> remove(pods.get(i)));
                Left left = Left.now();
                System.out.printf(
                        "round %d: %d pods of two containers in %.1f s, removed in %.1f s; left: %s%n",
                        round, PODS, (started - start) / 1e9, (System.nanoTime() - started) / 1e9, left);
                if (before != null) {
                    Left first = before;
                    Work.until(
                            "no more is left than after the first round",
                            () -> Left.now().isNoMoreThan(first));
                } else {
                    before = left;
                }
            }
        }
    }

    private static Pod start(Containerd containerd) {
        Pod pod = new Pod(containerd.cri(), Handler.GVISOR_JAVA, config -> {});
        Container one = pod.start("one", "echo ready; exec sleep 1000");
        Container two = pod.start("two", "exit 7");
        one.awaitLog("ready");
        assertThat(two.awaitExit()).isEqualTo(7);
        return pod;
    }

    private static Pod remove(Pod pod) {
        pod.stop();
        pod.remove();
        return pod;
    }

    private interface Step {
        Pod run(int number);
    }

    private static List<Pod> inParallel(int count, Step step) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
            List<Future<Pod>> futures = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int number = i;
                futures.add(threads.submit(() -> step.run(number)));
            }
            List<Pod> pods = new ArrayList<>();
            for (Future<Pod> future : futures) {
                pods.add(future.get());
            }
            return pods;
        }
    }

    /** Counts of what pods leave on a machine, and its memory in use, MiB. */
    private record Left(long processes, long mounts, long sockets, long cgroups, long memory) {
        static Left now() {
            return new Left(
                    ProcessHandle.allProcesses().count(),
                    lines("/proc/self/mountinfo"),
                    lines("/proc/net/unix"),
                    directories(Path.of("/sys/fs/cgroup")),
                    used());
        }

        boolean isNoMoreThan(Left other) {
            return processes <= other.processes
                    && mounts <= other.mounts
                    && sockets <= other.sockets
                    && cgroups <= other.cgroups
                    && memory <= other.memory + 200;
        }

        private static long lines(String file) {
            return Work.read(Path.of(file)).lines().count();
        }

        private static long directories(Path top) {
            try (Stream<Path> all = Files.find(top, 8, (path, what) -> what.isDirectory())) {
                return all.count();
            } catch (IOException | UncheckedIOException e) {
                return Long.MAX_VALUE; // one went while we looked
            }
        }

        private static long used() {
            long total = 0;
            long available = 0;
            for (String line : Work.read(Path.of("/proc/meminfo")).split("\n")) {
                long kib = Long.parseLong(line.replaceAll(".*:\\s+(\\d+).*", "$1"));
                total = line.startsWith("MemTotal") ? kib : total;
                available = line.startsWith("MemAvailable") ? kib : available;
            }
            return (total - available) >> 10;
        }
    }
}
