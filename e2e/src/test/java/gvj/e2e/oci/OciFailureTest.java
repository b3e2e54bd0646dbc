package gvj.e2e.oci;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import gvj.e2e.Result;
import gvj.e2e.Run;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What breaks around a container: killed processes, a full disk, missing and huge things; and namespaces by path. */
class OciFailureTest extends OciTest {
    private static final int MOUNTS = 10_000;

    private static void host(String... command) {
        Result result = Run.command(command).run();
        assertThat(result.status())
                .as(String.join(" ", command) + ": " + result.err())
                .isZero();
    }

    private static void kill(long pid) {
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    }

    @Test
    void aKilledFirstProcessIsAStoppedContainer() {
        Container container = container().create().start();
        kill(container.pid());
        container.await("stopped").delete();
    }

    @Test
    void aKilledCreatedContainerIsStopped() {
        Container container = container().create();
        kill(container.pid());
        container.await("stopped");
        assertThat(container.command("start", container.id).run().status()).isEqualTo(1);
        container.delete();
    }

    @Test
    void theRestOfAKilledContainerIsKilled() throws Exception {
        Container container = container();
        Path beats = Work.write(container.bundle().resolve("beats"), "");
        container.mount("/beats", "bind", beats.toString(), "bind", "rw");
        container
                .script("(while :; do echo >>/beats; sleep 0.02; done) & exec sleep 100")
                .create()
                .start();
        Work.until("it beats", () -> Files.size(beats) > 2);
        kill(container.pid());
        container.await("stopped");
        long size = Files.size(beats);
        Thread.sleep(200);
        assertThat(Files.size(beats)).isEqualTo(size);
    }

    @Test
    void aKilledRunTakesNothingButItself() throws Exception {
        Container container = container().write();
        Call call = container.command("run", container.id);
        Process process = call.start();
        Work.until(
                "it runs",
                () -> container.command("state", container.id).run().out().contains("running"));
        process.destroyForcibly().waitFor();
        // the container may go on or be gone: what counts is that it can be taken away
        assertThat(container.command("delete", "--force", container.id).run().status())
                .isZero();
        assertThat(container.command("state", container.id).run().err()).contains("does not exist");
    }

    @Test
    void aFullDiskFailsTheCreationAndLeavesNothing() throws Exception {
        Path small = Work.directory(Work.ROOT.resolve("small"));
        host("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", small.toString());
        try {
            Container container = container().root(small.resolve("state"));
            Run.command("dd", "if=/dev/zero", "of=" + small.resolve("fill"), "bs=4k")
                    .run();
            Result result = container.tryCreate();
            assertThat(result.status()).as(result.err()).isEqualTo(1);
            assertThat(result.err()).isNotBlank();
            Files.delete(small.resolve("fill"));
            assertThat(container.command("list", "-q").run().out()).isEmpty();
            container.create().start().kill("KILL").await("stopped").delete(); // the same id, once there is room
        } finally {
            host("umount", "-l", small.toString());
        }
    }

    @Test
    void aStateDirectoryThatIsReadOnly() throws Exception {
        Path small = Work.directory(Work.ROOT.resolve("readonly"));
        host("mount", "-t", "tmpfs", "-o", "ro", "tmpfs", small.toString());
        try {
            Container container = container().root(small.resolve("state"));
            assertThat(container.tryCreate().status()).isEqualTo(1);
            assertThat(container
                            .command("delete", "--force", container.id)
                            .run()
                            .err())
                    .doesNotContain("panic");
        } finally {
            host("umount", "-l", small.toString());
        }
    }

    @Test
    void aDamagedStateIsNoReasonToHang() throws Exception {
        Container container = container().root(Work.ROOT.resolve("damaged"));
        Path directory = Work.directory(container.root().resolve(container.id));
        Work.write(directory.resolve("state.json"), "{ not json");
        assertThat(container.command("state", container.id).run().status()).isEqualTo(1);
        assertThat(container.command("list", "-q").run().out()).doesNotContain(container.id);
        Work.remove(directory);
    }

    @Test
    void tenThousandMounts() {
        Container container = container();
        Path volume = Work.directory(container.bundle().resolve("volume"));
        Path source = Work.directory(container.bundle().resolve("source"));
        Work.write(source.resolve("file"), "x\n");
        container.mount("/mnt", "bind", volume.toString(), "bind");
        for (int i = 0; i < MOUNTS; i++) {
            Work.directory(volume.resolve("m" + i));
            container.mount("/mnt/m" + i, "bind", source.toString(), "bind", "ro");
        }
        container.script("grep -c ' /mnt/m' /proc/self/mountinfo; cd /mnt; cat m0/file m" + (MOUNTS - 1)
                + "/file; echo y >m5/f");
        Result result = container.run();
        assertThat(result.out()).isEqualTo(MOUNTS + "\nx\nx\n");
        assertThat(result.err()).contains("Read-only file system");
    }

    @Test
    void aNetworkNamespaceByPath() {
        String name = Work.NAME + "net";
        host("ip", "netns", "add", name);
        try {
            host("ip", "-n", name, "link", "set", "lo", "up");
            Container container = container().script("ip -o link | wc -l; ip -o addr show lo | grep -c 127.0.0.1");
            namespace(container, "network", "/run/netns/" + name);
            assertThat(container.out()).matches("[1-9]\\d*\n1\n"); // lo, and what the kernel makes by itself
        } finally {
            host("ip", "netns", "del", name);
        }
    }

    @Test
    void aFreshNetworkNamespaceHasNoRoute() {
        Container container = container().script("cat /proc/net/route | wc -l");
        assertThat(container.out()).isEqualTo("1\n");
    }

    private static void namespace(Container container, String type, String path) {
        for (var namespace : (ArrayNode) container.linux().path("namespaces")) {
            if (namespace.path("type").asText().equals(type)) {
                ((ObjectNode) namespace).put("path", path);
            }
        }
    }

    @Test
    void aNamespaceOfTheWrongKind() {
        Container container = container();
        namespace(container, "network", "/proc/self/ns/uts");
        assertThat(container.tryCreate().status()).isEqualTo(1);
    }

    @Test
    void aUtsNamespaceByPathHasItsName() {
        Container first = container().create().start();
        Container second = container().script("hostname");
        second.config.remove("hostname");
        namespace(second, "uts", "/proc/" + first.pid() + "/ns/uts");
        Result result = second.run();
        assertThat(result.status()).as(result.err()).isZero();
    }

    @Test
    void manyCreationsAndDeletions() {
        Container container = container().script("exit 0");
        for (int i = 0; i < 10; i++) {
            assertThat(container.run().status()).isZero();
        }
    }

    @Test
    void aDeletionWhileItStarts() {
        Container container = container().create();
        Call start = container.command("start", container.id);
        Process starting = start.start();
        assertThat(container.command("delete", "--force", container.id).run().status())
                .isZero();
        start.end(starting); // whatever it says
        assertThat(container.command("state", container.id).run().err()).contains("does not exist");
    }

    @Test
    void statesAreReadWhileThingsChange() {
        Container container = container();
        for (int i = 0; i < 3; i++) {
            container.create();
            Call call = container.command("state", container.id);
            Process reading = call.start();
            container.start();
            assertThat(call.end(reading).status()).isZero();
            container.kill("KILL").await("stopped").delete();
        }
    }
}
