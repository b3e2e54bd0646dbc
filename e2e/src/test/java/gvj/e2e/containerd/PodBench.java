package gvj.e2e.containerd;

import java.io.IOException;
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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What {@code bench/pods} runs: pods of each runtime in turn, with containerd 1.7. The table goes to
 * {@code build/bench-pods.md}; figures of one run may be compared with each other, not with another's.
 *
 * <p>Output is looked for every 10 ms. Memory is that of all processes of the host that were not there before the pod, so nothing
 * else may start meanwhile; it is taken when what begins has given back what only beginning needed.
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

    private void one(Containerd containerd, Handler handler) throws IOException, InterruptedException {
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
        return ProcessHandle.allProcesses().map(ProcessHandle::pid).collect(Collectors.toSet());
    }

    /** MiB that the processes since {@code before} have, what they share with others counted in parts. */
    private static double memory(Set<Long> before) throws IOException, InterruptedException {
        Thread.sleep(SETTLED_MILLIS);
        Set<Long> pod = new HashSet<>(processes());
        pod.removeAll(before);
        long kib = 0;
        for (long pid : pod) {
            Path file = Path.of("/proc/" + pid + "/smaps_rollup");
            try {
                for (String line : Files.readAllLines(file)) {
                    if (line.startsWith("Pss:")) {
                        kib += Long.parseLong(line.replaceAll("[^0-9]", ""));
                    }
                }
            } catch (IOException e) {
                continue; // it has ended
            }
        }
        return kib / 1024.0;
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
