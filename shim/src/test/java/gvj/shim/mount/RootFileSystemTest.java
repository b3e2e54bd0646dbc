package gvj.shim.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import gvj.host.HostProcess;
import gvj.proto.types.Mount;
import gvj.shim.api.RpcException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Root file systems are there as snapshots describe them, or not at all. */
@Timeout(20)
class RootFileSystemTest {
    private static final int LAYERS = 100;
    private static final int PAGE = 4096;

    @TempDir
    private Path directory;

    private String rootfs;
    /** A file system that can be an overlay's upper layer, which not every one can. */
    private String tmpfs;

    @BeforeEach
    void makeDirectories() throws Exception {
        assumeTrue(HostProcess.geteuid() == 0, "only root mounts");
        rootfs = directory.resolve("bundle/rootfs").toString();
        tmpfs = directory.resolve("tmpfs").toString();
        RootFileSystem.mount(List.of(mount("tmpfs", "tmpfs")), tmpfs);
    }

    @AfterEach
    void takeAllAway() throws Exception {
        RootFileSystem.unmount(rootfs);
        RootFileSystem.unmount(tmpfs);
        assertThat(mountsBelow(directory)).isEmpty();
    }

    private static Mount mount(String type, String source, String... options) {
        return Mount.newBuilder()
                .setType(type)
                .setSource(source)
                .addAllOptions(List.of(options))
                .build();
    }

    private static Mount at(String target, Mount mount) {
        return Mount.newBuilder(mount).setTarget(target).build();
    }

