package gvj.e2e.oci;

import static org.assertj.core.api.Assertions.assertThat;

import gvj.e2e.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Volumes of pods, as the kubelet has them: how changes are seen, and that the host gets them back. */
class OciPodVolumesTest extends OciTest {
    private Pod pod;
    private Path work;

    @BeforeEach
    void makePod() {
        pod = Pod.of(container());
        work = Work.directory(pod.sandbox.bundle().resolve("volumes"));
    }

    private static int host(String... words) {
        return Run.command(words).run().status();
    }

    /** A ConfigMap: the visible name leads through a symbolic link that is replaced as a whole. */
    @Test
    void aConfigMapChangesAtOnce() throws IOException {
        Path link = work.resolve("..data");
        Work.write(Work.directory(work.resolve("..1")).resolve("key"), "one\n");
        Files.createSymbolicLink(link, Path.of("..1"));
        Files.createSymbolicLink(work.resolve("key"), Path.of("..data/key"));
        Container container = pod.add(container())
                .script("cat /etc/map/key; while ! grep two /etc/map/key; do sleep 0.02; done")
                .mount("/etc/map", "bind", work.toString(), "rbind", "ro");
        container.create().start();
        Work.until("the first is read", () -> container.written().contains("one"));

        Work.write(Work.directory(work.resolve("..2")).resolve("key"), "two\n");
        Files.createSymbolicLink(work.resolve("..data_tmp"), Path.of("..2"));
        Files.move(work.resolve("..data_tmp"), link, StandardCopyOption.ATOMIC_MOVE);
        assertThat(container.await("stopped").written()).isEqualTo("one\ntwo\n");
    }

    /** What one has open is still the file when the other takes its name away. */
    @Test
    void aFileWithoutANameStaysForWhoeverHasIt() {
        Container one = pod.add(container())
                .script("exec 3<>/vol/file; echo kept >&3; echo open; while [ -e /vol/file ]; do sleep 0.02; done;"
                        + " stat -L -c %h /proc/self/fd/3; cat /proc/self/fd/3");
        Container two = pod.add(container()).script("rm /vol/file; sleep 100");
        for (Container container : List.of(one, two)) {
            container.mount("/vol", "bind", work.toString(), "rbind", "rw");
            container.create();
        }
        one.start();
        Work.until("it is open", () -> one.written().contains("open"));
        two.start();
        assertThat(one.await("stopped").written()).isEqualTo("open\n0\nkept\n");
    }

    /** The kernel refuses an overlay on directories that another one still has, visible or not. */
    @Test
    void whatAContainerHadCanBeUnmountedForGood() {
        host("mount", "-t", "tmpfs", "tmpfs", work.toString());
        try {
            for (String name : List.of("lower", "upper", "work", "at")) {
                Work.directory(work.resolve(name));
            }
            Path at = work.resolve("at");
            assertThat(overlay(at)).isZero();
            Container container = pod.add(container()).script("echo here >/vol/file; echo done; sleep 100");
            container
                    .mount("/vol", "bind", at.toString(), "rbind", "rw")
                    .create()
                    .start();
            Work.until("it has written", () -> container.written().contains("done"));
            container.kill("KILL").await("stopped").delete();
            assertThat(host("umount", at.toString())).isZero();

            assertThat(overlay(at)).isZero();
            assertThat(at.resolve("file")).hasContent("here");
            assertThat(host("umount", at.toString())).isZero();
            assertThat(pod.sandbox.status()).isEqualTo("running");
        } finally {
            host("umount", "-R", "-l", work.toString());
        }
    }

    private int overlay(Path at) {
        String options = "index=on,lowerdir=" + work.resolve("lower") + ",upperdir=" + work.resolve("upper")
                + ",workdir=" + work.resolve("work");
        return host("mount", "-t", "overlay", "overlay", "-o", options, at.toString());
    }
}
