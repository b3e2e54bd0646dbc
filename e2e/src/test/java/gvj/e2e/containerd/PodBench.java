package gvj.e2e.containerd;

import gvj.e2e.Network;
import gvj.e2e.oci.Work;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What {@code bench/pods} runs: pods of each runtime in turn, with containerd 1.7. The table goes to
 * {@code build/bench-pods.md}; figures of one run may be compared with each other, not with another's.
 *
 * <p>Output is looked for every 10 ms. Memory is that of the shim and of all in the pod's cgroups; it is taken when what begins has
 * given back what only beginning needed.
 */
@Tag("bench")
final class PodBench {
    private static final int ROUNDS = Integer.getInteger("gvj.rounds", 5);
    private static final String SCRIPT = "echo ready; exec sleep 1000";
    private static final double MILLI = 1e6;
    private static final int SETTLED_MILLIS = 4_000;

    private enum Figure {
        SANDBOX("`RunPodSandbox`, ms"),
        FIRST("from there to the first container's output, ms"),
        SECOND("a second container, to its output, ms"),
        EXEC("`ExecSync` of `true`, ms"),
        REMOVE("stopping and removing the pod, ms"),
        MEMORY("memory of a pod with one container, shim included, MiB"),
        THREE("memory of a pod with three containers, MiB"),
        TEN("ten pods at once, to the last one's output, ms"),
        FIFTY("fifty pods at once, likewise, ms");

        private final String text;

        Figure(String text) {
            this.text = text;
        }
    }

    private final Map<Handler, Map<Figure, List<Double>>> figures = new EnumMap<>(Handler.class);

    @Test
    void pods() throws Exception {
        List<Handler> handlers = List.of(Handler.RUNC, Handler.GVISOR_JAVA);
        try (Containerd containerd = new Containerd(Version.V1_7)) {
            for (int round = 0; round <= ROUNDS; round++) {
                for (Handler handler : handlers) {
                    figures.computeIfAbsent(handler, any -> new EnumMap<>(Figure.class));
                    one(containerd, handler);
                    atOnce(10, containerd, handler, Figure.TEN);
                    atOnce(50, containerd, handler, Figure.FIFTY);
                }
                if (round == 0) {
                    figures.clear(); // what is read for the first time
                }
            }
        }
        Files.writeString(Path.of(System.getProperty("gvj.root"), "build/bench-pods.md"), table(handlers));
    }

    private void one(Containerd containerd, Handler handler) throws InterruptedException {
        Set<Long> before = processes();
        long start = System.nanoTime();
        Pod pod = new Pod(containerd.cri(), handler, config -> {});
        add(handler, Figure.SANDBOX, since(start));
        start = System.nanoTime();
        Container first = ready(pod, "first");
        add(handler, Figure.FIRST, since(start));
        add(handler, Figure.MEMORY, memory(before));
        start = System.nanoTime();
        ready(pod, "second");
        add(handler, Figure.SECOND, since(start));
        ready(pod, "third");
        add(handler, Figure.THREE, memory(before));
        start = System.nanoTime();
        first.exec("true");
        add(handler, Figure.EXEC, since(start));
        start = System.nanoTime();
        pod.stop();
        pod.remove();
        add(handler, Figure.REMOVE, since(start));
    }

    private void atOnce(int pods, Containerd containerd, Handler handler, Figure figure) throws Exception {
        long start = System.nanoTime();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Container>> containers = new ArrayList<>();
            for (int i = 0; i < pods; i++) {
                containers.add(threads.submit(() -> ready(new Pod(containerd.cri(), handler, config -> {}), "one")));
            }
            for (Future<Container> container : containers) {
                container.get();
            }
        }
        add(handler, figure, since(start));
        containerd.removePods();
    }

    private static Container ready(Pod pod, String name) {
        Container container = pod.start(name, SCRIPT);
        container.awaitLog("ready");
        return container;
    }

    private void add(Handler handler, Figure figure, double value) {
        figures.get(handler).computeIfAbsent(figure, any -> new ArrayList<>()).add(value);
    }

    private static double since(long start) {
        return (System.nanoTime() - start) / MILLI;
    }

    private static Set<Long> processes() {
        return ProcessHandle.allProcesses()
                .map(ProcessHandle::pid)
                .filter(PodBench::isOurs)
                .collect(Collectors.toSet());
    }

    /** In a cgroup of this run's pods, or a shim with this run's directory in its arguments. */
    private static boolean isOurs(long pid) {
        return contains(pid, "cgroup", "/" + Network.NAME) || contains(pid, "cmdline", Work.ROOT.toString());
    }

    private static boolean contains(long pid, String file, String text) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/" + file), StandardCharsets.ISO_8859_1)
                    .contains(text);
        } catch (IOException e) {
            return false; // it has ended
        }
    }

    /** MiB that the processes since {@code before} have, what they share with others counted in parts. */
    private static double memory(Set<Long> before) throws InterruptedException {
        Thread.sleep(SETTLED_MILLIS);
        Set<Long> pod = new HashSet<>(processes());
        pod.removeAll(before);
        return pod.stream().mapToLong(PodBench::kib).sum() / 1024.0;
    }

    private static long kib(long pid) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/smaps_rollup"))) {
            return lines.filter(line -> line.startsWith("Pss:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                    .sum();
        } catch (IOException | UncheckedIOException e) {
            return 0; // it has ended
        }
    }

    private String table(List<Handler> handlers) {
        StringBuilder text = new StringBuilder("| |");
        StringBuilder line = new StringBuilder("|---|");
        for (Handler handler : handlers) {
            text.append(' ').append(handler).append(" |");
            line.append("---:|");
        }
        text.append('\n').append(line).append('\n');
        for (Figure figure : Figure.values()) {
            text.append("| ").append(figure.text).append(" |");
            for (Handler handler : handlers) {
                text.append(String.format(
                        Locale.ROOT, " %.0f |", median(figures.get(handler).get(figure))));
            }
            text.append('\n');
        }
        return text.toString();
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        return sorted.get(sorted.size() / 2);
    }
}