    private static List<String> mountsBelow(Path directory) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
                .filter(line -> line.contains(directory.toString()))
                .toList();
    }

    private Path inRoot(String name) {
        return Path.of(rootfs, name);
    }

    private static void refuse(List<Mount> mounts, String rootfs, String why) {
        assertThatThrownBy(() -> RootFileSystem.mount(mounts, rootfs))
                .isInstanceOf(RpcException.class)
                .hasMessageContaining(why);
    }

    // ---- bind mounts ----

    @Test
    void aBindMountIsReadOnlyWhenItIsToBe() throws Exception {
        Path source = Files.createDirectory(directory.resolve("source"));
        Files.writeString(source.resolve("file"), "text");
        RootFileSystem.mount(List.of(mount("bind", source.toString(), "rbind", "ro")), rootfs);
        assertThat(inRoot("file")).hasContent("text");
        assertThatThrownBy(() -> Files.createFile(inRoot("new")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("Read-only");
        Files.createFile(source.resolve("other")); // only there
        RootFileSystem.unmount(rootfs);
        assertThat(Path.of(rootfs)).isEmptyDirectory();
    }

    @Test
    void aBindMountMayBeWrittenToAndHasItsFlags() throws Exception {
        Path source = Files.createDirectory(directory.resolve("source"));
        RootFileSystem.mount(
                List.of(mount("bind", source.toString(), "rbind", "rw", "nosuid", "nodev", "noatime")), rootfs);
        Files.createFile(inRoot("new"));
        assertThat(source.resolve("new")).exists();
        assertThat(mountsBelow(Path.of(rootfs)).get(0)).contains("rw,nosuid,nodev,noatime");
    }

    @Test
    void mountsBelowComeAlongOnlyIfTheyAreToBe() throws Exception {
        Path source = Files.createDirectory(directory.resolve("source"));
        Path below = Files.createDirectory(source.resolve("below"));
        RootFileSystem.mount(List.of(mount("tmpfs", "tmpfs")), below.toString());
        try {
            Files.createFile(below.resolve("file"));
            RootFileSystem.mount(List.of(mount("bind", source.toString(), "rbind")), rootfs);
            assertThat(inRoot("below/file")).exists();
            RootFileSystem.unmount(rootfs);
            RootFileSystem.mount(List.of(mount("bind", source.toString(), "bind")), rootfs);
            assertThat(inRoot("below/file")).doesNotExist();
        } finally {
            RootFileSystem.unmount(below.toString());
        }
    }

    // ---- overlays ----

    @Test
    void anOverlayHasAsManyLayersAsAnImage() throws Exception {
        StringBuilder lower = new StringBuilder("lowerdir=");
        for (int i = 0; i < LAYERS; i++) {
            Path layer = Files.createDirectories(Path.of(tmpfs, "snapshots/" + i + "/filesystem"));
            Files.writeString(layer.resolve("layer" + i), "");
            Files.writeString(layer.resolve("all"), "layer " + i);
            lower.append(i == 0 ? "" : ":").append(layer);
        }
        assertThat(lower.length()).isGreaterThan(PAGE);
        String upper = "upperdir=" + Files.createDirectory(Path.of(tmpfs, "upper"));
        String work = "workdir=" + Files.createDirectory(Path.of(tmpfs, "work"));
        RootFileSystem.mount(List.of(mount("overlay", "overlay", "index=off", work, upper, lower.toString())), rootfs);
        assertThat(Path.of(rootfs).toFile().list()).hasSize(LAYERS + 1);
        assertThat(inRoot("all")).hasContent("layer 0");
        Files.createFile(inRoot("new"));
        assertThat(Path.of(tmpfs, "upper/new")).exists();
    }

    @Test
    void anOverlayWithoutAnUpperLayerIsReadOnly() throws Exception {
        String one = Files.createDirectory(Path.of(tmpfs, "one")).toString();
        String two = Files.createDirectory(Path.of(tmpfs, "two")).toString();
        RootFileSystem.mount(List.of(mount("overlay", "overlay", "lowerdir=" + one + ":" + two)), rootfs);
        assertThatThrownBy(() -> Files.createFile(inRoot("new"))).hasMessageContaining("Read-only");
    }

    @Test
    void layersAreNamedFromTheDirectoryTheyShare() {
        Layers layers = Layers.of("index=off,lowerdir=/a/b/1/fs:/a/b/22/fs:/a/b/2/fs,upperdir=/u");
        assertThat(layers.directory()).isEqualTo("/a/b");
        assertThat(layers.data()).isEqualTo("lowerdir=1/fs:22/fs:2/fs,index=off,upperdir=/u");
        assertThat(Layers.of("lowerdir=/a/1:/b/1")).isNull();
        assertThat(Layers.of("upperdir=/u")).isNull();
        assertThat(Layers.of("lowerdir=/snap/1:/snapshot/1")).isNull(); // a name is no directory
    }

    // ---- what cannot be ----

    @Test
    void whatCannotBeMountedLeavesNothing() throws Exception {
        List<Mount> mounts =
                List.of(mount("tmpfs", "tmpfs"), mount("tmpfs", "tmpfs"), mount("bind", "/no/such/directory", "bind"));
        refuse(mounts, rootfs, "cannot mount bind /no/such/directory at " + rootfs + ": no such file or directory");
        assertThat(mountsBelow(Path.of(rootfs))).isEmpty();
    }

    @Test
    void wordsThatNoFileSystemKnowsAreRefused() {
        refuse(List.of(mount("tmpfs", "tmpfs", "no-such-option")), rootfs, "invalid argument");
        refuse(List.of(mount("overlay", "overlay", "lowerdir=/no/such")), rootfs, "no such file or directory");
        refuse(List.of(mount("no-such-type", "none")), rootfs, "no-such-type");
        refuse(List.of(mount("ext4", directory + "/none", "loop")), rootfs, "cannot mount " + directory + "/none");
    }

    @Test
    void aPageIsNotExceededSilently() throws Exception {
        refuse(List.of(mount("tmpfs", "tmpfs", "x".repeat(2 * PAGE))), rootfs, "too long");
    }

    @Test
    void defaultsAreNoOption() throws Exception {
        RootFileSystem.mount(List.of(mount("tmpfs", "tmpfs", "defaults", "", "ro", "rw", "size=4096")), rootfs);
        Files.createFile(inRoot("new"));
    }

    // ---- targets ----

    @Test
    void whatIsMountedInsideGoesWithTheRest() throws Exception {
        Path source = Files.createDirectories(directory.resolve("source/etc"));
        RootFileSystem.mount(
                List.of(
                        mount("bind", source.getParent().toString(), "bind", "ro"),
                        at("etc", mount("tmpfs", "tmpfs")),
                        at("/etc", mount("tmpfs", "tmpfs"))),
                rootfs);
        Files.createFile(inRoot("etc/new"));
        assertThat(mountsBelow(Path.of(rootfs))).hasSize(3);
        RootFileSystem.unmount(rootfs);
        assertThat(mountsBelow(Path.of(rootfs))).isEmpty();
    }

    @Test
    void aTargetOutsideIsRefused() throws Exception {
        refuse(List.of(at("../..", mount("tmpfs", "tmpfs"))), rootfs, "outside");
        Path source = Files.createDirectory(directory.resolve("source"));
        Path victim = Files.createDirectory(directory.resolve("victim"));
        Files.createSymbolicLink(source.resolve("link"), victim); // an image has what it likes
        refuse(
                List.of(mount("bind", source.toString(), "bind"), at("link", mount("tmpfs", "tmpfs"))),
                rootfs,
                "outside");
        assertThat(mountsBelow(directory.resolve("victim"))).isEmpty();
        assertThat(mountsBelow(Path.of(rootfs))).isEmpty();
    }

    @Test
    void whoHasAFileOpenKeepsNoMount() throws Exception {
        RootFileSystem.mount(List.of(mount("tmpfs", "tmpfs")), rootfs);
        try (var open = Files.newOutputStream(inRoot("file"))) {
            RootFileSystem.unmount(rootfs);
            assertThat(mountsBelow(Path.of(rootfs))).isEmpty();
            open.write(1);
        }
    }
}
