package gvj.e2e.oci;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import gvj.e2e.Result;
import gvj.e2e.Run;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The attempts of {@code e2e/guest/escape}, by root with every capability in a container with a volume that is written. With
 * gvj only: some of them would succeed elsewhere.
 */
@GvjOnly
class OciEscapeTest extends OciTest {
    private static final Path PROGRAMS = Run.ROOT.resolve("build/guest/escape");
    private static final String HOST_EXCHANGES = "a_directory_that_the_host_exchanges";
    private static final List<String> KERNELS =
            List.of("/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sys/kernel/hostname");

    private Container container;
    private Path volume;
    private Path outside;
    private Process listener;
    private ServerSocketChannel named;

    @BeforeAll
    static void build() {
        Result made = Run.command(
                        "make",
                        "-s",
                        "-C",
                        Run.ROOT.resolve("e2e/guest").toString(),
                        "OUT=" + PROGRAMS.getParent(),
                        PROGRAMS + "/escape",
                        PROGRAMS + "/swapper")
                .run();
        assertThat(made.status()).as(made.err()).isZero();
    }

    static Stream<String> attempts() {
        build();
        return Run.command(PROGRAMS.resolve("escape").toString(), "--list").run().out().lines().toList().stream()
                .filter(attempt -> !attempt.equals(HOST_EXCHANGES));
    }

    /** The volume, and around it what must not be reached. */
    @BeforeEach
    void prepare() throws Exception {
        container = container();
        volume = Work.directory(container.bundle().resolve("volume"));
        outside = Work.directory(container.bundle().resolve("outside"));
        host(
                "mount",
                "-t",
                "tmpfs",
                "-o",
                "size=16m",
                "tmpfs",
                volume.toString()); // nobody may fill the machine's disk
        Work.write(volume.resolve("inside"), "inside\n");
        Work.write(outside.resolve("secret"), "secret of the host\n");
        host("mknod", volume.resolve("disk").toString(), "b", "254", "0");
        host("mknod", volume.resolve("mem").toString(), "c", "1", "1");
        named = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        named.bind(UnixDomainSocketAddress.of(volume.resolve("socket")));
        String listen = "import socket, time; s = socket.socket(socket.AF_UNIX); s.bind('\\0" + Work.NAME
                + "'); s.listen(9); print('ready', flush=True); time.sleep(1000)";
        listener = new ProcessBuilder("/usr/bin/python3", "-c", listen).start();
        assertThat(listener.getInputStream().readNBytes(6))
                .isEqualTo("ready\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        configure();
    }

    @AfterEach
    void end() throws Exception {
        if (named != null) {
            named.close();
        }
        if (listener != null) {
            listener.destroyForcibly().waitFor();
            host("umount", "-l", volume.toString());
        }
    }

    private static void host(String... command) {
        Result result = Run.command(command).run();
        assertThat(result.status()).as(result.err()).isZero();
    }

    private void configure() throws IOException {
        container.ownRootfs();
        Work.directory(container.rootfs().resolve("vol"));
        Files.copy(PROGRAMS.resolve("escape"), container.rootfs().resolve("escape"));
        container.mount("/vol", "bind", volume.toString(), "bind", "rw");
        ObjectNode process = container.process();
        process.put("noNewPrivileges", false);
        ObjectNode capabilities = process.putObject("capabilities");
        ArrayNode all = Work.JSON.createArrayNode();
        Work.parse(container.command("features").run().out())
                .at("/linux/capabilities")
                .forEach(all::add);
        for (String set : new String[] {"bounding", "effective", "permitted", "inheritable"}) {
            capabilities.set(set, all);
        }
        String pids = ProcessHandle.current().pid() + "," + listener.pid() + ","
                + ProcessHandle.allProcesses()
                        .map(handle -> Long.toString(handle.pid()))
                        .limit(50)
                        .collect(Collectors.joining(","));
        process.putArray("env")
                .add("PATH=/bin")
                .add("OUTSIDE=" + outside)
                .add("HOST_PIDS=" + pids)
                .add("HOST_NAME=" + Work.NAME)
                .add("ABSTRACT=" + Work.NAME);
    }

    private void attempt(String attempt) throws Exception {
        List<String> before = host();
        Result result = container.args("/escape", attempt).run();
        assertThat(result.out() + result.err())
                .contains("ok " + attempt, "1 passed, 0 failed")
                .doesNotContain("FAIL");
        assertThat(result.status()).isZero();
        assertThat(host()).isEqualTo(before);
    }

    /** What an escape would have changed: the directory outside, the kernel's settings, the distribution under test. */
    private List<String> host() throws IOException {
        TreeMap<String, String> found = new TreeMap<>();
        try (Stream<Path> files = Files.walk(outside);
                Stream<Path> distribution = Files.walk(Run.DIST)) {
            for (Path file : Stream.concat(files, distribution).toList()) {
                String attributes = Files.readAttributes(
                                file,
                                "unix:ino,mode,uid,nlink,size,lastModifiedTime",
                                java.nio.file.LinkOption.NOFOLLOW_LINKS)
                        .toString();
                found.put(file.toString(), attributes);
            }
        }
        found.put("secret", Work.read(outside.resolve("secret")));
        for (String file : KERNELS) {
            found.put(file, Work.read(Path.of(file)));
        }
        return found.entrySet().stream().map(Object::toString).toList();
    }

    @ParameterizedTest
    @MethodSource("attempts")
    void itFails(String attempt) throws Exception {
        attempt(attempt);
    }

    /** The other side of the volume is hostile, too: it exchanges a directory and a link to the outside all the time. */
    @Test
    void itFailsWhileTheHostExchangesDirectories() throws Exception {
        Work.directory(volume.resolve("dir"));
        Files.createSymbolicLink(volume.resolve("other"), outside);
        Process swapper = new ProcessBuilder(PROGRAMS.resolve("swapper").toString(), volume.toString()).start();
        try {
            attempt(HOST_EXCHANGES);
            assertThat(swapper.isAlive()).isTrue();
        } finally {
            swapper.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
        }
    }

    /** Descriptors beyond what {@code --preserve-fds} names stay outside. */
    @Test
    void noDescriptorOfTheCallerIsInherited() {
        container.script("ls /proc/self/fd").write();
        Result result = container.preserving(1, "exec 3</etc/passwd 4</etc/hostname 9</etc/group");
        assertThat(result.out()).isEqualTo("0\n1\n2\n3\n4\n"); // 4 is the directory
    }
}
