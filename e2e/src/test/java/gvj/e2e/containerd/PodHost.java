package gvj.e2e.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import gvj.e2e.NothingLeft;
import gvj.e2e.Run;
import gvj.e2e.oci.Work;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** What the host shows of a containerd's pods: processes, bundles, sockets. */
final class PodHost {
    private static final List<String> TASKS_AND_SANDBOXES =
            List.of("io.containerd.runtime.v2.task", "io.containerd.sandbox.controller.v1.shim");

    private final Containerd containerd;

    PodHost(Containerd containerd) {
        this.containerd = containerd;
    }

    /** The Java machines of this containerd's pods. */
    List<Long> javas() {
        try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
            return all.map(ProcessHandle::pid)
                    .filter(pid -> words(pid).startsWith(Run.DIST + "/jre/bin/java ") && inPods(pid))
                    .toList();
        }
    }

    /** Whether a process is of a pod of this containerd: it is in a cgroup of the tests, or was told where our containerd is. */
    private static boolean inPods(long pid) {
        return proc(pid, "cgroup").contains(NothingLeft.MARK) || words(pid).contains(NothingLeft.MARK);
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
    long task(String id) {
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
    long sentry(Pod pod) {
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

    /** The shim, which is told its socket. */
    long shim(Pod pod) {
        return javas().stream()
                .filter(pid -> words(pid).contains(socket(pod.id).toString()))
                .findFirst()
                .orElseThrow();
    }

    /** Sends a signal, such as {@code KILL}. */
    static void signal(long pid, String name) {
        assertThat(Run.command("kill", "-" + name, Long.toString(pid)).run().status())
                .isZero();
    }

    /** Where the shim of a task or sandbox listens. */
    Path socket(String id) {
        return Path.of(Work.parse(Work.read(bundle(id).resolve("shim.json")))
                .path("socket")
                .asText());
    }

    /** Those of all tasks and sandboxes. */
    Set<Path> bundles() {
        Set<Path> bundles = new TreeSet<>();
        for (String kind : TASKS_AND_SANDBOXES) {
            bundles.addAll(list(containerd.state().resolve(kind).resolve(Containerd.NAMESPACE)));
        }
        return bundles;
    }

    /** That of one. */
    Path bundle(String id) {
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
