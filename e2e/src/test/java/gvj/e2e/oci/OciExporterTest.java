package gvj.e2e.oci;

import static org.assertj.core.api.Assertions.assertThat;

import gvj.e2e.Result;
import gvj.e2e.Rootfs;
import gvj.e2e.Run;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the exporter of a node tells of containers that run. */
@GvjOnly
class OciExporterTest extends OciTest {
    private static final Path PROGRAMS = Run.ROOT.resolve("build/guest");
    private static final String GETPID = "syscall=\"getpid\"";

    /** A container of {@code pod} that has called getpid(2) so many times by {@code calls.c}, and waits. */
    private Container calling(Pod pod, int times) {
        Result made = Run.command(
                        "make",
                        "-s",
                        "-C",
                        Run.ROOT.resolve("e2e/guest").toString(),
                        "OUT=" + PROGRAMS,
                        PROGRAMS + "/pod/calls")
                .run();
        assertThat(made.status()).as(made.err()).isZero();
        Container container = pod.add(container())
                .script("/bin/calls " + times + "; exec sleep 100")
                .ownRootfs();
        Rootfs.add(container.rootfs(), PROGRAMS.resolve("pod/calls"), "bin/calls");
        container.create().start();
        Work.until("the calls are made", () -> container.written().contains("called"));
        return container;
    }

    @Test
    void callsAreCountedExactlyForEachContainer() throws Exception {
        Pod pod = Pod.of(container());
        Container few = calling(pod, 10);
        Container many = calling(pod, 1010);
        try (Exporter exporter = new Exporter(pod.sandbox.root())) {
            long fews = exporter.values("gvj_syscalls_total", few).get(GETPID);
            assertThat(exporter.values("gvj_syscalls_total", many)).containsEntry(GETPID, fews + 1000);
            Map<String, Long> sandboxes = exporter.values("gvj_syscalls_total", pod.sandbox);
            assertThat(sandboxes.getOrDefault(GETPID, 0L)).isLessThan(10);
            assertThat(sandboxes).containsEntry("syscall=\"clock_nanosleep\"", 1L);
            assertThat(exporter.values("gvj_sandbox_up", pod.sandbox)).containsEntry("", 1L);
            many.kill("KILL").await("stopped").delete();
            assertThat(exporter.values("gvj_syscalls_total", many)).isEmpty();
            assertThat(exporter.values("gvj_syscalls_total", pod.sandbox).getOrDefault(GETPID, 0L))
                    .as("the sandbox does not inherit them")
                    .isEqualTo(sandboxes.getOrDefault(GETPID, 0L));
            assertThat(exporter.values("gvj_syscalls_total", few)).containsEntry(GETPID, fews);
        }
    }

    @Test
    void whoIsOutOfMemoryIsToldApart() throws Exception {
        Pod pod = Pod.of(container());
        Container greedy = pod.add(container())
                .script("dd if=/dev/zero of=/tmp/big bs=1M count=200 2>/dev/null; echo ended; exec sleep 100");
        greedy.linux().withObject("/resources").putObject("memory").put("limit", 64 << 20);
        greedy.create().start();
        Work.until("it is out of memory", () -> greedy.written().contains("ended"));
        try (Exporter exporter = new Exporter(pod.sandbox.root())) {
            assertThat(exporter.values("gvj_oom_kills_total", greedy)).containsEntry("", 1L);
            assertThat(exporter.values("gvj_oom_kills_total", pod.sandbox)).containsEntry("", 0L);
            assertThat(exporter.values("gvj_memory_bytes", greedy)).containsEntry("kind=\"limit\"", 64L << 20);
        }
    }
}
